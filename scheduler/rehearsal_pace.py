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
        free = max(free, at) + _ONE_SECOND / limits.per_second * max(1, len(posted.post.media))
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
    """What the limits do to the posts, by the time of day: worth a look when a post is late by a minute or more."""
    by_time: dict[tuple[str, str], list[Held]] = {}
    for held in through(posts, limits):
        by_time.setdefault((f"{held.posted.turn.local:%H:%M}", held.limit), []).append(held)
    return [_warned(time, limit, held, posts, limits) for (time, limit), held in sorted(by_time.items())]


def _warned(time: str, limit: str, held: Sequence[Held], posts: Sequence[Posted], limits: Limits) -> Warned:
    latest = max(held, key=lambda one: one.until - one.posted.turn.at)
    instant = latest.posted.turn.at
    facts = {
        "time": time,
        "posts": sum(posted.turn.at == instant for posted in posts),
        "rate": limits.per_second,
        "last": f"{latest.until.astimezone(latest.posted.turn.group.zone):%H:%M:%S}",
    }
    groups = {one.posted.turn.group.id: one.posted.turn.group for one in held} if limit == "group" else {}
    return Warned(f"{limit}_limit", facts, list(groups.values()), is_note=latest.until - instant < _ONE_MINUTE)
