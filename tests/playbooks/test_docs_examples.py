"""Every example of the documentation of playbooks loads, or is told the mistakes that are shown below it."""

import re
import shutil
from pathlib import Path
from textwrap import indent

import pytest

from bot.playbooks.playbook_files import PlaybookFile, PlaybookReader

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs/playbooks.md", ROOT / "docs/playbooks.zh.md", ROOT / "README.md"]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(page: Path) -> list[tuple[str, str]]:
    """The YAML of a page, each with the mistakes below it."""
    found = _FENCE.findall(page.read_text("utf-8"))
    following = [*found[1:], ("", "")]
    return [
        (code, below if kind == "text" else "")
        for (language, code), (kind, below) in zip(found, following, strict=True)
        if language == "yaml"
    ]


EXAMPLES = [pytest.param(page, *block, id=f"{page.stem}-{n}") for page in PAGES for n, block in enumerate(blocks(page))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that the page speaks of, with its libraries, and what is shipped."""
    shutil.copytree(ROOT / "playbooks" / "library", tmp_path / "library")
    shutil.copytree(ROOT / "playbooks" / "media", tmp_path / "media")
    for library in (code for page in PAGES for code, _ in blocks(page) if code.startswith("# library/")):
        (tmp_path / library.split()[1]).write_text(library, "utf-8")
    return tmp_path


@pytest.mark.parametrize(("page", "code", "told"), EXAMPLES)
def test_an_example_is_right_or_is_told_what_is_shown(folder: Path, page: Path, code: str, told: str) -> None:
    if code.startswith("# library/"):
        path = code.split()[1]
        code = f"- {{id: one, at: '10:00', do: [{{send: {{text_from: {path}, text: x}}}}]}}"
    file = _read(folder, code if re.search(r"^name:", code, re.MULTILINE) else _with_steps(code))

    assert [str(mistake).removeprefix(f"{folder}/") for mistake in file.mistakes] == told.splitlines()
    assert (file.playbook is not None) == (not told)


def test_the_page_shows_what_is_wrong_as_well() -> None:
    assert sum(bool(told) for _, told in blocks(PAGES[0])) >= 4


def _with_steps(code: str) -> str:
    return f"name: Example\nsteps:\n{indent(code, '  ')}"


def _read(folder: Path, code: str) -> PlaybookFile:
    path = folder / "shop.yaml"
    path.write_text(code, "utf-8")
    return PlaybookReader(folder).read(path)
