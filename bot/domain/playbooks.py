"""Playbooks as operators steer them: which one is meant, and how long one rests."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from bot.domain.numbers import whole_number
from bot.domain.refusals import Refusal
from bot.domain.slots import ONE_DAY, QuietHours, instant_of

LONGEST_PAUSE = timedelta(days=366)

_UNTIL = re.compile(
    r"(?P<name>.*\S)\s+(?:(?P<today>today)|until\s+(?P<day>\S+)(?:\s+(?P<at>\d{1,2}:\d{2}))?)\s*", re.DOTALL
)
_EVERYWHERE = re.compile(r"(?P<name>.*\S)\s+everywhere\s*", re.DOTALL)
_HOURS = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")


class UnknownPlaybook(Refusal):
    """No playbook of this group is called so."""

    text = "playbook.unknown"


class PlaybookMeant(Refusal):
    """No playbook of this group is called so, and one almost is."""

    text = "playbook.meant"


class SeveralPlaybooks(Refusal):
    """Several playbooks begin so."""

    text = "playbook.several"


class UnknownStep(Refusal):
    """The playbook has no such step."""

    text = "playbook.unknown_step"


class StepMeant(Refusal):
    """The playbook has no such step, and one that is called almost so."""

    text = "playbook.step_meant"


class NoSlot(Refusal):
    """The step has no time of its own that could be left out."""

    text = "playbook.no_slot"


class NoPlaybooks(Refusal):
    """No playbook runs in this group."""

    text = "playbook.none"


class WrongUntil(Refusal):
    """That is no time to come."""

    text = "playbook.wrong_until"


class NotPaused(Refusal):
    """The playbook runs already."""

    text = "playbook.not_paused"


class PausedEverywhere(Refusal):
    """The owners of the installation paused it, and only they let it go on."""

    text = "playbook.paused_by_owners"


@dataclass(frozen=True, slots=True)
class Pause:
    """A rest of a playbook: until an instant, or until somebody lets it go on."""

    until: datetime | None = None
    is_everywhere: bool = False


@dataclass(frozen=True, slots=True)
class PauseOrder:
    """What an operator wrote after `pause`."""

    name: str
    until: datetime | None
    is_everywhere: bool


def parse_pause(text: str, now: datetime, zone: ZoneInfo) -> PauseOrder:
    """Reads `NAME [everywhere] [today | until DAY [TIME]]`; a day is `2026-12-24`, or left out. Raises `WrongUntil`."""
    until = None
    if found := _UNTIL.fullmatch(text):
        text = found["name"]
        until = _until("today" if found["today"] else found["day"], found["at"], now, zone)
    everywhere = _EVERYWHERE.fullmatch(text)
    return PauseOrder((everywhere["name"] if everywhere else text).strip(), until, everywhere is not None)


def _until(day: str, at: str | None, now: datetime, zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    try:
        if ":" in day:
            local = datetime.combine(today, time.fromisoformat(day.zfill(5)))
            until = instant_of(local, zone)
            until = until if until > now else instant_of(local + ONE_DAY, zone)
        else:
            on = today + ONE_DAY if day == "today" else date.fromisoformat(day)
            until = instant_of(datetime.combine(on, time.fromisoformat((at or "00:00").zfill(5))), zone)
    except (ValueError, OverflowError):
        raise WrongUntil(until=day[:40]) from None
    if not now < until <= now + LONGEST_PAUSE:
        raise WrongUntil(until=day[:40])
    return until


def chosen_playbook(text: str, names: Sequence[str]) -> str:
    """The one of these that is meant: by its name, its number (from 1), or a beginning that no other has.

    Raises `NoPlaybooks`, `SeveralPlaybooks`, `PlaybookMeant` and `UnknownPlaybook`.
    """
    if not names:
        raise NoPlaybooks
    wanted = " ".join(text.split()).casefold()
    exact = [name for name in names if name.casefold() == wanted]
    if exact:
        return exact[0]
    number = whole_number(wanted)
    if number is not None and 1 <= number <= len(names):
        return names[number - 1]
    begun = [name for name in names if wanted and name.casefold().startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise SeveralPlaybooks(name=text[:64], names=_listed(begun))
    near = _nearest(wanted, names)
    if near:
        raise PlaybookMeant(name=text[:64], meant=near)
    raise UnknownPlaybook(name=text[:64], names=_listed(names))


def chosen_step(text: str, playbook: str, steps: Sequence[str]) -> str:
    """The step that is meant, by its id or a beginning that no other has. Raises `StepMeant` and `UnknownStep`."""
    wanted = text.casefold()
    begun = [step for step in steps if step.startswith(wanted)]
    if wanted in steps or len(begun) == 1:
        return wanted if wanted in steps else begun[0]
    near = _nearest(wanted, steps)
    if near:
        raise StepMeant(step=text[:64], playbook=playbook, meant=near)
    raise UnknownStep(step=text[:64], playbook=playbook, names=_listed(steps))


def parse_quiet_hours(text: str) -> QuietHours | None:
    """Hours such as `23:00-08:00`, which may span midnight; None for `off`. Raises `ValueError`."""
    if text.casefold() == "off":
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    start, end = (time.fromisoformat(clock.zfill(5)) for clock in found.groups())
    if start == end:
        raise ValueError(text)
    return QuietHours(start, end)


def _nearest(wanted: str, names: Sequence[str]) -> str | None:
    by_folded = {name.casefold(): name for name in names}
    found = get_close_matches(wanted, by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    return shown if len(names) <= 10 else f"{shown}, …"
