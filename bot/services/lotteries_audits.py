"""What does not fit in what is stored of a lottery."""

from collections.abc import Iterator, Mapping, Sequence, Set

from bot.domain.draws import Win, list_hash_of
from bot.domain.lotteries_prizes import NOT_CLAIMED
from bot.domain.proofs import standing_wins, verify
from bot.services.beacons import is_signed
from bot.services.lotteries_draws import proof_of
from bot.services.lotteries_found import line_of
from storage.lotteries import Lottery, Winner
from storage.lotteries_lines import Line
from storage.transaction import Transaction


def differences_of(tx: Transaction, lottery: Lottery) -> Iterator[str]:
    """What does not fit in what is stored of a lottery, for the audit."""
    entries = {entry.user_id: entry.tickets for entry in tx.lotteries.entries(lottery.id)}
    if (lottery.entrants, lottery.tickets) != (len(entries), sum(entries.values())):
        stored, found = f"{lottery.entrants} entrants, {lottery.tickets} tickets", (len(entries), sum(entries.values()))
        yield f"{stored} counted; {found[0]} and {found[1]} in the entries"
    for user_id in _unbooked(tx, lottery, entries.keys()):
        yield f"user {user_id}: what the entry cost, or its refund, is not in the ledger"
    lines = tx.lotteries.list_of(lottery.id)
    if any(line != line_of(lottery, line.user_id, entries.get(line.user_id, 0)) for line in lines):
        yield "the list at the closing is not that of the entries"
    if lottery.entrants_hash not in {None, list_hash_of([line.entrant for line in lines])}:
        yield "the list at the closing does not have the hash that was published"
    if lottery.state == "drawn":
        yield from _wrong_draw(tx, lottery, lines)


def _wrong_draw(tx: Transaction, lottery: Lottery, lines: Sequence[Line]) -> Iterator[str]:
    winners, ids = tx.lotteries.winners(lottery.id), {line.user_id: line.entrant.id for line in lines}
    proof = proof_of(lottery, lines, winners)
    if wrong := verify(proof, is_signed):
        yield from (f"proof: {difference}" for difference in wrong)
        return
    yield from _wrong_claims(lottery, winners, ids)
    yield from _wrong_codes(tx, lottery, winners)
    holders = [Win(w.prize, w.place, ids.get(w.user_id, "")) for w in winners if not w.is_missing]
    if holders != standing_wins(proof):
        yield "the winners are not those of the proof"


def _wrong_claims(lottery: Lottery, winners: Sequence[Winner], ids: Mapping[int, str]) -> Iterator[str]:
    timed_out = {entry["missing"] for entry in lottery.redraws if entry["reason"] == NOT_CLAIMED}
    for winner in winners:
        if ids.get(winner.user_id) in timed_out and (winner.claimed_at or not winner.claim_by):
            yield f"user {winner.user_id}: the place was drawn again for want of a claim, and there was one, or no need"
        if winner.claimed_at and lottery.terms.claim is None:
            yield f"user {winner.user_id}: claimed, though nothing had to be"


def _wrong_codes(tx: Transaction, lottery: Lottery, winners: Sequence[Winner]) -> Iterator[str]:
    codes = tx.prize_codes.of(lottery.id)
    won, served = {w.user_id: w.prize for w in winners}, {code.user_id for code in codes}
    left = {code.prize for code in codes if code.user_id is None}
    for code in codes:
        if code.user_id is not None and won.get(code.user_id) != code.prize:
            yield f"user {code.user_id}: was given code {code.id}, and did not win its prize"
    for winner in winners:
        is_sure = not winner.is_missing and (lottery.terms.claim is None or winner.claimed_at is not None)
        if is_sure and winner.user_id not in served and winner.prize in left:
            yield f"user {winner.user_id}: was given no code, though one is left"
    for code_id in tx.prize_codes.repeated(lottery.id):
        yield f"code {code_id}: stands in another lottery of the group as well"


def _unbooked(tx: Transaction, lottery: Lottery, users: Set[int]) -> Iterator[int]:
    cost = lottery.terms.cost
    if cost:
        reason = f"lottery:{lottery.id}"
        yield from sorted(users - tx.lotteries.booked_for(reason, -cost))
        if lottery.state == "cancelled":
            yield from sorted(users ^ tx.lotteries.booked_for(f"{reason}:refund", cost))
