"""Greets newcomers: those of a few seconds in one message, which takes the place of the one before."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import Message

from bot.domain.groups import Group
from bot.domain.joins import Arrival
from bot.services.joins import JoinService
from bot.services.welcomes import WelcomeService
from bot.texts import Texts
from handlers.welcome_words import Greeting, Newcomers, WelcomeWords, needs_count
from storage.database import DatabaseUnavailable

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Gathering:
    """Who came to one group within the window. Only those who will be named are kept, the others counted.

    `until` is the latest `greet_at` of theirs.
    """

    group: Group
    until: datetime
    named: list[Arrival] = field(default_factory=list)
    more: int = 0
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Greeter:
    """Gathers newcomers by group. It is noted who they are: after a kill another one greets them.

    `timeout` closes the window.
    """

    bot: Bot
    welcomes: WelcomeService
    joins: JoinService
    texts: Texts
    timeout: Callable[[float], asyncio.Timeout] = asyncio.timeout
    _gathered: dict[int, Gathering] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def greet(self, group: Group, arrival: Arrival) -> None:
        """Lets a newcomer be greeted when the window closes, unless the group or the time is against it."""
        if not group.settings.welcome or arrival.is_backlog or arrival.is_raid:
            return
        until = await self.joins.greet_at(group, arrival)
        gathering = self._gathered.get(group.id)
        if gathering is None:
            gathering = self._gathered[group.id] = Gathering(group, until)
            task = asyncio.create_task(self._say_later(gathering))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        gathering.until = until
        who = (arrival.person.id, arrival.update_id)
        if who in [(other.person.id, other.update_id) for other in gathering.named]:
            return
        if len(gathering.named) < group.settings.welcome_mentions:
            gathering.named.append(arrival)
        else:
            gathering.more += 1

    def hush(self, group: Group) -> None:
        """Lets nobody be greeted who came in the present window."""
        gathering = self._gathered.pop(group.id, None)
        if gathering is not None:
            gathering.named.clear()
            gathering.is_over.set()

    def part(self, group: Group, user_id: int) -> None:
        """Lets somebody not be greeted who has left again."""
        gathering = self._gathered.get(group.id)
        if gathering is not None:
            gathering.named = [arrival for arrival in gathering.named if arrival.person.id != user_id]

    async def flush(self) -> None:
        """Greets at once who was gathered, and waits until it is said."""
        for gathering in self._gathered.values():
            gathering.is_over.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def say(self, group: Group, chat_id: int, newcomers: Newcomers) -> Message:
        """Says the welcome in a chat: the group's, or that of an operator who wants to see it."""
        texts = await self.welcomes.texts(group)
        count = await self.bot.get_chat_member_count(group.chat_id) if needs_count(texts) else 0
        words = WelcomeWords(group, self.texts.bound(group.settings.language), texts, count)
        return await self._send(chat_id, words.greeting(newcomers))

    async def _say_later(self, gathering: Gathering) -> None:
        with contextlib.suppress(TimeoutError):
            async with self.timeout(gathering.group.settings.welcome_window):
                await gathering.is_over.wait()
        if self._gathered.get(gathering.group.id) is gathering:
            del self._gathered[gathering.group.id]
        await self._greet(gathering)

    async def _greet(self, gathering: Gathering) -> None:
        group = gathering.group
        try:
            if gathering.named:
                sent = await self.say(group, group.chat_id, Newcomers(gathering.named, gathering.more))
                await self.welcomes.posted(group, sent.chat.id, sent.message_id)
        except TelegramAPIError as error:
            log.warning("welcome not said", group=group.id, reason=str(error))
        except Exception:
            log.exception("welcome failed", group=group.id)
        with contextlib.suppress(DatabaseUnavailable):
            await self.joins.greeted(group, gathering.until)

    async def _send(self, chat_id: int, greeting: Greeting) -> Message:
        """A file that is gone, or words that the platform does not take, must not leave newcomers without a welcome."""
        try:
            if greeting.media is not None:
                return await self._send_media(chat_id, greeting)
        except TelegramBadRequest as error:
            log.warning("the welcome goes without its picture", reason=error.message)
        try:
            return await self.bot.send_message(chat_id, greeting.text, reply_markup=greeting.buttons)
        except TelegramBadRequest as error:
            log.warning("the welcome goes without its own words", reason=error.message)
            return await self.bot.send_message(chat_id, greeting.plain)

    async def _send_media(self, chat_id: int, greeting: Greeting) -> Message:
        assert greeting.media is not None  # noqa: S101 - asked before
        file_id = greeting.media.file_id
        match greeting.media.kind:
            case "photo":
                return await self.bot.send_photo(chat_id, file_id, caption=greeting.text, reply_markup=greeting.buttons)
            case "video":
                return await self.bot.send_video(chat_id, file_id, caption=greeting.text, reply_markup=greeting.buttons)
        return await self.bot.send_animation(chat_id, file_id, caption=greeting.text, reply_markup=greeting.buttons)
