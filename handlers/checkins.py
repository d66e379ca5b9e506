"""Checking in, making up for a missed day, freeze cards."""

from datetime import date, datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message, ReactionTypeEmoji
from markupsafe import Markup

from bot.domain.checkins import CannotMakeUp
from bot.domain.commands import Request
from bot.domain.groups import Group
from bot.domain.members import Person
from bot.services.checkins import CheckedIn, CheckInService
from bot.texts import Say
from handlers.asking import Asks
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.merging import MergedReplies
from handlers.pressing import Pressed
from handlers.replies import pop_up
from handlers.vanishing import Vanishing

CHECK_IN_BUTTON = "checkin"
"""What a check-in button sends back, wherever it stands."""

PRAISE = "🔥"


async def check_in(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, say: Say,
    checkins: CheckInService, merged: MergedReplies, vanishing: Vanishing,
) -> None:  # fmt: skip
    """Checks the sender in and says what it earned, in the way the group has chosen."""
    person, group = sender.member(), place.here
    done = await checkins.check_in(group, person, at, update_id)
    match group.settings.checkin_reply:
        case "reaction":
            await message.react([ReactionTypeEmoji(emoji=PRAISE)])
        case "merged":
            merged.add(message, group, merged_line(say, person, done))
        case _:
            reply = await message.reply(checked_in(say, person, done))
            await vanishing.after(reply, group.settings.checkin_reply_lifetime)


async def press_check_in(
    query: CallbackQuery, sender: Sender, place: Place, at: datetime, update_id: int, say: Say, checkins: CheckInService
) -> None:
    """Checks in whoever pressed the button; the answer is a pop-up that nobody else sees."""
    person = sender.member()
    done = await checkins.check_in(place.here, person, at, update_id)
    await pop_up(query, checked_in(say, person, done), alert=True)


async def make_up(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, request: Request, say: Say,
    checkins: CheckInService,
) -> None:  # fmt: skip
    """Heals the day that was named, or the latest missed one."""
    person, group = sender.member(), place.group
    done = await checkins.make_up(group, person, _day(request.arguments, group), at, update_id)
    paid = say("makeup.with_card") if done.with_card else say("points.amount", n=done.cost)
    bonus = say("checkin.bonus", n=done.bonus) if done.bonus else ""
    await message.reply(
        say("makeup.done", name=person.name, day=done.day, n=done.streak, paid=paid, bonus=bonus, balance=done.balance)
    )


async def buy_freeze(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, say: Say, checkins: CheckInService
) -> None:
    """Sells the sender a freeze card."""
    done = await checkins.buy_freeze(place.group, sender.member(), at, update_id)
    await message.reply(say("freeze.bought", n=done.cards, cost=done.cost, balance=done.balance))


def checked_in(say: Say, person: Person, done: CheckedIn) -> Markup:
    """All that a check-in brought, in one message."""
    parts = [say("checkin.done", name=person.name, n=done.streak, reward=done.reward, balance=done.balance)]
    if done.bonus:
        parts.append(say("checkin.bonus", n=done.bonus))
    if done.frozen:
        parts.append(say("checkin.frozen", n=len(done.frozen)))
    if done.days_to_next_tier:
        parts.append(say("checkin.next", n=done.days_to_next_tier))
    return Markup("\n").join(parts)


def merged_line(say: Say, person: Person, done: CheckedIn) -> Markup:
    """A check-in as one line of a merged reply."""
    return say("checkin.line", name=person.name, n=done.streak, reward=done.reward, balance=done.balance)


def _day(text: str, group: Group) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CannotMakeUp(day=text[:20], days=group.settings.makeup_days) from None


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(check_in, Asks("checkin"))
    router.message.register(make_up, Asks("makeup"))
    router.message.register(buy_freeze, Asks("freeze"))
    router.callback_query.register(press_check_in, Pressed(CHECK_IN_BUTTON))


FEATURE = Feature(
    commands=(
        Command("checkin", keywords=("签到", "打卡", "簽到", "check in"), in_private=False),
        Command("makeup", keywords=("补签", "補簽")),
        Command("freeze"),
    ),
    register=register,
)
