"""`hearthbot export` and `hearthbot import`: tables out of the database, and into it."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Literal

from bot.domain.faq import Entry
from bot.domain.faq_imports import Difference, Incoming
from bot.domain.faq_own import MOST_PHRASINGS, OWN_PRIORITY, own_id
from bot.domain.groups import Group, NoSuchGroup, group_named
from bot.playbooks.faq_entries import Placed, entries_of
from bot.playbooks.faq_tables import document_of, read_faq_table, with_column
from bot.playbooks.faq_writing import faq_yaml
from bot.services.clock import system_clock
from bot.services.exports import CsvFile, ExportService, What, XlsxFile
from bot.services.faq_imports import CannotImport, FaqImportService, Problem
from bot.services.faq_index import key_of
from bot.services.groups import GroupService
from bot.settings import Settings
from bot.yaml_places import Mistake, Place, read_file
from storage.database import Database

Format = Literal["csv", "xlsx", "yaml"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be imported, into the groups that it names or into one; with `replaces` they get nothing else."""

    file: Path
    group: str | None
    replaces: bool


class NotImported(Exception):
    """A file with mistakes; nothing was changed."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(f"{len(mistakes)} mistakes")
        self.mistakes = mistakes


async def export(
    database: Database, settings: Settings, what: What, kind: Format, group: str | None, output: Path | None
) -> int:
    """Writes of a group, or of all, and says how many rows those are; to the terminal if there is no file.

    Raises `NoSuchGroup` and `TooLong`.
    """
    groups = await _groups(database, settings)
    groups = [group_named(groups, group)] if group else groups
    service = ExportService(database)
    with output.open("wb") if output else nullcontext(sys.stdout.buffer) as file:
        if kind == "yaml":
            return _write_yaml(await service.faq(groups), file)
        sink = CsvFile(file) if kind == "csv" else XlsxFile(file)
        return await service.export(what, groups, sink, system_clock())


async def import_faq(database: Database, settings: Settings, source: Source) -> list[str]:
    """Stores a file's FAQ entries in groups, and says what that changed. Raises `NotImported` and `NoSuchGroup`."""
    groups = await _groups(database, settings)
    reading = _Reading(groups, [group_named(groups, source.group)] if source.group else None)
    reading.read(source.file, settings.playbooks_dir)
    if reading.mistakes:
        raise NotImported(sorted(reading.mistakes))
    wanted = {group_id: [one for one, _ in placed] for group_id, placed in reading.wanted.items()}
    try:
        done = await FaqImportService(database, system_clock).take(wanted, replaces=source.replaces)
    except CannotImport as error:
        raise NotImported(sorted(reading.mistake_of(problem, source.file) for problem in error.problems)) from None
    said = [_said(group, done[group.id]) for group in groups if group.id in done]
    return said or ["Nothing to import: the file has no entries."]


@dataclass(slots=True)
class _Reading:
    """A file on its way into groups: what they shall get, and every mistake. `only` takes it all, if given."""

    groups: Sequence[Group]
    only: Sequence[Group] | None
    wanted: dict[int, list[tuple[Incoming, Mistake]]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def read(self, file: Path, playbooks: Path) -> None:
        self.wanted = {group.id: [] for group in self.only or ()}
        if file.suffix in {".yaml", ".yml"}:
            self._take(read_file(file, self.mistakes), playbooks, priority=0)  # it means what it means in its place
            return
        table = read_faq_table(file, self.mistakes)
        if table is not None:
            self._take(document_of(table, self.mistakes), playbooks, OWN_PRIORITY)
            self.mistakes = [with_column(mistake, table) for mistake in self.mistakes]

    def mistake_of(self, problem: Problem, file: Path) -> Mistake:
        """What is wrong with an entry in a group, at its place in the file."""
        placed = self.wanted[problem.group_id]
        place = placed[problem.number][1] if problem.number is not None else Mistake(str(file), 1, 1, "")
        title = next(group.title for group in self.groups if group.id == problem.group_id)
        return replace(place, what=f"{problem.what} (in {title})")

    def _take(self, document: Place | None, playbooks: Path, priority: int) -> None:
        for placed in entries_of(document, playbooks, priority) if document else ():
            entry, place = placed.entry, placed.place
            if len(entry.keywords) > MOST_PHRASINGS:
                place.mistake(f"an entry of a group has at most {MOST_PHRASINGS} keywords, not {len(entry.keywords)}")
            targets = self._targets(placed) if self.only is None else self.only
            if entry.keywords:  # without one there is a mistake already
                at = Mistake(place.source, place.line, place.column, "")
                for group in targets:
                    self.wanted.setdefault(group.id, []).append((Incoming(_own(entry), placed.name), at))

    def _targets(self, placed: Placed) -> list[Group]:
        """The groups that an entry names."""
        if not placed.entry.groups:
            placed.scope.mistake("for which group is this? name it here, or add --group NAME")
        found: list[Group] = []
        for name in sorted(placed.entry.groups):
            try:
                found.append(group_named(self.groups, name))
            except NoSuchGroup as error:
                placed.scope.mistake(str(error))
        return found


def _own(entry: Entry) -> Entry:
    """The same as an entry of the group in which it will be."""
    return replace(entry, id=own_id(key_of(entry.keywords[0])), groups=frozenset(), tags=frozenset())


async def _groups(database: Database, settings: Settings) -> Sequence[Group]:
    defaults = {"timezone": settings.timezone, "language": settings.locale}
    return await GroupService(database, system_clock, defaults).all()


def _write_yaml(entries: Sequence[tuple[Group, Sequence[Entry]]], file: BinaryIO) -> int:
    file.write(faq_yaml(entries).encode())
    return sum(len(own) for _, own in entries)


def _said(group: Group, done: Difference) -> str:
    counts = f"{done.new} new, {done.changed} changed, {done.deleted} deleted, {done.kept} as they were"
    return f"{group.title}: {counts}."
