"""When the posts of a rehearsal would come through the platform's limits."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.playbooks.rehearsed import Posted, Warned
from scheduler.pace import Limits

_ONE_SECOND, _ONE_MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A post that a limit let wait: the bot's, or its group's."""

    posted: Posted
    until: datetime
    limit: Literal["bot", "group"]


def through(posts: Sequence[Posted], limits: Limits) -> list[Held]:
    """Sets when each post would be delivered, and returns those that have to wait for a second or longer."""
    free = datetime.min.replace(tzinfo=posts[0].turn.at.tzinfo) if posts else None
    sent: dict[int, deque[datetime]] = {}
    held = []
    for posted in sorted(posts, key=_order):
        of_group = sent.setdefault(posted.turn.group.id, deque(maxlen=limits.group_per_minute))
        assert free is not None  # noqa: S101 - there are posts
        of_bot, at_group = free, _free(of_group, limits, posted.turn.at)
        posted.delivered_at = at = max(posted.turn.at, of_bot, at_group)
        free = max(free, at) + _ONE_SECOND * limits.interval * max(1, len(posted.post.media))
        of_group.extend([at] * max(1, len(posted.post.media)))
        if at - posted.turn.at >= _ONE_SECOND:
            held.append(Held(posted, at, "group" if at_group >= of_bot else "bot"))
    return held


def _order(posted: Posted) -> tuple[datetime, int]:
    return posted.turn.at, posted.turn.group.id * 2_654_435_761 % (1 << 32)  # as deliveries are scattered


def _free(sent: deque[datetime], limits: Limits, at: datetime) -> datetime:
    if not sent:
        return at
    free = sent[-1] + _ONE_SECOND / limits.group_per_second
    return max(free, sent[0] + _ONE_MINUTE) if len(sent) == limits.group_per_minute else free


def pace_of(posts: Sequence[Posted], limits: Limits) -> list[Warned]:
    """What the limits do to the posts: worth a look where one is late by a minute or more, else good to know."""
    at_once: dict[datetime, int] = {}
    for posted in posts:
        at_once[posted.turn.at] = at_once.get(posted.turn.at, 0) + 1
    latest: dict[tuple[datetime, str], Held] = {}
    for held in through(posts, limits):
        key = (held.posted.turn.at, held.limit)
        latest[key] = max(held, latest.get(key, held), key=lambda one: one.until)
    found: dict[tuple[str, int, int], list[Held]] = {}
    for (at, limit), held in latest.items():
        found.setdefault((limit, at_once[at], (held.until - at) // _ONE_SECOND), []).append(held)
    return [_warned(limit, number, late, held, limits) for (limit, number, late), held in found.items()]


def _warned(limit: str, posts: int, late: int, held: Sequence[Held], limits: Limits) -> Warned:
    times = " ".join(sorted({f"{one.posted.turn.local:%H:%M}" for one in held}))
    facts = {"times": times, "posts": posts, "rate": limits.per_second, "late": late}
    return Warned(f"{limit}_limit", facts, is_note=late < 60)
