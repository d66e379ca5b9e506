"""Who may enter lotteries: what is known of members, and who is kept out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, String, Subquery, cast, delete, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.lotteries_conditions import Conditions, Standing
from storage.tables import admissions, lotteries, lottery_bans, lottery_entries, lottery_winners, members, wallets


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry, and what is known of the member now."""

    user_id: int
    tickets: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class StandingRepository:
    """The standings of one transaction, in one group, whose points are in a wallet."""

    connection: Connection
    group_id: int
    wallet_id: int

    def of(self, user_id: int) -> Standing:
        """What is known of somebody."""
        who = select(literal(user_id, BigInteger).label("user_id"), literal(0).label("tickets"))
        return self._found(who)[0].standing

    def of_entries(self, lottery_id: int, after: int, limit: int) -> Sequence[Candidate]:
        """The next so many entries in the order of user ids, after one of them."""
        who = select(lottery_entries.c.user_id, lottery_entries.c.tickets).where(
            lottery_entries.c.lottery_id == lottery_id, lottery_entries.c.user_id > after
        )
        return self._found(who.order_by(lottery_entries.c.user_id).limit(limit))

    def doubtful(self, lottery_id: int, conditions: Conditions, after: int, limit: int) -> Sequence[Candidate]:
        """Like `of_entries`, but only those of whom something is known that may keep them from winning.

        How many invites count is not looked at.
        """
        who = select(lottery_entries.c.user_id, lottery_entries.c.tickets).where(
            lottery_entries.c.lottery_id == lottery_id, lottery_entries.c.user_id > after
        )
        return self._found(who, conditions, limit)

    def ban(self, user_id: int) -> bool:
        """Keeps somebody out; False when they were."""
        row = {"group_id": self.group_id, "user_id": user_id}
        statement = insert(lottery_bans).values(row).on_conflict_do_nothing().returning(lottery_bans.c.user_id)
        return self.connection.execute(statement).first() is not None

    def unban(self, user_id: int) -> bool:
        """Lets somebody in again; False when they were."""
        statement = delete(lottery_bans).where(
            lottery_bans.c.group_id == self.group_id, lottery_bans.c.user_id == user_id
        )
        return self.connection.execute(statement).rowcount == 1

    def _found(
        self, wanted: Any, doubtful: Conditions | None = None, limit: int | None = None
    ) -> Sequence[Candidate]:  # fmt: skip
        who = wanted.subquery()
        in_group = (members.c.group_id == self.group_id) & (members.c.user_id == who.c.user_id)
        is_banned = (lottery_bans.c.group_id == self.group_id) & (lottery_bans.c.user_id == who.c.user_id)
        was_let_in = (admissions.c.group_id == self.group_id) & (admissions.c.user_id == who.c.user_id)
        has_passed = cast(admissions.c.done, String).contains('"captcha"')
        owns = (
            (wallets.c.wallet_id == self.wallet_id)
            & (wallets.c.user_id == who.c.user_id)
            & (wallets.c.unit == "points")
        )
        statement = (
            select(
                who.c.user_id, who.c.tickets, members.c.status, members.c.joined_at,
                func.coalesce(members.c.messages, 0), func.coalesce(wallets.c.earned, 0),
                self._won_at(who), lottery_bans.c.user_id.is_not(None), func.coalesce(has_passed, false()),
            )
            .select_from(
                who.outerjoin(members, in_group)
                .outerjoin(lottery_bans, is_banned)
                .outerjoin(wallets, owns)
                .outerjoin(admissions, was_let_in)
            )
            .order_by(who.c.user_id)
            .limit(limit)
        )  # fmt: skip
        if doubtful is not None:
            doubts = [members.c.status.is_(None), members.c.status != "member", lottery_bans.c.user_id.is_not(None)]
            if doubtful.cooldown:
                doubts.append(self._won_at(who).is_not(None))
            if doubtful.captcha:
                doubts.append(func.coalesce(has_passed, false()).is_(false()))
            statement = statement.where(or_(*doubts))
        return [Candidate(row[0], row[1], Standing(*row[2:])) for row in self.connection.execute(statement)]

    def _won_at(self, who: Subquery) -> Any:
        """When somebody last won a place in the group and kept it."""
        return (
            select(func.max(lotteries.c.ended_at))
            .join(lottery_winners, lottery_winners.c.lottery_id == lotteries.c.id)
            .where(
                lottery_winners.c.user_id == who.c.user_id,
                lottery_winners.c.missing_at.is_(None),
                lotteries.c.group_id == self.group_id,
            )
            .scalar_subquery()
        )
