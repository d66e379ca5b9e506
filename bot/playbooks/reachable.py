"""Whether a day on which a step comes ever dawns."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.domain.slots import CronTimes, Days, Times
from bot.playbooks.model import Step

_SOME_DAY = date(2024, 1, 1)
_CYCLE = timedelta(days=28 * 366)
"""Within it every date of a year was on every weekday."""


@dataclass(frozen=True, slots=True)
class OneFestival:
    """A calendar in which every day is a workday, a holiday, and one festival or none."""

    festival: frozenset[str] = frozenset()

    def is_workday(self, _country: str, _day: date) -> bool:
        """Any day may be one: governments swap them."""
        return True

    def is_holiday(self, _country: str, _day: date) -> bool:
        """Any day may be one."""
        return True

    def festivals(self, _day: date) -> frozenset[str]:
        """The one festival."""
        return self.festival


def has_days(days: Days) -> bool:
    """Whether a playbook's days leave any."""
    return _any_day(days, Days())


def ever_comes(step: Step, days: Days) -> bool:
    """Whether a step has a day of its own that is one of its playbook's days, too."""
    weekdays = frozenset(range(7)).intersection(*(one.value for one in step.conditions if one.kind == "weekday"))
    return not isinstance(step.trigger, Times | CronTimes) or _any_day(days, step.days, step.trigger, weekdays)


def _any_day(
    days: Days, own: Days, times: Times | CronTimes | None = None, weekdays: frozenset[int] = frozenset(range(7))
) -> bool:
    named = sorted(days.festivals | own.festivals)
    return any(
        day.weekday() in weekdays
        and (times is None or times.of_day(day))
        and days.include(day, calendar)
        and own.include(day, calendar)
        for calendar in (*(OneFestival(frozenset({name})) for name in named), OneFestival())
        for day in _days(replace(days, ranges=days.ranges + own.ranges))
    )


def _days(days: Days) -> Iterator[date]:
    """Days enough, of those from the first to the last one."""
    first = days.first or min((start for start, _ in days.ranges), default=None)
    first = first or (days.last - _CYCLE if days.last else _SOME_DAY)
    last = min(days.last or first + _CYCLE, first + _CYCLE)
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
