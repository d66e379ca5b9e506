"""The group's rules."""

from aiogram import Router
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.groups import NoRules
from bot.domain.usage import WrongUse
from bot.services.groups import GroupService
from bot.texts import Say
from handlers.asking import Asks
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.formatting import html_of_end
from handlers.operators import ByOperator


async def show_rules(message: Message, place: Place, say: Say) -> None:
    """Shows the rules."""
    group = place.group
    if not group.rules:
        raise NoRules
    await message.reply(say("rules.shown", group=group.title, rules=Markup(group.rules)))  # noqa: S704 - see set_rules


async def set_rules(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say, groups: GroupService
) -> None:
    """Replaces the rules by what follows the command, or by the message that it answers, formatting included."""
    rules = _formatted(message, request)
    if not rules:
        raise WrongUse(command="setrules")
    group = await groups.set_rules(place.group, rules, sender.actor, update_id)
    await message.reply(say("rules.set", group=group.title))


def _formatted(message: Message, request: Request) -> str:
    """The text as HTML that the library made from the platform's entities, hence well-formed and escaped."""
    if request.arguments:
        return html_of_end(message, request.arguments)
    answered = message.reply_to_message
    return answered.html_text.strip() if answered is not None and (answered.text or answered.caption) else ""


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(show_rules, Asks("rules"))
    router.message.register(set_rules, Asks("setrules"), ByOperator())


FEATURE = Feature(
    commands=(Command("rules", keywords=("群规", "群規")), Command("setrules", for_operators=True)),
    register=register,
)
