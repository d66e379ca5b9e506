"""Messages of the bot that disappear after a while, also when the bot was restarted in between."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import Message

from bot.services.deletions import DeletionService

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Vanishing:
    """Notes what is to disappear, and makes it disappear."""

    bot: Bot
    deletions: DeletionService

    async def after(self, message: Message, lifetime: int) -> None:
        """Lets a message disappear after so many seconds; 0 lets it stay."""
        if lifetime:
            await self.deletions.plan(message.chat.id, message.message_id, timedelta(seconds=lifetime))

    async def keep(self, message: Message) -> None:
        """Lets a message stay that was to disappear."""
        await self.deletions.done(message.chat.id, message.message_id)

    async def sweep(self) -> None:
        """Deletes what is due. What the platform no longer lets us delete is let go."""
        for chat_id, message_id in await self.deletions.due():
            try:
                await self.bot.delete_message(chat_id, message_id)
            except (TelegramBadRequest, TelegramForbiddenError) as error:
                log.info("message stays", chat=chat_id, reason=error.message)
            await self.deletions.done(chat_id, message_id)
