"""How operators write what a lottery is to be."""

import re
from collections.abc import Mapping, Set
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.domain.commands import LONGEST_KEYWORD, fold
from bot.domain.lotteries import TICKETS_PER_INVITE, Prize, Terms
from bot.domain.lotteries_conditions import MOST, Channel, Conditions
from bot.domain.numbers import whole_number
from bot.domain.points import LARGEST_AMOUNT
from bot.domain.refusals import Refusal
from bot.domain.usage import WrongUse

LONGEST_PRIZE = 60
"""Characters of a prize's name."""

MOST_PLACES = 1_000
"""Places that all prizes of a lottery may have together."""

MOST_PRIZES = 10
"""Tiers of a lottery."""

LONGEST_WAIT = timedelta(days=366)
"""How far ahead a draw may be set."""

SHORTEST_CLAIM = timedelta(minutes=5)
"""The least that winners get to claim a prize."""

_SHOWN = 40
"""Characters of what was written that a refusal repeats."""

_VALUE = r"(?![x×*][0-9])\S+"  # `Bonus level x2` is a prize

_OPTION = re.compile(
    rf"(?:^|\s)(?:until\s+(?P<until>{_VALUE}(?:\s+\d{{1,2}}:\d{{2}})?)"
    rf"|at\s+(?P<entrants>{_VALUE})\s+(?:entrants?|people|members)"
    rf"|cost\s+(?P<cost>{_VALUE})"
    rf"|keyword\s+(?P<keyword>{_VALUE})"
    rf"|claim\s+(?P<claim>{_VALUE})"
    rf"|invites\s+(?P<invites>{_VALUE})"
    r"|(?P<strict>no\s+operators)"
    r"|(?P<beacon>beacon)"
    r"|(?P<pin>pin)"
    rf"|days\s+(?P<days>{_VALUE})"
    r"|(?P<check_in>checkin)"
    r"|(?P<captcha>captcha)"
    rf"|messages\s+(?P<messages>{_VALUE})"
    rf"|level\s+(?P<level>{_VALUE})"
    rf"|invited\s+(?P<invited>{_VALUE})"
    r"|channel\s+(?P<channel>@\w{4,32})"
    rf"|cooldown\s+(?P<cooldown>{_VALUE}?)d?)\s*\Z",
    re.IGNORECASE,
)
_PRIZE = re.compile(r"(?P<name>.*\S)\s+[x×*](?P<places>[0-9]{1,4})", re.IGNORECASE | re.DOTALL)
_DURATION = re.compile(r"([0-9]{1,4})(m|h|d)", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d{4}-\d{2}-\d{2})\s+)?(\d{1,2}):(\d{2})", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class WrongTime(Refusal):
    """Not a time to come."""

    text = "lottery.wrong_time"


class WrongClaim(Refusal):
    """Not a span of time in which a prize can be claimed."""

    text = "lottery.wrong_claim"


class WrongEntryKeyword(Refusal):
    """A word that nobody can say, or that asks for something else already."""

    text = "lottery.wrong_keyword"


class WrongPrizes(Refusal):
    """Too many prizes or places, or a name that is too long."""

    text = "lottery.wrong_prizes"


class WrongNumber(Refusal):
    """The number behind an option is none, or not one that it takes."""

    text = "lottery.wrong_number"


class WrongWords(Refusal):
    """Words that are neither a prize with its places nor an option."""

    text = "lottery.wrong_words"


class OptionTwice(Refusal):
    """An option that stands there a second time."""

    text = "lottery.option_twice"


class _Given(NamedTuple):
    """An option as it was written, and the value in it."""

    option: str
    value: str


def parse_terms(text: str, now: datetime, zone: str, taken: Set[str] = frozenset()) -> Terms:
    """The terms of `A x1, B x3 until 20:00 at 50 entrants cost 10 claim 24h no operators pin`; options in any order.

    `keyword WORD` names a word that enters, none of those `taken` (folded). Raises `WrongUse` when no prize
    stands there, and else the refusal that names what is wrong.
    """
    text, given = _options(text)
    if not text.strip():
        raise WrongUse(command="lottery")
    return Terms(
        _prizes(text),
        draw_time(given["until"].value, now, zone) if "until" in given else None,
        _number(given["entrants"]) if "entrants" in given else None,
        _number(given["cost"]) if "cost" in given else 0,
        "strict" in given,
        _keyword(given["keyword"].value, taken) if "keyword" in given else None,
        "beacon" in given,
        _claim(given["claim"].value) if "claim" in given else None,
        "pin" in given,
        _number(given["invites"], 0, 9) if "invites" in given else TICKETS_PER_INVITE,
        _conditions(given),
    )


