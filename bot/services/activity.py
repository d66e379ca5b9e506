"""How much members say: counted in memory, written behind in batches."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from bot.domain.groups import Group
from bot.domain.members import Person
from bot.services.groups import GroupService
from bot.services.happenings import Happenings
from storage.activity import Count
from storage.chatter import Spoken
from storage.database import Database, DatabaseUnavailable
from storage.playbook_reports import Replies
from storage.transaction import Transaction

QUARTER_OF_AN_HOUR = 900
"""Seconds. No zone's midnight falls within one, so a count can be given to its group's day when it is written."""

SOON = 1_800
"""Seconds after a post in which answers to it are counted."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Chat:
    """What is counted of a chat since the last write: messages by (user id, quarter of an hour), when the `last`
    one was sent (Unix seconds), and answers by the (message id, date) of what they answer.
    """

    title: str
    last: int = 0
    messages: dict[tuple[int, int], int] = field(default_factory=dict)
    replies: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(slots=True)
class ActivityService:
    """Counts messages. A kill loses the counts since the last write, a few seconds' worth; a stop loses none."""

    database: Database
    groups: GroupService
    happenings: Happenings | None = None
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
        chat.last = max(chat.last, date)

    def count_reply(self, chat_id: int, message_id: int, posted: int, date: int) -> None:
        """Notes that a message that was just counted answers another one, if it does so soon. Costs no I/O."""
        if 0 <= date - posted <= SOON:
            replies = self._chats[chat_id].replies
            replies[message_id, posted] = replies.get((message_id, posted), 0) + 1

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
        while self._writing is not None and not self._writing.done():  # who waited as well may have begun anew
            await asyncio.wait([self._writing])
        self._writing = asyncio.create_task(self._write())
        await asyncio.shield(self._writing)

    async def _write(self) -> None:
        chats, self._chats = self._chats, {}
        people, self._people = self._people, {}
        if not chats and not people:
            return
        try:
            groups = {chat_id: await self.groups.of_chat(chat_id, chat.title) for chat_id, chat in chats.items()}
            counts = [count for chat_id, chat in chats.items() for count in _counts(groups[chat_id], chat)]
            spoken = [_spoken(groups[chat_id], chat) for chat_id, chat in chats.items()]
            replies = [one for chat_id, chat in chats.items() for one in _replies(groups[chat_id], chat)]

            def work(tx: Transaction) -> None:
                tx.members.save_people(sorted(people.values(), key=lambda person: person.id))
                tx.activity.add(counts)
                tx.chatter.add(spoken)
                tx.playbook_reports.add_replies(replies)
                self._tell_of(tx, groups.values(), spoken)

            await self.database.write(work)
            if self.happenings is not None:
                self.happenings.tell()
        except DatabaseUnavailable as error:
            log.warning("activity kept for later", reason=str(error))
            self._put_back(chats, people)

    def _tell_of(self, tx: Transaction, groups: Iterable[Group], spoken: Sequence[Spoken]) -> None:
        """Lets steps follow that wait until a group has so many messages."""
        if self.happenings is None:
            return
        added = {one.group_id: one.messages for one in spoken}
        for group in groups:
            steps = self.happenings.wait_for_messages(group)
            said = tx.chatter.of(group.id) if steps else None
            if said is not None:
                self.happenings.counted(tx, group, steps, said.messages - added[group.id], said.messages)

    def _put_back(self, chats: dict[int, Chat], people: dict[int, Person]) -> None:
        for chat_id, chat in chats.items():
            kept = self._chats.setdefault(chat_id, Chat(chat.title))
            kept.last = max(kept.last, chat.last)
            for key, messages in chat.messages.items():
                kept.messages[key] = kept.messages.get(key, 0) + messages
            for answered, replies in chat.replies.items():
                kept.replies[answered] = kept.replies.get(answered, 0) + replies
        self._people = people | self._people


def _counts(group: Group, chat: Chat) -> Iterator[Count]:
    for (user_id, quarter), messages in chat.messages.items():
        at = datetime.fromtimestamp(quarter * QUARTER_OF_AN_HOUR, UTC)
        yield Count(group.id, user_id, group.day_of(at), messages, at)


def _spoken(group: Group, chat: Chat) -> Spoken:
    return Spoken(group.id, sum(chat.messages.values()), datetime.fromtimestamp(chat.last, UTC))


def _replies(group: Group, chat: Chat) -> Iterator[Replies]:
    for (message_id, posted), number in chat.replies.items():
        yield Replies(group.id, message_id, datetime.fromtimestamp(posted, UTC), number)
