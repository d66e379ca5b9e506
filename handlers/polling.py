"""Long polling: asks the platform for updates, and for the next ones only after these are safe."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramRetryAfter, TelegramUnauthorizedError
from aiogram.methods import TelegramMethod

from handlers.gate import HANDLED_KINDS
from handlers.intake import Intake
from storage.database import DatabaseUnavailable

LONG_POLL = 25
"""Seconds for which the platform may hold a request that has nothing to answer."""

log = structlog.get_logger(__name__)


class GetRawUpdates(TelegramMethod[list[Any]]):
    """`getUpdates` without the library's types: one update that they refuse would block those behind it for ever."""

    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = 100
    timeout: int = LONG_POLL
    allowed_updates: Sequence[str] = HANDLED_KINDS


@dataclass(slots=True)
class Polling:
    """A source of updates. `last_answer` is when the platform last answered (monotonic seconds)."""

    bot: Bot
    intake: Intake
    last_answer: float = field(default_factory=time.monotonic)
    _offset: int | None = None

    async def run(self) -> None:
        """Polls until it is cancelled; whatever fails is tried again. Raises `TelegramUnauthorizedError`."""
        try:
            await self._poll_on()
        except asyncio.CancelledError:
            await self._confirm()
            raise

    async def _poll_on(self) -> None:
        pause = 1.0
        while True:
            try:
                await self._poll()
                pause = 1.0
                continue
            except TelegramUnauthorizedError:
                raise
            except TelegramRetryAfter as error:
                pause = error.retry_after
            except TelegramConflictError as error:
                log.error("another program polls with the same token: stop it", reason=error.message)
            except (AiogramError, DatabaseUnavailable) as error:
                log.warning("polling failed, trying again", reason=str(error), seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 30.0)

    async def _confirm(self) -> None:
        """Says at a stop, in place of the next poll, what was taken in: chatter would be counted again."""
        if self._offset is not None:
            with contextlib.suppress(AiogramError):
                await self.bot(GetRawUpdates(offset=self._offset, limit=1, timeout=0), request_timeout=2)

    async def _poll(self) -> None:
        batch = await self.bot(GetRawUpdates(offset=self._offset), request_timeout=LONG_POLL + 20)
        self.last_answer = time.monotonic()
        updates = [update for update in batch if isinstance(update, dict) and isinstance(update.get("update_id"), int)]
        if updates:
            await self.intake.take(updates)
            self._offset = max(update["update_id"] for update in updates) + 1
