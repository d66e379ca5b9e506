"""Redraws: one place again, chained to what was drawn before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.draws import Win
from bot.domain.groups import Group
from bot.domain.lotteries import CannotRedraw, is_fit
from bot.domain.lotteries_prizes import AWAKE, GRACE, NOT_CLAIMED, claim_until, is_over, was_slept_over
from bot.domain.members import Actor, Person
from bot.domain.proofs import redrawn, written
from bot.services.lotteries_codes import hand_out, standing, take_back
from bot.services.lotteries_draws import proof_of
from bot.services.lotteries_found import line_of, locked, named, record
from bot.services.lotteries_words import NamedWinner, Replaced, Wording, named_winners
from storage.lotteries import Lottery, Winner
from storage.lotteries_lines import Line
from storage.transaction import Transaction

AT_ONCE = 20
"""Places that are drawn again in one transaction; the others' turn comes seconds later."""


@dataclass(frozen=True, slots=True)
class Redrawing:
    """The redraw of places."""

    tx: Transaction
    group: Group
    words: Wording
    now: datetime

    def run(self, lottery_id: int, missing: Person, reason: str, actor: Actor, update_id: int) -> None:
        """Draws the place of a winner again. Raises `UnknownLottery` and `CannotRedraw`."""
        if self.tx.changes.was_made_by(self.group.id, update_id):
            return
        lottery = locked(self.tx, self.group, lottery_id)
        held = next((w for w in standing(self.tx, lottery) if w.user_id == missing.id), None)
        if held is None:
            raise CannotRedraw(name=missing.name)
        record(self.tx, self.group, lottery_id, actor, update_id, "redrawn", self.now)
        if reason == NOT_CLAIMED:
            reason += " (said an operator)"  # so that the proof tells a time-out from what somebody says
        self._redraw(lottery, [held], reason, timed_out=False)

    def expire(self, lottery_id: int) -> bool:
        """Draws the places again that were not claimed in time; False when there is none (yet).

        A claim that reached us waits its turn: nothing expires before it was heard. Nor does anything whose end was
        slept over, before there was time to hear what was pressed meanwhile.
        """
        lottery = locked(self.tx, self.group, lottery_id)
        ends = {w: w.claim_by for w in standing(self.tx, lottery) if w.claim_by and not w.claimed_at}
        if any(was_slept_over(end, self.now) for end in ends.values()):
            self.tx.claims.put_off(lottery_id, self.now - AWAKE, self.now)
            return False
        over = [winner for winner, end in ends.items() if is_over(end, self.now)][:AT_ONCE]
        unheard = self.tx.claims.unheard_since()
        if not over or (unheard is not None and unheard < max(ends[winner] for winner in over) + GRACE):
            return False
        self._redraw(lottery, over, NOT_CLAIMED, timed_out=True)
        return True

    def _redraw(self, lottery: Lottery, places: Sequence[Winner], reason: str, *, timed_out: bool) -> None:
        lines, replaced = self.tx.lotteries.list_of(lottery.id), list[Replaced]()
        proof: dict[str, Any] = {}
        for held, missing in zip(places, named_winners(self.tx, lottery, places), strict=True):
            lottery = named(self.tx, self.group, lottery.id)
            proof, winner = self._redraw_one(lottery, lines, held, reason)
            take_back(self.tx, self.group, lottery, held.user_id)
            replaced.append(Replaced(missing, winner))
        lottery = named(self.tx, self.group, lottery.id)
        posts = self.words.redrawn(lottery, replaced, written(proof), timed_out=timed_out)
        if lottery.terms.claim is not None:
            posts = [*posts, *(self.words.to_claim(lottery, r.winner) for r in replaced if r.winner is not None)]
        self.tx.outbox.add(self.group.id, posts, self.now)
        hand_out(self.tx, self.group, lottery, self.words, self.now)

    def _redraw_one(
        self, lottery: Lottery, lines: Sequence[Line], held: Winner, reason: str
    ) -> tuple[dict[str, Any], NamedWinner | None]:
        winners = self.tx.lotteries.winners(lottery.id)
        gone = Win(held.prize, held.place, line_of(lottery, held.user_id, 1).entrant.id)
        proof = redrawn(proof_of(lottery, lines, winners), gone, self._unfit(lottery, lines), reason)
        self.tx.lotteries.add_redraw(lottery.id, held.user_id, proof["redraws"], self.now)
        won = proof["redraws"][-1]["winner"]
        if won is None:
            return proof, None
        rounds = 1 + sum((w.prize, w.place) == (held.prize, held.place) for w in winners)
        until = claim_until(lottery.terms.claim, self.now, rounds)
        users = {line.entrant.id: line.user_id for line in lines}
        number, win = len(proof["redraws"]), Win(held.prize, held.place, won)
        self.tx.lotteries.add_winners(lottery.id, [win], number, users, until)
        winner = Winner(held.prize, held.place, number, users[won], False, until, None)
        return proof, named_winners(self.tx, lottery, [winner])[0]

    def _unfit(self, lottery: Lottery, lines: Sequence[Line]) -> list[str]:
        """The entrants who could not win any more: who left, or became an operator where those are left out."""
        strict = lottery.terms.no_operators
        entries = self.tx.lotteries.entries(lottery.id)
        fit = {entry.user_id for entry in entries if is_fit(entry.status, no_operators=strict)}
        return [line.entrant.id for line in lines if line.user_id not in fit]
