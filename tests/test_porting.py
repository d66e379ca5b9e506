"""`hearthbot export` and `hearthbot import`, run in this process, beside a bot that works."""

import asyncio
import csv
import io
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.__main__ import run_command
from bot.domain.faq import Entry
from bot.domain.groups import Group
from bot.services.clock import system_clock
from bot.services.faq import FaqService
from bot.services.groups import GroupService
from storage.database import EmbeddedDatabase, open_database

HEARTH, OTHER = -1001000000001, -1001000000002

Hearthbot = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory as an operator has it, in which the commands run."""
    for name in ("DATABASE_URL", "BOT_TOKEN", "PLAYBOOKS_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "data").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "data" / "hearthbot.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
async def running(home: Path) -> AsyncIterator[EmbeddedDatabase]:
    """The database as a running bot has it, which holds the lock."""
    database = await open_database(f"sqlite+aiosqlite:///{home}/data/hearthbot.db")
    assert isinstance(database, EmbeddedDatabase)
    yield database
    await database.close()


@pytest.fixture
async def group(running: EmbeddedDatabase) -> Group:
    groups = GroupService(running, system_clock)
    await groups.of_chat(OTHER, "Other")
    return await groups.of_chat(HEARTH, "Hearth")


@pytest.fixture
def hearthbot(home: Path, capsys: pytest.CaptureFixture[str]) -> Hearthbot:
    """Runs a command line; its exit code, and what it said."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run_command(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


async def stored(database: EmbeddedDatabase, group: Group) -> dict[str, Entry]:
    entries = await database.read(lambda tx: tx.faq.of_group(group.id))
    return {entry.keywords[0].text: entry for entry in entries}


FAQ = """\
groups: [Hearth]
entries:
  - name: shipping
    keywords: [shipping, 多久发货]
    answers: [Two days., "=Soon!"]
    buttons: [{text: Track, url: "https://example.org"}]
  - {name: hours, keywords: [opening hours], answers: [Nine to five.], hours: 09:00-17:00, photo: "id:AgAC"}
"""


async def test_what_is_imported_is_answered_by_the_running_bot(
    hearthbot: Hearthbot, home: Path, running: EmbeddedDatabase, group: Group
) -> None:
    groups = GroupService(running, system_clock)
    faq = FaqService(running, groups)
    await faq.load()
    (home / "faq.yaml").write_text(FAQ, "utf-8")

    done = await asyncio.to_thread(hearthbot, "import", "faq", "faq.yaml")

    assert done == (0, "Hearth: 2 new, 0 changed, 0 deleted, 0 as they were.\n", "")
    await faq.follow()
    assert [hit.entry.answers for hit in faq.found(group, "多久發貨")] == [("Two days.", "=Soon!")]
    (home / "faq.csv").write_text("keywords,answer,group\nshipping,Three days.,Hearth\n", "utf-8")
    assert [hit.entry.priority for hit in faq.found(group, "shipping?")] == [0], "as in a file of the playbooks"
    done = await asyncio.to_thread(hearthbot, "import", "faq", "faq.csv")
    assert done == (0, "Hearth: 0 new, 1 changed, 0 deleted, 1 as they were.\n", "")
    await faq.follow()
    assert [hit.entry.priority for hit in faq.found(group, "shipping?")] == [10], "as after /faq add"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "yaml"])
async def test_an_export_is_edited_and_brought_back(
    hearthbot: Hearthbot, home: Path, running: EmbeddedDatabase, group: Group, kind: str
) -> None:
    (home / "faq.yaml").write_text(FAQ, "utf-8")
    await asyncio.to_thread(hearthbot, "import", "faq", "faq.yaml")
    before, file = await stored(running, group), f"own.{kind}"

    code, said, _ = await asyncio.to_thread(hearthbot, "export", "faq", "--format", kind, "--output", file)
    assert (code, said) == (0, f"2 rows written to {file}.\n")
    again = await asyncio.to_thread(hearthbot, "import", "faq", file)
    assert again == (0, "Hearth: 0 new, 0 changed, 0 deleted, 2 as they were.\n", "")
    assert await stored(running, group) == before
    assert len(await running.read(lambda tx: tx.changes.latest(group.id, 9))) == 1

    there = await asyncio.to_thread(hearthbot, "import", "faq", file, "--group", str(OTHER))
    assert there == (0, "Other: 2 new, 0 changed, 0 deleted, 0 as they were.\n", "")


