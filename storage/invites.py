"""Invite links, who came by which, and whose invite counts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.invites import Invited, Tally
from storage.admissions import PENDING
from storage.leaderboards import Place
from storage.tables import admissions, check_ins, groups, invite_links, invites, ledger, members, people

_IS_HERE = members.c.status.in_(("member", "operator"))
_HAS_SPOKEN = func.coalesce(members.c.messages, 0) > 0
_HAS_CHECKED_IN = (
    select(check_ins.c.day)
    .where(
        check_ins.c.group_id == invites.c.group_id,
        check_ins.c.user_id == invites.c.user_id,
        check_ins.c.kind == "checked_in",
    )
    .exists()
)
_IS_AT_THE_DOOR = (
    select(admissions.c.user_id)
    .where(
        admissions.c.group_id == invites.c.group_id,
        admissions.c.user_id == invites.c.user_id,
        admissions.c.state.in_(PENDING),
    )
    .exists()
)
_WITH_MEMBERS = invites.outerjoin(
    members, (members.c.group_id == invites.c.group_id) & (members.c.user_id == invites.c.user_id)
)
_of_group = literal_column("+invites.group_id", BigInteger)
"""The plus keeps SQLite from walking through all invites of the group: few of them are to be looked at."""

_COUNTS = and_(invites.c.valid_at.is_not(None), invites.c.void_at.is_(None), _IS_HERE)
"""What an invite is that counts now: it came to count once, nobody struck it, and the one invited is still here."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invite that may count by now, and what is known of the one invited; `day` is the day of the join."""

    user_id: int
    inviter_id: int
    day: date
    invited: Invited


@dataclass(frozen=True, slots=True)
class Inviter:
    """A member who has invited others, and how it went."""

    user_id: int
    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Paid:
    """An invite that was paid for, or an entry of the ledger that says so."""

    group_id: int
    inviter_id: int
    reason: str
    amount: int


