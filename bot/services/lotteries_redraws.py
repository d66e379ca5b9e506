"""Redraws: one place again, chained to what was drawn before. They are worked out outside of any transaction."""

import asyncio
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from bot.domain.draws import Win
from bot.domain.groups import Group
from bot.domain.lotteries import CannotRedraw
from bot.domain.lotteries_conditions import CannotAsk
from bot.domain.lotteries_prizes import AWAKE, GRACE, NOT_CLAIMED, claim_until, is_over, was_slept_over
from bot.domain.members import Actor, Person
from bot.domain.proofs import redrawn, written
from bot.services.lotteries_candidates import Candidates, IsIn, can_win
from bot.services.lotteries_codes import hand_out, standing, take_back
from bot.services.lotteries_draws import proof_of
from bot.services.lotteries_found import locked, named, record
from bot.services.lotteries_words import Replaced, Wording, named_winners
from storage.database import Database
from storage.lotteries import Lottery, Winner
from storage.lotteries_lines import unpacked
from storage.transaction import Transaction

Wanted = Callable[[Transaction], "Places | None"]

AT_ONCE = 20
"""Places that are drawn again together; the others' turn comes seconds later."""


@dataclass(frozen=True, slots=True)
class Places:
    """The places to draw again, `held` by those who are missing, and everybody who has ever won."""

    lottery: Lottery
    held: Sequence[Winner]
    winners: Sequence[Winner]

    def are(self, others: "Places") -> bool:
        """Whether what is worked out for the others holds for these: nothing was claimed or drawn again since."""
        return (len(self.lottery.redraws), self.held) == (len(others.lottery.redraws), others.held)


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What was worked out: all redraws by now, who has each of the places (None: nobody was left), and the proof."""

    redraws: Sequence[dict[str, Any]]
    holders: Sequence[int | None]
    proof: str


@dataclass(frozen=True, slots=True)
class Redrawing:
    """The redraw of places. Of several who work one out at once, one stores it, and the others look again."""

    database: Database
    group: Group
    words: Wording
    now: datetime
    is_in: IsIn

    async def run(self, lottery_id: int, missing: Person, reason: str, actor: Actor, update_id: int) -> None:
        """Draws the place of a winner again. Raises `UnknownLottery` and `CannotRedraw`."""

        def wanted(tx: Transaction) -> Places | None:
            if tx.changes.was_made_by(self.group.id, update_id):
                return None
            lottery = locked(tx, self.group, lottery_id)
            held = [winner for winner in standing(tx, lottery) if winner.user_id == missing.id]
            if not held:
                raise CannotRedraw(name=missing.name)
            return Places(lottery, held, tx.lotteries.winners(lottery_id))

        def noted(tx: Transaction) -> None:
            about = f"{missing.name}: {reason}" if reason else missing.name
            record(tx, self.group, lottery_id, actor, update_id, "redrawn", self.now, about)

        if reason == NOT_CLAIMED:
            reason += " (said an operator)"  # so that the proof tells a time-out from what somebody says
        await self._redraw(wanted, reason, noted)

    async def expire(self, lottery_id: int) -> bool:
        """Draws the places again that were not claimed in time; False when there is none (yet)."""
        return await self._redraw(lambda tx: self._overdue(tx, lottery_id), NOT_CLAIMED)

    def _overdue(self, tx: Transaction, lottery_id: int) -> Places | None:
        """A claim that reached us waits its turn: nothing expires before it was heard.

        Nor does anything whose end was slept over, before there was time to hear what was pressed meanwhile.
        """
        lottery = locked(tx, self.group, lottery_id)
        ends = {w: w.claim_by for w in standing(tx, lottery) if w.claim_by and not w.claimed_at}
        if any(was_slept_over(end, self.now) for end in ends.values()):
            tx.claims.put_off(lottery_id, self.now - AWAKE, self.now + AWAKE)
            return None
        over = [winner for winner, end in ends.items() if is_over(end, self.now)][:AT_ONCE]
        unheard = tx.claims.unheard_since()
        if not over or (unheard is not None and unheard < max(ends[winner] for winner in over) + GRACE):
            return None
        return Places(lottery, over, tx.lotteries.winners(lottery_id))

    async def _redraw(
        self, wanted: Wanted, reason: str, noted: Callable[[Transaction], None] | None = None
    ) -> bool:  # fmt: skip
        """Draws what is `wanted`, and `noted` as an operator's wish; False when nothing is (any more)."""
        while (places := await self.database.write(wanted)) is not None:
            store = partial(self._store, wanted, places, await self._worked_out(places, reason), noted)
            if await self.database.write(store):
                return True
        return False

    def _store(
        self, wanted: Wanted, places: Places, outcome: Redrawn, noted: Callable[[Transaction], None] | None,
        tx: Transaction,
    ) -> bool:  # fmt: skip
        """Stores what was worked out for places that are wanted still."""
        now = wanted(tx)
        if now is None or not now.are(places):
            return False
        if noted is not None:
            noted(tx)
        self._announce(tx, places, outcome, timed_out=noted is None)
        return True

    async def _worked_out(self, places: Places, reason: str) -> Redrawn:
        """The redraw among those who may win by now; who is drawn and is not in the channel any more is passed over."""
        lottery, absent = places.lottery, set[int]()
        stored = await self.database.read(lambda tx: tx.lotteries.lines_of(lottery.id))
        doubtful = await Candidates(self.database, self.group, lottery).doubtful()
        conditions = replace(lottery.terms.conditions, channel=None)
        fit = {one.user_id for one in await asyncio.to_thread(can_win, lottery, doubtful, conditions, self.now)}
        unfit = {one.user_id for one in doubtful} - fit
        while True:
            outcome = await asyncio.to_thread(_redrawn, places, stored, unfit | absent, reason)
            drawn = [user_id for user_id in outcome.holders if user_id is not None]
            gone = {user_id for user_id in drawn if await self._has_left(lottery, user_id)}
            if not gone:
                return outcome
            absent |= gone

    async def _has_left(self, lottery: Lottery, user_id: int) -> bool:
        """Whether somebody is not in the channel any more, as far as the platform says."""
        channel = lottery.terms.conditions.channel
        try:
            return channel is not None and not await self.is_in(channel.id, user_id)
        except CannotAsk:
            return False

    def _announce(self, tx: Transaction, places: Places, outcome: Redrawn, *, timed_out: bool) -> None:
        lottery, held = places.lottery, places.held
        tx.lotteries.add_redraws(lottery.id, [one.user_id for one in held], outcome.redraws, self.now)
        for one in held:
            take_back(tx, self.group, lottery, one.user_id)
        new = [self._add_winner(tx, places, number, user) for number, user in enumerate(outcome.holders)]
        names = iter(named_winners(tx, lottery, [winner for winner in new if winner is not None]))
        winners = [None if winner is None else next(names) for winner in new]
        missing = named_winners(tx, lottery, held)
        lottery = named(tx, self.group, lottery.id)
        replaced = [Replaced(before, after) for before, after in zip(missing, winners, strict=True)]
        posts = self.words.redrawn(lottery, replaced, outcome.proof, timed_out=timed_out)
        if lottery.terms.claim is not None:
            posts = [*posts, *(self.words.to_claim(lottery, winner) for winner in winners if winner is not None)]
        tx.outbox.add(self.group.id, posts, self.now)
        hand_out(tx, self.group, lottery, self.words, self.now)

    def _add_winner(self, tx: Transaction, places: Places, number: int, user_id: int | None) -> Winner | None:
        """Stores who has the place of that number among those that were drawn again."""
        if user_id is None:
            return None
        lottery, held = places.lottery, places.held[number]
        rounds = 1 + sum((w.prize, w.place) == (held.prize, held.place) for w in places.winners)
        until, redraw = claim_until(lottery.terms.claim, self.now, rounds), len(lottery.redraws) + number + 1
        tx.lotteries.add_winners(lottery.id, [Win(held.prize, held.place, "")], redraw, {"": user_id}, until)
        return Winner(held.prize, held.place, redraw, user_id, False, until, None)


def _redrawn(places: Places, stored: bytes, left_out: Set[int], reason: str) -> Redrawn:
    """The redraws and their proof; made in a thread, since 100,000 entrants take a second.

    Under `excluded` the proof names who could not win any more, and has not won before.
    """
    lines, lottery = unpacked(stored), places.lottery
    ids, users = {line.user_id: line.entrant.id for line in lines}, {line.entrant.id: line.user_id for line in lines}
    have_won = {winner.user_id for winner in places.winners}
    unfit = [line.entrant.id for line in lines if line.user_id in left_out and line.user_id not in have_won]
    proof = proof_of(lottery, lines, places.winners)
    for held in places.held:
        proof = redrawn(proof, Win(held.prize, held.place, ids[held.user_id]), unfit, reason)
    new = proof["redraws"][len(lottery.redraws) :]
    holders = [None if entry["winner"] is None else users[entry["winner"]] for entry in new]
    return Redrawn(proof["redraws"], holders, written(proof))
