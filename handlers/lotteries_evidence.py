"""What proves a draw, and each member's own line in it; in private with the proof itself."""

from collections.abc import Iterator

from aiogram import Router
from aiogram.types import BufferedInputFile, Message
from markupsafe import Markup

from bot.services.lotteries import LotteryService
from bot.services.lotteries_evidence import Evidence, OwnLine
from bot.texts import Say
from handlers.asking import AsksTo
from handlers.context import Place, Sender
from handlers.lotteries_numbers import number_or_none
from handlers.lotteries_posts import proof_name


async def show_evidence(
    message: Message, sender: Sender, place: Place, rest: str, say: Say, lotteries: LotteryService
) -> None:
    """Shows what fixes a draw, and the sender's own line; in private, once it is drawn, the proof as well."""
    found = await lotteries.evidence(place.group, number_or_none(rest), sender.person)
    lottery_id = found.lottery.id
    await message.reply(Markup("\n").join(_lines(say, found, is_private=place.is_private)))
    if place.is_private and found.seed is not None:
        proof = await lotteries.proof(place.group, lottery_id)
        document = BufferedInputFile(proof.encode(), proof_name(lottery_id))
        await message.answer_document(document, caption=say("lottery.proof", id=lottery_id))


def _lines(say: Say, found: Evidence, *, is_private: bool) -> Iterator[Markup]:
    lottery = found.lottery
    yield say("lottery.evidence", id=lottery.id, state=say(f"lottery.state.{lottery.state}"))
    yield say("lottery.commitment", hash=found.commitment)
    if lottery.entrants_hash is not None:
        yield say("lottery.list_hash", hash=lottery.entrants_hash)
    if lottery.round is not None:
        signature = lottery.signature.hex() if lottery.signature else "…"
        yield say("lottery.beacon_evidence", round=lottery.round, signature=signature)
    if found.seed is not None:
        yield say("lottery.seed", seed=found.seed)
    yield from _own(say, found.own, is_private=is_private)
    if found.seed is not None:
        how = "lottery.how_to_check" if is_private else "lottery.how_to_check_in_private"
        yield say(how, id=lottery.id, file=proof_name(lottery.id))


def _own(say: Say, own: OwnLine | None, *, is_private: bool) -> Iterator[Markup]:
    if own is None:
        yield say("lottery.not_in")
        return
    if own.is_left_out:
        yield say("lottery.left_out", hash=own.id)
    else:
        yield say("lottery.own", hash=own.id, n=own.tickets)
    yield say("lottery.nonce", nonce=own.nonce, id=own.user_id) if is_private else say("lottery.nonce_in_private")


def register(router: Router) -> None:
    """Routes of this module."""
    router.message.register(show_evidence, AsksTo("lottery", "verify"))
