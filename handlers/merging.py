"""Merged replies: in a busy group, many answers within a few seconds become one message."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.groups import Group
from handlers.vanishing import Vanishing

WINDOW = 8.0
"""Seconds for which lines are gathered."""

MOST_LINES = 25
"""Lines that are sent at once, so that a message stays far below 4,096 characters."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Gathering:
    """The lines of one chat, to be sent as an answer to its first message."""

    message: Message
    group: Group
    lines: list[Markup] = field(default_factory=list)


@dataclass(slots=True)
class MergedReplies:
    """Gathers lines by chat (and topic). What they tell is committed: a kill loses the words, not the points.

    `timeout` closes the window.
    """

    vanishing: Vanishing
    timeout: Callable[[float], asyncio.Timeout] = asyncio.timeout
    _gathered: dict[tuple[int, int | None], Gathering] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, message: Message, group: Group, line: Markup) -> None:
        """Adds a line to what will be said in the message's chat."""
        key = (message.chat.id, message.message_thread_id)
        if key not in self._gathered:
            self._gathered[key] = Gathering(message, group)
            task = asyncio.create_task(self._send_later(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._gathered[key].lines.append(line)

    async def close(self) -> None:
        """Says at once what was gathered, and waits for what is being said."""
        self._closing.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _send_later(self, key: tuple[int, int | None]) -> None:
        with contextlib.suppress(TimeoutError):
            async with self.timeout(WINDOW):
                await self._closing.wait()
        await self._send(key)

    async def _send(self, key: tuple[int, int | None]) -> None:
        gathering = self._gathered.pop(key)
        lines = gathering.lines
        try:
            for first in range(0, len(lines), MOST_LINES):
                reply = await gathering.message.answer(Markup("\n").join(lines[first : first + MOST_LINES]))
                await self.vanishing.after(reply, gathering.group.settings.checkin_reply_lifetime)
        except TelegramAPIError as error:
            log.warning("merged reply not sent", reason=str(error))