@dataclass(frozen=True, slots=True)
class InviteRepository:
    """The invites of one transaction."""

    connection: Connection

    def link_of(self, group_id: int, user_id: int) -> str | None:
        """The member's link that is alive."""
        return self.connection.execute(
            select(invite_links.c.link).where(
                invite_links.c.group_id == group_id,
                invite_links.c.user_id == user_id,
                invite_links.c.dead_at.is_(None),
            )
        ).scalar()

    def keep_link(self, group_id: int, user_id: int, link: str, at: datetime) -> None:
        """Stores the member's link, unless they have one that is alive."""
        row = {"link": link, "group_id": group_id, "user_id": user_id, "made_at": at}
        self.connection.execute(insert(invite_links).values(row).on_conflict_do_nothing())

    def bury_link(self, link: str, at: datetime) -> None:
        """Notes that nobody comes in by a link any more."""
        self.connection.execute(
            update(invite_links).where(invite_links.c.link == link, invite_links.c.dead_at.is_(None)).values(dead_at=at)
        )

    def owner_of(self, group_id: int, link: str) -> int | None:
        """Whose link into the group that is, dead or alive."""
        return self.connection.execute(
            select(invite_links.c.user_id).where(invite_links.c.link == link, invite_links.c.group_id == group_id)
        ).scalar()

    def inviter_of(self, group_id: int, user_id: int) -> int | None:
        """Who brought a member."""
        return self.connection.execute(
            select(invites.c.inviter_id).where(invites.c.group_id == group_id, invites.c.user_id == user_id)
        ).scalar()

    def add(self, group_id: int, user_id: int, inviter_id: int, at: datetime, day: date, look_at: datetime) -> None:
        """Stores who brought a member; the first one stays."""
        row = {"group_id": group_id, "user_id": user_id, "inviter_id": inviter_id, "at": at, "day": day,
               "look_at": look_at}  # fmt: skip
        self.connection.execute(insert(invites).values(row).on_conflict_do_nothing())

    def look_again(self, group_id: int, user_id: int, look_at: datetime | None) -> None:
        """Lets an invite that does not count yet be looked at, at a time or (None) not any more."""
        self.connection.execute(
            update(invites)
            .where(
                invites.c.group_id == group_id,
                invites.c.user_id == user_id,
                invites.c.valid_at.is_(None),
                invites.c.void_at.is_(None),
            )
            .values(look_at=look_at)
        )

    def make_valid(self, group_id: int, user_id: int, reward: int, at: datetime) -> None:
        """Lets an invite count, and stores what it paid."""
        self.connection.execute(
            update(invites)
            .where(invites.c.group_id == group_id, invites.c.user_id == user_id)
            .values(valid_at=at, look_at=None, reward=reward)
        )

    def due(self, now: datetime) -> Sequence[int]:
        """The chats in which invites are to be looked at."""
        statement = (
            select(groups.c.chat_id)
            .join(invites, invites.c.group_id == groups.c.id)
            .where(invites.c.look_at <= now, groups.c.chat_id.is_not(None))
            .distinct()
        )
        return self.connection.execute(statement).scalars().all()

    def waiting(self, group_id: int, now: datetime, inviter_id: int | None = None) -> Sequence[Waiting]:
        """The invites to look at, of a group or of one member in it, locked until the end of the transaction."""
        statement = (
            select(
                invites.c.user_id,
                invites.c.inviter_id,
                invites.c.day,
                invites.c.at,
                func.coalesce(_IS_HERE, False),
                _HAS_SPOKEN,
                _HAS_CHECKED_IN,
                ~_IS_AT_THE_DOOR,
            )
            .select_from(_WITH_MEMBERS)
            .where(invites.c.look_at <= now, _of_group == group_id)
            .order_by(invites.c.at, invites.c.user_id)
            .with_for_update(of=invites)
        )
        if inviter_id is not None:
            statement = statement.where(invites.c.inviter_id == inviter_id)
        rows = self.connection.execute(statement)
        return [Waiting(user_id, inviter, day, Invited(*facts)) for user_id, inviter, day, *facts in rows]

    def paid_on(self, group_id: int, inviter_id: int, day: date) -> int:
        """How many invites of a day were paid for."""
        return self.connection.execute(
            select(func.count())
            .select_from(invites)
            .where(
                invites.c.group_id == group_id,
                invites.c.inviter_id == inviter_id,
                invites.c.day == day,
                invites.c.reward > 0,
            )
        ).scalar_one()

    def tally(self, group_id: int, inviter_id: int) -> Tally:
        """How a member's invites went."""
        statement = _tallies().where(invites.c.group_id == group_id, invites.c.inviter_id == inviter_id)
        return _tally(self.connection.execute(statement).one())

    def inviters(self, group_id: int, limit: int) -> Sequence[Inviter]:
        """Who has invited most, by what counts, then by who joined."""
        name = func.coalesce(func.max(people.c.name), "")
        statement = (
            _tallies(invites.c.inviter_id, name)
            .outerjoin(people, people.c.id == invites.c.inviter_id)
            .where(invites.c.group_id == group_id)
            .group_by(invites.c.inviter_id)
            .order_by(_sum(_COUNTS).desc(), func.count().desc(), func.min(invites.c.at), invites.c.inviter_id)
            .limit(limit)
        )
        rows = self.connection.execute(statement)
        return [Inviter(user_id, name, _tally(counted)) for user_id, name, *counted in rows]

    def top(self, group_id: int, since: datetime | None, limit: int) -> Sequence[Place]:
        """By the invites that count, of those who joined since an instant."""
        statement = (
            select(invites.c.inviter_id, func.coalesce(func.max(people.c.name), ""), func.count())
            .select_from(_WITH_MEMBERS)
            .outerjoin(people, people.c.id == invites.c.inviter_id)
            .where(invites.c.group_id == group_id, _COUNTS)
            .group_by(invites.c.inviter_id)
            .order_by(func.count().desc(), func.max(invites.c.at), invites.c.inviter_id)
            .limit(limit)
        )
        if since is not None:
            statement = statement.where(invites.c.at >= since)
        return [Place(*row) for row in self.connection.execute(statement)]

    def valid_by_inviter(self, group_id: int, inviter_ids: Collection[int] | None = None) -> dict[int, int]:
        """How many invites count, of everybody or of some; who has none is left out."""
        return {row.inviter_id: row.valid for row in self.connection.execute(valid_counts(group_id, inviter_ids))}

    def strike(self, group_id: int, inviter_id: int, at: datetime) -> list[int]:
        """Lets nothing count that a member has brought by now, and returns who that was."""
        struck = (
            update(invites)
            .where(invites.c.group_id == group_id, invites.c.inviter_id == inviter_id, invites.c.void_at.is_(None))
            .values(void_at=at, look_at=None)
            .returning(invites.c.user_id)
        )
        return sorted(self.connection.execute(struck).scalars())

    def restore(self, group_id: int, user_ids: Collection[int], look_at: datetime) -> None:
        """Lets struck invites count again; those that never did are looked at."""
        self.connection.execute(
            update(invites)
            .where(invites.c.group_id == group_id, invites.c.user_id.in_(user_ids))
            .values(void_at=None, look_at=case((invites.c.valid_at.is_(None), look_at), else_=None))
        )

    def paid(self) -> set[Paid]:
        """Every invite that was paid for, as the ledger should have it."""
        rows = self.connection.execute(
            select(invites.c.group_id, invites.c.inviter_id, invites.c.user_id, invites.c.reward).where(
                invites.c.reward > 0
            )
        )
        return {Paid(group, inviter, invite_reason(group, user), reward) for group, inviter, user, reward in rows}

    def booked(self) -> set[Paid]:
        """Every payment for an invite in the ledger."""
        rows = self.connection.execute(
            select(ledger.c.group_id, ledger.c.user_id, ledger.c.reason, ledger.c.amount).where(
                ledger.c.reason.startswith("invite:")
            )
        )
        return {Paid(*row) for row in rows}


def valid_counts(group_id: int, inviter_ids: Collection[int] | None = None) -> Select[Any]:
    """Selects (inviter_id, valid): how many invites count, of everybody in a group or of some."""
    statement = (
        select(invites.c.inviter_id, func.count().label("valid"))
        .select_from(_WITH_MEMBERS)
        .where(invites.c.group_id == group_id, _COUNTS)
        .group_by(invites.c.inviter_id)
    )
    return statement if inviter_ids is None else statement.where(invites.c.inviter_id.in_(inviter_ids))


def invite_reason(group_id: int, user_id: int) -> str:
    """What the ledger calls the payment for the one who was invited."""
    return f"invite:{group_id}:{user_id}"


def _sum(which: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)


def _tallies(*columns: Any) -> Select[Any]:
    silent = ~or_(_HAS_SPOKEN, _HAS_CHECKED_IN)
    counted = (func.count(), _sum(_IS_HERE), _sum(_COUNTS), _sum(silent))
    return select(*columns, *counted).select_from(_WITH_MEMBERS)


def _tally(row: Any) -> Tally:
    return Tally(*(int(count) for count in row))  # PostgreSQL adds up to a Decimal
