"""Operators on duty, and the members who wanted a person."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.tables import hand_overs, on_duty, people


@dataclass(frozen=True, slots=True)
class HandOver:
    """A member who wanted a person, in which topic, how often operators were called for it, and who took it."""

    id: int
    group_id: int
    user_id: int
    name: str
    link: str
    asked_at: datetime
    pings: int
    taken_by: str | None
    topic: int | None = None


_COLUMNS = tuple(hand_overs.c[field.name] for field in fields(HandOver))


@dataclass(frozen=True, slots=True)
class HandOverRepository:
    """The duty and the hand-overs of one transaction."""

    connection: Connection

    def on_duty(self, group_id: int) -> Mapping[int, str]:
        """The operators on duty (id and name), in the order in which they came."""
        statement = select(people.c.id, people.c.name).join(on_duty, on_duty.c.user_id == people.c.id)
        statement = statement.where(on_duty.c.group_id == group_id).order_by(on_duty.c.since, on_duty.c.user_id)
        return {row.id: row.name for row in self.connection.execute(statement)}

    def set_duty(self, group_id: int, user_id: int, since: datetime | None) -> None:
        """Puts an operator on duty since an instant, or (None) off it. Twice is the same as once."""
        if since is None:
            is_theirs = (on_duty.c.group_id == group_id) & (on_duty.c.user_id == user_id)
            self.connection.execute(delete(on_duty).where(is_theirs))
        else:
            row = {"group_id": group_id, "user_id": user_id, "since": since}
            self.connection.execute(insert(on_duty).values(row).on_conflict_do_nothing())

    def of_update(self, group_id: int, update_id: int) -> HandOver | None:
        """What an update asked for, if it was asked before."""
        return self._one((hand_overs.c.group_id == group_id) & (hand_overs.c.update_id == update_id))

    def find(self, group_id: int, hand_over_id: int) -> HandOver | None:
        """One of a group, locked until the end of the transaction."""
        return self._one((hand_overs.c.group_id == group_id) & (hand_overs.c.id == hand_over_id))

    def since(self, group_id: int, at: datetime) -> Sequence[HandOver]:
        """Those of a group since an instant, newest first."""
        statement = select(*_COLUMNS).where(hand_overs.c.group_id == group_id, hand_overs.c.asked_at > at)
        return [HandOver(*row) for row in self.connection.execute(statement.order_by(hand_overs.c.id.desc()))]

    def add(self, asked: HandOver, update_id: int, next_at: datetime) -> HandOver:
        """Notes who wants a person, and returns it with its id."""
        row = asdict(asked) | {"update_id": update_id, "next_ping_at": next_at}
        del row["id"]
        number: int = self.connection.execute(insert(hand_overs).values(row).returning(hand_overs.c.id)).scalar_one()
        return replace(asked, id=number)

    def due(self, now: datetime) -> Sequence[HandOver]:
        """Those for which it is time to call again."""
        statement = select(*_COLUMNS).where(hand_overs.c.next_ping_at <= now).order_by(hand_overs.c.next_ping_at)
        return [HandOver(*row) for row in self.connection.execute(statement)]

    def called(self, hand_over_id: int, pings: int, next_at: datetime | None) -> None:
        """Notes a call, and when the next one is due."""
        self._set(hand_over_id, pings=pings, next_ping_at=next_at)

    def take(self, hand_over_id: int, name: str) -> None:
        """Notes who has taken it; nobody is called for it any more."""
        self._set(hand_over_id, taken_by=name, next_ping_at=None)

    def forget_before(self, at: datetime) -> None:
        """Forgets those that are older and for which nobody is called."""
        is_over = hand_overs.c.next_ping_at.is_(None)
        self.connection.execute(delete(hand_overs).where(hand_overs.c.asked_at < at, is_over))

    def _one(self, is_it: ColumnElement[bool]) -> HandOver | None:
        row = self.connection.execute(select(*_COLUMNS).where(is_it).with_for_update()).one_or_none()
        return HandOver(*row) if row else None

    def _set(self, hand_over_id: int, **values: object) -> None:
        self.connection.execute(update(hand_overs).where(hand_overs.c.id == hand_over_id).values(**values))
