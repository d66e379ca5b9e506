"""Claims: a winner's, once, and as long as nobody else was given the place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Update, func, select, text, update

from storage.groups import IS_PRESENT
from storage.tables import groups, lotteries, lottery_winners, updates

_IS_UNCLAIMED = text("lottery_winners.claimed_at IS NULL AND lottery_winners.missing_at IS NULL")


@dataclass(frozen=True, slots=True)
class ClaimRepository:
    """The claims of one transaction."""

    connection: Connection

    def claim(self, lottery_id: int, user_id: int, at: datetime) -> bool:
        """Notes that a winner claimed their prize; False when that was noted before, or the place is another's."""
        statement = self._unclaimed(lottery_id).where(lottery_winners.c.user_id == user_id)
        return self.connection.execute(statement.values(claimed_at=at)).rowcount == 1

    def overdue(self, before: datetime) -> Sequence[tuple[int, int]]:
        """The (chat id, lottery id) of those with a prize that was to be claimed before an instant, and was not.

        None of groups without the bot, in which nobody can press the button.
        """
        statement = (
            select(groups.c.chat_id, lotteries.c.id)
            .distinct()
            .select_from(lottery_winners)
            .join(lotteries, lotteries.c.id == lottery_winners.c.lottery_id)
            .join(groups, groups.c.id == lotteries.c.group_id)
            .where(_IS_UNCLAIMED, lottery_winners.c.claim_by <= before, *IS_PRESENT)
        )
        return sorted((row.chat_id, row.id) for row in self.connection.execute(statement))

    def put_off(self, lottery_id: int, before: datetime, until: datetime) -> None:
        """Gives those who should have claimed before an instant more time."""
        statement = self._unclaimed(lottery_id).where(lottery_winners.c.claim_by < before)
        self.connection.execute(statement.values(claim_by=until))

    def unheard_since(self) -> datetime | None:
        """When the first update came that is not handled yet: it may be a claim. None when all are."""
        # By number, not by time: along the index of those that wait, not past all that were ever handled.
        waiting = select(updates.c.received_at).where(updates.c.payload.is_not(None))
        return self.connection.execute(waiting.order_by(updates.c.bot_id, updates.c.update_id).limit(1)).scalar()

    def counts(self, lottery_ids: Collection[int]) -> Mapping[int, tuple[int, int]]:
        """How many winners there are by lottery, and how many of them have claimed their prize."""
        statement = (
            select(lottery_winners.c.lottery_id, func.count(), func.count(lottery_winners.c.claimed_at))
            .where(lottery_winners.c.lottery_id.in_(lottery_ids), lottery_winners.c.missing_at.is_(None))
            .group_by(lottery_winners.c.lottery_id)
        )
        return {lottery_id: (winners, claimed) for lottery_id, winners, claimed in self.connection.execute(statement)}

    def won(self, group_id: int, user_id: int, limit: int) -> Sequence[tuple[int, Mapping[str, Any], int]]:
        """The latest (lottery id, rules, prize) that a member won in a group, newest first."""
        statement = (
            select(lotteries.c.id, lotteries.c.rules, lottery_winners.c.prize)
            .join(lotteries, lotteries.c.id == lottery_winners.c.lottery_id)
            .where(lottery_winners.c.user_id == user_id, lottery_winners.c.missing_at.is_(None))
            .where(lotteries.c.group_id == group_id)
            .order_by(lotteries.c.id.desc())
        )
        return [(row.id, row.rules, row.prize) for row in self.connection.execute(statement.limit(limit))]

    def _unclaimed(self, lottery_id: int) -> Update:
        return update(lottery_winners).where(lottery_winners.c.lottery_id == lottery_id, _IS_UNCLAIMED)
