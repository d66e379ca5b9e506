"""The FAQ: what members are answered, and what operators add to it."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.faq import (
    LONGEST_ANSWER,
    LONGEST_KEYWORD,
    LONGEST_QUESTION,
    MOST_PHRASINGS,
    OWN_PRIORITY,
    VARIABLES,
    Entry,
    Hit,
    Keyword,
    LinkButton,
    Missed,
    OwnEntry,
    TooManyEntries,
    TooManyPhrasings,
    UnknownEntry,
    WrongAnswer,
    WrongKeyword,
    WrongPattern,
    best_first,
    is_question,
    variables_of,
)
from bot.domain.groups import Group
from bot.domain.members import Actor
from bot.services.bounded import BoundedDict
from bot.services.clock import Clock
from bot.services.faq_index import FaqIndex, KeywordError, check_keyword, normal_form
from storage.database import Database, DatabaseUnavailable
from storage.faq import as_json
from storage.transaction import Transaction

MOST_ENTRIES = 500
"""Entries that a group may have of its own."""

LONGEST_MISSED = 120
"""Characters of a question that is kept for operators."""

MOST_MISSED = 200
"""Questions without an answer that are kept for a group."""

MOST_OVERHEARD = 5_000
"""Questions in memory between two writes."""

REMEMBERED = 20_000
"""Answers whose cooldown is kept in mind."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What to say to a question: Telegram's HTML with variables."""

    entry: Entry
    text: str

    @property
    def buttons(self) -> tuple[LinkButton, ...]:
        """The links below it."""
        return self.entry.buttons


@dataclass(slots=True)
class FaqService:
    """Answers from the files' entries and the group's own. Look-ups touch memory alone."""

    database: Database
    clock: Clock
    library: FaqIndex = field(default_factory=FaqIndex)
    _own: dict[int, FaqIndex] = field(default_factory=dict)
    _said: BoundedDict[tuple[int, str], datetime] = field(default_factory=lambda: BoundedDict(REMEMBERED))
    _told: BoundedDict[tuple[int, int], datetime] = field(default_factory=lambda: BoundedDict(REMEMBERED))
    _overheard: dict[tuple[int, str], tuple[str, int, datetime]] = field(default_factory=dict)
    _turns: BoundedDict[tuple[int, str], int] = field(default_factory=lambda: BoundedDict(REMEMBERED))

    async def load(self) -> None:
        """Reads every group's own entries, at the start and when a group got another chat id."""
        by_chat = await self.database.read(lambda tx: tx.faq.by_chat())
        self._own = await asyncio.to_thread(lambda: {chat: _index(entries) for chat, entries in by_chat.items()})

    async def refresh(self, group: Group) -> None:
        """Reads a group's own entries after one was changed."""
        entries = await self.database.read(lambda tx: tx.faq.of_group(group.id))
        self._own[group.chat_id] = await asyncio.to_thread(_index, entries)

    def overhear(self, chat_id: int, text: str, at: datetime) -> None:
        """Remembers a question that no entry is about, to be written with the others; anything else is let go."""
        if len(text) > LONGEST_MISSED or not is_question(text) or len(self._overheard) >= MOST_OVERHEARD:
            return
        key = normal_form(text)[:LONGEST_MISSED]
        if key:
            times = self._overheard[chat_id, key][1] if (chat_id, key) in self._overheard else 0
            self._overheard[chat_id, key] = (text, times + 1, at)

    async def write_missed(self) -> None:
        """Stores the questions overheard since the last time; what cannot be written waits for the next."""
        overheard, self._overheard = self._overheard, {}

        def work(tx: Transaction) -> None:
            group_ids = set()
            for (chat_id, key), (question, times, at) in overheard.items():
                group = tx.groups.find(chat_id)
                if group is not None and group.settings.get("faq") != "off":
                    tx.faq.miss(group.id, key, question, times, at)
                    group_ids.add(group.id)
            for group_id in group_ids:
                beyond = tx.faq.missed(group_id)[MOST_MISSED:]
                tx.faq.forget_missed(group_id, [one.key for one in beyond])

        if overheard:
            try:
                await self.database.write(work)
            except DatabaseUnavailable:
                self._overheard = overheard | self._overheard
                raise

    async def missed(self, group: Group) -> Sequence[Missed]:
        """The group's questions that still find no answer, the most frequent first."""
        await self.write_missed()
        listed = await self.database.read(lambda tx: tx.faq.missed(group.id))
        return [one for one in listed if not self._hits(group.chat_id, group.title, one.question)]

    async def clear_missed(self, group: Group) -> None:
        """Forgets the group's questions without an answer."""
        await self.write_missed()
        await self.database.write(
            lambda tx: tx.faq.forget_missed(group.id, [one.key for one in tx.faq.missed(group.id)])
        )

    def hears(self, chat_id: int, title: str, text: str) -> bool:
        """Whether an entry may have something to say to a message."""
        return bool(self._hits(chat_id, title, text))

    def answer(self, group: Group, user_id: int, text: str, at: datetime, update_id: int) -> Answered | None:
        """What the best entry says at an instant; None when no entry is about the text, or when it was just said."""
        if not group.settings.faq:
            return None
        local = at.astimezone(group.zone)
        for hit in best_first(self._hits(group.chat_id, group.title, text)):
            answers = hit.entry.answers_at(local)
            if answers:
                is_quiet = self._is_cooling_down(group, hit.entry, user_id, at)
                return None if is_quiet else Answered(hit.entry, self._pick(group, hit.entry, answers, update_id))
        return None

    def found(self, group: Group, text: str) -> Sequence[Hit]:
        """What a message would find, the entry that answers first; hours, days and cooldowns left aside."""
        return best_first(self._hits(group.chat_id, group.title, text))

    def listed(self, group: Group) -> Sequence[Entry]:
        """The entries that answer in a group: its own first."""
        own = self._own.get(group.chat_id)
        shared = [entry for entry in self.library.entries.values() if entry.is_for(group.chat_id, group.title)]
        return [*(own.entries.values() if own else ()), *shared]

    async def add(
        self,
        group: Group,
        keywords: Sequence[Keyword],
        unless: Sequence[str],
        answer: str,
        actor: Actor,
        update_id: int,
    ) -> OwnEntry:
        """Stores an entry; one with the same first keyword is replaced.

        Raises `WrongKeyword`, `WrongAnswer` and `TooManyEntries`.
        """
        _check(keywords, answer)
        entry = OwnEntry(key_of(keywords[0]), tuple(keywords), tuple(unless), answer)

        def work(tx: Transaction) -> None:
            if tx.faq.find(group.id, entry.key) is None and tx.faq.count(group.id) >= MOST_ENTRIES:
                raise TooManyEntries(most=MOST_ENTRIES)
            if not tx.changes.was_made_by(group.id, update_id):
                before = tx.faq.put(group.id, entry.key, entry, self.clock())
                stored = as_json(before) if before else None
                tx.changes.add(group.id, update_id, actor, "faq", stored, as_json(entry), self.clock())

        await self.database.write(work)
        await self.refresh(group)
        return entry

    async def delete(self, group: Group, keyword: Keyword, actor: Actor, update_id: int) -> None:
        """Removes the group's own entry with this keyword. Raises `UnknownEntry`."""
        key = key_of(keyword)

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            wanted = next((e for e in tx.faq.of_group(group.id) if key in {key_of(k) for k in e.keywords}), None)
            if wanted is None:
                raise UnknownEntry(keyword=keyword.text[:64])
            tx.faq.put(group.id, wanted.key, None, self.clock())
            tx.changes.add(group.id, update_id, actor, "faq", as_json(wanted), None, self.clock())

        await self.database.write(work)
        await self.refresh(group)

    def _hits(self, chat_id: int, title: str, text: str) -> list[Hit]:
        own = self._own.get(chat_id)
        if not (own or self.library) or len(text) > LONGEST_QUESTION:
            return []
        asked = normal_form(text)
        hits = [hit for hit in self.library.hits(asked) if hit.entry.is_for(chat_id, title)] if self.library else []
        return hits + own.hits(asked) if own else hits

    def _is_cooling_down(self, group: Group, entry: Entry, user_id: int, at: datetime) -> bool:
        """Whether it was said here, or the member was told something, a moment ago. If not, it counts as said now."""
        said, told = (group.id, entry.id), (group.id, user_id)
        pause = group.settings.faq_cooldown if entry.cooldown is None else entry.cooldown
        if _is_within(self._said.get(said), at, pause):
            return True
        if _is_within(self._told.get(told), at, group.settings.faq_member_cooldown):
            return True
        self._said[said] = self._told[told] = at
        return False

    def _pick(self, group: Group, entry: Entry, answers: Sequence[str], update_id: int) -> str:
        if entry.picks == "random":
            return random.Random(f"{update_id}:{entry.id}").choice(answers)  # noqa: S311 - which words, not who wins
        turn = self._turns.get((group.id, entry.id), 0)
        self._turns[group.id, entry.id] = turn + 1
        return answers[turn % len(answers)]


