"""Closings and draws, each one of which happens once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.draws import Win, draw, list_hash_of
from bot.domain.groups import Group
from bot.domain.lotteries import LotteryClosed, is_fit
from bot.domain.members import Actor
from bot.domain.proofs import make_proof, written
from bot.services.lotteries_found import chosen, line_of, named, record
from bot.services.lotteries_words import Wording, closing_reason, named_winner
from storage.lotteries import Line, Lottery, Winner
from storage.transaction import Transaction

LATE = timedelta(minutes=1)
"""From when on a draw says that it comes later than was announced."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """The closing and the draw of one lottery."""

    tx: Transaction
    group: Group
    words: Wording
    now: datetime

    def close(self, lottery_id: int | None, by: tuple[Actor, int] | None) -> int:
        """Ends the entries and publishes the list's hash; returns the lottery's id. Raises `LotteryClosed`."""
        lottery = chosen(self.tx, self.group, lottery_id)
        if by is not None and self.tx.changes.was_made_by(self.group.id, by[1]):
            return lottery.id
        if not self.tx.lotteries.move(lottery.id, "open", "closed", self.now):
            if by is not None:
                raise LotteryClosed(id=lottery.id)
            return lottery.id
        if by is not None:
            record(self.tx, self.group, lottery.id, by[0], by[1], "drawn", self.now)
        self._publish_list(lottery)
        return lottery.id

    def _publish_list(self, lottery: Lottery) -> None:
        terms = lottery.terms
        lines = sorted(
            (
                line_of(lottery, entry.user_id, entry.tickets)
                for entry in self.tx.lotteries.entries(lottery.id)
                if is_fit(entry.status, no_operators=terms.no_operators)
            ),
            key=lambda line: line.entrant,
        )
        self.tx.lotteries.set_list(lottery.id, lines, list_hash_of([line.entrant for line in lines]))
        late = terms.draw_at if terms.draw_at and self.now - terms.draw_at > LATE else None
        closed = named(self.tx, self.group, lottery.id)
        self.tx.outbox.add(self.group.id, self.words.closed(closed, [line.entrant for line in lines], late), self.now)

    def draw(self, lottery_id: int) -> bool:
        """Draws, once the list's hash is out; False when there is nothing to do (yet)."""
        if not self.tx.outbox.is_done(self.group.id, closing_reason(lottery_id)):
            return False
        if not self.tx.lotteries.move(lottery_id, "closed", "drawn", self.now):
            return False
        lottery = named(self.tx, self.group, lottery_id)
        lines = self.tx.lotteries.list_of(lottery_id)
        entrants, users = [line.entrant for line in lines], {line.entrant.id: line.user_id for line in lines}
        wins = draw(lottery.seed, entrants, [prize.places for prize in lottery.terms.prizes])
        self.tx.lotteries.add_winners(lottery_id, wins, 0, users)
        proof = written(make_proof(lottery.rules, lottery.seed, entrants, wins))
        names = self.tx.members.names([users[win.id] for win in wins])
        winners = [named_winner(lottery, win.prize, users[win.id], names) for win in wins]
        self.tx.outbox.add(self.group.id, self.words.drawn(lottery, winners, proof), self.now)
        return True


def proof_of(lottery: Lottery, lines: Sequence[Line], winners: Sequence[Winner]) -> dict[str, Any]:
    """The proof of a drawn lottery, put together from what is stored of it."""
    ids = {line.user_id: line.entrant.id for line in lines}
    wins = [Win(w.prize, w.place, ids.get(w.user_id, "")) for w in winners if not w.redraw]
    return make_proof(lottery.rules, lottery.seed, [line.entrant for line in lines], wins, lottery.redraws)
