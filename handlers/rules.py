"""The group's rules."""

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, EphemeralMessageParameters, InlineKeyboardMarkup, Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.groups import Group, NoRules
from bot.domain.members import UnknownGroup
from bot.domain.numbers import whole_number
from bot.domain.usage import WrongUse
from bot.services.groups import GroupService
from bot.services.members import MemberService
from bot.texts import Say
from handlers.admissions_sheets import RULES, agreeing
from handlers.asking import Asks, StartsWith
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.formatting import html_of_end
from handlers.operators import ByOperator, Operators
from handlers.pressing import Pressed
from handlers.replies import LONGEST_POP_UP, keyboard, pop_up
from handlers.vanishing import Vanishing

RULES_STAY = 120
"""Seconds for which rules stand in a group where they cannot be shown to one member alone."""


async def show_rules(message: Message, place: Place, say: Say) -> None:
    """Shows the rules."""
    await message.reply(_rules(say, place.group), reply_markup=_buttons(say, place.group))


async def press_rules(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, say: Say,
    groups: GroupService, members: MemberService, operators: Operators, vanishing: Vanishing,
) -> None:  # fmt: skip
    """Shows the rules to whoever pressed the button, in a message that nobody else sees.

    In private the button stands below a welcome that an operator has a look at.
    """
    if place.is_private:
        shown_of = await _theirs(argument, sender, groups, members, operators)
        await vanishing.bot.send_message(query.from_user.id, _rules(say, shown_of))
        await query.answer()
        return
    group = place.here
    rules = _rules(say, group)
    alone = EphemeralMessageParameters(receiver_user_id=query.from_user.id, callback_query_id=query.id)
    try:
        shown = await vanishing.bot.send_message(
            group.chat_id, rules, reply_markup=_buttons(say, group), ephemeral_message_parameters=alone
        )
    except TelegramBadRequest:
        await _show_otherwise(query, group, say, vanishing)
        return
    await query.answer()
    if shown.message_id:  # an older server knows no such messages: everybody sees it
        await vanishing.after(shown, RULES_STAY)


async def show_rules_by_link(
    message: Message, argument: str, sender: Sender, say: Say,
    groups: GroupService, members: MemberService, operators: Operators,
) -> None:  # fmt: skip
    """Shows the rules of a group to a member who followed the link into the private chat (`/start rules-GROUP`)."""
    group = await _theirs(argument, sender, groups, members, operators)
    await message.reply(_rules(say, group), reply_markup=_buttons(say, group))


async def set_rules(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say, groups: GroupService
) -> None:
    """Replaces the rules by what follows the command, or by the message that it answers, formatting included."""
    is_off = request.arguments.casefold() == "off"
    rules = "" if is_off else _formatted(message, request)
    if not (rules or is_off):
        raise WrongUse(command="setrules")
    group = await groups.set_rules(place.group, rules, sender.actor, update_id)
    await message.reply(say("rules.gone" if is_off else "rules.set", group=group.title))


async def _theirs(
    argument: str, sender: Sender, groups: GroupService, members: MemberService, operators: Operators
) -> Group:
    """The group with a number, of which somebody is a member or an operator. Raises `UnknownGroup`."""
    number = whole_number(argument) or 0
    group = await groups.by_id(number)
    if group is None:
        raise UnknownGroup
    is_member = number in {known for known, _, _ in await members.groups_of(sender.member())}
    if not (is_member or await operators.includes(sender, group.chat_id)):
        raise UnknownGroup
    return group


async def _show_otherwise(query: CallbackQuery, group: Group, say: Say, vanishing: Vanishing) -> None:
    """In a pop-up if they fit, else in the private chat, else in the group for a while."""
    rules, bot = _rules(say, group), vanishing.bot
    if len(rules.striptags()) <= LONGEST_POP_UP:
        await pop_up(query, rules, alert=True)
        return
    try:
        await query.answer(url=f"https://t.me/{(await bot.me()).username}?start=rules-{group.id}")
    except TelegramBadRequest:
        await vanishing.after(await bot.send_message(group.chat_id, rules), RULES_STAY)


def _rules(say: Say, group: Group) -> Markup:
    if not group.rules:
        raise NoRules
    return say("rules.shown", group=group.title, rules=Markup(group.rules))  # noqa: S704 - see set_rules


def _buttons(say: Say, group: Group) -> InlineKeyboardMarkup | None:
    return keyboard(agreeing(say, group, with_rules=False)) if group.settings.rules_agree else None


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
    router.callback_query.register(press_rules, Pressed(RULES))


def register_links(router: Router) -> None:
    """The link into the private chat."""
    router.message.register(show_rules_by_link, StartsWith("rules"))


FEATURE = Feature(
    commands=(Command("rules", keywords=("群规", "群規")), Command("setrules", for_operators=True)),
    register=register,
    register_links=register_links,
)
