"""At which times of day a step posts, as far as that is known before it happens."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from bot.domain.slots import CronTimes, Times
from bot.playbooks.model import After, Step, Wait

_SOME_DAY = date(2000, 1, 1)


def posting_times(step: Step, steps: Mapping[str, Step]) -> list[time]:
    """The times of all its actions, waits and the steps before it included; none where an event begins it."""
    starts = _starts(step, steps, frozenset())
    return sorted({(start + passed).time() for start in starts for passed in _passed(step)})


def _starts(step: Step, steps: Mapping[str, Step], seen: frozenset[str]) -> list[datetime]:
    trigger = step.trigger
    if isinstance(trigger, Times | CronTimes):
        return [datetime.combine(_SOME_DAY, at) for at in trigger.times]
    if not isinstance(trigger, After) or trigger.step not in steps or step.id in seen:
        return []
    former = steps[trigger.step]
    later = trigger.delay + sum((a.duration for a in former.actions if isinstance(a, Wait)), timedelta(0))
    return [start + later for start in _starts(former, steps, seen | {step.id})]


def _passed(step: Step) -> Iterator[timedelta]:
    """How long after its start each action comes. One whose actions could not be read comes at its start."""
    passed = timedelta(0)
    if not step.actions:
        yield passed
    for action in step.actions:
        if isinstance(action, Wait):
            passed += action.duration
        else:
            yield passed
