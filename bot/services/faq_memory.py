"""What was said lately, without who said it: a new answer is tried on it before it is published."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.faq import Entry, best_first
from bot.domain.faq_own import NothingHeard
from bot.domain.groups import Group
from bot.services.clock import Clock
from bot.services.faq import FaqService
from bot.services.faq_index import FaqIndex, normal_form
from storage.database import Database, DatabaseUnavailable
from storage.transaction import Transaction

LONGEST_HEARD = 200
"""Characters beyond which a text is not kept."""

MOST_HEARD = 2_000
"""Texts that are kept of a group."""

KEPT_FOR = timedelta(days=7)

MOST_WAITING = 5_000
"""Texts in memory between two writes."""

_TRIMMED_AFTER = 100


@dataclass(frozen=True, slots=True)
class Collision:
    """A text that another entry is about as well, how often it was said, and whether the new one would answer it."""

    text: str
    times: int
    other: Entry
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """What a new entry would have hit among so many texts: those no entry is about so far, with how often each was
    said, and the others.
    """

    tried: int
    hits: Mapping[str, int]
    collisions: Sequence[Collision]


@dataclass(slots=True)
class FaqMemory:
    """Keeps the latest texts of groups. A kill loses those of the last seconds."""

    database: Database
    faq: FaqService
    clock: Clock
    _waiting: dict[int, list[tuple[str, datetime]]] = field(default_factory=dict)
    _count: int = 0
    _added: dict[int, int] = field(default_factory=dict)

    def remember(self, chat_id: int, text: str, at: datetime) -> None:
        """Keeps a text, to be written with the others. Costs no I/O."""
        if len(text) <= LONGEST_HEARD and self._count < MOST_WAITING:
            self._waiting.setdefault(chat_id, []).append((text, at))
            self._count += 1

    async def write(self) -> None:
        """Stores what was heard since the last time, of groups that allow it."""
        waiting, self._waiting = self._waiting, {}
        self._count = 0

        def work(tx: Transaction) -> None:
            for chat_id, heard in waiting.items():
                group = tx.groups.find(chat_id)
                if group is not None and group.settings.get("faq_memory") != "off":
                    tx.heard.add(group.id, heard)
                    self._trim(tx, group.id, len(heard))

        if waiting:
            try:
                await self.database.write(work)
            except DatabaseUnavailable:
                self._put_back(waiting)
                raise

    async def forget_old(self) -> None:
        """Forgets what is over a week old, and all of the groups that have turned it off."""
        before = self.clock() - KEPT_FOR

        def work(tx: Transaction) -> None:
            tx.heard.forget_before(before)
            for group in tx.groups.all():
                if group.settings.get("faq_memory") == "off":
                    tx.heard.forget(group.id)

        await self.database.write(work)

    async def replay(self, group: Group, entry: Entry) -> Replay:
        """Tries an entry that is not yet published. Raises `NothingHeard` where nothing is kept."""
        await self.write()
        texts = await self.database.read(lambda tx: tx.heard.texts(group.id, MOST_HEARD))
        if not (texts and group.settings.faq_memory):
            raise NothingHeard
        return await asyncio.to_thread(self._try, group, entry, texts)

    def _try(self, group: Group, entry: Entry, texts: Sequence[str]) -> Replay:
        index = FaqIndex.of([entry])
        hits, collisions = dict[str, int](), list[Collision]()
        for text, times in Counter(texts).items():
            found = index.hits(normal_form(text))
            if not found:
                continue
            others = [hit for hit in self.faq.found(group, text) if hit.entry.id != entry.id]
            if others:
                is_taken = best_first([found[0], *others])[0].entry.id == entry.id
                collisions.append(Collision(text, times, others[0].entry, is_taken))
            else:
                hits[text] = times
        return Replay(len(texts), hits, collisions)

    def _trim(self, tx: Transaction, group_id: int, added: int) -> None:
        """Lets go of what is too much, once in a hundred texts: to look for it costs more than to keep it."""
        self._added[group_id] = self._added.get(group_id, _TRIMMED_AFTER) + added
        if self._added[group_id] >= _TRIMMED_AFTER:
            self._added[group_id] = 0
            tx.heard.keep_latest(group_id, MOST_HEARD)

    def _put_back(self, waiting: dict[int, list[tuple[str, datetime]]]) -> None:
        for chat_id, heard in waiting.items():
            self._waiting[chat_id] = heard + self._waiting.get(chat_id, [])
            self._count += len(heard)
