"""What entries hold, and how much of it for invites."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, or_, select, update

from storage.invites import valid_counts
from storage.tables import lotteries, lottery_entries

_HELD = (lottery_entries.c.user_id, lottery_entries.c.tickets, lottery_entries.c.from_invites)
_CHANGE = (
    update(lottery_entries)
    .where(lottery_entries.c.lottery_id == bindparam("lottery"), lottery_entries.c.user_id == bindparam("user"))
    .values(tickets=bindparam("new_tickets"), from_invites=bindparam("new_from_invites"))
)


@dataclass(frozen=True, slots=True)
class Held:
    """A member's tickets; `from_invites` of them are for invites."""

    user_id: int
    tickets: int
    from_invites: int


@dataclass(frozen=True, slots=True)
class LotteryTicketRepository:
    """The tickets of one transaction."""

    connection: Connection

    def of(self, lottery_id: int, user_id: int) -> Held:
        """What a member holds who has entered."""
        statement = select(*_HELD).where(
            lottery_entries.c.lottery_id == lottery_id, lottery_entries.c.user_id == user_id
        )
        return Held(*self.connection.execute(statement).one())

    def with_invites(self, group_id: int, lottery_id: int, user_id: int | None = None) -> Sequence[tuple[Held, int]]:
        """Entries that hold tickets for invites, or may by now, with how many invites count; all, or one member's."""
        counts = valid_counts(group_id, None if user_id is None else [user_id]).subquery()
        statement = (
            select(*_HELD, func.coalesce(counts.c.valid, 0))
            .outerjoin(counts, counts.c.inviter_id == lottery_entries.c.user_id)
            .where(
                lottery_entries.c.lottery_id == lottery_id,
                or_(counts.c.valid > 0, lottery_entries.c.from_invites > 0),
            )
        )
        if user_id is not None:
            statement = statement.where(lottery_entries.c.user_id == user_id)
        return [(Held(*held), valid) for *held, valid in self.connection.execute(statement)]

    def change(self, lottery_id: int, changed: Sequence[tuple[Held, int]]) -> None:
        """Lets entries hold another number of tickets, and the lottery count them."""
        if not changed:
            return
        rows = [
            {"lottery": lottery_id, "user": held.user_id, "new_tickets": tickets,
             "new_from_invites": held.from_invites + tickets - held.tickets}
            for held, tickets in changed
        ]  # fmt: skip
        self.connection.execute(_CHANGE, rows)
        more = sum(tickets - held.tickets for held, tickets in changed)
        self.connection.execute(
            update(lotteries).where(lotteries.c.id == lottery_id).values(tickets=lotteries.c.tickets + more)
        )
