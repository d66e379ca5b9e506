"""Who has most; ties go to who got there first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage.tables import check_ins, ledger, people, wallets


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a leaderboard: `amount` is points or days."""

    user_id: int
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class LeaderboardRepository:
    """The leaderboards of one transaction."""

    connection: Connection

    def points(self, wallet_id: int, limit: int) -> Sequence[Place]:
        """By balance, all time."""
        return self._places(
            select(wallets.c.user_id, func.coalesce(people.c.name, ""), wallets.c.balance)
            .outerjoin(people, people.c.id == wallets.c.user_id)
            .where(wallets.c.wallet_id == wallet_id, wallets.c.unit == "points", wallets.c.balance > 0)
            .order_by(wallets.c.balance.desc(), wallets.c.changed_at, wallets.c.user_id)
            .limit(limit)
        )

    def points_since(self, wallet_id: int, since: datetime, limit: int) -> Sequence[Place]:
        """By points earned since an instant."""
        earned = func.sum(ledger.c.earned)
        return self._places(
            select(ledger.c.user_id, func.coalesce(func.max(people.c.name), ""), earned)
            .outerjoin(people, people.c.id == ledger.c.user_id)
            .where(
                ledger.c.wallet_id == wallet_id,
                ledger.c.unit == "points",
                ledger.c.at >= since,
                ~ledger.c.reason.startswith("share:"),  # what was earned before, in a wallet that was pooled since
            )
            .group_by(ledger.c.user_id)
            .having(earned > 0)
            .order_by(earned.desc(), func.max(ledger.c.at), func.max(ledger.c.id))
            .limit(limit)
        )

    def streaks(self, group_id: int, since: date, limit: int) -> Sequence[Place]:
        """By the streaks that are alive, which are those with a day on or after `since` (yesterday)."""
        # Materialized, or SQLite walks all of the group's history in the order of its members.
        alive = (
            select(check_ins.c.user_id, check_ins.c.streak, check_ins.c.at)
            .where(check_ins.c.group_id == group_id, check_ins.c.day >= since)
            .cte("alive")
            .prefix_with("MATERIALIZED")
        )
        longest = func.max(alive.c.streak)
        return self._places(
            select(alive.c.user_id, func.coalesce(func.max(people.c.name), ""), longest)
            .outerjoin(people, people.c.id == alive.c.user_id)
            .group_by(alive.c.user_id)
            .order_by(longest.desc(), func.max(alive.c.at), alive.c.user_id)
            .limit(limit)
        )

    def _places(self, statement: Select[int, str, Any]) -> Sequence[Place]:
        rows = self.connection.execute(statement)
        return [Place(user_id, name, int(amount)) for user_id, name, amount in rows]
