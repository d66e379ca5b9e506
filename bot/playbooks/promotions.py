"""How many promotions a playbook can post on one day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.slots import CronTimes, Times
from bot.playbooks.model import Step

_LEAP_DAYS = tuple(date(2028, 1, 1) + timedelta(days=n) for n in range(366))


def most_on_a_day(steps: Iterable[Step]) -> int:
    """The most promotions of one day, as far as weekdays, dates and festivals keep steps apart.

    Workdays and holidays are taken for any day; what nobody can tell beforehand the budget stops when it comes.
    """
    promos = [step for step in steps if step.is_promo]
    timed = [(step, times) for step in promos if isinstance(times := step.trigger, Times | CronTimes)]
    return max(
        sum(len(times.of_day(day)) for step, times in timed if step.days.include(day, calendar))
        for day in _days(promos)
        for calendar in _calendars(promos)
    )


@dataclass(frozen=True, slots=True)
class _AnyDay:
    """A calendar in which every day is a workday, a holiday, and one festival."""

    festival: frozenset[str]

    def is_workday(self, _country: str, _day: date) -> bool:
        return True

    def is_holiday(self, _country: str, _day: date) -> bool:
        return True

    def festivals(self, _day: date) -> frozenset[str]:
        return self.festival


def _days(steps: Iterable[Step]) -> Iterator[date]:
    """Days enough: where ranges overlap, one of them begins."""
    yield from _LEAP_DAYS
    for step in steps:
        yield from (first for first, _ in step.days.ranges)


def _calendars(steps: Iterable[Step]) -> list[_AnyDay]:
    """No two festivals are on one day."""
    named = {festival for step in steps for festival in step.days.festivals}
    return [_AnyDay(frozenset({name})) for name in sorted(named)] or [_AnyDay(frozenset())]
