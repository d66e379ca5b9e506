"""What the steps of a lottery have said in its group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.draws import commitment_of
from bot.domain.lotteries import Prize
from bot.domain.members import Person
from storage.lotteries import Lottery, Winner
from storage.outbox import Post
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class NamedWinner:
    """A winner as they are told of; `language` is their client's, if it is known."""

    user_id: int
    name: str
    prize: str
    claim_by: datetime | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Replaced:
    """A place that was drawn again: who lost it, and who has it now, unless nobody was left."""

    missing: NamedWinner
    winner: NamedWinner | None


class Wording(Protocol):
    """The posts of a group's lotteries in its language; pure, since they are written in the step's transaction."""

    def opened(self, lottery: Lottery) -> Sequence[Post]: ...  # noqa: D102
    def changed(self, lottery: Lottery) -> Sequence[Post]: ...  # noqa: D102
    def closed(  # noqa: D102
        self, lottery: Lottery, entrants: int, tickets: int, late: datetime | None
    ) -> Sequence[Post]: ...
    def drawn(self, lottery: Lottery, winners: Sequence[NamedWinner], proof: str) -> Sequence[Post]: ...  # noqa: D102
    def redrawn(  # noqa: D102
        self, lottery: Lottery, places: Sequence[Replaced], proof: str, *, timed_out: bool
    ) -> Sequence[Post]: ...
    def waits(self, lottery: Lottery) -> Sequence[Post]: ...  # noqa: D102
    def cancelled(self, lottery: Lottery) -> Sequence[Post]: ...  # noqa: D102
    def to_claim(self, lottery: Lottery, winner: NamedWinner) -> Post: ...  # noqa: D102
    def code(self, lottery: Lottery, winner: NamedWinner, code: str) -> Post: ...  # noqa: D102
    def out_of_codes(self, lottery: Lottery, prize: int, waiting: int, codes: int, operator: Person) -> Post: ...  # noqa: D102


def opening_reason(lottery_id: int) -> str:
    """The outbox's name of the post with the button."""
    return f"lottery:{lottery_id}:opened"


def closing_reason(lottery_id: int) -> str:
    """The outbox's name of the post with the list's hash."""
    return f"lottery:{lottery_id}:closed"


def claim_reason(lottery_id: int, user_id: int) -> str:
    """The outbox's name of what tells a winner to claim."""
    return f"lottery:{lottery_id}:claim:{user_id}"


def code_reason(lottery_id: int, user_id: int) -> str:
    """The outbox's name of what tells a winner their code."""
    return f"lottery:{lottery_id}:code:{user_id}"


def commitment(lottery: Lottery) -> str:
    """What the opening published."""
    return commitment_of(lottery.rules, lottery.seed)


def named_winners(tx: Transaction, lottery: Lottery, winners: Sequence[Winner]) -> list[NamedWinner]:
    """Winners with their names; who was never seen is called by the id."""
    people, prizes = tx.members.people([winner.user_id for winner in winners]), lottery.terms.prizes
    return [_named(people.get(w.user_id) or Person(w.user_id, f"#{w.user_id}"), prizes[w.prize], w) for w in winners]


def _named(person: Person, prize: Prize, winner: Winner) -> NamedWinner:
    return NamedWinner(person.id, person.name, prize.name, winner.claim_by, person.language)
