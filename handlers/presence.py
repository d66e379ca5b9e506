"""Whether somebody is in a chat, asked of the platform where the bot's own records do not say."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.methods import TelegramMethod

from bot.domain.lotteries_conditions import CannotAsk, Channel, WrongChannel
from bot.services.bounded import BoundedDict
from bot.services.clock import Clock

KNOWN_FOR = timedelta(minutes=1)
"""How long a yes is trusted; a no is asked again, since whoever got one may just join."""

REMEMBERED = 10_000

_NOBODY = ("user not found", "USER_ID_INVALID", "PARTICIPANT_ID_INVALID")
_INSIDE = frozenset({"creator", "administrator", "member"})

log = structlog.get_logger(__name__)


class GetRawMember(TelegramMethod[dict[str, Any]]):
    """`getChatMember` without the library's types, which refuse an answer from a server of another age."""

    __returning__ = dict[str, Any]
    __api_method__ = "getChatMember"

    chat_id: int
    user_id: int


class GetRawChat(TelegramMethod[dict[str, Any]]):
    """`getChat`, likewise."""

    __returning__ = dict[str, Any]
    __api_method__ = "getChat"

    chat_id: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Asks the platform, a few questions at a time, and remembers who was in for a while."""

    bot: Bot
    clock: Clock
    _seen: BoundedDict[tuple[int, int], datetime] = field(default_factory=lambda: BoundedDict(REMEMBERED))
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(10))

    async def is_in(self, chat_id: int, user_id: int) -> bool:
        """Whether somebody is in a chat. Raises `CannotAsk`."""
        seen_at = self._seen.get((chat_id, user_id))
        if seen_at is not None and self.clock() - seen_at < KNOWN_FOR:
            return True
        async with self._turns:
            is_in = await self._ask(chat_id, user_id)
        if is_in:
            self._seen[chat_id, user_id] = self.clock()
        return is_in

    async def _ask(self, chat_id: int, user_id: int) -> bool:
        try:
            member = await self.bot(GetRawMember(chat_id=chat_id, user_id=user_id))
        except TelegramAPIError as error:
            if isinstance(error, TelegramBadRequest) and any(reason in error.message for reason in _NOBODY):
                return False
            log.warning("the platform does not say who is a member", chat=chat_id, reason=str(error))
            raise CannotAsk from None
        return member["status"] in _INSIDE or bool(member["status"] == "restricted" and member.get("is_member"))

    async def channel(self, name: str) -> Channel:
        """The channel or public group of a name, whose members the bot can see. Raises `WrongChannel`."""
        try:
            chat = await self.bot(GetRawChat(chat_id=name))
            own = await self.bot(GetRawMember(chat_id=chat["id"], user_id=self.bot.id))
        except TelegramAPIError as error:
            log.info("the channel of a lottery cannot be seen", channel=name, reason=str(error))
            raise WrongChannel(channel=name) from None
        if chat["type"] == "private" or own["status"] != "administrator":
            raise WrongChannel(channel=name)
        return Channel(chat["id"], name)
