"""What members have, and what operators give and take."""

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.groups import Group
from bot.domain.points import Unit, amount_of
from bot.domain.shortening import short
from bot.domain.usage import WrongUse
from bot.services.activity import ActivityService
from bot.services.lotteries import LotteryService
from bot.services.members import MemberService
from bot.services.points import PointsService, Standing
from bot.texts import Say
from handlers.asking import Asks
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.naming import answered, named
from handlers.operators import ByOperator
from handlers.pressing import Pressed
from handlers.replies import pop_up
from storage.points import LedgerLine

POINTS_BUTTON = "points"
"""What a button below any post sends back to show whoever presses it what they have."""

_UNITS: dict[str, Unit] = {"points": "points", "makeup": "makeup", "freeze": "freeze"}
"""What may stand behind the amount, to give cards instead of points."""

_LONGEST_NOTE = 120
"""Characters of a reason that the log shows, so that all its lines fit one message."""


async def me(
    message: Message, sender: Sender, place: Place, at: datetime, say: Say, points: PointsService,
    lotteries: LotteryService,
) -> None:  # fmt: skip
    """Says what the sender has."""
    person = sender.member()
    has = await points.standing(place.group, person, at)
    lines = [say("me.title", name=person.name), *_standing(say, has)]
    if has.makeup_cards or has.freeze_cards:
        lines.append(say("me.cards", makeup=has.makeup_cards, freeze=has.freeze_cards))
    if has.invites:
        lines.append(say("me.invites", n=has.invites))
    held = await lotteries.holdings(place.group, person)
    lines += [say("lottery.entered", id=one.lottery_id, tickets=one.tickets, n=one.total) for one in held.tickets]
    lines += [say("me.won", id=lottery_id, prize=prize) for lottery_id, prize in held.prizes]
    await message.reply(Markup("\n").join(lines))


async def press_points(
    query: CallbackQuery, sender: Sender, place: Place, at: datetime, say: Say, points: PointsService
) -> None:
    """Shows whoever presses what they have, in a pop-up."""
    has = await points.standing(place.group, sender.member(), at)
    await pop_up(query, Markup("\n").join(_standing(say, has)), alert=True)


def _standing(say: Say, has: Standing) -> list[Markup]:
    return [
        say("me.points", n=has.balance),
        say("me.level", level=has.level.number, n=has.level.to_next),
        say("me.streak", n=has.streak),
        say("me.today_done" if has.checked_in_today else "me.today_open"),
    ]


async def steer_points(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say,
    points: PointsService, members: MemberService, activity: ActivityService,
) -> None:  # fmt: skip
    """Gives, takes, or shows the log."""
    await activity.flush()  # so that whoever has just spoken for the first time is known by name
    verb, *words = request.arguments.split()[:60] or [""]
    if verb == "log":
        person = await named(message, place.group, words, members) if words or answered(message) else None
        lines = await points.log(place.group, person)
        await message.reply(Markup("\n").join([say("points.log"), *(_line(say, place.group, line) for line in lines)]))
        return
    if verb not in {"give", "take"}:
        raise WrongUse(command="points")
    person = await named(message, place.group, words, members)
    amount, unit, note = _amount(words)
    signed = amount if verb == "give" else -amount
    balance = await points.change(place.group, person, signed, note, sender.actor, update_id, unit)
    await message.reply(
        say(f"points.{verb}", name=person.name, n=amount, unit=say(f"unit.{unit}", n=amount), balance=balance)
    )


def _amount(words: list[str]) -> tuple[int, Unit, str]:
    if not words:
        raise WrongUse(command="points")
    amount = amount_of(words[0])
    unit = _UNITS.get(words[1].casefold()) if len(words) > 1 else None
    note = " ".join(words[2:] if unit else words[1:])
    if not note:
        raise WrongUse(command="points")
    return amount, unit or "points", note[:200]


def _line(say: Say, group: Group, line: LedgerLine) -> Markup:
    when = line.at.astimezone(group.zone).strftime("%m-%d %H:%M")
    reason = short(line.note, _LONGEST_NOTE) or say(f"reason.{line.reason.partition(':')[0]}")
    unit = say(f"unit.{line.unit}", n=abs(line.amount))
    return say(
        "points.line",
        when=when,
        name=line.name or f"#{line.user_id}",
        amount=f"{line.amount:+}",
        unit=unit,
        reason=reason,
    )


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(me, Asks("me"))
    router.callback_query.register(press_points, Pressed(POINTS_BUTTON))
    router.message.register(steer_points, Asks("points"), ByOperator())


FEATURE = Feature(
    commands=(
        Command("me", keywords=("我的积分", "我的積分", "my points")),
        Command("points", for_operators=True),
    ),
    register=register,
)
