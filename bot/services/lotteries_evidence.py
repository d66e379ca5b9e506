"""What a member may know of a lottery, to check its draw."""

from dataclasses import dataclass

from bot.domain.draws import id_of, nonce_of
from bot.domain.groups import Group
from bot.domain.lotteries import UnknownLottery
from bot.domain.members import Person
from bot.services.lotteries_found import named
from bot.services.lotteries_words import commitment
from storage.lotteries import Lottery
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A member's line of the list, and what its hash is made of."""

    id: str
    nonce: str
    tickets: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What anybody may know of a lottery's draw; the seed only once it is drawn."""

    lottery: Lottery
    commitment: str
    seed: str | None
    own: OwnLine | None


def evidence_of(tx: Transaction, group: Group, lottery_id: int | None, person: Person | None) -> Evidence:
    """What anybody may know, and a member's own line. Raises `UnknownLottery`."""
    found = named(tx, group, lottery_id) if lottery_id else next(iter(tx.lotteries.latest(group.id, 1)), None)
    if found is None:
        raise UnknownLottery
    own = _own_line(tx, found, person.id) if person else None
    seed = found.seed.hex() if found.state == "drawn" else None
    return Evidence(found, commitment(found), seed, own)


def _own_line(tx: Transaction, lottery: Lottery, user_id: int) -> OwnLine | None:
    tickets = tx.lotteries.tickets_of(lottery.id, user_id)
    if tickets is None:
        return None
    nonce = nonce_of(lottery.salt, user_id)
    return OwnLine(id_of(nonce, user_id), nonce, tickets)
