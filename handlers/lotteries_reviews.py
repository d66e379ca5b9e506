"""Shows operators, and nobody else, which entrants of a lottery may be one person."""

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.lotteries_reviews import Lookalikes, PrivateChatClosed, Review, Suspect
from bot.domain.refusals import Part
from bot.domain.shortening import short_line
from bot.services.activity import ActivityService
from bot.services.lotteries_reviews import LotteryReviews
from bot.texts import Say
from handlers.asking import AsksTo
from handlers.context import Place, Sender
from handlers.lotteries_numbers import number_or_none
from handlers.operators import ByOperator
from handlers.outbox import Outbox
from handlers.roster import Roster

GROUPS, MEMBERS = 8, 5
"""Groups that are shown, and members of each."""

_LONGEST_NAME = 24

log = structlog.get_logger(__name__)


async def review(
    message: Message, sender: Sender, place: Place, rest: str, say: Say,
    lottery_reviews: LotteryReviews, activity: ActivityService, outbox: Outbox, roster: Roster,
) -> None:  # fmt: skip
    """Sends whoever asks the entrants to look at, in private: the group does not read who is suspected."""
    person = sender.member()
    await activity.flush()
    await roster.refresh(place.group)
    lottery_id, found = await lottery_reviews.of(place.group, number_or_none(rest))
    try:
        await outbox.bot.send_message(person.id, Markup("\n").join(_lines(say, lottery_id, found)))
    except (TelegramForbiddenError, TelegramBadRequest) as error:
        log.info("no private chat for a review", reason=error.message)
        raise PrivateChatClosed from None
    if not place.is_private:
        await message.reply(say("welcome.shown"))


def _lines(say: Say, lottery_id: int, found: Review) -> list[Markup]:
    """A page: the groups with most signs, and what holds of single entrants."""
    entrants = Part("lottery.entrants", found.entrants)
    shown, more = found.groups[:GROUPS], len(found.groups) - GROUPS
    parts = [say("lottery.review" if shown else "lottery.review_none", id=lottery_id, entrants=entrants)]
    parts += [_group(say, group) for group in shown]
    if more > 0:
        parts.append(say("lottery.review_more", n=more))
    if found.silent:
        parts.append(say("lottery.review_silent", n=found.silent))
    if found.lacking_captcha:
        parts.append(say("lottery.review_captcha", n=found.lacking_captcha))
    if shown:
        parts.append(say("lottery.review_ban"))
    return parts


def _group(say: Say, group: Lookalikes) -> Markup:
    names = [_member(say, one) for one in group.suspects[:MEMBERS]]
    if (more := len(group.suspects) - MEMBERS) > 0:
        names.append(say("lottery.review_more_members", n=more))
    signs = Markup(" · ").join(say(f"lottery.review_sign.{sign}") for sign in group.signs)
    return say("lottery.review_group", n=len(group.suspects), signs=signs, names=Markup(", ").join(names))


def _member(say: Say, one: Suspect) -> Markup:
    return say("lottery.review_member", name=short_line(one.name, _LONGEST_NAME), handle=one.username or one.user_id)


def register(router: Router) -> None:
    """Routes of this module."""
    router.message.register(review, AsksTo("lottery", "review"), ByOperator())
