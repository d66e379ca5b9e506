"""FAQ files: YAML that ops write, read as a whole, and read again when it changes."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bot.domain.faq import Entry
from bot.playbooks.faq_entries import entries_of
from bot.services.faq_index import MOST_FUZZY, FaqIndex
from bot.yaml_places import Mistake, read_file

MOST_ENTRIES = 10_000
"""Entries of all files together."""


@dataclass(frozen=True, slots=True)
class FaqFile:
    """What was read of one file; of a file with mistakes nothing is used."""

    path: Path
    entries: tuple[Entry, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def faq_files(directory: Path) -> list[Path]:
    """The FAQ files of a playbooks directory, in the order in which they are read."""
    return sorted(path for path in (directory / "faq").glob("*.y*ml") if path.suffix in {".yaml", ".yml"})


def read_faq_file(path: Path) -> FaqFile:
    """The entries of a file, or all its mistakes."""
    mistakes: list[Mistake] = []
    document = read_file(path, mistakes)
    found = entries_of(document, path.resolve().parent.parent) if document is not None else ()
    entries = tuple(placed.entry for placed in found)
    return FaqFile(path, mistakes=tuple(sorted(mistakes))) if mistakes else FaqFile(path, entries)


def mistakes_between(files: Collection[FaqFile]) -> list[Mistake]:
    """What is wrong with files that are right each by itself: too much of something."""
    entries = [entry for file in files for entry in file.entries]
    last = max((str(file.path) for file in files if file.entries), default="")
    fuzzy = sum(keyword.mode == "fuzzy" for entry in entries for keyword in entry.keywords)
    found = []
    if len(entries) > MOST_ENTRIES:
        found.append(Mistake(last, 1, 1, f"all files together have {len(entries)} entries; at most {MOST_ENTRIES}"))
    if fuzzy > MOST_FUZZY:
        found.append(Mistake(last, 1, 1, f"all files together have {fuzzy} fuzzy keywords; at most {MOST_FUZZY}"))
    return found


class FaqFiles:
    """The FAQ files of a directory, read again when they change; a file with mistakes keeps its last good version."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._good: dict[Path, FaqFile] = {}

    def have_changed(self) -> bool:
        """Whether there is anything to be read."""
        return self._stamps_now() != self._stamps

    def look(self) -> tuple[FaqIndex, list[Mistake]] | None:
        """The index of all files and the mistakes of those read just now; None when nothing has changed."""
        stamps = self._stamps_now()
        if stamps == self._stamps:
            return None
        changed = [path for path, stamp in stamps.items() if self._stamps.get(path) != stamp]
        good = {path: file for path, file in self._good.items() if path in stamps}
        mistakes: list[Mistake] = []
        for file in map(read_faq_file, changed):
            if file.mistakes:
                mistakes += file.mistakes
            else:
                good[file.path] = file
        self._stamps = stamps
        too_much = mistakes_between(good.values())
        if too_much:
            good = {path: file for path, file in self._good.items() if path in stamps}
        self._good = good
        index = FaqIndex.of(entry for path in sorted(good) for entry in good[path].entries)
        return index, mistakes + too_much

    def _stamps_now(self) -> dict[Path, tuple[int, int]]:
        return {path: _stamp(path) for path in faq_files(self._directory)}


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
