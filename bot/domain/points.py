"""Points and cards: a ledger of what was earned and spent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.numbers import whole_number
from bot.domain.refusals import Refusal

Unit = Literal["points", "makeup", "freeze"]
"""What a ledger entry counts: points, make-up cards, freeze cards."""

LARGEST_AMOUNT = 1_000_000
"""The most that one command may give or take, so that a slip of the finger stays harmless and sums stay in 64 bits."""


class NotEnoughPoints(Refusal):
    """The balance would fall below zero."""

    text = "points.not_enough"


class NotAnAmount(Refusal):
    """Not a whole number in the range that one command may book."""

    text = "points.not_an_amount"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose wallet: a member's, in the wallet that the group pays into (its own by default, or a shared one)."""

    wallet_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger. `reason` is unique for an owner and a unit, so a retry cannot pay twice.

    `earned` is what the entry adds to all that was ever earned, which spending does not lower: by default the amount,
    when it is given, and nothing when it is taken.
    """

    owner: Owner
    group_id: int
    unit: Unit
    amount: int
    reason: str
    at: datetime
    note: str = ""
    earned: int | None = None

    @property
    def adds_to_earned(self) -> int:
        """What counts for levels and for the boards of a week and a month."""
        return max(self.amount, 0) if self.earned is None else self.earned


def amount_of(word: str) -> int:
    """A whole number from 1 to `LARGEST_AMOUNT`. Raises `NotAnAmount`."""
    amount = whole_number(word, len(str(LARGEST_AMOUNT)))
    if amount is None or not 1 <= amount <= LARGEST_AMOUNT:
        raise NotAnAmount(word=word[:40], largest=LARGEST_AMOUNT)
    return amount
