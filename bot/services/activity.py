"""How much members say: counted in memory, written behind in batches."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from bot.domain.days import local_day
from bot.domain.members import Person
from bot.services.groups import GroupService
from storage.activity import Count
from storage.database import Database, DatabaseUnavailable
from storage.transaction import Transaction

QUARTER_OF_AN_HOUR = 900
"""Seconds. No zone's midnight falls within one, so a count can be given to its group's day when it is written."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Chat:
    """What is counted of a chat since the last write: messages by (user id, quarter of an hour)."""

    title: str
    messages: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(slots=True)
class ActivityService:
    """Counts messages. A kill loses the counts since the last write, a few seconds' worth; a stop loses none."""

    database: Database
    groups: GroupService
    _chats: dict[int, Chat] = field(default_factory=dict)
    _people: dict[int, Person] = field(default_factory=dict)
    _writing: asyncio.Task[None] | None = None

    def count(self, chat_id: int, title: str, person_id: int, date: int) -> None:
        """Counts a message; `date` is its own, in Unix seconds. Costs no I/O."""
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = Chat(title)
        key = (person_id, date // QUARTER_OF_AN_HOUR)
        chat.messages[key] = chat.messages.get(key, 0) + 1

    def knows(self, person_id: int) -> bool:
        """Whether the next write will store this person's names."""
        return person_id in self._people

    def remember(self, person: Person) -> None:
        """Lets the next write store the person's names."""
        self._people[person.id] = person

    @property
    def pending(self) -> int:
        """Members whose counts wait to be written."""
        return sum(len(chat.messages) for chat in self._chats.values())

    async def flush(self) -> None:
        """Writes what was counted, in one transaction. What cannot be written now is kept for the next time.

        Whoever waits may be cancelled (a stop does that); the writing goes on, and the next flush waits for it.
        """
        if self._writing is not None:
            await asyncio.wait([self._writing])
        self._writing = asyncio.create_task(self._write())
        await asyncio.shield(self._writing)

    async def _write(self) -> None:
        chats, self._chats = self._chats, {}
        people, self._people = self._people, {}
        if not chats and not people:
            return
        try:
            counts = [count for chat_id, chat in chats.items() for count in await self._counts(chat_id, chat)]

            def work(tx: Transaction) -> None:
                tx.members.save_people(sorted(people.values(), key=lambda person: person.id))
                tx.activity.add(counts)

            await self.database.write(work)
        except DatabaseUnavailable as error:
            log.warning("activity kept for later", reason=str(error))
            self._put_back(chats, people)

    async def _counts(self, chat_id: int, chat: Chat) -> list[Count]:
        group = await self.groups.of_chat(chat_id, chat.title)
        settings = group.settings
        counts = []
        for (user_id, quarter), messages in chat.messages.items():
            at = datetime.fromtimestamp(quarter * QUARTER_OF_AN_HOUR, UTC)
            day = local_day(at, settings.timezone, settings.day_starts_at)
            counts.append(Count(group.id, user_id, day, messages, at))
        return counts

    def _put_back(self, chats: dict[int, Chat], people: dict[int, Person]) -> None:
        for chat_id, chat in chats.items():
            kept = self._chats.setdefault(chat_id, Chat(chat.title))
            for key, messages in chat.messages.items():
                kept.messages[key] = kept.messages.get(key, 0) + messages
        self._people = people | self._people
