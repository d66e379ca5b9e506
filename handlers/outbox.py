"""Sends what stands in the outbox."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.deep_linking import create_start_link

from bot.services.outbox import OutboxService
from storage.outbox import Claimed, Post

LONGEST_SEND = 120
"""Seconds for one post, less than the lease, so that no other process sends it meanwhile."""

MOST_TRIES = 150
"""How often a post is tried where the bot may say nothing: for about a day, since many groups are shut at night."""

_SHUT = ("not enough rights to send text", "have no rights to send a message", "write_forbidden", "chat_restricted")

START = "?start="
"""What a button that leads into the private chat is written with."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Delivers posts, in each group one after the other."""

    bot: Bot
    posts: OutboxService

    async def follow_pins(self) -> None:
        """Pins and unpins; a bot that may not goes on without."""
        for pin in await self.posts.pins():
            try:
                if pin.wish == "wanted":
                    await self.bot.pin_chat_message(pin.chat_id, pin.message_id, disable_notification=True)
                else:
                    await self.bot.unpin_chat_message(pin.chat_id, message_id=pin.message_id)
            except (TelegramBadRequest, TelegramForbiddenError) as error:
                log.info("not pinned or unpinned", chat=pin.chat_id, wish=pin.wish, reason=error.message)
            await self.posts.pin_done(pin)

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
            if _is_shut(claimed, error):
                await self._try_later(claimed, error)
            else:
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
        try:
            return await self._send_to(chat_id, post.topic, post)
        except TelegramBadRequest as error:
            if post.topic is None:
                raise
            log.info("post goes outside of its topic", reason=error.message)  # which is closed, or gone
            return await self._send_to(chat_id, None, post)

    async def _send_to(self, chat_id: int, topic: int | None, post: Post) -> Message:
        if post.file is None:
            markup = await self.markup(post.buttons)
            return await self.bot.send_message(chat_id, post.text, message_thread_id=topic, reply_markup=markup)
        document = BufferedInputFile(post.file.encode(), post.file_name or "file")
        return await self.bot.send_document(chat_id, document, message_thread_id=topic, caption=post.text)

    async def markup(self, buttons: Sequence[tuple[str, str]]) -> InlineKeyboardMarkup | None:
        """The keyboard of a post, a button a row."""
        return InlineKeyboardMarkup(inline_keyboard=[[await self._button(*b)] for b in buttons]) if buttons else None

    async def _button(self, text: str, sends_back: str) -> InlineKeyboardButton:
        if sends_back.startswith(START):
            return InlineKeyboardButton(
                text=text, url=await create_start_link(self.bot, sends_back.removeprefix(START))
            )
        return InlineKeyboardButton(text=text, callback_data=sends_back)


def _is_shut(claimed: Claimed, error: TelegramAPIError) -> bool:
    """Whether nobody may say anything there for now; a file that the bot alone may not send holds up nothing else."""
    is_for_a_while = claimed.post.to is None and claimed.post.file is None and claimed.tries < MOST_TRIES
    return is_for_a_while and any(reason in error.message.casefold() for reason in _SHUT)
