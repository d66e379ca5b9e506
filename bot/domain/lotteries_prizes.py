"""What happens to a prize after the draw: its code, and whether it is claimed in time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.commands import fold
from bot.domain.lotteries import Prize
from bot.domain.numbers import whole_number
from bot.domain.refusals import Refusal

NOT_CLAIMED = "not claimed in time"
"""The reason in the proof when a place is drawn again because nobody claimed it."""

GRACE = timedelta(seconds=10)
"""How long after its end a claim still counts: a press needs some time to reach us."""

AWAKE = timedelta(minutes=1)
"""An end that was noticed later than this fell into downtime, and is put off by as long: what was pressed meanwhile is
on its way to us."""

MOST_ROUNDS = 10
"""How often a place is drawn in all before its winner may take any time to claim it."""

LONGEST_CODE = 200
"""Characters of a code."""

MOST_CODES = 2_000
"""Codes that are taken at once."""


class NotYourPrize(Refusal):
    """Only the winner may claim a prize, or see its code."""

    text = "lottery.not_your_prize"


class PrizeGone(Refusal):
    """The place was drawn again."""

    text = "lottery.prize_gone"


class UnknownPrize(Refusal):
    """The lottery has several prizes, and none of that name or number."""

    text = "lottery.unknown_prize"


class NoCodes(Refusal):
    """No code stands below the command, or in the file."""

    text = "lottery.no_codes"


class WrongCode(Refusal):
    """A line that is too long for a code."""

    text = "lottery.wrong_code"


class TooManyCodes(Refusal):
    """More codes than are taken at once."""

    text = "lottery.too_many_codes"


class CodesInGroup(Refusal):
    """Codes never stand in a group."""

    text = "lottery.codes_in_group"


class CodesUnreadable(Refusal):
    """The file with the codes is no text, too large, or cannot be had."""

    text = "lottery.codes_unreadable"


class OnlyInPrivate(Refusal):
    """What a winner is told is for nobody else to read."""

    text = "lottery.only_in_private"


def parse_codes(text: str) -> list[str]:
    """The codes, one a line, each once. Raises `NoCodes`, `WrongCode` and `TooManyCodes`."""
    lines = [line.strip() for line in text.splitlines()]
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_CODE or not line.replace("\t", "").isprintable():
            raise WrongCode(line=number, characters=LONGEST_CODE)
    codes = list(dict.fromkeys(line for line in lines if line))
    if not codes:
        raise NoCodes
    if len(codes) > MOST_CODES:
        raise TooManyCodes(codes=MOST_CODES)
    return codes


def prize_called(prizes: Sequence[Prize], name: str) -> int:
    """Which prize is meant, counted from 0: by its name or, counted from 1, its number; the only one needs neither.

    Raises `UnknownPrize`.
    """
    names = [fold(prize.name) for prize in prizes]
    if names.count(fold(name)) == 1:
        return names.index(fold(name))
    number = whole_number(name)
    if number is not None and 1 <= number <= len(prizes):
        return number - 1
    if not name and len(prizes) == 1:
        return 0
    raise UnknownPrize(prizes=", ".join(f"{number} {prize.name}" for number, prize in enumerate(prizes, 1)))


def claim_until(claim: timedelta | None, now: datetime, rounds: int = 1) -> datetime | None:
    """Until when the winner of a place that was drawn so often by now must claim it; None for no end."""
    return now + claim if claim is not None and rounds < MOST_ROUNDS else None


def is_over(claim_by: datetime, now: datetime) -> bool:
    """Whether a claim comes too late."""
    return claim_by + GRACE <= now


def was_slept_over(claim_by: datetime, now: datetime) -> bool:
    """Whether the end of a claim fell into downtime, so that it is put off by `AWAKE`."""
    return claim_by + AWAKE < now