async def test_a_first_keyword_is_changed_and_what_is_missing_stays_unless_the_file_replaces_all(
    hearthbot: Hearthbot, home: Path, running: EmbeddedDatabase, group: Group
) -> None:
    (home / "faq.yaml").write_text(FAQ, "utf-8")
    await asyncio.to_thread(hearthbot, "import", "faq", "faq.yaml")
    await asyncio.to_thread(hearthbot, "export", "faq", "--output", "own.csv")
    rows = list(csv.reader(io.StringIO((home / "own.csv").read_text("utf-8-sig"), newline="")))
    edited = [[*row[:3], row[3].replace("opening", "open"), *row[4:]] for row in rows if "shipping" not in row[2]]
    with (home / "own.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(edited)

    for counts in ("1 new, 0 changed, 1 deleted, 1 as they were", "0 new, 0 changed, 0 deleted, 2 as they were"):
        done = await asyncio.to_thread(hearthbot, "import", "faq", "own.csv")
        assert done == (0, f"Hearth: {counts}.\n", "")
    assert set(await stored(running, group)) == {"shipping", "open hours"}

    done = await asyncio.to_thread(hearthbot, "import", "faq", "own.csv", "--replace")
    assert done == (0, "Hearth: 0 new, 0 changed, 1 deleted, 1 as they were.\n", "")
    assert set(await stored(running, group)) == {"open hours"}


@pytest.mark.usefixtures("group")
async def test_every_mistake_is_named_and_nothing_is_changed(
    hearthbot: Hearthbot, home: Path, running: EmbeddedDatabase, group: Group
) -> None:
    (home / "faq.csv").write_text(
        "group,keywords,answer\nHearth,good,fine\nNowhere,hello,hi\n,hello,hi\nHearth,x y,<b>hi\n", "utf-8"
    )

    code, said, complaint = await asyncio.to_thread(hearthbot, "import", "faq", "faq.csv")

    assert code == 1
    assert said.splitlines() == [
        f"faq.csv:3:1: no group is called 'Nowhere'; known: {OTHER} (Other), {HEARTH} (Hearth)",
        "faq.csv:4:1: for which group is this? name it here, or add --group NAME",
        "faq.csv:5:3: answer: <b> is never closed",
    ]
    assert complaint == "hearthbot: mistakes: 3; nothing was imported: correct them, and import again\n"
    assert await stored(running, group) == {}

    (home / "faq.csv").write_text("keywords,answer\nhello,a\nHELLO!,b\n", "utf-8")
    code, said, _ = await asyncio.to_thread(hearthbot, "import", "faq", "faq.csv", "--group", "Hearth")
    what = "another entry of the file has the same first keyword; give each its own"
    assert (code, said) == (1, f"faq.csv:3:1: {what} (in Hearth)\n")
    assert await stored(running, group) == {}


@pytest.mark.usefixtures("group")
async def test_a_group_has_no_more_entries_than_it_may(hearthbot: Hearthbot, home: Path) -> None:
    rows = "".join(f"word{number},x\n" for number in range(501))
    (home / "faq.csv").write_text(f"keywords,answer\n{rows}", "utf-8")

    code, said, _ = await asyncio.to_thread(hearthbot, "import", "faq", "faq.csv", "--group", "Hearth")

    assert (code, said) == (1, "faq.csv:1:1: the group would have 501 entries of its own; at most 500 (in Hearth)\n")


def test_without_a_bot_the_database_is_used_alone(hearthbot: Hearthbot, home: Path) -> None:
    (home / "faq.csv").write_text("keywords,answer\n", "utf-8")

    assert hearthbot("import", "faq", "faq.csv") == (0, "Nothing to import: the file has no entries.\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "faq", "faq.txt"], "Invalid value for FILE: faq.txt must end in .csv, .xlsx or .yaml."),
        (["import", "faq", "none.csv"], "Invalid value for 'file': file 'none.csv' does not exist."),
        (["import", "points", "faq.txt"], "Invalid value for 'WHAT': Value error, 'points' is not"),
        (["export", "points", "--format", "yaml"], "Invalid value for --format: YAML is for faq alone"),
    ],
)
def test_a_wrong_use_is_told(hearthbot: Hearthbot, home: Path, arguments: list[str], said: str) -> None:
    (home / "faq.txt").touch()

    code, out, complaint = hearthbot(*arguments)

    assert (code, out, complaint.startswith(f"hearthbot: {said}")) == (2, "", True), complaint
