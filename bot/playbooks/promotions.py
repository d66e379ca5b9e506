"""How many promotions a playbook can post on one day."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from bot.domain.slots import CronTimes, Times
from bot.playbooks.model import Step
from bot.playbooks.reachable import OneFestival

_LEAP_YEAR = tuple(date(2400, 1, 1) + timedelta(days=n) for n in range(366))


def most_on_a_day(steps: Iterable[Step]) -> int:
    """The most promotions of one day, as far as weekdays, dates and festivals keep steps apart.

    Workdays and holidays are taken for any day, and festivals for none of the dates that are named. What cannot be told
    beforehand the budget stops when it comes.
    """
    promos = [step for step in steps if step.is_promo]
    timed = [(step, times) for step in promos if isinstance(times := step.trigger, Times | CronTimes)]
    return max(
        sum(len(times.of_day(day)) for step, times in timed if step.days.include(day, calendar))
        for day, calendar in _days(promos)
    )


def _days(steps: Iterable[Step]) -> Iterator[tuple[date, OneFestival]]:
    """Days enough: no two festivals are on one day, and where ranges overlap, one of them begins."""
    steps = list(steps)
    named = {festival for step in steps for festival in step.days.festivals}
    for calendar in (OneFestival(), *(OneFestival(frozenset({name})) for name in sorted(named))):
        yield from ((day, calendar) for day in _LEAP_YEAR)
    for step in steps:
        yield from ((first, OneFestival()) for first, _ in step.days.ranges)
