"""Private chats with the bot: which group they are about."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.members import NoGroupChosen, UnknownGroup
from bot.domain.numbers import whole_number
from bot.domain.usage import WrongUse
from bot.services.members import MemberService
from bot.texts import Say
from handlers.asking import Asks
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.pressing import Pressed
from handlers.replies import keyboard, pop_up, turn_into

_CHOOSE = "group"


async def choose(message: Message, sender: Sender, place: Place, say: Say, members: MemberService) -> None:
    """Offers the groups that the sender shares with the bot; nobody else is to read which those are."""
    if not place.is_private:
        raise WrongUse(command="group")
    known = await members.groups_of(sender.member())
    if not known:
        raise NoGroupChosen
    buttons = [[(title, f"{_CHOOSE}:{group_id}")] for group_id, _, title in known]
    await message.reply(say("groups.choose"), reply_markup=keyboard(*buttons))


async def press_choose(query: CallbackQuery, argument: str, sender: Sender, say: Say, members: MemberService) -> None:
    """Lets the private chat be about the group whose button was pressed."""
    group_id = whole_number(argument)
    if group_id is None:
        raise UnknownGroup
    title = await members.choose_group(sender.member(), group_id)
    await pop_up(query, say("groups.chosen", group=title))
    await turn_into(query, say("groups.chosen", group=title))


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(choose, Asks("group"))
    router.callback_query.register(press_choose, Pressed(_CHOOSE))


FEATURE = Feature(commands=(Command("group", only_private=True),), register=register)
