"""What the steps of a lottery have said in its group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.draws import commitment_of
from storage.lotteries import Lottery
from storage.outbox import Post


@dataclass(frozen=True, slots=True)
class NamedWinner:
    """A winner as the announcement says it."""

    user_id: int
    name: str
    prize: str


class Wording(Protocol):
    """The posts of a group's lotteries in its language; pure, since they are written in the step's transaction."""

    def opened(self, lottery: Lottery) -> Sequence[Post]: ...  # noqa: D102
    def closed(  # noqa: D102
        self, lottery: Lottery, entrants: int, tickets: int, late: datetime | None
    ) -> Sequence[Post]: ...
    def drawn(self, lottery: Lottery, winners: Sequence[NamedWinner], proof: str) -> Sequence[Post]: ...  # noqa: D102
    def redrawn(  # noqa: D102
        self, lottery: Lottery, missing: str, winner: NamedWinner | None, proof: str
    ) -> Sequence[Post]: ...
    def waits(self, lottery: Lottery) -> Sequence[Post]: ...  # noqa: D102
    def cancelled(self, lottery: Lottery) -> Sequence[Post]: ...  # noqa: D102


def opening_reason(lottery_id: int) -> str:
    """The outbox's name of the post with the button."""
    return f"lottery:{lottery_id}:opened"


def closing_reason(lottery_id: int) -> str:
    """The outbox's name of the post with the list's hash."""
    return f"lottery:{lottery_id}:closed"


def commitment(lottery: Lottery) -> str:
    """What the opening published."""
    return commitment_of(lottery.rules, lottery.seed)


def named_winner(lottery: Lottery, prize: int, user_id: int, names: dict[int, str]) -> NamedWinner:
    """A winner with the name that `names` has, or the id."""
    return NamedWinner(user_id, names.get(user_id, f"#{user_id}"), lottery.terms.prizes[prize].name)
