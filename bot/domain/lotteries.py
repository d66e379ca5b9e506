"""Lotteries: what may be announced, who may enter with how many tickets, and when to draw."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.domain.beacons import beacon_rules
from bot.domain.commands import LONGEST_KEYWORD, fold
from bot.domain.draws import ALGORITHM
from bot.domain.lotteries_conditions import ANYBODY, MOST, Channel, Conditions, conditions_of
from bot.domain.members import Status
from bot.domain.points import LARGEST_AMOUNT
from bot.domain.refusals import Refusal
from bot.domain.usage import WrongUse

State = Literal["open", "closed", "drawn", "cancelled"]

LONGEST_PRIZE = 60
"""Characters of a prize's name."""

MOST_PLACES = 1_000
"""Places that all prizes of a lottery may have together."""

MOST_PRIZES = 10
"""Tiers of a lottery."""

STREAK_DAYS = 7
"""Days of a check-in streak that are worth one ticket more."""

TICKETS_PER_INVITE = 1
"""Tickets for every invite that counts, where the operator names no other number."""

MOST_TICKETS = 5
"""Tickets that one member may hold."""

LONGEST_WAIT = timedelta(days=366)
"""How far ahead a draw may be set."""

SHORTEST_CLAIM = timedelta(minutes=5)
"""The least that winners get to claim a prize."""

PRESENT: frozenset[Status] = frozenset({"member", "operator"})
"""Members who may enter and win."""

_OPTION = re.compile(
    r"(?:^|\s)(?:until\s+(?P<until>\S+(?:\s+\d{1,2}:\d{2})?)"
    r"|at\s+(?P<entrants>\S+)\s+(?:entrants?|people|members)"
    r"|cost\s+(?P<cost>\S+)"
    r"|keyword\s+(?P<keyword>\S+)"
    r"|claim\s+(?P<claim>\S+)"
    r"|invites\s+(?P<invites>[0-9])"
    r"|(?P<strict>no\s+operators)"
    r"|(?P<beacon>beacon)"
    r"|(?P<pin>pin)"
    r"|days\s+(?P<days>\S+)"
    r"|(?P<check_in>checkin)"
    r"|messages\s+(?P<messages>\S+)"
    r"|level\s+(?P<level>\S+)"
    r"|invited\s+(?P<invited>\S+)"
    r"|channel\s+(?P<channel>@\w{4,32})"
    r"|cooldown\s+(?P<cooldown>\S+)d)\s*\Z",
    re.IGNORECASE,
)
_PRIZE = re.compile(r"(?P<name>.*\S)\s+[x×*](?P<places>[0-9]{1,4})", re.IGNORECASE | re.DOTALL)
_DURATION = re.compile(r"([0-9]{1,4})(m|h|d)", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d{4}-\d{2}-\d{2})\s+)?(\d{1,2}):(\d{2})", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class UnknownLottery(Refusal):
    """The group has no lottery of this number, or none that this could be about."""

    text = "lottery.unknown"


class LotteryClosed(Refusal):
    """Nobody can enter any more."""

    text = "lottery.is_closed"


class CannotEnter(Refusal):
    """Only members of the group may enter."""

    text = "lottery.members_only"


class OperatorsLeftOut(Refusal):
    """The lottery is not for operators."""

    text = "lottery.no_operators"


class CannotCancel(Refusal):
    """What has been drawn stays drawn."""

    text = "lottery.cannot_cancel"


class CannotAddCodes(Refusal):
    """Nobody wins what was called off."""

    text = "lottery.cannot_add_codes"


class CannotRedraw(Refusal):
    """Only a place of a drawn lottery that this member holds can be drawn again."""

    text = "lottery.cannot_redraw"


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


