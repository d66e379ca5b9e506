"""The FAQ: what members are answered."""

import asyncio
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.faq import LONGEST_QUESTION, Entry, Hit, Keyword, LinkButton, best_first, is_question, rivals
from bot.domain.faq_suggestions import MOST_SUGGESTIONS, Suggestion
from bot.domain.groups import Group
from bot.services.bounded import BoundedDict
from bot.services.faq_index import FaqIndex, key_of, normal_form
from bot.services.groups import GroupService
from storage.database import Database

REMEMBERED = 20_000
"""Answers whose cooldown is kept in mind."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody said, where in a group; `waits` is False for one whom no cooldown concerns.

    A private chat about the group has neither topics nor cooldowns.
    """

    text: str
    user_id: int
    at: datetime
    update_id: int
    topic: int | None = None
    waits: bool = True
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What to say to a question: Telegram's HTML with variables. `is_open` is False outside of the entry's hours."""

    entry: Entry
    text: str
    is_open: bool = True

    @property
    def buttons(self) -> tuple[LinkButton, ...]:
        """The links below it."""
        return self.entry.buttons


@dataclass(frozen=True, slots=True)
class _Own:
    """A group's own entries as they were at a version."""

    version: int
    index: FaqIndex


@dataclass(slots=True)
class FaqService:
    """Answers from the files' entries and the groups' own. Look-ups touch memory alone."""

    database: Database
    groups: GroupService
    library: FaqIndex = field(default_factory=FaqIndex)
    _own: dict[int, _Own] = field(default_factory=dict)
    _version: int = 0
    _said: BoundedDict[tuple[int, str], datetime] = field(default_factory=lambda: BoundedDict(REMEMBERED))
    _told: BoundedDict[tuple[int, int], datetime] = field(default_factory=lambda: BoundedDict(REMEMBERED))
    _turns: BoundedDict[tuple[int, str], int] = field(default_factory=lambda: BoundedDict(REMEMBERED))

    async def load(self) -> None:
        """Reads every group's own entries, at the start and when a group got another chat id."""
        self._version, group_ids = await self.database.read(lambda tx: (tx.faq.version(), tx.faq.groups()))
        for group_id in group_ids:
            await self.refresh(group_id)

    async def refresh(self, group_id: int) -> None:
        """Reads a group's own entries after one was changed."""
        version, entries, chats = await self.database.read(
            lambda tx: (tx.faq.version(group_id), tx.faq.of_group(group_id), tx.faq.chats(group_id))
        )
        own = _Own(version, await asyncio.to_thread(FaqIndex.of, entries))
        for chat_id in chats:
            if chat_id not in self._own or self._own[chat_id].version <= version:
                self._own[chat_id] = own

    async def follow(self) -> None:
        """Reads the entries of groups that another process has changed, such as an import; one row tells of any."""
        known = self._version
        version = await self.database.read(lambda tx: tx.faq.version())
        if version != known:
            for group_id in await self.database.read(lambda tx: tx.faq.changed_since(known)):
                await self.refresh(group_id)
            self._version = version

    def hears(self, chat_id: int, title: str, text: str) -> bool:
        """Whether there may be something to say to a message."""
        group = self.groups.in_memory(chat_id)
        if len(text) > LONGEST_QUESTION or (group is not None and not group.settings.faq):
            return False
        tags = group.tags if group else ()
        asked = normal_form(text)
        if self._hits(chat_id, title, tags, asked):
            return True
        return (group is None or group.settings.faq_suggestions) and bool(
            self._suggested(chat_id, title, tags, text, asked)
        )

    def answer(self, group: Group, question: Question) -> Answered | None:
        """What the best entry says; None when no entry is about the text, when it was just said, or when the member is
        asked which one was meant (`suggestions`).
        """
        if not _answers_to(group, question):
            return None
        local = question.at.astimezone(group.zone)
        hits = self._heard(group, question)
        is_unsure = bool(hits and group.settings.faq_suggestions and rivals(hits))
        if not hits or is_unsure or self._is_cooling_down(group, hits[0].entry, question):
            return None
        entry = hits[0].entry
        text = self._pick(group, entry, entry.answers_at(local), question.update_id)
        return Answered(entry, text, entry.is_open_at(local))

    def suggestions(self, group: Group, question: Question) -> Sequence[Suggestion]:
        """What a question may mean that no entry is about, or any message that several are about alike; nothing when
        that is unsure, or was just said.
        """
        if not (_answers_to(group, question) and group.settings.faq_suggestions):
            return ()
        asked = normal_form(question.text)
        hits = self._heard(group, question)
        if hits:
            found = [Suggestion(hit.entry, _plainest(hit), 1.0) for hit in rivals(hits)[:MOST_SUGGESTIONS]]
        elif self._hits(group.chat_id, group.title, group.tags, asked):
            return ()
        else:
            speaks = _speakers(group, question)
            likely = self._suggested(group.chat_id, group.title, group.tags, question.text, asked)
            found = [suggestion for suggestion in likely if speaks(suggestion.entry)]
        return () if not found or self._is_cooling_down(group, found[0].entry, question) else found

    def nearest(self, group: Group, question: str) -> Entry | None:
        """The entry that a question is likest to, if it is like any; of two alike, the group's own."""
        found = self._likely(group.chat_id, group.title, group.tags, normal_form(question))
        return found[0].entry if found else None

    def by_ref(self, group: Group, ref: str, at: datetime, number: int) -> Answered | None:
        """What the entry with a short name says at an instant, whatever the cooldowns; the same for the same number."""
        local = at.astimezone(group.zone)
        entry = next((entry for entry in self.listed(group) if entry.ref == ref), None)
        answers = entry.answers_at(local) if entry is not None else ()
        if entry is None or not answers:
            return None
        return Answered(entry, answers[number % len(answers)], entry.is_open_at(local))

    def found(self, group: Group, text: str) -> Sequence[Hit]:
        """What a message would find, the entry that answers first; hours, days and cooldowns left aside."""
        return best_first(self._found(group, text))

    def is_known(self, group: Group, text: str, at: datetime) -> bool:
        """Whether an entry is about a message, though it may keep silent now; not one whose last day has passed."""
        today = at.astimezone(group.zone).date()
        return bool(self._found(group, text, lambda entry: not entry.is_over(today)))

    def tried(self, group: Group, text: str, at: datetime) -> tuple[Sequence[Hit], Sequence[Hit]]:
        """What a message finds that answers at an instant, the best first, and what keeps silent then; topics and
        cooldowns left aside.
        """
        local = at.astimezone(group.zone)
        silent = [hit for hit in self.found(group, text) if not hit.entry.answers_at(local)]
        return best_first(self._found(group, text, lambda entry: bool(entry.answers_at(local)))), silent

    def listed(self, group: Group) -> Sequence[Entry]:
        """The entries that answer in a group: its own first."""
        own = self._own.get(group.chat_id)
        shared = [e for e in self.library.entries.values() if e.is_for(group.chat_id, group.title, group.tags)]
        return [*(own.index.entries.values() if own else ()), *shared]

    def _heard(self, group: Group, question: Question) -> Sequence[Hit]:
        """What a question finds that answers there and then, the best first."""
        return best_first(self._found(group, question.text, _speakers(group, question)))

    def _found(self, group: Group, text: str, speaks: Callable[[Entry], bool] = lambda entry: True) -> list[Hit]:
        if len(text) > LONGEST_QUESTION:
            return []
        return self._hits(group.chat_id, group.title, group.tags, normal_form(text), speaks)

    def _hits(
        self, chat_id: int, title: str, tags: Collection[str], asked: str,
        speaks: Callable[[Entry], bool] = lambda entry: True,
    ) -> list[Hit]:  # fmt: skip
        """What is found in a normal text. A keyword that the group has for itself takes the library's place.

        Entries that do not speak there and then are left out, and take nobody's place.
        """
        shared = self.library.hits(asked) if self.library else []
        hits = [hit for hit in shared if hit.entry.is_for(chat_id, title, tags) and speaks(hit.entry)]
        own = self._own.get(chat_id)
        if own is None:
            return hits
        own_hits = [hit for hit in own.index.hits(asked) if speaks(hit.entry)]
        replaced = {key_of(hit.keyword) for hit in own_hits}
        return [hit for hit in hits if key_of(hit.keyword) not in replaced] + own_hits if own_hits else hits

    def _suggested(
        self, chat_id: int, title: str, tags: Collection[str], text: str, asked: str
    ) -> Sequence[Suggestion]:
        return self._likely(chat_id, title, tags, asked) if is_question(text) else ()

    def _likely(self, chat_id: int, title: str, tags: Collection[str], asked: str) -> Sequence[Suggestion]:
        own = self._own.get(chat_id)
        found = own.index.suggested(asked) if own else []
        found += self.library.suggested(asked, lambda entry: entry.is_for(chat_id, title, tags))
        return sorted(found, key=lambda suggestion: -suggestion.score)[:MOST_SUGGESTIONS]

    def _is_cooling_down(self, group: Group, entry: Entry, question: Question) -> bool:
        """Whether it was said here, or the member was told something, a moment ago. If not, it counts as said now."""
        said, told = (group.id, entry.id), (group.id, question.user_id)
        pause = group.settings.faq_cooldown if entry.cooldown is None else entry.cooldown
        if entry.hands_over:  # whoever wants a person is heard, whoever wanted one before, and whatever they were told
            said, pause = (group.id, f"{entry.id}:{question.user_id}"), group.settings.faq_member_cooldown
        waits = question.waits and not question.is_private
        if waits and _is_within(self._said.get(said), question.at, pause):
            return True
        patience = 0 if entry.hands_over else group.settings.faq_member_cooldown
        if waits and _is_within(self._told.get(told), question.at, patience):
            return True
        self._said[said] = self._told[told] = question.at
        return False

    def _pick(self, group: Group, entry: Entry, answers: Sequence[str], update_id: int) -> str:
        if entry.picks == "random":
            return random.Random(f"{update_id}:{entry.id}").choice(answers)  # noqa: S311 - which words, not who wins
        turn = self._turns.get((group.id, entry.id), 0)
        self._turns[group.id, entry.id] = turn + 1
        return answers[turn % len(answers)]


def _answers_to(group: Group, question: Question) -> bool:
    topics = group.settings.faq_topics
    return group.settings.faq and (not topics or question.is_private or question.topic in topics)


def _speakers(group: Group, question: Question) -> Callable[[Entry], bool]:
    """Tells the entries that answer where and when a question is asked."""
    local = question.at.astimezone(group.zone)
    return lambda entry: _is_in_place(entry, question) and bool(entry.answers_at(local))


def _plainest(hit: Hit) -> Keyword:
    """How a member reads what an entry is about: a pattern is nothing to read."""
    return next((keyword for keyword in hit.entry.keywords if keyword.mode != "regex"), hit.keyword)


def _is_in_place(entry: Entry, question: Question) -> bool:
    return question.is_private or entry.answers_in(question.topic)


def _is_within(last: datetime | None, at: datetime, seconds: int) -> bool:
    return last is not None and abs(at - last) < timedelta(seconds=seconds)
