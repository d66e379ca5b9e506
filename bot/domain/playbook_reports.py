"""What playbooks brought: the figures of a group, and of all groups of an operator at once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from bot.domain.deliveries import Note, State
from bot.domain.slots import ONE_DAY, instant_of

GRACE = timedelta(hours=2)
"""How late an evening's report may still come; after that the evening is over."""

MOST_SHOWN = 8
"""Groups that are shown one by one in a report of many."""

Kind = Literal["sent", "unknown", "failed", "skipped", "cancelled"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What became of deliveries, as a report counts them; `cancelled` is what people kept back."""

_CANCELLED: frozenset[Note] = frozenset({"removed", "paused", "operator"})
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


def parse_report_time(text: str) -> time | None:
    """The time of day of a group's report; None for `off`. Raises `ValueError`."""
    if text.casefold() == "off":
        return None
    if not _CLOCK.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(text.zfill(5))


@dataclass(frozen=True, slots=True)
class Evening:
    """A group's day that is reported, from the instant after which nothing was reported yet."""

    day: date
    at: datetime
    since: datetime


def evening_of(now: datetime, at: time, zone: ZoneInfo) -> Evening | None:
    """The evening whose report is due now: its time of day has come, and it is not too late."""
    today = now.astimezone(zone).date()
    for day in (today, today - ONE_DAY):  # late in the evening, and after midnight
        slot = instant_of(datetime.combine(day, at), zone)
        if slot <= now < slot + GRACE:
            return Evening(day, slot, instant_of(datetime.combine(day - ONE_DAY, at), zone))
    return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery in a group; `reason` is why it failed, as far as it was said."""

    group_id: int
    playbook: str
    step: str
    state: State
    note: Note
    replies: int
    reason: str | None = None

    @property
    def kind(self) -> Kind | None:
        """As what it is counted; None for what is still under way."""
        if self.state == "queued" or self.state == "sending":
            return None
        return "cancelled" if self.state == "skipped" and self.note in _CANCELLED else self.state


@dataclass(frozen=True, slots=True)
class Report:
    """A group's figures: how many deliveries of each kind, and answers to posts soon after them.

    `best` is the delivery with the most answers, `worst` the last one that failed.
    """

    group: str
    counts: tuple[tuple[Kind, int], ...] = ()
    replies: int = 0
    check_ins: int = 0
    best: Outcome | None = None
    worst: Outcome | None = None
    is_silent: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether playbooks had nothing to do."""
        return not self.counts

    @property
    def trouble(self) -> tuple[int, int, bool]:
        """What an operator is to look at: posts that failed, posts of which nobody knows, silence."""
        counts = dict(self.counts)
        return counts.get("failed", 0), counts.get("unknown", 0), self.is_silent


def report_of(group: str, outcomes: Iterable[Outcome], check_ins: int, *, is_silent: bool) -> Report:
    """The figures of a group."""
    ended = [one for one in outcomes if one.kind is not None]
    numbers = ((kind, sum(one.kind == kind for one in ended)) for kind in KINDS)
    best = max(ended, key=lambda one: one.replies, default=None)
    return Report(
        group,
        tuple((kind, number) for kind, number in numbers if number),
        sum(one.replies for one in ended),
        check_ins,
        best if best and best.replies else None,
        next((one for one in reversed(ended) if one.kind == "failed"), None),
        is_silent,
    )


def total_of(reports: Sequence[Report]) -> Report:
    """All figures together; `group` is that of the best post."""
    numbers = ((kind, sum(dict(one.counts).get(kind, 0) for one in reports)) for kind in KINDS)
    winner = max(reports, key=lambda one: one.best.replies if one.best else 0, default=Report(""))
    return Report(
        winner.group,
        tuple((kind, number) for kind, number in numbers if number),
        sum(one.replies for one in reports),
        sum(one.check_ins for one in reports),
        winner.best,
    )


def by_need(reports: Iterable[Report]) -> list[Report]:
    """Those that need attention most come first; then those with the most answers."""
    return sorted(reports, key=lambda one: (one.trouble, one.replies), reverse=True)