@dataclass(frozen=True, slots=True)
class Prize:
    """A tier: what is won, and by how many."""

    name: str
    places: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What an operator announces; frozen from then on.

    Winners must `claim` within that span, if there is one. Every invite that counts is worth `invites` tickets.
    Whether the post is to be pinned is no rule of the draw.
    """

    prizes: Sequence[Prize]
    draw_at: datetime | None = None
    at_entrants: int | None = None
    cost: int = 0
    no_operators: bool = False
    keyword: str | None = None
    beacon: bool = False
    claim: timedelta | None = None
    pin: bool = False
    invites: int = TICKETS_PER_INVITE
    conditions: Conditions = ANYBODY

    def rules(self, group_id: int, salt_hash: str, opened_at: datetime) -> dict[str, Any]:
        """The rules as they are committed to and published. `group_id` and the time keep two lotteries apart."""
        return {
            "algorithm": ALGORITHM,
            "group": group_id,
            "opened_at": _written(opened_at),
            "prizes": [{"name": prize.name, "places": prize.places} for prize in self.prizes],
            "draw_at": _written(self.draw_at) if self.draw_at else None,
            "at_entrants": self.at_entrants,
            "cost": self.cost,
            "no_operators": self.no_operators,
            "keyword": self.keyword,
            "claim": int(self.claim.total_seconds()) if self.claim else None,
            "tickets": {"base": 1, "streak_days": STREAK_DAYS, "most": MOST_TICKETS, "invites": self.invites},
            "salt_hash": salt_hash,
            "beacon": beacon_rules(self.draw_at) if self.beacon else None,
            "conditions": self.conditions.rules(),
        }


def terms_of(rules: Mapping[str, Any]) -> Terms:
    """The terms that stored rules were made of."""
    draw_at, claim = rules["draw_at"], rules.get("claim")  # lotteries of before there were claims have none
    return Terms(
        [Prize(prize["name"], prize["places"]) for prize in rules["prizes"]],
        datetime.fromisoformat(draw_at) if draw_at else None,
        rules["at_entrants"],
        rules["cost"],
        rules["no_operators"],
        rules["keyword"],
        rules.get("beacon") is not None,
        timedelta(seconds=claim) if claim else None,
        invites=rules["tickets"].get("invites", 0),
        conditions=conditions_of(rules.get("conditions", {})),
    )


def parse_terms(text: str, now: datetime, zone: str, taken: Set[str] = frozenset()) -> Terms:
    """The terms of `A x1, B x3 until 20:00 at 50 entrants cost 10 claim 24h no operators pin`; options in any order.

    `keyword WORD` names a word that enters, none of those `taken` (folded). Raises `WrongUse`, `WrongTime`,
    `WrongClaim`, `WrongEntryKeyword` and `WrongPrizes`.
    """
    given: dict[str, str] = {}
    while (option := _OPTION.search(text)) is not None:
        found = {name: value for name, value in option.groupdict().items() if value is not None}
        if given.keys() & found.keys():
            raise WrongUse(command="lottery")
        given |= found
        text = text[: option.start()]
    return Terms(
        _prizes(text),
        draw_time(given["until"], now, zone) if "until" in given else None,
        _number(given["entrants"]) if "entrants" in given else None,
        _number(given["cost"]) if "cost" in given else 0,
        "strict" in given,
        _keyword(given["keyword"], taken) if "keyword" in given else None,
        "beacon" in given,
        _claim(given["claim"]) if "claim" in given else None,
        "pin" in given,
        int(given.get("invites", TICKETS_PER_INVITE)),
        _conditions(given),
    )


def _conditions(given: Mapping[str, str]) -> Conditions:
    """The conditions; the channel's id is not known yet, and stands as 0."""
    numbers = {name: _number(given[name], most) for name, most in MOST.items() if name in given}
    channel = Channel(0, given["channel"]) if "channel" in given else None
    return Conditions(**numbers, check_in="check_in" in given, channel=channel)


def draw_time(text: str, now: datetime, zone: str) -> datetime:
    """The instant of `20:00` (the next one), `2026-12-24 20:00` or `90m`, `12h`, `3d`. Raises `WrongTime`."""
    span = _duration(text)
    at = now + span if span else _local(text, now, zone)
    if at is None or not now < at <= now + LONGEST_WAIT:
        raise WrongTime(time=text[:40])
    return at


def tickets_for(streak: int) -> int:
    """One ticket, and one more for every full week of the check-in streak, up to `MOST_TICKETS`."""
    return min(1 + streak // STREAK_DAYS, MOST_TICKETS)


def with_invites(base: int, invites: int, each: int) -> int:
    """What somebody holds whose invites are worth `each`, beside the tickets of their own; up to `MOST_TICKETS`."""
    return min(base + invites * each, MOST_TICKETS)


def require_fit(status: Status | None, *, no_operators: bool) -> None:
    """Looks whether a member may enter. Raises `CannotEnter` and `OperatorsLeftOut`."""
    if status not in PRESENT:
        raise CannotEnter
    if no_operators and status == "operator":
        raise OperatorsLeftOut


def is_fit(status: Status | None, *, no_operators: bool) -> bool:
    """Whether a member may win."""
    return status in PRESENT and not (no_operators and status == "operator")


def is_due(draw_at: datetime | None, at_entrants: int | None, entrants: int, now: datetime) -> bool:
    """Whether it is time to draw: at a time or with so many entrants, whichever comes first."""
    return (draw_at is not None and draw_at <= now) or (at_entrants is not None and entrants >= at_entrants)


def _prizes(text: str) -> list[Prize]:
    prizes = []
    for part in re.split(r"[,，、\n]", text):
        match = _PRIZE.fullmatch(part.strip())
        if match is None:
            raise WrongUse(command="lottery")
        prizes.append(Prize(" ".join(match["name"].split()), int(match["places"])))
    places = sum(prize.places for prize in prizes)
    if (
        len(prizes) > MOST_PRIZES
        or places > MOST_PLACES
        or any(not prize.places or len(prize.name) > LONGEST_PRIZE for prize in prizes)
    ):
        raise WrongPrizes(prizes=MOST_PRIZES, places=MOST_PLACES, characters=LONGEST_PRIZE)
    return prizes


def _number(text: str, most: int = LARGEST_AMOUNT) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and 1 <= int(text) <= most):
        raise WrongUse(command="lottery")
    return int(text)


def _keyword(word: str, taken: Set[str]) -> str:
    if not fold(word) or len(word) > LONGEST_KEYWORD or fold(word) in taken or word.startswith("/"):
        raise WrongEntryKeyword(word=word[:40])
    return word


def _claim(text: str) -> timedelta:
    span = _duration(text)
    if span is None or not SHORTEST_CLAIM <= span <= LONGEST_WAIT:
        raise WrongClaim(time=text[:40])
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


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
