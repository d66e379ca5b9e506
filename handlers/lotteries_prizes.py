"""What happens to prizes: operators bring codes, winners claim and collect."""

from io import BytesIO

import structlog
from aiogram import Bot, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Document, Message
from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.lotteries import UnknownLottery
from bot.domain.lotteries_prizes import CodesInGroup, CodesUnreadable, OnlyInPrivate
from bot.services.groups import GroupService
from bot.services.lotteries import LotteryService
from bot.services.lotteries_claims import Won
from bot.services.lotteries_codes import Supply
from bot.texts import Say, Texts
from handlers.asking import AsksTo, StartsWith
from handlers.context import Place, Sender
from handlers.lotteries_numbers import number_of
from handlers.lotteries_posts import CLAIM, PRIZE, LotteryPosts
from handlers.operators import ByOperator
from handlers.outbox import Outbox
from handlers.pressing import Pressed
from handlers.replies import pop_up

LARGEST_FILE = 1_000_000
"""Bytes of a file with codes."""

log = structlog.get_logger(__name__)


async def add_codes(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, texts: Texts,
    lotteries: LotteryService, outbox: Outbox,
) -> None:  # fmt: skip
    """Takes codes, in private alone; a message with codes in the group is removed."""
    if not place.is_private:
        await _remove(message)
        raise CodesInGroup
    head, _, codes = rest.partition("\n")
    number, _, prize = head.strip().partition(" ")
    if message.document is not None:
        codes = f"{codes}\n{await _text_of(outbox.bot, message.document)}"
    words, operator = LotteryPosts(place.group, texts), sender.member()
    supply = await lotteries.add_codes(place.group, number_of(number), prize.strip(), codes, operator, update_id, words)
    await message.reply(_supplied(say, supply))
    await outbox.deliver(place.group.id)


async def press_claim(
    query: CallbackQuery, argument: str, sender: Sender, say: Say, texts: Texts, lotteries: LotteryService,
    groups: GroupService, outbox: Outbox,
) -> None:  # fmt: skip
    """Lets the winner who pressed have the prize; what they are told there is no code."""
    group = await _group_of(argument, lotteries, groups)
    words = LotteryPosts(group, texts)
    won = await lotteries.claim(group, number_of(argument), sender.member(), words, in_private=False)
    await pop_up(query, Markup("\n").join(_claimed(say, won)), alert=True)
    await outbox.deliver(group.id)


async def open_prize(
    message: Message, argument: str, sender: Sender, place: Place, say: Say, texts: Texts, lotteries: LotteryService,
    groups: GroupService, outbox: Outbox,
) -> None:  # fmt: skip
    """Shows the winner who followed a link into the private chat (`/start prize-ID`) the prize and its code."""
    if not place.is_private:
        raise OnlyInPrivate
    group = await _group_of(argument, lotteries, groups)
    words = LotteryPosts(group, texts)
    won = await lotteries.claim(group, number_of(argument), sender.member(), words, in_private=True)
    await message.reply(_collected(say, won))
    await outbox.deliver(group.id)


async def _group_of(argument: str, lotteries: LotteryService, groups: GroupService) -> Group:
    group = await groups.known(await lotteries.chat_of(number_of(argument)))
    if group is None:
        raise UnknownLottery
    return group


async def _remove(message: Message) -> None:
    try:
        await message.delete()
    except TelegramAPIError as error:
        log.warning("a message with codes stays in the group", reason=str(error))


async def _text_of(bot: Bot, document: Document) -> str:
    """The text of a file. Raises `CodesUnreadable`."""
    if (document.file_size or 0) > LARGEST_FILE:
        raise CodesUnreadable
    try:
        content = await bot.download(document, BytesIO())
        return content.read().decode("utf-8-sig") if content is not None else ""
    except (TelegramAPIError, UnicodeDecodeError):
        raise CodesUnreadable from None


def _supplied(say: Say, supply: Supply) -> Markup:
    parts = [say("lottery.supply", id=supply.lottery_id, prize=supply.prize, given=supply.given, left=supply.left)]
    if supply.missing:
        parts.append(say("lottery.codes_missing", n=supply.missing))
    if supply.known:
        parts.append(say("lottery.codes_known", n=supply.known))
    return Markup("\n").join(parts)


def _claimed(say: Say, won: Won) -> list[Markup]:
    parts = [say("lottery.claimed", id=won.lottery_id, prize=won.prize)]
    if won.has_code:
        parts.append(say("lottery.code_in_private", button=say("lottery.get_it")))
    if won.waits:
        parts.append(say("lottery.code_follows"))
    return parts


def _collected(say: Say, won: Won) -> Markup:
    if won.code is not None:
        return say("lottery.your_code", id=won.lottery_id, group=won.group, prize=won.prize, code=won.code)
    parts = [say("lottery.won_by_you", id=won.lottery_id, group=won.group, prize=won.prize)]
    if won.waits:
        parts.append(say("lottery.code_follows"))
    return Markup("\n").join(parts)


def register(router: Router) -> None:
    """Routes of this module."""
    router.message.register(add_codes, AsksTo("lottery", "codes"), ByOperator())
    router.callback_query.register(press_claim, Pressed(CLAIM))


def register_links(router: Router) -> None:
    """The link to a prize."""
    router.message.register(open_prize, StartsWith(PRIZE))
