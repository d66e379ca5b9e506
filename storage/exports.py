"""Members, the ledger and invites as they are exported, page by page, so that no export needs them all in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.domain.checkins import CheckIn
from storage.members import MemberRow
from storage.points import LedgerLine
from storage.tables import check_ins, invites, ledger, members, people, wallets

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class MemberPoints:
    """A member with what their wallet holds, and their latest day, if they ever checked in."""

    member: MemberRow
    points: int
    latest: CheckIn | None


@dataclass(frozen=True, slots=True)
class InviteRow:
    """Who brought whom, and what the one invited is in the group now."""

    inviter_id: int
    inviter: str
    user_id: int
    name: str
    joined_at: datetime
    status: str
    messages: int
    valid_at: datetime | None
    void_at: datetime | None
    reward: int


@dataclass(frozen=True, slots=True)
class ExportRepository:
    """An export's pages, in one transaction each; a page begins after where the last one ended."""

    connection: Connection

    def members(self, group_id: int, wallet_id: int, after_user: int | None) -> Sequence[MemberPoints]:
        """The next members of a group, by user id; empty at the end."""
        of_member = (wallets.c.wallet_id == wallet_id) & (wallets.c.user_id == members.c.user_id)
        statement = (
            select(
                members.c.user_id,
                func.coalesce(people.c.name, ""),
                people.c.username,
                members.c.status,
                members.c.joined_at,
                members.c.last_seen_at,
                members.c.messages,
                func.coalesce(wallets.c.balance, 0),
            )
            .outerjoin(people, people.c.id == members.c.user_id)
            .outerjoin(wallets, of_member & (wallets.c.unit == "points"))
            .where(members.c.group_id == group_id)
            .order_by(members.c.user_id)
            .limit(PAGE)
        )
        if after_user is not None:
            statement = statement.where(members.c.user_id > after_user)
        rows = self.connection.execute(statement).all()
        latest = self._latest_days(group_id, rows[0][0], rows[-1][0]) if rows else {}
        return [MemberPoints(MemberRow(*row[:-1]), int(row[-1]), latest.get(row[0])) for row in rows]

    def ledger(self, group_ids: Sequence[int], after_entry: int) -> Sequence[tuple[int, int, LedgerLine]]:
        """The next entries of the groups, oldest first: (entry id, group id, entry); empty at the end."""
        statement = (
            select(
                ledger.c.id,
                ledger.c.group_id,
                ledger.c.at,
                ledger.c.user_id,
                func.coalesce(people.c.name, ""),
                ledger.c.unit,
                ledger.c.amount,
                ledger.c.reason,
                ledger.c.note,
            )
            .outerjoin(people, people.c.id == ledger.c.user_id)
            .where(ledger.c.id > after_entry, ledger.c.group_id.in_(group_ids))
            .order_by(ledger.c.id)
            .limit(PAGE)
        )
        return [(row[0], row[1], LedgerLine(*row[2:])) for row in self.connection.execute(statement)]

    def invites(self, group_id: int, after_user: int | None) -> Sequence[InviteRow]:
        """The next invites of a group, by the user id of the one invited; empty at the end."""
        inviters = people.alias("inviters")
        statement = (
            select(
                invites.c.inviter_id,
                func.coalesce(inviters.c.name, ""),
                invites.c.user_id,
                func.coalesce(people.c.name, ""),
                invites.c.at,
                func.coalesce(members.c.status, ""),
                func.coalesce(members.c.messages, 0),
                invites.c.valid_at,
                invites.c.void_at,
                invites.c.reward,
            )
            .outerjoin(inviters, inviters.c.id == invites.c.inviter_id)
            .outerjoin(people, people.c.id == invites.c.user_id)
            .outerjoin(members, (members.c.group_id == invites.c.group_id) & (members.c.user_id == invites.c.user_id))
            .where(invites.c.group_id == group_id)
            .order_by(invites.c.user_id)
            .limit(PAGE)
        )
        if after_user is not None:
            statement = statement.where(invites.c.user_id > after_user)
        return [InviteRow(*tuple(row)) for row in self.connection.execute(statement)]

    def _latest_days(self, group_id: int, first_user: int, last_user: int) -> Mapping[int, CheckIn]:
        latest = (
            select(check_ins.c.user_id, func.max(check_ins.c.day).label("day"))
            .where(check_ins.c.group_id == group_id, check_ins.c.user_id.between(first_user, last_user))
            .group_by(check_ins.c.user_id)
            .subquery()
        )
        statement = (
            select(check_ins.c.user_id, check_ins.c.day, check_ins.c.at, check_ins.c.zone, check_ins.c.kind,
                   check_ins.c.streak)
            .join(latest, (latest.c.user_id == check_ins.c.user_id) & (latest.c.day == check_ins.c.day))
            .where(check_ins.c.group_id == group_id)
        )  # fmt: skip
        return {row[0]: CheckIn(*row[1:]) for row in self.connection.execute(statement)}
