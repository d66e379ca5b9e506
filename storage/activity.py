"""Message counts, written behind in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, case
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.tables import activity, members

_new_count = insert(activity)
_COUNT = _new_count.on_conflict_do_update(
    index_elements=[activity.c.group_id, activity.c.day, activity.c.user_id],
    set_={"messages": activity.c.messages + _new_count.excluded.messages},
)
_new_member = insert(members).values(
    group_id=bindparam("group_id"),
    user_id=bindparam("user_id"),
    joined_at=bindparam("at"),
    last_seen_at=bindparam("at"),
    messages=bindparam("messages"),
)
_COUNT_MEMBER = _new_member.on_conflict_do_update(
    index_elements=[members.c.group_id, members.c.user_id],
    set_={
        "messages": members.c.messages + _new_member.excluded.messages,
        "last_seen_at": case(
            (members.c.last_seen_at > _new_member.excluded.last_seen_at, members.c.last_seen_at),
            else_=_new_member.excluded.last_seen_at,
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Count:
    """Messages of a member on a group's day; `at` is the latest one's instant."""

    group_id: int
    user_id: int
    day: date
    messages: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ActivityRepository:
    """The message counts of one transaction."""

    connection: Connection

    def add(self, counts: Sequence[Count]) -> None:
        """Adds the counts to what is stored, in an order that every process keeps (so that none waits in a circle)."""
        rows = [
            {"group_id": c.group_id, "user_id": c.user_id, "day": c.day, "messages": c.messages, "at": c.at}
            for c in sorted(counts, key=lambda c: (c.group_id, c.user_id, c.day))
        ]
        if rows:
            self.connection.execute(_COUNT, [{k: v for k, v in row.items() if k != "at"} for row in rows])
            self.connection.execute(_COUNT_MEMBER, rows)
