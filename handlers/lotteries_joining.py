"""How members join lotteries: by the button, the command, the lottery's own word, or a link."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.lotteries import UnknownLottery
from bot.services.groups import GroupService
from bot.services.lotteries import LotteryService
from bot.services.lotteries_entries import Ticket
from bot.texts import Say
from handlers.asking import Asks, AsksTo, StartsWith
from handlers.context import Place, Sender
from handlers.lotteries_entering import Entrance
from handlers.lotteries_numbers import number_of, number_or_none
from handlers.lotteries_posts import JOIN
from handlers.lotteries_timer import ENTER, LotteryTimer
from handlers.pressing import Pressed
from handlers.replies import pop_up
from handlers.vanishing import Vanishing

ANSWER_STAYS = 30
"""Seconds for which the answer to a command or a keyword stands in a group."""


async def press_join(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, say: Say, entrance: Entrance,
    lottery_timer: LotteryTimer,
) -> None:  # fmt: skip
    """Enters whoever pressed the button; the answer is a pop-up that nobody else sees."""
    ticket = await entrance.enter(place.group, number_of(argument), sender.member())
    await pop_up(query, entered(say, ticket), alert=True)
    if ticket.is_due:
        await lottery_timer.finish(place.group, ticket.lottery_id)


async def enter_by_command(
    message: Message, sender: Sender, place: Place, rest: str, say: Say, lotteries: LotteryService,
    entrance: Entrance, lottery_timer: LotteryTimer, vanishing: Vanishing,
) -> None:  # fmt: skip
    """Enters whoever says so; without a number, the only open one."""
    lottery_id = await lotteries.meant(place.group, number_or_none(rest))
    ticket = await entrance.enter(place.group, lottery_id, sender.member())
    await vanishing.after(await message.reply(entered(say, ticket)), 0 if place.is_private else ANSWER_STAYS)
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


def register(router: Router) -> None:
    """Routes of this module."""
    router.message.register(enter_by_command, AsksTo("lottery", "join"))
    router.message.register(enter_by_keyword, Asks(ENTER))
    router.callback_query.register(press_join, Pressed(JOIN))


def register_links(router: Router) -> None:
    """The link into the private chat."""
    router.message.register(enter_by_link, StartsWith(JOIN))
