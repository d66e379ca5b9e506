"""Those who have entered, with what is known of them now: who of them may win."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

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
        found = list(await self._page(0))
        while found and (page := await self._page(found[-1].user_id)):
            found += page
        return await self._with_invites(found)

    async def _page(self, after: int) -> Sequence[Candidate]:
        def page(tx: Transaction) -> Sequence[Candidate]:
            return tx.standings(self.group).of_entries(self.lottery.id, after, PAGE)

        return await self.database.read(page)

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
