"""Wallets that several groups share."""

from aiogram import Router
from aiogram.types import Message

from bot.domain.commands import Request
from bot.domain.members import UnknownGroup
from bot.domain.numbers import whole_number
from bot.domain.usage import WrongUse
from bot.services.groups import GroupService
from bot.texts import Say
from handlers.asking import Asks
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.operators import ByOwner


async def wallet(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say, groups: GroupService
) -> None:
    """Pools the group's points with another group's (`/wallet share CHAT_ID`), or ends that (`/wallet own`)."""
    match request.arguments.split():
        case ["own"]:
            other = place.group.chat_id
        case ["share", number]:
            other = _chat_id(number)
        case _:
            raise WrongUse(command="wallet")
    group = await groups.share_wallet(place.group, other, sender.actor, update_id)
    await message.reply(say("wallet.own" if group.wallet_id == group.id else "wallet.shared"))


def _chat_id(text: str) -> int:
    if whole_number(text.removeprefix("-")) is None:
        raise UnknownGroup
    return int(text)


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(wallet, Asks("wallet"), ByOwner())


FEATURE = Feature(commands=(Command("wallet", for_operators=True),), register=register)
