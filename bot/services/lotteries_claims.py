"""Claims: a winner takes the prize, and sees its code; nobody else does."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.groups import Group
from bot.domain.lotteries_prizes import NotYourPrize, PrizeGone
from bot.domain.members import Person
from bot.services.lotteries_codes import code_of, hand_out
from bot.services.lotteries_found import locked
from bot.services.lotteries_words import Wording, code_reason
from storage.lotteries import Lottery, Winner
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Won:
    """What a winner may know of their prize; the `code` only in private.

    `has_code` says that one was given to them, `waits` that there are codes for it and none is left.
    """

    lottery_id: int
    prize: str
    group: str
    has_code: bool
    waits: bool
    code: str | None

    def __repr__(self) -> str:
        return f"Won(lottery_id={self.lottery_id})"  # so that no log ever shows the code


@dataclass(frozen=True, slots=True)
class Claiming:
    """A winner who asks for the prize."""

    tx: Transaction
    group: Group
    words: Wording
    now: datetime

    def run(self, lottery_id: int, person: Person, *, in_private: bool) -> Won:
        """Notes the claim, once, and tells what was won. Raises `UnknownLottery`, `NotYourPrize` and `PrizeGone`."""
        lottery = locked(self.tx, self.group, lottery_id)
        winner = next((w for w in self.tx.lotteries.winners(lottery_id) if w.user_id == person.id), None)
        if winner is None:
            raise NotYourPrize
        if winner.is_missing:
            raise PrizeGone
        if lottery.terms.claim is not None and self.tx.claims.claim(lottery_id, person.id, self.now):
            hand_out(self.tx, self.group, lottery, self.words, self.now)
        return self._won(lottery, winner, in_private=in_private)

    def _won(self, lottery: Lottery, winner: Winner, *, in_private: bool) -> Won:
        has_codes = any(code.prize == winner.prize for code in self.tx.prize_codes.of(lottery.id))
        found = None
        for code in code_of(self.tx, lottery, winner.user_id):
            found = code.code
            if in_private:
                self.tx.outbox.withdraw(self.group.id, code_reason(lottery.id, winner.user_id))
                self.tx.prize_codes.shown(code, self.now)
        return Won(
            lottery.id, lottery.terms.prizes[winner.prize].name, self.group.title, found is not None,
            has_codes and found is None, found if in_private else None,
        )  # fmt: skip
