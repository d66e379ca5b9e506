"""What operators are told of playbooks: which of them run in a group, and what comes when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.domain.groups import Group
from bot.domain.slots import Calendar, CronTimes, Slot, Times, slots_between
from bot.playbooks.model import Playbook, Step
from bot.yaml_places import Mistake

_LOOK_AHEAD = (timedelta(days=2), timedelta(days=40), timedelta(days=400))
"""How far a next slot is looked for, in turn; most are within two days."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What a new reading brought: the files that had changed, and the playbooks that run since, or no longer do."""

    files: Sequence[str] = ()
    new: Sequence[str] = ()
    gone: Sequence[str] = ()


class Stage(Protocol):
    """What runs, and what makes it run: the scheduler's side of playbooks."""

    @property
    def playbooks(self) -> Mapping[str, Playbook]:
        """The playbooks that run now, by name."""
        ...

    @property
    def mistakes(self) -> Sequence[Mistake]:
        """What is wrong in the files."""
        ...

    @property
    def calendar(self) -> Calendar:
        """What is known of countries' days."""
        ...

    @property
    def root(self) -> Path:
        """The directory of the files."""
        ...

    async def reload(self) -> Reloaded:
        """Reads the files now."""
        ...

    def wake(self, group_id: int) -> None:
        """Lets what is due in a group be done at once."""
        ...


@dataclass(frozen=True, slots=True)
class Coming:
    """A step that will come at a slot."""

    slot: Slot
    playbook: Playbook
    step: Step


def playbooks_of(group: Group, playbooks: Mapping[str, Playbook]) -> list[Playbook]:
    """The playbooks that run in a group, in the order of their names."""
    return [playbook for _, playbook in sorted(playbooks.items()) if runs_in(group, playbook)]


def runs_in(group: Group, playbook: Playbook) -> bool:
    """Whether a playbook is meant for a group."""
    audience = playbook.audience
    names = {group.title, str(group.chat_id)}
    return audience.is_all or not audience.tags.isdisjoint(group.tags) or not audience.names.isdisjoint(names)


def coming(
    group: Group, playbooks: Iterable[Playbook], after: datetime, until: datetime, calendar: Calendar
) -> list[Coming]:
    """What comes in a group after one instant and until another, in order; what events set off is nobody's to know."""
    found = [
        Coming(slot, playbook, step)
        for playbook in playbooks
        for step in playbook.steps
        for slot in _slots(group, playbook, step, after, until, calendar)
    ]
    return sorted(found, key=lambda one: (one.slot, one.playbook.name, one.step.id))


def next_of(group: Group, playbook: Playbook, after: datetime, calendar: Calendar) -> Coming | None:
    """The step of a playbook that comes next."""
    for ahead in _LOOK_AHEAD:
        if found := coming(group, [playbook], after, after + ahead, calendar):
            return found[0]
    return None


def next_slots(group: Group, playbook: Playbook, step: Step, after: datetime, calendar: Calendar) -> list[Slot]:
    """The next slots of a step, as many as come within reasonable time; none for one that events set off."""
    for ahead in _LOOK_AHEAD:
        if found := _slots(group, playbook, step, after, after + ahead, calendar):
            return found
    return []


def _slots(
    group: Group, playbook: Playbook, step: Step, after: datetime, until: datetime, calendar: Calendar
) -> list[Slot]:
    if not isinstance(step.trigger, Times | CronTimes):
        return []
    slots = slots_between(step.trigger, playbook.days, after, until, playbook.zone_in(group), calendar)
    return [slot for slot in slots if step.days.include(slot.local.date(), calendar)]
