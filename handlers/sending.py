"""How the bot reaches the platform: what every request goes through."""

import asyncio
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

# pydantic keeps a parametrised class only as long as somebody holds it, and building one again costs milliseconds.
RESPONSES = tuple(
    Response[method.__returning__]  # type: ignore[name-defined]
    for method in (SendMessage, EditMessageText, AnswerCallbackQuery, DeleteMessage, SetMessageReaction)
)

log = structlog.get_logger(__name__)


class Delivering(BaseRequestMiddleware):
    """Counts requests, waits out flood control, follows a group that moved, notes where the bot was removed."""

    def __init__(self, metrics: Metrics, groups: GroupService) -> None:
        self._metrics = metrics
        self._groups = groups

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
        for tries_left in reversed(range(_TRIES)):
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                if not tries_left or error.retry_after > LONGEST_FLOOD_WAIT or name == "GetRawUpdates":
                    raise
                log.warning("flood control", method=name, seconds=error.retry_after)
                await asyncio.sleep(error.retry_after)
            except TelegramMigrateToChat as error:
                if not tries_left or not isinstance(getattr(method, "chat_id", None), int):
                    raise
                await self._groups.move(method.chat_id, error.migrate_to_chat_id)  # type: ignore[attr-defined]
                method = method.model_copy(update={"chat_id": error.migrate_to_chat_id})
            except TelegramNetworkError as error:
                if not tries_left or not _was_never_sent(error) or name == "GetRawUpdates":
                    raise
                await asyncio.sleep(RECONNECT_PAUSE)
        raise AssertionError("the last try returns or raises")

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
