"""How many promotions a playbook can post on one day."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from bot.domain.slots import CronTimes, Times
from bot.playbooks.calendars import Holidays
from bot.playbooks.model import Step

_LEAP_YEAR = tuple(date(2028, 1, 1) + timedelta(days=n) for n in range(366))


def most_on_a_day(steps: Iterable[Step]) -> int:
    """The most promotions of one day, as far as weekdays, dates and festivals keep steps apart.

    Workdays and holidays are taken for any day. What cannot be told beforehand the budget stops when it comes.
    """
    promos = [step for step in steps if step.is_promo]
    timed = [(step, times) for step in promos if isinstance(times := step.trigger, Times | CronTimes)]
    calendar = _EveryDayIsOff()
    return max(
        sum(len(times.of_day(day)) for step, times in timed if step.days.include(day, calendar))
        for day in _days(promos)
    )


class _EveryDayIsOff(Holidays):
    """Festivals as they are, and every day a workday and a holiday of every country."""

    def is_workday(self, country: str, day: date) -> bool:
        return True

    def is_holiday(self, country: str, day: date) -> bool:
        return True


def _days(steps: Iterable[Step]) -> Iterator[date]:
    """Days enough: where ranges overlap, one of them begins."""
    yield from _LEAP_YEAR
    for step in steps:
        yield from (first for first, _ in step.days.ranges)
