"""Those who have entered, with what is known of them now: who of them may win."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.domain.groups import Group
from bot.domain.lotteries import is_fit
from bot.domain.lotteries_conditions import Conditions, may_win
from storage.database import Database
from storage.lotteries import Lottery
from storage.lotteries_standings import Candidate
from storage.transaction import Transaction

PAGE = 500
"""Entries that are read at a time, so that nothing else waits long."""

IsIn = Callable[[int, int], Awaitable[bool]]
"""Asks the platform whether somebody (the second) is in a chat (the first); may raise `CannotAsk`."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The entries of a lottery whose entries do not change any more."""

    database: Database
    group: Group
    lottery: Lottery

    async def all(self) -> Sequence[Candidate]:
        """Everybody, in the order of user ids; whether they are in a channel, only the platform can say."""
        return await self._with_invites(await self._pages(self._of_entries))

    async def doubtful(self) -> Sequence[Candidate]:
        """At least those who may not win any more: of 100,000 entrants these are few."""
        if self.lottery.terms.conditions.invited:
            return await self.all()
        return await self._pages(self._doubtful)

    async def _pages(self, page: Callable[..., Sequence[Candidate]]) -> list[Candidate]:
        found: list[Candidate] = []
        after: int | None = 0
        while after is not None:
            more = await self.database.read(partial(page, after=after))
            found += more
            after = more[-1].user_id if more else None
        return found

    def _of_entries(self, tx: Transaction, after: int) -> Sequence[Candidate]:
        return tx.standings(self.group).of_entries(self.lottery.id, after, PAGE)

    def _doubtful(self, tx: Transaction, after: int) -> Sequence[Candidate]:
        return tx.standings(self.group).doubtful(self.lottery.id, self.lottery.terms.conditions, after, PAGE)

    async def _with_invites(self, found: Sequence[Candidate]) -> Sequence[Candidate]:
        if not self.lottery.terms.conditions.invited:
            return found
        valid = await self.database.read(lambda tx: tx.invites.valid_by_inviter(self.group.id))
        return [replace(one, standing=replace(one.standing, valid_invites=valid.get(one.user_id, 0))) for one in found]


def can_win(
    lottery: Lottery, candidates: Sequence[Candidate], conditions: Conditions, now: datetime
) -> list[Candidate]:
    """Those who may win by now; `conditions` are the lottery's, as far as they can be looked at."""
    strict = lottery.terms.no_operators
    return [
        one
        for one in candidates
        if is_fit(one.standing.status, no_operators=strict) and may_win(conditions, one.standing, now)
    ]
