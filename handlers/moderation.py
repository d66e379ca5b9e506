"""What offends a group is taken away before anything else is done about it."""

from typing import Any

import structlog
from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Filter
from aiogram.methods import TelegramMethod
from aiogram.types import Message

from bot.domain.moderation import Suspicion
from bot.services.moderation import ModerationService
from bot.services.moderation_watch import ModerationWatch
from handlers.context import Place, Sender
from handlers.feature import Feature
from handlers.moderation_enforcing import Enforcement
from handlers.operators import Operators

log = structlog.get_logger(__name__)


class GetRawChat(TelegramMethod[dict[str, Any]]):
    """`getChat` without the library's types, which refuse what a server of another age answers."""

    __returning__ = dict[str, Any]
    __api_method__ = "getChat"

    chat_id: str


class Offends(Filter):
    """Passes a message that looked like an offence, if it is one by whom it is from; all others go on as they are."""

    async def __call__(  # noqa: D102
        self, message: Message, sender: Sender, place: Place, operators: Operators, moderation: ModerationService,
        watch: ModerationWatch, suspicion: Suspicion | None = None,
    ) -> bool:  # fmt: skip
        if suspicion is None or await operators.includes(sender, place.group.chat_id):
            return False
        if await moderation.exempts(place.group, sender.actor.id, suspicion):
            return False
        bot = message.bot
        assert bot is not None  # noqa: S101 - it is what the update came in by
        return not suspicion.names or await _is_any_a_chat(bot, suspicion.names, moderation, watch)


async def punish(
    message: Message, sender: Sender, place: Place, update_id: int, suspicion: Suspicion,
    moderation: ModerationService, enforcement: Enforcement,
) -> None:  # fmt: skip
    """Counts the offence, and does what it costs."""
    punished = await moderation.punish(place.group, sender.actor, suspicion, update_id)
    if punished is not None:
        await enforcement.carry_out(place.group, message, punished, sender.actor, suspicion.message_ids)


async def _is_any_a_chat(
    bot: Bot, names: tuple[str, ...], moderation: ModerationService, watch: ModerationWatch
) -> bool:
    """Whether an @NAME is a channel's or a group's. The platform knows them by name, and people it does not."""
    for name in names:
        if not await moderation.is_person(name):
            try:
                chat = await bot(GetRawChat(chat_id=f"@{name}"))
            except TelegramBadRequest as error:
                log.info("name is no chat's", reason=error.message)
                chat = {}
            if chat.get("type") in {"channel", "group", "supergroup"}:
                return True
        watch.knows_as_harmless(name)
    return False


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(punish, Offends())
    router.edited_message.register(punish, Offends())


FEATURE = Feature(commands=(), register=register)
