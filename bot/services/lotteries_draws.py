"""Draws, each one of which happens once. What takes long is worked out outside of any transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.domain.beacons import is_round, time_of
from bot.domain.draws import Win, draw
from bot.domain.groups import Group
from bot.domain.lotteries_prizes import claim_until
from bot.domain.proofs import drawing_seed, make_proof, written
from bot.services.beacons import Beacon, BeaconUnavailable, is_signed
from bot.services.lotteries_codes import hand_out
from bot.services.lotteries_found import named
from bot.services.lotteries_words import Wording, closing_reason, named_winners
from storage.database import Database
from storage.lotteries import Lottery, Winner
from storage.lotteries_lines import Line, unpacked
from storage.transaction import Transaction

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
"""Between two questions for a round that nobody brings; the longer it takes, the rarer they are."""

TELL_AFTER = timedelta(minutes=5)
"""From when on the group is told that the draw waits for the beacon."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What seed, list and rules come to: the wins, who stands behind each hash, and the proof."""

    wins: Sequence[Win]
    users: Mapping[str, int]
    proof: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The draw of a lottery whose list is out. The list does not change any more: whoever draws finds the same."""

    database: Database
    beacon: Beacon
    group: Group
    words: Wording
    now: datetime

    async def run(self, lottery_id: int) -> bool:
        """Draws, once the list's hash is out and the beacon has spoken; False when there is nothing to do (yet)."""
        found = await self.database.read(lambda tx: self._closed(tx, lottery_id))
        if found is None:
            return False
        lottery, lines = found
        if lottery.round is not None and lottery.signature is None:
            signature = await self._ask(lottery, lottery.round)
            if signature is None:
                return False
            lottery = replace(lottery, signature=signature)
        drawn = await asyncio.to_thread(_drawn, lottery, lines)
        return await self.database.write(lambda tx: self._announce(tx, lottery_id, drawn))

    async def _ask(self, lottery: Lottery, number: int) -> bytes | None:
        """What the beacon said in the round, stored; None before the round, and while nobody brings it."""
        if self.now < time_of(number):
            return None
        try:
            signature = await self.beacon.signature(number, lambda found: is_round(number, found, is_signed))
        except BeaconUnavailable as error:
            log.warning("the beacon cannot be reached", lottery=lottery.id, round=number, reason=str(error))
            await self.database.write(lambda tx: self._try_later(tx, lottery, number))
            return None
        await self.database.write(lambda tx: tx.lotteries.set_signature(lottery.id, signature))
        return signature

    def _try_later(self, tx: Transaction, lottery: Lottery, number: int) -> None:
        waited = self.now - time_of(number)
        tx.lotteries.retry(lottery.id, self.now + min(max(waited / 4, SHORTEST_PAUSE), LONGEST_PAUSE))
        if waited >= TELL_AFTER:
            tx.outbox.add(self.group.id, self.words.waits(lottery), self.now)

    def _closed(self, tx: Transaction, lottery_id: int) -> tuple[Lottery, bytes] | None:
        lottery = named(tx, self.group, lottery_id)
        is_told = lottery.entrants_hash is not None and tx.outbox.is_done(self.group.id, closing_reason(lottery_id))
        return (lottery, tx.lotteries.lines_of(lottery_id)) if lottery.state == "closed" and is_told else None

    def _announce(self, tx: Transaction, lottery_id: int, drawn: Drawn) -> bool:
        if not tx.lotteries.move(lottery_id, "closed", "drawn", self.now):
            return False
        lottery = named(tx, self.group, lottery_id)
        tx.lotteries.add_winners(lottery_id, drawn.wins, 0, drawn.users, claim_until(lottery.terms.claim, self.now))
        winners = named_winners(tx, lottery, tx.lotteries.winners(lottery_id))
        tx.outbox.add(self.group.id, self.words.drawn(lottery, winners, drawn.proof), self.now)
        if lottery.terms.claim is not None:
            tx.outbox.add(self.group.id, [self.words.to_claim(lottery, winner) for winner in winners], self.now)
        hand_out(tx, self.group, lottery, self.words, self.now)
        return True


def _drawn(lottery: Lottery, stored: bytes) -> Drawn:
    """The draw and its proof; made in a thread, since 100,000 entrants take a second."""
    lines = unpacked(stored)
    entrants, users = [line.entrant for line in lines], {line.entrant.id: line.user_id for line in lines}
    beacon = beacon_of(lottery)
    wins = draw(drawing_seed(lottery.seed, beacon), entrants, [prize.places for prize in lottery.terms.prizes])
    proof = written(make_proof(lottery.rules, lottery.seed, entrants, wins, (), beacon))
    return Drawn(wins, {win.id: users[win.id] for win in wins}, proof)


def proof_of(lottery: Lottery, lines: Sequence[Line], winners: Sequence[Winner]) -> dict[str, Any]:
    """The proof of a drawn lottery, put together from what is stored of it."""
    ids = {line.user_id: line.entrant.id for line in lines}
    wins = [Win(w.prize, w.place, ids.get(w.user_id, "")) for w in winners if not w.redraw]
    entrants = [line.entrant for line in lines]
    return make_proof(lottery.rules, lottery.seed, entrants, wins, lottery.redraws, beacon_of(lottery))


def beacon_of(lottery: Lottery) -> dict[str, Any] | None:
    """What the proof says of the beacon's round that took part."""
    if lottery.closed_at is None or lottery.signature is None:
        return None
    return {
        "closed_at": lottery.closed_at.isoformat(timespec="seconds"),
        "round": lottery.round,
        "signature": lottery.signature.hex(),
    }
