"""A group's day: what became of each step so far, and what is still to come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

from bot.domain.groups import Group
from bot.domain.playbooks import Pause
from bot.domain.slots import ONE_DAY, Calendar, CronTimes, Times, instant_of
from bot.playbooks.model import Playbook, Step
from bot.playbooks.overview import Coming, coming
from storage.playbooks import Shown

Prospect = Literal["comes", "waits", "quiet", "paused"]
"""What a step to come will do: it comes, waits for the end of quiet hours, or is left out for one of these reasons."""


@dataclass(frozen=True, slots=True)
class ToCome:
    """A step that will come at an instant: `until` is the end of the quiet hours, or the pause, that it falls into."""

    at: datetime
    playbook: Playbook
    step: Step
    prospect: Prospect = "comes"
    until: datetime | None = None
    pause: Pause | None = None


@dataclass(frozen=True, slots=True)
class Whenever:
    """A step that something else than the clock sets off."""

    playbook: Playbook
    step: Step


Entry = Shown | ToCome | Whenever


def bounds_of_today(group: Group, now: datetime) -> tuple[datetime, datetime]:
    """The instants at which the group's calendar day begins and ends."""
    today = datetime.combine(now.astimezone(group.zone).date(), time())
    return instant_of(today, group.zone), instant_of(today + ONE_DAY, group.zone)


def entries_of_today(
    group: Group, playbooks: Iterable[Playbook], pauses: Mapping[str, Pause], shown: Sequence[Shown], now: datetime,
    calendar: Calendar,
) -> Sequence[Entry]:  # fmt: skip
    """All of a group's day in order; what something else than the clock sets off stands at the end."""
    running = list(playbooks)
    taken = {(one.playbook, one.step, one.slot) for one in shown}
    expected = [
        _prospect(group, one, pauses.get(one.playbook.name))
        for one in coming(group, running, now, bounds_of_today(group, now)[1], calendar)
        if (one.playbook.name, one.step.id, one.slot.key) not in taken
    ]
    events = [
        Whenever(playbook, step)
        for playbook in running
        for step in playbook.steps
        if not isinstance(step.trigger, Times | CronTimes)
    ]
    timed: list[Shown | ToCome] = [*shown, *expected]
    return [*sorted(timed, key=_instant), *events]


def _instant(entry: Shown | ToCome) -> datetime:
    return entry.slot_at if isinstance(entry, Shown) else entry.at


def _prospect(group: Group, one: Coming, pause: Pause | None) -> ToCome:
    at = one.slot.at
    if pause is not None and (pause.until is None or pause.until > at):
        return ToCome(at, one.playbook, one.step, "paused", pause=pause)
    both = ((one.playbook.quiet_hours, one.playbook.zone_in(group)), (group.settings.quiet, group.zone))
    end = max((quiet.end_after(at, zone) for quiet, zone in both if quiet), default=at)
    if end <= at:
        return ToCome(at, one.playbook, one.step)
    note = one.step.if_missed.note(end - at, is_newest=True)
    return ToCome(at, one.playbook, one.step, "quiet" if note else "waits", until=end)