def key_of(keyword: Keyword) -> str:
    """What an entry of a group is named by: its first keyword in its normal form; a pattern as it stands."""
    return f"regex:{keyword.text}" if keyword.mode == "regex" else normal_form(keyword.text)


def own_entry(entry: OwnEntry) -> Entry:
    """A group's own entry as the index takes it."""
    return Entry(f"own:{entry.key}", entry.keywords, (entry.answer,), priority=OWN_PRIORITY, unless=entry.unless)


def _index(entries: Iterable[OwnEntry]) -> FaqIndex:
    return FaqIndex.of(own_entry(entry) for entry in entries)


def _check(keywords: Sequence[Keyword], answer: str) -> None:
    if len(keywords) > MOST_PHRASINGS:
        raise TooManyPhrasings(most=MOST_PHRASINGS)
    for keyword in keywords:
        try:
            check_keyword(keyword)
        except KeywordError as error:
            if keyword.mode == "regex":
                raise WrongPattern(keyword=keyword.text[:64], reason=str(error)[:200]) from None
            raise WrongKeyword(keyword=keyword.text[:64], longest=LONGEST_KEYWORD) from None
    unknown = variables_of(answer) - set(VARIABLES)
    if unknown or len(answer) > LONGEST_ANSWER:
        raise WrongAnswer(longest=LONGEST_ANSWER, variables=", ".join(f"{{{{ {name} }}}}" for name in VARIABLES))


def _is_within(last: datetime | None, at: datetime, seconds: int) -> bool:
    return last is not None and abs(at - last) < timedelta(seconds=seconds)
