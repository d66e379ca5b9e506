"""What is due when: the steps of all playbooks by the minute of the day at which they come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.slots import ONE_MINUTE, Calendar, CronTimes, Slot, Times, slots_between
from bot.playbooks.listeners import Listeners
from bot.playbooks.model import Playbook, Step
from storage.audiences import Where
from storage.deliveries import Due

LONGEST_LOOK_BACK = timedelta(days=3)
"""How far back missed slots are looked for; what is older is forgotten."""


@dataclass(frozen=True, slots=True)
class _Timed:
    playbook: Playbook
    step: Step
    times: Times | CronTimes


class Timetable:
    """Finds what is due; the usual ring looks at one minute of the day in each zone, however many steps there are.

    `listeners` are the steps that wait for events.
    """

    def __init__(self, playbooks: Iterable[Playbook], default_zone: str, calendar: Calendar) -> None:
        playbooks = list(playbooks)
        self.listeners = Listeners(playbooks, default_zone, calendar)
        self._default_zone = default_zone
        self._calendar = calendar
        self._of_minute: dict[tuple[int, int], list[_Timed]] = {}
        self._all: list[_Timed] = []
        for playbook in playbooks:
            for step in playbook.steps:
                if isinstance(step.trigger, Times | CronTimes):
                    self._add(_Timed(playbook, step, step.trigger))

    def _add(self, timed: _Timed) -> None:
        self._all.append(timed)
        for at in timed.times.times:
            self._of_minute.setdefault((at.hour, at.minute), []).append(timed)

    def due(self, after: datetime, until: datetime, zones: Sequence[str], spread: timedelta) -> list[Due]:
        """The slots later than one instant and not later than another, for groups in these zones."""
        after = max(after, until - LONGEST_LOOK_BACK)
        own_zones = {timed.playbook.zone for timed in self._all if timed.playbook.zone}
        found: list[Due] = []
        for name in sorted({*zones, *own_zones}):
            zone = ZoneInfo(name)
            for timed in self._candidates(after, until, zone):
                if (timed.playbook.zone or name) == name and (timed.playbook.zone or name in zones):
                    found += self._of(timed, after, until, zone, spread)
        return found

    def _candidates(self, after: datetime, until: datetime, zone: ZoneInfo) -> Iterable[_Timed]:
        """The steps with a time of day within the interval; all of them if it is long, or the clocks change in it."""
        start, end = after.astimezone(zone), until.astimezone(zone)
        if until - after > timedelta(hours=1) or start.utcoffset() != end.utcoffset():
            return self._all
        return _once(
            timed for minute in _minutes(start, end) for timed in self._of_minute.get((minute.hour, minute.minute), ())
        )

    def _of(self, timed: _Timed, after: datetime, until: datetime, zone: ZoneInfo, spread: timedelta) -> Iterator[Due]:
        of_playbook = slots_between(timed.times, timed.playbook.days, after, until, zone, self._calendar)
        slots = [slot for slot in of_playbook if timed.step.days.include(slot.local.date(), self._calendar)]
        for number, slot in enumerate(slots, 1):
            yield self._due(timed, slot, until, zone, spread, is_newest=number == len(slots))

    def _due(
        self, timed: _Timed, slot: Slot, now: datetime, zone: ZoneInfo, spread: timedelta, *, is_newest: bool
    ) -> Due:
        playbook, step = timed.playbook, timed.step
        note = step.if_missed.note(now - slot.at, is_newest=is_newest)
        where = Where(
            zone=None if playbook.zone else zone.key,
            default_zone=self._default_zone,
            tags=playbook.audience.tags,
            names=playbook.audience.names,
        )
        return Due(playbook.name, step.id, slot.key, slot.at, where, spread, note)


def _minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    minute = start.replace(second=0, microsecond=0)
    while minute <= end:
        yield minute
        minute += ONE_MINUTE


def _once(many: Iterable[_Timed]) -> list[_Timed]:
    return list({id(timed): timed for timed in many}.values())
