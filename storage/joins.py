"""Who joined which group, when, and how; and the raids that came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Connection, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.joins import RAID_SPAN, InviteLink, Join
from storage.tables import groups, joins, members, raids

_LATEST_FIRST = text("+joins.at DESC")
"""The plus keeps SQLite from walking through all joins of the group in this order: a person has a few."""
_of_group = literal_column("+joins.group_id", BigInteger)
"""Likewise, to find those who are yet to be greeted."""


@dataclass(frozen=True, slots=True)
class Raid:
    """A raid that is not over: its group, the join that began it and its instant."""

    group_id: int
    chat_id: int
    update_id: int
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Ungreeted:
    """Somebody who joined and was not greeted in time; `is_here` is false for one who has left."""

    group_id: int
    user_id: int
    greet_at: datetime
    is_here: bool


@dataclass(frozen=True, slots=True)
class JoinRepository:
    """The joins of one transaction."""

    connection: Connection

    def add(self, group_id: int, join: Join) -> None:
        """Records a join; the same update again changes nothing."""
        link = join.link or InviteLink("")
        row = {"group_id": group_id, "user_id": join.user_id, "update_id": join.update_id, "at": join.at,
               "is_first": join.is_first, "is_raid": join.is_raid, "inviter_id": join.inviter_id,
               "link": link.url or None, "link_name": link.name, "link_creator_id": link.creator_id}  # fmt: skip
        self.connection.execute(insert(joins).values(row).on_conflict_do_nothing())

    def of_update(self, group_id: int, user_id: int, update_id: int) -> Join | None:
        """The join that an update told of."""
        return self._one(joins.c.group_id == group_id, joins.c.user_id == user_id, joins.c.update_id == update_id)

    def latest(self, group_id: int, user_id: int) -> Join | None:
        """A person's latest join."""
        return self._one(joins.c.group_id == group_id, joins.c.user_id == user_id)

    def set_link(self, group_id: int, join: Join, link: InviteLink) -> None:
        """Adds how somebody came, which only some news of a join tells."""
        self.connection.execute(
            update(joins)
            .where(joins.c.group_id == group_id, joins.c.user_id == join.user_id, joins.c.update_id == join.update_id)
            .values(link=link.url, link_name=link.name, link_creator_id=link.creator_id)
        )

    def not_first(self, group_id: int, join: Join) -> None:
        """Notes that a join led nowhere: a later one is the first."""
        self.connection.execute(
            update(joins)
            .where(joins.c.group_id == group_id, joins.c.user_id == join.user_id, joins.c.update_id == join.update_id)
            .values(is_first=False)
        )

    def greet_at(self, group_id: int, user_id: int, update_id: int, at: datetime) -> None:
        """Notes that a newcomer is to be greeted, and from when on nobody else is about to."""
        self.connection.execute(
            update(joins)
            .where(joins.c.group_id == group_id, joins.c.user_id == user_id, joins.c.update_id == update_id)
            .values(greet_at=at)
        )

    def greeted(self, group_id: int, until: datetime) -> Sequence[int]:
        """Notes that everybody has been greeted whose `greet_at` is an instant or before, and returns who that is."""
        statement = update(joins).where(_of_group == group_id, joins.c.greet_at <= until).values(greet_at=None)
        return self.connection.execute(statement.returning(joins.c.user_id)).scalars().all()

    def ungreeted(self, now: datetime, limit: int) -> Sequence[Ungreeted]:
        """Those who should have been greeted by now."""
        statement = (
            select(joins.c.group_id, joins.c.user_id, joins.c.greet_at, members.c.status.in_(("member", "operator")))
            .join(members, (members.c.group_id == joins.c.group_id) & (members.c.user_id == joins.c.user_id))
            .where(joins.c.greet_at <= now)
            .order_by(joins.c.greet_at, joins.c.update_id)
            .limit(limit)
        )
        return [Ungreeted(*row) for row in self.connection.execute(statement)]

    def within_span(self, group_id: int, until: datetime, most: int) -> int:
        """How many joined in the `RAID_SPAN` up to an instant; counting stops at `most`."""
        lately = (
            select(joins.c.update_id)
            .where(joins.c.group_id == group_id, joins.c.at > until - RAID_SPAN, joins.c.at <= until)
            .limit(most)
        )
        return self.connection.execute(select(func.count()).select_from(lately.subquery())).scalar_one()

    def since(self, group_id: int, instant: datetime) -> int:
        """How many have joined after an instant."""
        statement = select(func.count()).where(joins.c.group_id == group_id, joins.c.at > instant)
        return self.connection.execute(statement).scalar_one()

    def begin_raid(self, group_id: int, update_id: int, at: datetime) -> bool:
        """Notes that a raid has begun; False if the group has one already."""
        row = {"group_id": group_id, "update_id": update_id, "began_at": at}
        statement = insert(raids).values(row).on_conflict_do_nothing().returning(raids.c.update_id)
        return self.connection.execute(statement).first() is not None

    def began_raid(self, group_id: int, update_id: int) -> bool:
        """Whether it was this join that began a raid."""
        statement = select(raids.c.update_id).where(raids.c.group_id == group_id, raids.c.update_id == update_id)
        return self.connection.execute(statement).first() is not None

    def raid(self, group_id: int) -> Raid | None:
        """The raid on a group that is under way."""
        found = self._raids(raids.c.group_id == group_id)
        return found[0] if found else None

    def raids(self) -> Sequence[Raid]:
        """All raids that are under way."""
        return self._raids()

    def end_raid(self, raid: Raid, at: datetime) -> bool:
        """Notes that a raid is over; False if it was already."""
        statement = (
            update(raids)
            .where(raids.c.group_id == raid.group_id, raids.c.update_id == raid.update_id, raids.c.ended_at.is_(None))
            .values(ended_at=at)
        )
        return self.connection.execute(statement).rowcount == 1

    def _raids(self, *where: ColumnElement[bool]) -> Sequence[Raid]:
        columns = (raids.c.group_id, groups.c.chat_id, raids.c.update_id, raids.c.began_at)
        rows = self.connection.execute(
            select(*columns)
            .join(groups, groups.c.id == raids.c.group_id)
            .where(raids.c.ended_at.is_(None), groups.c.chat_id.is_not(None), *where)
        )
        return [Raid(*row) for row in rows]

    def _one(self, *where: ColumnElement[bool]) -> Join | None:
        statement = select(joins).where(*where).order_by(_LATEST_FIRST, joins.c.update_id.desc()).limit(1)
        row = self.connection.execute(statement).one_or_none()
        if row is None:
            return None
        link = InviteLink(row.link, row.link_name, row.link_creator_id) if row.link else None
        return Join(row.user_id, row.update_id, row.at, row.is_first, row.is_raid, row.inviter_id, link)
