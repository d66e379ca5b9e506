"""Lotteries: operators open, draw, redraw and cancel them; members look at what there is."""

from datetime import datetime

from aiogram import Router
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.groups import Group
from bot.services.activity import ActivityService
from bot.services.lotteries import LotteryService
from bot.services.lotteries_overviews import Overview
from bot.services.members import MemberService
from bot.texts import Say, Texts
from handlers import lotteries_evidence, lotteries_joining, lotteries_prizes, lotteries_reviews
from handlers.asking import Asks, AsksTo, wrong_use
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.lotteries_numbers import number_of, number_or_none
from handlers.lotteries_opening import LotteryOpening
from handlers.lotteries_posts import JOIN, LotteryPosts
from handlers.lotteries_timer import LotteryTimer
from handlers.lotteries_words import draw_times, prizes
from handlers.naming import named
from handlers.operators import ByOperator
from handlers.outbox import Outbox
from handlers.presence import Presence
from handlers.replies import keyboard
from handlers.roster import Roster


async def open_lottery(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, rest: str, say: Say,
    lottery_opening: LotteryOpening,
) -> None:  # fmt: skip
    """Announces a lottery in the group."""
    await lottery_opening.open(place.group, rest, sender.actor, update_id, at)
    await _told(message, place, say)


async def change(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, rest: str, say: Say,
    lottery_opening: LotteryOpening,
) -> None:  # fmt: skip
    """Gives one that nobody has joined other rules."""
    number, _, terms = rest.partition(" ")
    await lottery_opening.change(place.group, number_of(number), terms, sender.actor, update_id, at)
    await _told(message, place, say)


async def draw_now(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, texts: Texts,
    lotteries: LotteryService, lottery_timer: LotteryTimer,
) -> None:  # fmt: skip
    """Draws before it is time."""
    words = LotteryPosts(place.group, texts)
    lottery_id = await lotteries.close(place.group, number_or_none(rest), words, (sender.actor, update_id))
    await lottery_timer.finish(place.group, lottery_id)
    await _told(message, place, say)


async def cancel(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, texts: Texts,
    lotteries: LotteryService, outbox: Outbox,
) -> None:  # fmt: skip
    """Calls one off."""
    words = LotteryPosts(place.group, texts)
    await lotteries.cancel(place.group, number_or_none(rest), sender.actor, update_id, words)
    await outbox.deliver(place.group.id)
    await _told(message, place, say)


async def redraw(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, texts: Texts,
    lotteries: LotteryService, members: MemberService, activity: ActivityService, outbox: Outbox, presence: Presence,
    roster: Roster,
) -> None:  # fmt: skip
    """Draws the place of a winner who is missing again."""
    await activity.flush()  # so that whoever has just spoken for the first time is known by name
    number, *words = rest.split()[:60] or [""]
    missing = await named(message, place.group, words, members)
    posts, reason = LotteryPosts(place.group, texts), " ".join(words)[:200]
    await roster.refresh(place.group)
    await lotteries.redraw(
        place.group, number_of(number), missing, reason, sender.actor, update_id, posts, presence.is_in
    )
    await outbox.deliver(place.group.id)
    await _told(message, place, say)


async def ban(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say,
    lotteries: LotteryService, members: MemberService,
) -> None:  # fmt: skip
    """Keeps a member out of the group's lotteries."""
    person = await named(message, place.group, rest.split(), members)
    await lotteries.ban(place.group, person, sender.actor, update_id)
    await message.reply(say("lottery.banned", name=person.name))


async def unban(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say,
    lotteries: LotteryService, members: MemberService,
) -> None:  # fmt: skip
    """Lets a member in again."""
    person = await named(message, place.group, rest.split(), members)
    await lotteries.unban(place.group, person, sender.actor, update_id)
    await message.reply(say("lottery.unbanned", name=person.name))


async def show_list(message: Message, place: Place, say: Say, lotteries: LotteryService) -> None:
    """Lists the latest lotteries, with a button for each that one can join."""
    latest = await lotteries.latest(place.group)
    lines = [_line(say, place.group, found) for found in latest] or [say("lottery.none")]
    ids = [found.lottery.id for found in latest if found.lottery.state == "open"]
    buttons = keyboard(*([(f"{say('lottery.join')} {number}", f"{JOIN}:{number}")] for number in ids))
    text = Markup("\n").join([say("lottery.list"), *lines])
    await message.reply(text, reply_markup=buttons if ids else None)


async def _told(message: Message, place: Place, say: Say) -> None:
    """Answers who has asked in private: what was done is said in the group alone."""
    if place.is_private:
        await message.reply(say("lottery.told", group=place.group.title))


def _line(say: Say, group: Group, found: Overview) -> Markup:
    lottery = found.lottery
    state = say(f"lottery.state.{lottery.state}")
    parts = [say("lottery.line", id=lottery.id, state=state, prizes=prizes(say, lottery), n=lottery.entrants)]
    if lottery.state == "open":
        parts += draw_times(say, group, lottery.terms)
    if lottery.terms.claim is not None and lottery.state == "drawn":
        parts.append(say("lottery.claims", claimed=found.claimed, n=found.winners))
    if found.codes_left is not None:
        parts.append(say("lottery.codes_left", n=found.codes_left))
    return Markup(" · ").join(parts)


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(open_lottery, AsksTo("lottery", "new"), ByOperator())
    router.message.register(change, AsksTo("lottery", "change"), ByOperator())
    router.message.register(draw_now, AsksTo("lottery", "draw"), ByOperator())
    router.message.register(cancel, AsksTo("lottery", "cancel"), ByOperator())
    router.message.register(redraw, AsksTo("lottery", "redraw"), ByOperator())
    router.message.register(ban, AsksTo("lottery", "ban"), ByOperator())
    router.message.register(unban, AsksTo("lottery", "unban"), ByOperator())
    router.message.register(show_list, AsksTo("lottery", "list", ""))
    lotteries_evidence.register(router)
    lotteries_joining.register(router)
    lotteries_prizes.register(router)
    lotteries_reviews.register(router)
    router.message.register(wrong_use("lottery"), Asks("lottery"))


def register_links(router: Router) -> None:
    """The links into the private chat."""
    lotteries_joining.register_links(router)
    lotteries_prizes.register_links(router)


FEATURE = Feature(commands=(Command("lottery"),), register=register, register_links=register_links)
