"""Words that set off steps of playbooks; whatever else a message asks for is done as well."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Router
from aiogram.types import Message, TelegramObject

from bot.services.happenings import Happenings
from handlers.context import Place, Sender
from handlers.feature import Feature


async def hear(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]], event: TelegramObject, data: dict[str, Any]
) -> Any:
    """Tells the steps that wait for a word; what offends, was forwarded, or came from no person sets nothing off."""
    assert isinstance(event, Message)  # noqa: S101 - registered for messages
    place: Place = data["place"]
    sender: Sender = data["sender"]
    happenings: Happenings = data["happenings"]
    text = event.text or event.caption
    is_their_own = event.forward_origin is None and event.via_bot is None and data.get("suspicion") is None
    if text and sender.person is not None and is_their_own and not place.is_private:
        await happenings.said(place.here, sender.person, text, data["at"], data["update_id"])
    return await handler(event, data)


def register(router: Router) -> None:
    """Comes before every route."""
    router.message.outer_middleware(hear)


FEATURE = Feature(commands=(), register=register)
