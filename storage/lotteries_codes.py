"""Prize codes: each is given to one winner, and each winner is given one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.tables import lotteries, prize_codes


@dataclass(frozen=True, slots=True)
class PrizeCode:
    """A code of a prize; `user_id` is whom it was given to, `is_shown` says that they asked for it and saw it."""

    id: int
    prize: int
    code: str
    added_by: int
    user_id: int | None
    is_shown: bool

    def __repr__(self) -> str:
        return f"PrizeCode(id={self.id})"  # so that no log ever shows the code


@dataclass(frozen=True, slots=True)
class PrizeCodeRepository:
    """The codes of one transaction."""

    connection: Connection

    def known(self, group_id: int, codes: Collection[str]) -> set[str]:
        """Those of the codes that belong to a prize of the group already."""
        statement = (
            select(prize_codes.c.code)
            .join(lotteries, lotteries.c.id == prize_codes.c.lottery_id)
            .where(prize_codes.c.code.in_(codes), lotteries.c.group_id == group_id)
        )
        return set(self.connection.execute(statement).scalars())

    def add(self, lottery_id: int, prize: int, codes: Collection[str], added_by: int) -> None:
        """Stores codes; one that the lottery has already stays as it is."""
        rows = [{"lottery_id": lottery_id, "prize": prize, "code": code, "added_by": added_by} for code in codes]
        if rows:
            self.connection.execute(insert(prize_codes).on_conflict_do_nothing(), rows)

    def of(self, lottery_id: int) -> Sequence[PrizeCode]:
        """All codes of a lottery, in the order in which they came."""
        is_shown = prize_codes.c.shown_at.is_not(None)
        statement = select(
            prize_codes.c.id, prize_codes.c.prize, prize_codes.c.code, prize_codes.c.added_by, prize_codes.c.user_id,
            is_shown,
        ).where(prize_codes.c.lottery_id == lottery_id)  # fmt: skip
        return [PrizeCode(*row) for row in self.connection.execute(statement.order_by(prize_codes.c.id))]

    def give(self, code: PrizeCode, user_id: int, at: datetime) -> None:
        """Gives a free code to a winner."""
        statement = update(prize_codes).where(prize_codes.c.id == code.id, prize_codes.c.user_id.is_(None))
        self.connection.execute(statement.values(user_id=user_id, given_at=at))

    def take_back(self, code: PrizeCode) -> None:
        """Makes a code free again that nobody has seen."""
        statement = update(prize_codes).where(prize_codes.c.id == code.id, prize_codes.c.shown_at.is_(None))
        self.connection.execute(statement.values(user_id=None, given_at=None))

    def shown(self, code: PrizeCode, at: datetime) -> None:
        """Notes that the winner has seen the code."""
        statement = update(prize_codes).where(prize_codes.c.id == code.id, prize_codes.c.shown_at.is_(None))
        self.connection.execute(statement.values(shown_at=at))

    def repeated(self, lottery_id: int) -> Sequence[int]:
        """The ids of a lottery's codes that an earlier lottery of the group has as well, for the audit."""
        earlier, its, own = prize_codes.alias("earlier"), lotteries.alias("its"), lotteries.alias("own")
        statement = (
            select(prize_codes.c.id)
            .join(own, own.c.id == prize_codes.c.lottery_id)
            .join(earlier, (earlier.c.code == prize_codes.c.code) & (earlier.c.lottery_id < prize_codes.c.lottery_id))
            .join(its, (its.c.id == earlier.c.lottery_id) & (its.c.group_id == own.c.group_id))
            .where(prize_codes.c.lottery_id == lottery_id)
        )
        return self.connection.execute(statement.order_by(prize_codes.c.id)).scalars().all()

    def given(self) -> int:
        """How many codes were given in all, for the audit."""
        return self.connection.execute(select(func.count(prize_codes.c.user_id))).scalar_one()

    def left(self, lottery_ids: Collection[int]) -> Mapping[int, int]:
        """How many codes nobody was given yet, by lottery; only those that have codes."""
        free = func.count() - func.count(prize_codes.c.user_id)
        statement = select(prize_codes.c.lottery_id, free).where(prize_codes.c.lottery_id.in_(lottery_ids))
        return {row[0]: row[1] for row in self.connection.execute(statement.group_by(prize_codes.c.lottery_id))}
