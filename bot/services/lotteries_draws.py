"""Draws, each one of which happens once. What takes long is worked out outside of any transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.draws import Win, draw
from bot.domain.groups import Group
from bot.domain.proofs import make_proof, written
from bot.services.lotteries_found import named
from bot.services.lotteries_words import Wording, closing_reason, named_winner
from storage.database import Database
from storage.lotteries import Lottery, Winner
from storage.lotteries_lines import Line, unpacked
from storage.transaction import Transaction


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
    group: Group
    words: Wording
    now: datetime

    async def run(self, lottery_id: int) -> bool:
        """Draws, once the list's hash is out; False when there is nothing to do (yet)."""
        found = await self.database.read(lambda tx: self._closed(tx, lottery_id))
        if found is None:
            return False
        drawn = await asyncio.to_thread(_drawn, *found)
        return await self.database.write(lambda tx: self._announce(tx, lottery_id, drawn))

    def _closed(self, tx: Transaction, lottery_id: int) -> tuple[Lottery, bytes] | None:
        lottery = named(tx, self.group, lottery_id)
        is_told = lottery.entrants_hash is not None and tx.outbox.is_done(self.group.id, closing_reason(lottery_id))
        return (lottery, tx.lotteries.lines_of(lottery_id)) if lottery.state == "closed" and is_told else None

    def _announce(self, tx: Transaction, lottery_id: int, drawn: Drawn) -> bool:
        if not tx.lotteries.move(lottery_id, "closed", "drawn", self.now):
            return False
        lottery = named(tx, self.group, lottery_id)
        tx.lotteries.add_winners(lottery_id, drawn.wins, 0, drawn.users)
        names = tx.members.names(drawn.users.values())
        winners = [named_winner(lottery, win.prize, drawn.users[win.id], names) for win in drawn.wins]
        tx.outbox.add(self.group.id, self.words.drawn(lottery, winners, drawn.proof), self.now)
        return True


def _drawn(lottery: Lottery, stored: bytes) -> Drawn:
    """The draw and its proof; made in a thread, since 100,000 entrants take a second."""
    lines = unpacked(stored)
    entrants, users = [line.entrant for line in lines], {line.entrant.id: line.user_id for line in lines}
    wins = draw(lottery.seed, entrants, [prize.places for prize in lottery.terms.prizes])
    proof = written(make_proof(lottery.rules, lottery.seed, entrants, wins))
    return Drawn(wins, {win.id: users[win.id] for win in wins}, proof)


def proof_of(lottery: Lottery, lines: Sequence[Line], winners: Sequence[Winner]) -> dict[str, Any]:
    """The proof of a drawn lottery, put together from what is stored of it."""
    ids = {line.user_id: line.entrant.id for line in lines}
    wins = [Win(w.prize, w.place, ids.get(w.user_id, "")) for w in winners if not w.redraw]
    return make_proof(lottery.rules, lottery.seed, [line.entrant for line in lines], wins, lottery.redraws)
