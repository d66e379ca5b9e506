"""What a member may know of a lottery, to check its draw."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.draws import id_of, nonce_of
from bot.domain.groups import Group
from bot.domain.lotteries import UnknownLottery
from bot.domain.members import Person
from bot.domain.proofs import written
from bot.services.lotteries_draws import proof_of
from bot.services.lotteries_found import named
from bot.services.lotteries_words import commitment
from storage.lotteries import Lottery, Winner
from storage.lotteries_lines import unpacked
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A member's line, and what its hash is made of; who `is_left_out` joined, but is not in the list."""

    id: str
    nonce: str
    user_id: int
    tickets: int
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What anybody may know of a lottery's draw; the seed only once it is drawn."""

    lottery: Lottery
    commitment: str
    seed: str | None
    own: OwnLine | None


@dataclass(frozen=True, slots=True)
class StoredProof:
    """What a proof is put together from."""

    lottery: Lottery
    lines: bytes
    winners: Sequence[Winner]

    def written(self) -> str:
        """The proof; to be written in a thread, since 100,000 entrants take a second."""
        return written(proof_of(self.lottery, unpacked(self.lines), self.winners))


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
    own = id_of(nonce, user_id)
    is_left_out = lottery.entrants_hash is not None and bytes.fromhex(own) not in tx.lotteries.lines_of(lottery.id)
    return OwnLine(own, nonce, user_id, tickets, is_left_out)


def stored_proof(tx: Transaction, group: Group, lottery_id: int) -> StoredProof:
    """What the proof of a drawn lottery is put together from. Raises `UnknownLottery`."""
    lottery = named(tx, group, lottery_id)
    return StoredProof(lottery, tx.lotteries.lines_of(lottery_id), tx.lotteries.winners(lottery_id))
