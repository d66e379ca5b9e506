"""When a step is due: slots of local time, and the instant at which each of them comes."""

from bisect import bisect_left
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time of a day as clocks on the wall show it, and the instant (UTC) at which it comes there.

    What is done at a slot is known by its local time, so that a change of zone does nothing twice.
    """

    at: datetime
    local: datetime

    @property
    def key(self) -> str:
        """The local time, to the minute: `2026-11-22T09:00`."""
        return self.local.isoformat(timespec="minutes")


class Calendar(Protocol):
    """What is known of a country's days."""

    def is_workday(self, country: str, day: date) -> bool:
        """Whether people work on a day: weekends that were swapped for a holiday are workdays."""
        ...

    def is_holiday(self, country: str, day: date) -> bool:
        """Whether a day is a public holiday, a day off given in exchange included."""
        ...

    def festivals(self, day: date) -> Set[str]:
        """The lunar festivals of a day, by their names in `FESTIVALS`."""
        ...


FESTIVALS = (
    "spring_festival_eve", "spring_festival", "lantern", "dragon_boat", "qixi", "ghost", "mid_autumn", "double_ninth",
    "laba",
)  # fmt: skip
"""Festivals of the Chinese lunar calendar that a playbook may name."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days on which a playbook runs: those of any of its kinds; every day if it names none.

    `weekdays` count from Monday, 0; `ranges` are first and last day. `never` wins over everything.
    """

    weekdays: frozenset[int] = frozenset()
    workdays: frozenset[str] = frozenset()
    holidays: frozenset[str] = frozenset()
    festivals: frozenset[str] = frozenset()
    ranges: tuple[tuple[date, date], ...] = ()
    never: tuple[tuple[date, date], ...] = ()
    first: date | None = None
    last: date | None = None

    def include(self, day: date, calendar: Calendar) -> bool:
        """Whether the playbook runs on a day."""
        if (self.first and day < self.first) or (self.last and day > self.last) or _within(day, self.never):
            return False
        return self._is_every_day or self._names(day, calendar)

    @property
    def _is_every_day(self) -> bool:
        return not (self.weekdays or self.workdays or self.holidays or self.festivals or self.ranges)

    def _names(self, day: date, calendar: Calendar) -> bool:
        return (
            day.weekday() in self.weekdays
            or _within(day, self.ranges)
            or any(calendar.is_workday(country, day) for country in self.workdays)
            or any(calendar.is_holiday(country, day) for country in self.holidays)
            or bool(self.festivals and not self.festivals.isdisjoint(calendar.festivals(day)))
        )


def _within(day: date, ranges: tuple[tuple[date, date], ...]) -> bool:
    return any(first <= day <= last for first, last in ranges)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the night in which nothing is posted; `start` after `end` spans midnight."""

    start: time
    end: time

    def __contains__(self, local: object) -> bool:
        assert isinstance(local, time)  # noqa: S101 - asked of times alone
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def end_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The instant at which the quiet hours around an instant are over; the instant itself outside them."""
        local = at.astimezone(zone)
        if local.time() not in self:
            return at
        day = local.date() if local.time() < self.end else local.date() + ONE_DAY
        return instant_of(datetime.combine(day, self.end), zone)


@dataclass(frozen=True, slots=True)
class Times:
    """Times of every day, in order. A cron line and a period come down to the same."""

    times: tuple[time, ...]

    def of_day(self, _day: date) -> tuple[time, ...]:
        """The times of a day."""
        return self.times


@dataclass(frozen=True, slots=True)
class CronTimes:
    """Times of the days that a cron line names. `weekdays` count from Monday, 0.

    Where both days of the month and weekdays are given, either is enough (POSIX crontab).
    """

    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_either_day: bool

    def of_day(self, day: date) -> tuple[time, ...]:
        """The times of a day; none if the line does not name it."""
        if day.month not in self.months:
            return ()
        by_date, by_weekday = day.day in self.days, day.weekday() in self.weekdays
        return self.times if (by_date or by_weekday if self.is_either_day else by_date and by_weekday) else ()


TimesOfDay = Times | CronTimes


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The one instant (UTC) of a naive local time.

    A time that comes twice (clocks are put back) is its first; one that a clock change skips is the change itself, the
    next minute that exists.
    """
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    is_skipped = second < first  # PEP 495
    return _change_between(second, first, zone) if is_skipped else first


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first minute of the new offset."""
    new = after.astimezone(zone).utcoffset()
    minutes = range(1, (after - before) // ONE_MINUTE + 1)
    found = bisect_left(minutes, True, key=lambda n: (before + n * ONE_MINUTE).astimezone(zone).utcoffset() == new)
    return before + minutes[found] * ONE_MINUTE


def slots_between(
    times: TimesOfDay, days: Days, after: datetime, until: datetime, zone: ZoneInfo, calendar: Calendar
) -> list[Slot]:
    """The slots that come later than one instant and not later than another, in order."""
    first = after.astimezone(zone).date() - ONE_DAY  # a change of clocks may move a slot past midnight
    last = until.astimezone(zone).date() + ONE_DAY
    found: list[Slot] = []
    for day in (first + n * ONE_DAY for n in range((last - first).days + 1)):
        if (of_day := times.of_day(day)) and days.include(day, calendar):
            locals_ = (datetime.combine(day, at) for at in of_day)
            found += [Slot(instant_of(local, zone), local) for local in locals_]
    return sorted(slot for slot in found if after < slot.at <= until)
