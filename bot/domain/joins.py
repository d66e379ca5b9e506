"""People who join a group: which news is of the same join, and when there are too many at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.members import Person

SAME_JOIN = timedelta(seconds=60)
"""The platform may tell of one join twice, as a change of membership and as a message, with times that differ a bit."""

RAID_SPAN = timedelta(minutes=1)
"""The time in which joins are counted to tell a raid."""


@dataclass(frozen=True, slots=True)
class InviteLink:
    """The link by which somebody came, and who made it (Bot API, ChatInviteLink)."""

    url: str
    name: str | None = None
    creator_id: int | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """A join as it is recorded: `is_first` is false for somebody who was let in before."""

    user_id: int
    update_id: int
    at: datetime
    is_first: bool
    is_raid: bool
    inviter_id: int | None = None
    link: InviteLink | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody has joined. The same update, brought again, tells the same.

    `inviter` added them; `brought_by` did, or is the member whose `link` they came by. `is_told` is true when other
    news of the same join came before: there is nobody to greet. `is_backlog` is true for a join that is long over: it
    is recorded and never greeted. `begins_raid` is true for the one join that turned a crowd into a raid.
    """

    person: Person
    at: datetime
    update_id: int
    is_first: bool
    is_raid: bool = False
    begins_raid: bool = False
    is_backlog: bool = False
    is_told: bool = False
    inviter: Person | None = None
    link: InviteLink | None = None
    brought_by: Person | None = None


def is_same_join(earlier: Join, at: datetime, left_at: datetime | None) -> bool:
    """Whether news of a join is of one that is recorded: about the same time, and nobody left in between."""
    has_left = left_at is not None and earlier.at <= left_at <= at
    return abs(at - earlier.at) <= SAME_JOIN and not has_left


def is_raid(joined: int, limit: int, *, is_under_way: bool) -> bool:
    """Whether so many joins within `RAID_SPAN` are a raid, or one that is under way goes on; 0 is no limit."""
    return limit > 0 and (joined > limit or (is_under_way and not is_calm(joined, limit)))


def is_calm(joined: int, limit: int) -> bool:
    """Whether a raid is over: well below the limit, so that it does not end and begin with every other join."""
    return limit == 0 or joined <= limit // 2
