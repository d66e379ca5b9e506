"""Closings: first nobody can enter any more, then the list of those who take part is published."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.beacons import round_of, time_of
from bot.domain.draws import list_hash_of, listed
from bot.domain.groups import Group
from bot.domain.lotteries import LotteryClosed
from bot.domain.lotteries_conditions import CannotAsk
from bot.domain.members import Actor
from bot.services.lotteries_candidates import Candidates, IsIn, can_win
from bot.services.lotteries_found import chosen, line_of, named, record
from bot.services.lotteries_tickets import recount
from bot.services.lotteries_words import Wording, opening_reason
from storage.database import Database
from storage.lotteries import Lottery
from storage.lotteries_lines import packed
from storage.lotteries_standings import Candidate
from storage.transaction import Transaction

LATE = timedelta(minutes=1)
"""From when on a draw says that it comes later than was announced."""

AT_ONCE = 50
"""Entrants about whom the platform is asked at a time."""

PAUSE, PATIENCE = timedelta(seconds=10), timedelta(minutes=10)
"""Between two tries to ask who is in the channel, and for how long that is tried after the closing."""


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

    async def publish_list(self, lottery_id: int, is_in: IsIn) -> None:
        """Fixes who takes part and says the list's hash, unless that has been done, or cannot be done now.

        The entries do not change any more; of several who work the list out at once, one publishes it.
        """
        lottery = await self.database.read(lambda tx: named(tx, self.group, lottery_id))
        if lottery.state != "closed" or lottery.entrants_hash is not None:
            return
        found = await Candidates(self.database, self.group, lottery).all()
        try:
            found = await self._in_channel(lottery, found, is_in)
        except CannotAsk:
            await self.database.write(lambda tx: tx.lotteries.retry(lottery_id, self.now + PAUSE))
            return
        listing = await asyncio.to_thread(_listing, lottery, found, self.now)
        await self.database.write(lambda tx: self._publish(tx, lottery_id, listing))

    async def _in_channel(self, lottery: Lottery, found: Sequence[Candidate], is_in: IsIn) -> Sequence[Candidate]:
        """With what the platform says of the channel; after `PATIENCE`, who was in it at the entry counts as in it."""
        channel = lottery.terms.conditions.channel
        if channel is None:
            return found
        asked: list[Candidate] = []
        is_patient = self.now - (lottery.closed_at or self.now) < PATIENCE
        for start in range(0, len(found), AT_ONCE):
            page = found[start : start + AT_ONCE]
            said = await asyncio.gather(*(is_in(channel.id, one.user_id) for one in page), return_exceptions=True)
            asked += [_with(one, answer, is_patient=is_patient) for one, answer in zip(page, said, strict=True)]
        return asked

    def _publish(self, tx: Transaction, lottery_id: int, listing: Listing) -> None:
        if tx.lotteries.set_list(lottery_id, listing.lines, listing.hash):
            lottery = named(tx, self.group, lottery_id)
            draw_at, closed_at = lottery.terms.draw_at, lottery.closed_at or self.now
            late = draw_at if draw_at and closed_at - draw_at > LATE else None
            tx.outbox.add(self.group.id, self.words.closed(lottery, listing.entrants, listing.tickets, late), self.now)


def _with(candidate: Candidate, answer: bool | BaseException, *, is_patient: bool) -> Candidate:
    """A candidate with what the platform said of the channel. Raises `CannotAsk` when it said nothing."""
    if isinstance(answer, CannotAsk) and not is_patient:
        answer = True
    if isinstance(answer, BaseException):
        raise answer
    return replace(candidate, standing=replace(candidate.standing, is_in_channel=answer))


def _listing(lottery: Lottery, candidates: Sequence[Candidate], now: datetime) -> Listing:
    """The list of those who may win; made in a thread, since 100,000 entrants take a second."""
    fit = can_win(lottery, candidates, lottery.terms.conditions, now)
    lines = {line.entrant.id: line for line in (line_of(lottery, one.user_id, one.tickets) for one in fit)}
    entrants = listed(line.entrant for line in lines.values())
    stored = packed(lines[entrant.id] for entrant in entrants)
    return Listing(stored, list_hash_of(entrants), len(entrants), sum(entrant.tickets for entrant in entrants))
