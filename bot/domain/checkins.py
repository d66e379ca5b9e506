"""The rules of the daily check-in: what a day pays and how long a streak is."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from bot.domain.days import ONE_DAY, local_day
from bot.domain.refusals import Refusal

Kind = Literal["checked_in", "made_up", "frozen"]


class AlreadyCheckedIn(Refusal):
    """The member's day has counted already."""

    text = "checkin.already"


class CheckInOff(Refusal):
    """The group's operators have switched check-in off."""

    text = "checkin.off"


class NothingToMakeUp(Refusal):
    """No day in reach was missed."""

    text = "makeup.nothing"


class CannotMakeUp(Refusal):
    """The wanted day is none that the rules let a member make up for."""

    text = "makeup.not_that_day"


class TooManyMakeUps(Refusal):
    """The month's make-ups are used up."""

    text = "makeup.too_many"


class EnoughFreezeCards(Refusal):
    """The member holds as many freeze cards as the group allows."""

    text = "freeze.enough"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A member's day: checked in, made up for afterwards, or kept by a freeze card.

    `at` is the instant of the message, `zone` the group's zone of that instant, `streak` the days in a row up to this
    one; a frozen day keeps a streak and does not lengthen it.
    """

    day: date
    at: datetime
    zone: str
    kind: Kind = "checked_in"
    streak: int = 0


@dataclass(frozen=True, slots=True)
class Rewards:
    """What a day pays, in points: `daily`, and a bonus on the days of the tier table, at most `cap` together.

    After the last tier the table starts over (`cycle`), or the bonuses are over while the streak goes on (`continue`).
    """

    daily: int = 10
    tiers: tuple[tuple[int, int], ...] = ((3, 10), (7, 30), (14, 60), (30, 150))
    cap: int = 200
    after_last: Literal["cycle", "continue"] = "cycle"

    def reward(self, streak: int) -> int:
        """The points of the day that makes the streak this long."""
        return min(self.daily + dict(self.tiers).get(self._position(streak), 0), self.cap)

    def days_to_next_tier(self, streak: int) -> int | None:
        """How many more days until a bonus; None when none is left."""
        if not self.tiers:
            return None
        position, last = self._position(streak), self.tiers[-1][0]
        ahead = [day - position for day, _ in self.tiers if day > position]
        if ahead:
            return ahead[0]
        return last - position + self.tiers[0][0] if self.after_last == "cycle" else None

    def _position(self, streak: int) -> int:
        last = self.tiers[-1][0] if self.tiers else 0
        if last and self.after_last == "cycle":
            return (streak - 1) % last + 1
        return streak


@dataclass(frozen=True, slots=True)
class Extras:
    """Bonuses beside the rewards, in points, off at 0: for the first of a day, and for one in `lucky_odds` by chance.

    All of a group's day together stay within `budget`.
    """

    first: int = 0
    lucky: int = 0
    lucky_odds: int = 10
    budget: int = 100

    def bonus(self, seed: str, is_first: bool, spent: int) -> int:
        """What this check-in gets. Chance follows from the seed alone, so that a repeated run pays the same."""
        draw = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
        wanted = self.first * is_first + (self.lucky if draw % self.lucky_odds == 0 else 0)
        return max(0, min(wanted, self.budget - spent))


@dataclass(frozen=True, slots=True)
class MakeUps:
    """When a missed day can be made up for: within `days`, `monthly` times a month, for a card or `cost` points.

    The healed streak pays no bonus of the past unless `pays`.
    """

    days: int = 7
    monthly: int = 3
    cost: int = 50
    pays: bool = False


@dataclass(frozen=True, slots=True)
class CheckInRules:
    """A group's rules about check-ins: a freeze card costs `freeze_cost` points, a member holds `freeze_limit`."""

    rewards: Rewards = field(default_factory=Rewards)
    extras: Extras = field(default_factory=Extras)
    make_ups: MakeUps = field(default_factory=MakeUps)
    freeze_cost: int = 100
    freeze_limit: int = 2


def days_covered(checkin: CheckIn, zone: str, starts_at: int) -> set[date]:
    """The days that a check-in counts for, seen from a zone that may have changed since.

    The day on the row, and that instant's day in the present zone: so a change of zone gives no day twice.
    """
    if checkin.zone == zone or checkin.kind != "checked_in":
        return {checkin.day}
    return {checkin.day, local_day(checkin.at, zone, starts_at)}


def last_day_covered(last: CheckIn, zone: str, starts_at: int) -> date:
    """The later one of the days covered: counted from it, a change of zone breaks no streak."""
    return max(days_covered(last, zone, starts_at))


def missed_days(last: CheckIn, today: date, zone: str, starts_at: int) -> Sequence[date]:
    """The days between a check-in and today on which nothing was done."""
    first = last_day_covered(last, zone, starts_at) + ONE_DAY
    return [first + ONE_DAY * n for n in range((today - first).days)]


def recount(earlier: CheckIn | None, days: Iterable[CheckIn], starts_at: int) -> list[CheckIn]:
    """The same days, oldest first, with streaks counted from the rows; `earlier` is the row before them, if any."""
    counted: list[CheckIn] = []
    for checkin in days:
        follows = earlier is not None and checkin.day - last_day_covered(earlier, checkin.zone, starts_at) <= ONE_DAY
        before = earlier.streak if follows and earlier else 0
        earlier = replace(checkin, streak=before + (checkin.kind != "frozen"))
        counted.append(earlier)
    return counted


def current_streak(last: CheckIn | None, today: date, zone: str, starts_at: int) -> int:
    """The streak as it stands today: 0 once a whole day was missed."""
    if last is None or missed_days(last, today, zone, starts_at):
        return 0
    return last.streak


def day_to_make_up(wanted: date | None, taken: set[date], today: date, joined: date, rules: MakeUps) -> date:
    """The wanted day, or the latest missed one, if the rules allow to make up for it.

    Never today or later, never before the member joined, never further back than the rules say. Raises
    `NothingToMakeUp` and `CannotMakeUp`.
    """
    earliest = max(joined, today - ONE_DAY * rules.days)
    open_days = [today - ONE_DAY * n for n in range(1, (today - earliest).days + 1)]
    missed = [day for day in open_days if day not in taken]
    if wanted is None:
        if not missed:
            raise NothingToMakeUp(days=rules.days)
        return missed[0]
    if wanted not in missed:
        raise CannotMakeUp(day=wanted, days=rules.days)
    return wanted
