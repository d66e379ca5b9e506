"""Days on which members checked in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.checkins import CheckIn
from storage.prepared import Prepared
from storage.tables import check_in_days, check_ins

_COLUMNS = (check_ins.c.day, check_ins.c.at, check_ins.c.zone, check_ins.c.kind, check_ins.c.streak)
_OF_MEMBER = (check_ins.c.group_id == bindparam("group")) & (check_ins.c.user_id == bindparam("user"))
_latest = select(*_COLUMNS).where(_OF_MEMBER).order_by(check_ins.c.day.desc()).limit(1)
_LAST = Prepared(_latest)
_BEFORE = Prepared(_latest.where(check_ins.c.day < bindparam("first")))
_SINCE = select(*_COLUMNS).where(_OF_MEMBER, check_ins.c.day >= bindparam("first")).order_by(check_ins.c.day)
_CAUSED = _SINCE.where(check_ins.c.update_id == bindparam("cause"), check_ins.c.kind != "frozen")
_STORED = ("group_id", "user_id", "day", "at", "zone", "kind", "streak", "update_id")
_ADD = Prepared(insert(check_ins).values({name: bindparam(name) for name in _STORED}).on_conflict_do_nothing())
_SET_STREAK = (
    update(check_ins).where(_OF_MEMBER, check_ins.c.day == bindparam("the_day")).values(streak=bindparam("new_streak"))
)
_new_day = insert(check_in_days).values(group_id=bindparam("group"), day=bindparam("the_day"), count=1, bonus=0)
_COUNT_DAY = Prepared(
    _new_day.on_conflict_do_update(
        index_elements=[check_in_days.c.group_id, check_in_days.c.day], set_={"count": check_in_days.c.count + 1}
    ).returning(check_in_days.c.count, check_in_days.c.bonus)
)


@dataclass(frozen=True, slots=True)
class CheckInRepository:
    """The check-ins of one transaction."""

    connection: Connection

    def last(self, group_id: int, user_id: int) -> CheckIn | None:
        """The member's latest day."""
        return _first(_LAST.rows(self.connection, group=group_id, user=user_id))

    def before(self, group_id: int, user_id: int, day: date) -> CheckIn | None:
        """The member's latest day before a day."""
        return _first(_BEFORE.rows(self.connection, group=group_id, user=user_id, first=day))

    def since(self, group_id: int, user_id: int, day: date) -> Sequence[CheckIn]:
        """The member's days from a day on, oldest first."""
        rows = self.connection.execute(_SINCE, {"group": group_id, "user": user_id, "first": day})
        return [CheckIn(*row) for row in rows]

    def caused_by(self, group_id: int, user_id: int, update_id: int, since: date) -> CheckIn | None:
        """The day, on or after `since`, that an update brought, when it was handled before."""
        values = {"group": group_id, "user": user_id, "cause": update_id, "first": since}
        return _first(self.connection.execute(_CAUSED, values).all())

    def add(self, group_id: int, user_id: int, days: Sequence[CheckIn], update_id: int) -> None:
        """Stores days of a member that have no row yet."""
        for c in days:
            told = {"day": c.day, "at": c.at, "zone": c.zone, "kind": c.kind, "streak": c.streak}
            _ADD.change(self.connection, group_id=group_id, user_id=user_id, update_id=update_id, **told)

    def set_streaks(self, group_id: int, user_id: int, days: Sequence[CheckIn]) -> None:
        """Stores the recounted streaks of days that have a row."""
        if days:
            self.connection.execute(
                _SET_STREAK,
                [{"group": group_id, "user": user_id, "the_day": c.day, "new_streak": c.streak} for c in days],
            )

    def count_in(self, group_id: int, day: date) -> tuple[int, int]:
        """Counts one more on the group's day: how many that makes, and the bonus points paid so far."""
        [[count, bonus]] = _COUNT_DAY.rows(self.connection, group=group_id, the_day=day)
        return count, bonus

    def spend_bonus(self, group_id: int, day: date, bonus: int) -> None:
        """Takes a bonus out of the day's budget."""
        self.connection.execute(
            update(check_in_days)
            .where(check_in_days.c.group_id == group_id, check_in_days.c.day == day)
            .values(bonus=check_in_days.c.bonus + bonus)
        )

    def count_of(self, group_id: int, day: date) -> int:
        """How many have checked in on the group's day."""
        return (
            self.connection.execute(
                select(check_in_days.c.count).where(check_in_days.c.group_id == group_id, check_in_days.c.day == day)
            ).scalar()
            or 0
        )

    def users_of(self, group_id: int, day: date) -> Sequence[int]:
        """Who has checked in on the group's day, in an order that every process keeps."""
        mine = (check_ins.c.group_id == group_id, check_ins.c.day == day, check_ins.c.kind == "checked_in")
        return (
            self.connection.execute(select(check_ins.c.user_id).where(*mine).order_by(check_ins.c.user_id))
            .scalars()
            .all()
        )

    def made_up_since(self, group_id: int, user_id: int, since: datetime) -> int:
        """How many days a member has made up for since an instant."""
        return self.connection.execute(
            select(func.count())
            .select_from(check_ins)
            .where(_OF_MEMBER, check_ins.c.kind == "made_up", check_ins.c.at >= bindparam("since")),
            {"group": group_id, "user": user_id, "since": since},
        ).scalar_one()


def _first(rows: Sequence[Sequence[Any]]) -> CheckIn | None:
    return CheckIn(*rows[0]) if rows else None
