"""Sends what stands in the outbox."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, Message

from bot.services.outbox import OutboxService
from handlers.replies import keyboard
from storage.outbox import Claimed, Post

LONGEST_SEND = 120
"""Seconds for one post, less than the lease, so that no other process sends it meanwhile."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Delivers posts, in each group one after the other."""

    bot: Bot
    posts: OutboxService

    async def deliver(self, group_id: int | None = None) -> None:
        """Sends all that is due, in every group or in one, until nothing is."""
        while due := await self.posts.due(group_id):
            if not any(await asyncio.gather(*(self._deliver(post_id) for post_id in due))):
                return

    async def _deliver(self, post_id: int) -> bool:
        claimed = await self.posts.claim(post_id)
        if claimed is None:
            return False
        try:
            async with asyncio.timeout(LONGEST_SEND):
                message = await self._send(claimed.chat_id, claimed.post)
        except (TelegramBadRequest, TelegramForbiddenError) as error:
            log.warning("post given up", reason=claimed.post.reason, error=str(error))
            await self.posts.failed(claimed.id)
        except TelegramRetryAfter as error:
            await self.posts.try_later(claimed, timedelta(seconds=error.retry_after))
        except (TelegramAPIError, TimeoutError) as error:
            # Perhaps it was taken. A result that is said twice, word for word, is better than one never said.
            await self._try_later(claimed, error)
        else:
            await self.posts.sent(claimed.id, message.message_id)
        return True

    async def _try_later(self, claimed: Claimed, error: Exception) -> None:
        log.warning("post not confirmed, trying again", reason=claimed.post.reason, error=str(error))
        await self.posts.try_later(claimed)

    async def _send(self, chat_id: int, post: Post) -> Message:
        if post.file is None:
            return await self.bot.send_message(chat_id, post.text, reply_markup=markup(post.button))
        document = BufferedInputFile(post.file.encode(), post.file_name or "file")
        return await self.bot.send_document(chat_id, document, caption=post.text)


def markup(button: tuple[str, str] | None) -> InlineKeyboardMarkup | None:
    """The keyboard of a post."""
    return keyboard([button]) if button else None