def draw_time(text: str, now: datetime, zone: str) -> datetime:
    """The instant of `20:00` (the next one), `2026-12-24 20:00` or `90m`, `12h`, `3d`. Raises `WrongTime`."""
    span = _duration(text)
    at = now + span if span else _local(text, now, zone)
    if at is None or not now < at <= now + LONGEST_WAIT:
        raise WrongTime(time=text[:_SHOWN])
    return at


def _options(text: str) -> tuple[str, Mapping[str, _Given]]:
    """What stands before the options, and the options. Raises `OptionTwice`."""
    given: dict[str, _Given] = {}
    while (option := _OPTION.search(text)) is not None:
        written = " ".join(option[0].split())[:_SHOWN]
        found = {name: _Given(written, value) for name, value in option.groupdict().items() if value is not None}
        if given.keys() & found.keys():
            raise OptionTwice(option=written)
        given |= found
        text = text[: option.start()]
    return text, given


def _conditions(given: Mapping[str, _Given]) -> Conditions:
    """The conditions; the channel's id is not known yet, and stands as 0."""
    numbers = {name: _number(given[name], 1, most) for name, most in MOST.items() if name in given}
    channel = Channel(0, given["channel"].value) if "channel" in given else None
    return Conditions(**numbers, check_in="check_in" in given, channel=channel, captcha="captcha" in given)


def _prizes(text: str) -> list[Prize]:
    prizes = []
    for part in re.split(r"[,，、\n]", text):
        match = _PRIZE.fullmatch(part.strip())
        if match is None:
            prize = _PRIZE.match(part.strip())  # what comes behind it is what is wrong
            words = part.strip()[prize.end() if prize else 0 :].strip() or text.strip()
            raise WrongWords(words=words[:_SHOWN])
        prizes.append(Prize(" ".join(match["name"].split()), int(match["places"])))
    places = sum(prize.places for prize in prizes)
    if (
        len(prizes) > MOST_PRIZES
        or places > MOST_PLACES
        or any(not prize.places or len(prize.name) > LONGEST_PRIZE for prize in prizes)
    ):
        raise WrongPrizes(prizes=MOST_PRIZES, places=MOST_PLACES, characters=LONGEST_PRIZE)
    return prizes


def _number(given: _Given, least: int = 1, most: int = LARGEST_AMOUNT) -> int:
    number = whole_number(given.value, 7)
    if number is None or not least <= number <= most:
        raise WrongNumber(option=given.option, least=least, most=most)
    return number


def _keyword(word: str, taken: Set[str]) -> str:
    if not fold(word) or len(word) > LONGEST_KEYWORD or fold(word) in taken or word.startswith("/"):
        raise WrongEntryKeyword(word=word[:_SHOWN])
    return word


def _claim(text: str) -> timedelta:
    span = _duration(text)
    if span is None or not SHORTEST_CLAIM <= span <= LONGEST_WAIT:
        raise WrongClaim(time=text[:_SHOWN])
    return span


def _duration(text: str) -> timedelta | None:
    match = _DURATION.fullmatch(text)
    return int(match[1]) * _UNITS[match[2].lower()] if match else None


def _local(text: str, now: datetime, zone: str) -> datetime | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    here = now.astimezone(ZoneInfo(zone))
    try:
        day = datetime.fromisoformat(match[1]).date() if match[1] else here.date()
        at = datetime(day.year, day.month, day.day, int(match[2]), int(match[3]), tzinfo=ZoneInfo(zone))
    except ValueError:
        return None
    if not match[1] and at.astimezone(UTC) <= now:
        at += timedelta(days=1)  # in wall-clock time: the same hour of the next day
    return at.astimezone(UTC)
