"""What the terms of a lottery are called, in a language and on the group's clocks."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from markupsafe import Markup

from bot.domain.beacons import WAIT, time_of
from bot.domain.groups import Group
from bot.domain.lotteries import Terms
from bot.domain.lotteries_conditions import Conditions
from bot.domain.refusals import Part
from bot.texts import Say
from storage.lotteries import Lottery

_UNITS = (("span.days", 24 * 60), ("span.hours", 60), ("span.minutes", 1))


def told_terms(say: Say, group: Group, lottery: Lottery) -> Iterator[Markup]:
    """The terms as they are announced, a line each."""
    terms = lottery.terms
    yield from (say("lottery.prize", name=prize.name, places=prize.places) for prize in terms.prizes)
    yield from draw_times(say, group, terms)
    yield from _conditions(say, terms.conditions)
    if terms.cost:
        yield say("lottery.cost", cost=Part("points.amount", terms.cost))
    if terms.keyword is not None:
        yield say("lottery.keyword", word=terms.keyword)
    if lottery.terms.beacon:
        yield _beacon(say, group, lottery.rules["beacon"]["round"])
    if terms.claim is not None:
        yield say("lottery.claim_within", span=span(say, terms.claim))
    if terms.invites:
        yield say("lottery.invites", n=terms.invites)
    if terms.no_operators:
        yield say("lottery.not_for_operators")


def _conditions(say: Say, asked: Conditions) -> Iterator[Markup]:
    if asked.days:
        yield say("lottery.asks.days", n=asked.days)
    if asked.messages:
        yield say("lottery.asks.messages", n=asked.messages)
    if asked.invited:
        yield say("lottery.asks.invited", n=asked.invited)
    if asked.cooldown:
        yield say("lottery.asks.cooldown", n=asked.cooldown)
    if asked.level:
        yield say("lottery.asks.level", level=asked.level)
    if asked.check_in:
        yield say("lottery.asks.check_in")
    if asked.captcha:
        yield say("lottery.asks.captcha")
    if asked.channel is not None:
        yield say("lottery.asks.channel", channel=asked.channel.name)


def _beacon(say: Say, group: Group, number: int | None) -> Markup:
    if number is None:
        return say("lottery.beacon", n=WAIT)
    return say("lottery.beacon_round", round=number, when=second(group, time_of(number)))


def prizes(say: Say, lottery: Lottery) -> Markup:
    """All prizes in one line."""
    return Markup(", ").join(say("lottery.prize", name=p.name, places=p.places) for p in lottery.terms.prizes)


def draw_times(say: Say, group: Group, terms: Terms) -> Iterator[Markup]:
    """When it is drawn: what comes first of these."""
    if terms.draw_at is not None:
        yield say("lottery.until", when=moment(group, terms.draw_at))
    if terms.at_entrants is not None:
        yield say("lottery.at_entrants", n=terms.at_entrants)
    if terms.draw_at is None and terms.at_entrants is None:
        yield say("lottery.by_hand")


def moment(group: Group, at: datetime) -> str:
    """An instant as the group's clocks show it."""
    return f"{at.astimezone(group.zone):%Y-%m-%d %H:%M} ({group.settings.timezone})"


def span(say: Say, claim: timedelta) -> Markup:
    """A span of time in the largest unit that it is a whole number of."""
    minutes = int(claim.total_seconds()) // 60
    unit, n = next((unit, minutes // size) for unit, size in _UNITS if not minutes % size)
    return say(unit, n=n)


def second(group: Group, at: datetime) -> str:
    """An instant of today as the group's clocks show it, to the second."""
    return f"{at.astimezone(group.zone):%H:%M:%S}"
