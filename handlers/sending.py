"""How the bot reaches the platform: what every request goes through."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageText,
    Response,
    SendMessage,
    SetMessageReaction,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiohttp import ClientConnectorError

from bot.metrics import Metrics
from bot.services.groups import GroupService

LONGEST_FLOOD_WAIT = 60
"""Seconds for which an answer waits when the platform says "too many requests"; a later one would surprise."""

RECONNECT_PAUSE = 2.0
"""Seconds until a request that found no connection is made again."""

_TRIES = 3

_MESSAGES = ("Send", "Copy", "Forward")
"""How the names of methods begin that bring a message into a chat; `SendChatAction` does not."""

# pydantic keeps a parametrised class only as long as somebody holds it, and building one again costs milliseconds.
RESPONSES = tuple(
    Response[method.__returning__]  # type: ignore[name-defined]
    for method in (SendMessage, EditMessageText, AnswerCallbackQuery, DeleteMessage, SetMessageReaction)
)

log = structlog.get_logger(__name__)


Note = Callable[[int | None], None]
"""Told of every message that goes to a group (our own id), or to somebody in private (None)."""


class PostingBot(Bot):
    """The same bot for posts that nobody waits for: its requests do not wait here and are not noted.

    Whoever makes them keeps to the platform's limits, and knows what waits in a database meanwhile.
    """


def posting(bot: Bot) -> PostingBot:
    """The bot, as it posts; both share a session."""
    return PostingBot(bot.token, session=bot.session, default=bot.default)


class Delivering(BaseRequestMiddleware):
    """Counts requests, waits out flood control, follows a group that moved, notes where the bot was removed."""

    def __init__(self, metrics: Metrics, groups: GroupService, note: Note = lambda _group_id: None) -> None:
        self._metrics = metrics
        self._groups = groups
        self._note = note

    async def __call__(  # noqa: D102
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Any:
        name = type(method).__name__
        try:
            answer = await self._with_patience(make_request, bot, method)
        except TelegramAPIError as error:
            self._metrics.sends.labels(name, type(error).__name__).inc()
            if isinstance(error, TelegramForbiddenError):
                await self._note_removal(method)
            raise
        self._metrics.sends.labels(name, "ok").inc()
        return answer

    async def _with_patience(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Any:
        name = type(method).__name__
        is_hurried = name == "GetRawUpdates" or isinstance(bot, PostingBot)
        for tries_left in reversed(range(_TRIES)):
            self._note_message(bot, method)
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                if not tries_left or error.retry_after > LONGEST_FLOOD_WAIT or is_hurried:
                    raise
                log.warning("flood control", method=name, seconds=error.retry_after)
                await asyncio.sleep(error.retry_after)
            except TelegramMigrateToChat as error:
                if not tries_left or not isinstance(getattr(method, "chat_id", None), int):
                    raise
                await self._groups.move(method.chat_id, error.migrate_to_chat_id)  # type: ignore[attr-defined]
                method = method.model_copy(update={"chat_id": error.migrate_to_chat_id})
            except TelegramNetworkError as error:
                if not tries_left or not _was_never_sent(error) or is_hurried:
                    raise
                await asyncio.sleep(RECONNECT_PAUSE)
        raise AssertionError("the last try returns or raises")

    def _note_message(self, bot: Bot, method: TelegramMethod[TelegramType]) -> None:
        name = type(method).__name__
        if name.startswith(_MESSAGES) and name != "SendChatAction" and not isinstance(bot, PostingBot):
            chat_id = getattr(method, "chat_id", None)
            group = self._groups.in_memory(chat_id) if isinstance(chat_id, int) else None
            self._note(group.id if group else None)

    async def _note_removal(self, method: TelegramMethod[TelegramType]) -> None:
        chat_id = getattr(method, "chat_id", None)
        group = await self._groups.known(chat_id) if isinstance(chat_id, int) and chat_id < 0 else None
        if group is not None:
            await self._groups.record_presence(group.chat_id, group.title, is_present=False)


def _was_never_sent(error: TelegramNetworkError) -> bool:
    """Whether there was no connection at all. After any other failure the platform may have done what was asked."""
    return isinstance(error.__cause__, ClientConnectorError)


def make_bot(token: str, api_url: str) -> Bot:
    """The bot of a token, on Telegram or on another Bot API server."""
    server = TelegramAPIServer.from_base(api_url) if api_url else PRODUCTION
    return Bot(
        token,
        session=AiohttpSession(api=server),
        default=DefaultBotProperties(
            parse_mode=ParseMode.HTML, allow_sending_without_reply=True, link_preview_is_disabled=True
        ),
    )
