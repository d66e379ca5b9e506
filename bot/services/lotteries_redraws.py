"""Redraws: one place again, chained to what was drawn before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.draws import Win
from bot.domain.groups import Group
from bot.domain.lotteries import CannotRedraw, UnknownLottery, is_fit
from bot.domain.members import Actor, Person
from bot.domain.proofs import redrawn, written
from bot.services.lotteries_draws import proof_of
from bot.services.lotteries_found import line_of, named, record
from bot.services.lotteries_words import Wording, named_winner
from storage.lotteries import Lottery, Winner
from storage.lotteries_lines import Line
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Redrawing:
    """The redraw of one place."""

    tx: Transaction
    group: Group
    words: Wording
    now: datetime

    def run(self, lottery_id: int, missing: Person, reason: str, actor: Actor, update_id: int) -> None:
        """Draws the place of a winner again. Raises `UnknownLottery` and `CannotRedraw`."""
        if self.tx.changes.was_made_by(self.group.id, update_id):
            return
        lottery = self.tx.lotteries.find(self.group.id, lottery_id, lock=True)
        if lottery is None:
            raise UnknownLottery
        winners = self.tx.lotteries.winners(lottery_id)
        held = next((w for w in winners if w.user_id == missing.id and not w.is_missing), None)
        if held is None:
            raise CannotRedraw(name=missing.name)
        record(self.tx, self.group, lottery_id, actor, update_id, "redrawn", self.now)
        self._redraw(lottery, winners, held, missing, reason)

    def _redraw(self, lottery: Lottery, winners: Sequence[Winner], held: Winner, missing: Person, reason: str) -> None:
        lines = self.tx.lotteries.list_of(lottery.id)
        users = {line.entrant.id: line.user_id for line in lines}
        before = proof_of(lottery, lines, winners)
        gone = Win(held.prize, held.place, line_of(lottery, missing.id, 1).entrant.id)
        proof = redrawn(before, gone, self._unfit(lottery, lines), reason)
        self.tx.lotteries.add_redraw(lottery.id, missing.id, proof["redraws"], self.now)
        won = proof["redraws"][-1]["winner"]
        winner = None
        if won is not None:
            win = Win(held.prize, held.place, won)
            self.tx.lotteries.add_winners(lottery.id, [win], len(proof["redraws"]), users)
            winner = named_winner(lottery, held.prize, users[won], self.tx.members.names([users[won]]))
        posts = self.words.redrawn(named(self.tx, self.group, lottery.id), missing.name, winner, written(proof))
        self.tx.outbox.add(self.group.id, posts, self.now)

    def _unfit(self, lottery: Lottery, lines: Sequence[Line]) -> list[str]:
        """The entrants who could not win any more: who left, or became an operator where those are left out."""
        strict = lottery.terms.no_operators
        entries = self.tx.lotteries.entries(lottery.id)
        fit = {entry.user_id for entry in entries if is_fit(entry.status, no_operators=strict)}
        return [line.entrant.id for line in lines if line.user_id not in fit]
