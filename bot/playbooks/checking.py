"""Checks the files that ops people edit, all at once."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.playbooks import faq, playbook_files
from bot.playbooks.lottery_terms import wrong_terms
from bot.playbooks.model import Playbook
from bot.playbooks.playbook_files import PlaybookReader
from bot.playbooks.plugins import load_plugins
from bot.yaml_places import Mistake


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: every mistake, in the order of files and lines, or how much was right, and the playbooks."""

    mistakes: tuple[Mistake, ...]
    summary: str
    playbooks: tuple[Playbook, ...] = ()


def check(path: Path) -> Checked:
    """Checks a file, or a directory with playbooks and `faq/` in it."""
    if path.is_file() and _is_library(path):
        told = "this is a library; check the directory of the playbooks that take from it"
        return Checked((Mistake(str(path), 1, 1, told),), "")
    of_faq = [path] if path.is_file() and _is_faq(path) else []
    of_playbooks = [path] if path.is_file() and not of_faq else []
    root = path if path.is_dir() else path.parent
    reader = PlaybookReader(root, wrong_terms, load_plugins())
    if path.is_dir():
        of_faq, of_playbooks = faq.faq_files(path), reader.files()
        if not of_faq and not of_playbooks:
            told = "here is no playbook and no faq/ with answers; name the directory that has them"
            return Checked((Mistake(str(path), 1, 1, told),), "")
    faq_files = [faq.read_faq_file(file) for file in of_faq]
    playbooks = [reader.read(file) for file in of_playbooks]
    mistakes = [one for file in faq_files for one in file.mistakes] + [
        one for book in playbooks for one in book.mistakes
    ]
    mistakes += faq.mistakes_between(faq_files) + playbook_files.mistakes_between(playbooks)
    steps = sum(len(file.playbook.steps) for file in playbooks if file.playbook)
    entries = sum(len(file.entries) for file in faq_files)
    summary = (
        f"No mistakes. Playbooks: {len(playbooks)}, steps: {steps}. FAQ files: {len(faq_files)}, entries: {entries}."
    )
    found = tuple(file.playbook for file in playbooks if file.playbook)
    return Checked(tuple(sorted(set(mistakes))), summary, found)


def _is_library(path: Path) -> bool:
    """A library is a table, or a list."""
    said = re.search(rb"^[^#\s].*", path.read_bytes().removeprefix(b"\xef\xbb\xbf"), re.MULTILINE)
    return path.suffix.lower() == ".csv" or (said is not None and said[0].startswith(b"- "))


def _is_faq(path: Path) -> bool:
    """A FAQ file has entries, a playbook has steps."""
    return re.search(rb"^entries\s*:", path.read_bytes(), re.MULTILINE) is not None
