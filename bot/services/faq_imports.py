"""Brings entries from a file into groups, all of them or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.faq import Entry
from bot.domain.faq_imports import Difference, Incoming, difference, merged
from bot.domain.faq_own import own_key
from bot.domain.members import Actor
from bot.services.clock import Clock
from bot.services.faq_index import MOST_FUZZY
from bot.services.faq_own import MOST_ENTRIES
from storage.database import Database
from storage.faq_json import as_json
from storage.transaction import Transaction

BY_COMMAND = Actor(0, "hearthbot import")


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands against an import: in which group, on account of which of its entries (None: of all), and why."""

    group_id: int
    number: int | None
    what: str


class CannotImport(Exception):
    """Nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class FaqImportService:
    """Changes many entries at once; for each group that is one change in the log, which can be undone."""

    database: Database
    clock: Clock

    async def take(self, wanted: Mapping[int, Sequence[Incoming]], *, replaces: bool) -> Mapping[int, Difference]:
        """Stores the incoming entries of groups; with `replaces` they have no others afterwards.

        Twice is the same as once. Raises `CannotImport` with all that is wrong.
        """

        def work(tx: Transaction) -> Mapping[int, Difference]:
            tx.faq.lock()
            problems: list[Problem] = []
            done = {}
            for group_id, incoming in wanted.items():
                present = {own_key(entry): entry for entry in tx.faq.of_group(group_id)}
                found = merged(present, incoming, replaces=replaces)
                problems += [Problem(group_id, number, what) for number, what in found.problems]
                problems += [Problem(group_id, None, what) for what in _too_much(list(found.entries.values()))]
                done[group_id] = difference(present, found.entries)
            if problems:
                raise CannotImport(problems)
            for group_id, change in done.items():
                self._store(tx, group_id, change)
            return done

        return await self.database.write(work)

    def _store(self, tx: Transaction, group_id: int, change: Difference) -> None:
        if not change.after:
            return
        tx.faq.put_all(group_id, change.after, self.clock())
        before, after = _plain(change.before), _plain(change.after)
        tx.changes.add(group_id, None, BY_COMMAND, "faq_import", before, after, self.clock())


def _plain(entries: Mapping[str, Entry | None]) -> dict[str, object]:
    return {key: as_json(entry) if entry else None for key, entry in entries.items()}


def _too_much(entries: Sequence[Entry]) -> list[str]:
    found = []
    if len(entries) > MOST_ENTRIES:
        found.append(f"the group would have {len(entries)} entries of its own; at most {MOST_ENTRIES}")
    fuzzy = sum(keyword.mode == "fuzzy" for entry in entries for keyword in entry.keywords)
    if fuzzy > MOST_FUZZY:
        found.append(f"the group would have {fuzzy} fuzzy keywords; at most {MOST_FUZZY}")
    return found
