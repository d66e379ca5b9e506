"""Lotteries: operators open, draw, redraw and cancel them; members join and look at the proof."""

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.lotteries import UnknownLottery
from bot.domain.usage import WrongUse
from bot.services.activity import ActivityService
from bot.services.groups import GroupService
from bot.services.lotteries import LotteryService
from bot.services.lotteries_entries import Ticket
from bot.services.lotteries_evidence import Evidence
from bot.services.lotteries_overviews import Overview
from bot.services.members import MemberService
from bot.texts import Say, Texts
from handlers import lotteries_prizes, lotteries_reviews
from handlers.asking import Asks, AsksTo, StartsWith
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.lotteries_entering import Entrance
from handlers.lotteries_numbers import number_of, number_or_none
from handlers.lotteries_opening import LotteryOpening
from handlers.lotteries_posts import JOIN, LotteryPosts, prizes
from handlers.lotteries_timer import ENTER, LotteryTimer
from handlers.naming import named
from handlers.operators import ByOperator
from handlers.outbox import Outbox
from handlers.presence import Presence
from handlers.pressing import Pressed
from handlers.replies import pop_up
from handlers.roster import Roster
from handlers.vanishing import Vanishing

ANSWER_STAYS = 30
"""Seconds for which the answer to a keyword stands."""


async def open_lottery(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, rest: str,
    lottery_opening: LotteryOpening,
) -> None:  # fmt: skip
    """Announces a lottery in the group."""
    await lottery_opening.open(place.group, rest, sender.actor, update_id, at)


async def change(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, rest: str,
    lottery_opening: LotteryOpening,
) -> None:  # fmt: skip
    """Gives one that nobody has joined other rules."""
    number, _, terms = rest.partition(" ")
    await lottery_opening.change(place.group, number_of(number), terms, sender.actor, update_id, at)


async def draw_now(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, texts: Texts,
    lotteries: LotteryService, lottery_timer: LotteryTimer,
) -> None:  # fmt: skip
    """Draws before it is time."""
    words = LotteryPosts(place.group, texts)
    lottery_id = await lotteries.close(place.group, number_or_none(rest), words, (sender.actor, update_id))
    await lottery_timer.finish(place.group, lottery_id)


async def cancel(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, texts: Texts,
    lotteries: LotteryService, outbox: Outbox,
) -> None:  # fmt: skip
    """Calls one off."""
    words = LotteryPosts(place.group, texts)
    await lotteries.cancel(place.group, number_or_none(rest), sender.actor, update_id, words)
    await outbox.deliver(place.group.id)


async def redraw(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, texts: Texts,
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
    """Lists the latest lotteries."""
    lines = [_line(say, found) for found in await lotteries.latest(place.group)]
    await message.reply(Markup("\n").join([say("lottery.list"), *(lines or [say("lottery.none")])]))


async def show_evidence(
    message: Message, sender: Sender, place: Place, rest: str, say: Say, lotteries: LotteryService
) -> None:
    """Shows what fixes a draw, and the sender's own line."""
    found = await lotteries.evidence(place.group, number_or_none(rest), sender.person)
    await message.reply(Markup("\n").join(_evidence(say, found, is_private=place.is_private)))


async def wrong_use(message: Message) -> None:
    """Shows how it is written."""
    raise WrongUse(command="lottery")


async def press_join(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, say: Say, entrance: Entrance,
    lottery_timer: LotteryTimer,
) -> None:  # fmt: skip
    """Enters whoever pressed the button; the answer is a pop-up that nobody else sees."""
    ticket = await entrance.enter(place.group, number_of(argument), sender.member())
    await pop_up(query, entered(say, ticket), alert=True)
    if ticket.is_due:
        await lottery_timer.finish(place.group, ticket.lottery_id)


async def enter_by_keyword(
    message: Message, sender: Sender, place: Place, request: Request, say: Say, entrance: Entrance,
    lottery_timer: LotteryTimer, vanishing: Vanishing,
) -> None:  # fmt: skip
    """Enters whoever said a lottery's word; the answer disappears, so that many entrants fill no chat."""
    ticket = await entrance.enter(place.here, number_of(request.arguments), sender.member())
    await vanishing.after(await message.reply(entered(say, ticket)), ANSWER_STAYS)
    if ticket.is_due:
        await lottery_timer.finish(place.group, ticket.lottery_id)


async def enter_by_link(
    message: Message, argument: str, sender: Sender, say: Say, lotteries: LotteryService, groups: GroupService,
    entrance: Entrance, lottery_timer: LotteryTimer,
) -> None:  # fmt: skip
    """Enters whoever followed a link into the private chat (`/start lottery-ID`)."""
    lottery_id = number_of(argument)
    group = await groups.known(await lotteries.chat_of(lottery_id))
    if group is None:
        raise UnknownLottery
    ticket = await entrance.enter(group, lottery_id, sender.member())
    await message.reply(entered(say, ticket))
    if ticket.is_due:
        await lottery_timer.finish(group, lottery_id)


def entered(say: Say, ticket: Ticket) -> Markup:
    """What one holds, the same however often one asks."""
    parts = [say("lottery.entered", id=ticket.lottery_id, tickets=ticket.tickets, n=ticket.total)]
    if ticket.from_invites:
        parts.append(say("lottery.from_invites", n=ticket.from_invites))
    return Markup("\n").join(parts)


def _line(say: Say, found: Overview) -> Markup:
    lottery = found.lottery
    state = say(f"lottery.state.{lottery.state}")
    parts = [say("lottery.line", id=lottery.id, state=state, prizes=prizes(say, lottery), n=lottery.entrants)]
    if lottery.terms.claim is not None and lottery.state == "drawn":
        parts.append(say("lottery.claims", claimed=found.claimed, n=found.winners))
    if found.codes_left is not None:
        parts.append(say("lottery.codes_left", n=found.codes_left))
    return Markup(" · ").join(parts)


def _evidence(say: Say, found: Evidence, *, is_private: bool) -> list[Markup]:
    lottery = found.lottery
    parts = [
        say("lottery.evidence", id=lottery.id, state=say(f"lottery.state.{lottery.state}")),
        say("lottery.commitment", hash=found.commitment),
    ]
    if lottery.entrants_hash is not None:
        parts.append(say("lottery.list_hash", hash=lottery.entrants_hash))
    if lottery.round is not None:
        parts.append(
            say(
                "lottery.beacon_evidence",
                round=lottery.round,
                signature=lottery.signature.hex() if lottery.signature else "…",
            )
        )
    if found.seed is not None:
        parts.append(say("lottery.seed", seed=found.seed, id=lottery.id))
    if found.own is None:
        parts.append(say("lottery.not_in"))
    else:
        parts.append(say("lottery.own", hash=found.own.id, n=found.own.tickets))
        parts.append(say("lottery.nonce", nonce=found.own.nonce) if is_private else say("lottery.nonce_in_private"))
    return parts


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
    router.message.register(show_evidence, AsksTo("lottery", "verify"))
    router.message.register(enter_by_keyword, Asks(ENTER))
    lotteries_prizes.register(router)
    lotteries_reviews.register(router)
    router.message.register(wrong_use, Asks("lottery"))
    router.callback_query.register(press_join, Pressed(JOIN))


def register_links(router: Router) -> None:
    """The link into the private chat."""
    router.message.register(enter_by_link, StartsWith(JOIN))
    lotteries_prizes.register_links(router)


FEATURE = Feature(commands=(Command("lottery"),), register=register, register_links=register_links)
