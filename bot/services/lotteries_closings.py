"""Closings: first nobody can enter any more, then the list of those who take part is published."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.beacons import round_of, time_of
from bot.domain.draws import list_hash_of, listed
from bot.domain.groups import Group
from bot.domain.lotteries import LotteryClosed, is_fit
from bot.domain.members import Actor
from bot.services.lotteries_found import chosen, line_of, named, record
from bot.services.lotteries_tickets import recount
from bot.services.lotteries_words import Wording, opening_reason
from storage.database import Database
from storage.lotteries import Entered, Lottery
from storage.lotteries_lines import packed
from storage.transaction import Transaction

LATE = timedelta(minutes=1)
"""From when on a draw says that it comes later than was announced."""

PAGE = 500
"""Entries that are read at a time, so that nothing else waits long."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The list as it is stored, and what is told of it."""

    lines: bytes
    hash: str
    entrants: int
    tickets: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The closing of one lottery."""

    database: Database
    group: Group
    words: Wording
    now: datetime

    async def end_entries(self, lottery_id: int | None, by: tuple[Actor, int] | None) -> int:
        """Ends the entries and returns the lottery's id. Raises `UnknownLottery` and `LotteryClosed`."""
        return await self.database.write(lambda tx: self._end(tx, lottery_id, by))

    def _end(self, tx: Transaction, lottery_id: int | None, by: tuple[Actor, int] | None) -> int:
        lottery = chosen(tx, self.group, lottery_id)
        if by is not None and tx.changes.was_made_by(self.group.id, by[1]):
            return lottery.id
        if not tx.lotteries.move(lottery.id, "open", "closed", self.now):
            if by is not None:
                raise LotteryClosed(id=lottery.id)
            return lottery.id
        recount(tx, self.group, lottery.id, "closed", self.now)
        if by is not None:
            record(tx, self.group, lottery.id, by[0], by[1], "drawn", self.now)
        if lottery.rules.get("beacon") is not None:
            number = round_of(lottery.rules["beacon"], lottery.terms.draw_at, self.now)
            tx.lotteries.await_round(lottery.id, number, time_of(number))
        tx.outbox.unpin(self.group.id, opening_reason(lottery.id))
        return lottery.id

    async def publish_list(self, lottery_id: int) -> None:
        """Fixes who takes part and says the list's hash, unless that has been done.

        The entries do not change any more; of several who work the list out at once, one publishes it.
        """
        lottery = await self.database.read(lambda tx: named(tx, self.group, lottery_id))
        if lottery.state == "closed" and lottery.entrants_hash is None:
            listing = await asyncio.to_thread(_listing, lottery, await self._entries(lottery_id))
            await self.database.write(lambda tx: self._publish(tx, lottery_id, listing))

    async def _entries(self, lottery_id: int) -> Sequence[Entered]:
        entries = list(await self._page(lottery_id, 0))
        while entries and (page := await self._page(lottery_id, entries[-1].user_id)):
            entries += page
        return entries

    async def _page(self, lottery_id: int, after: int) -> Sequence[Entered]:
        return await self.database.read(lambda tx: tx.lotteries.entries_after(lottery_id, after, PAGE))

    def _publish(self, tx: Transaction, lottery_id: int, listing: Listing) -> None:
        if tx.lotteries.set_list(lottery_id, listing.lines, listing.hash):
            lottery = named(tx, self.group, lottery_id)
            draw_at, closed_at = lottery.terms.draw_at, lottery.closed_at or self.now
            late = draw_at if draw_at and closed_at - draw_at > LATE else None
            tx.outbox.add(self.group.id, self.words.closed(lottery, listing.entrants, listing.tickets, late), self.now)


def _listing(lottery: Lottery, entries: Sequence[Entered]) -> Listing:
    """The list of those who may win; made in a thread, since 100,000 entrants take a second."""
    strict = lottery.terms.no_operators
    fit = [entry for entry in entries if is_fit(entry.status, no_operators=strict)]
    lines = {line.entrant.id: line for line in (line_of(lottery, entry.user_id, entry.tickets) for entry in fit)}
    entrants = listed(line.entrant for line in lines.values())
    stored = packed(lines[entrant.id] for entrant in entrants)
    return Listing(stored, list_hash_of(entrants), len(entrants), sum(entrant.tickets for entrant in entrants))
