"""Prize codes: who is given which, and what winners are told in private."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from bot.domain.groups import Group
from bot.domain.lotteries import CannotAddCodes
from bot.domain.lotteries_prizes import parse_codes, prize_called
from bot.domain.members import Actor, Person
from bot.services.lotteries_found import locked, record
from bot.services.lotteries_words import Wording, claim_reason, code_reason, named_winners
from storage.lotteries import Lottery, Winner
from storage.lotteries_codes import PrizeCode
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Supply:
    """The codes of a prize: how many winners have one, how many are left, how many are missing.

    `known` of those that were just sent belonged to a prize of the group already.
    """

    lottery_id: int
    prize: str
    given: int
    left: int
    missing: int
    known: int


@dataclass(frozen=True, slots=True)
class Supplying:
    """Codes that an operator brings."""

    tx: Transaction
    group: Group
    words: Wording
    now: datetime

    def run(self, lottery_id: int, prize_name: str, text: str, operator: Person, update_id: int) -> Supply:
        """Adds them, and gives them to the winners who wait. Raises as `LotteryService.add_codes`."""
        self.tx.groups.lock(self.group.id)  # so that two lotteries cannot be brought the same code at once
        lottery = locked(self.tx, self.group, lottery_id)
        prize = prize_called(lottery.terms.prizes, prize_name)
        codes, known = parse_codes(text), set[str]()
        if lottery.state == "cancelled":
            raise CannotAddCodes(id=lottery.id)
        if not self.tx.changes.was_made_by(self.group.id, update_id):
            known = self.tx.prize_codes.known(self.group.id, codes)
            new = [code for code in codes if code not in known]
            self.tx.prize_codes.add(lottery.id, prize, new, operator.id)
            actor = Actor(operator.id, operator.name)
            record(self.tx, self.group, lottery.id, actor, update_id, "codes", self.now)
            hand_out(self.tx, self.group, lottery, self.words, self.now)
        return self._supply(lottery, prize, known)

    def _supply(self, lottery: Lottery, prize: int, known: Set[str]) -> Supply:
        codes = [code for code in self.tx.prize_codes.of(lottery.id) if code.prize == prize]
        holders = {code.user_id for code in codes if code.user_id is not None}
        winners = [w.user_id for w in standing(self.tx, lottery) if w.prize == prize]
        places = len(winners) if lottery.state == "drawn" else lottery.terms.prizes[prize].places
        given, left = len(holders.intersection(winners)), sum(code.user_id is None for code in codes)
        name = lottery.terms.prizes[prize].name
        return Supply(lottery.id, name, given, left, max(0, places - given - left), len(known))


def hand_out(tx: Transaction, group: Group, lottery: Lottery, words: Wording, now: datetime) -> None:
    """Gives a code to every winner who is to have one, as far as there are some, and has them told in private.

    Who has to claim a prize is given its code once they did. The lottery must be locked.
    """
    codes = tx.prize_codes.of(lottery.id)
    served = {code.user_id for code in codes}
    sure = [w for w in standing(tx, lottery) if lottery.terms.claim is None or w.claimed_at is not None]
    waiting = [w for w in sure if w.user_id not in served]
    for prize in sorted({code.prize for code in codes}):
        of_prize = [code for code in codes if code.prize == prize]
        _give(tx, group, lottery, of_prize, [w for w in waiting if w.prize == prize], words, now)


def _give(
    tx: Transaction, group: Group, lottery: Lottery, codes: Sequence[PrizeCode], waiting: Sequence[Winner],
    words: Wording, now: datetime,
) -> None:  # fmt: skip
    free = [code for code in codes if code.user_id is None]
    letters = []
    for winner, code in zip(named_winners(tx, lottery, waiting), free, strict=False):
        tx.prize_codes.give(code, winner.user_id, now)
        letters.append(words.code(lottery, winner, code.code))
    if len(waiting) > len(free):
        operators = tx.members.people({code.added_by for code in codes}).values()
        short = len(waiting) - len(free)
        letters += [words.out_of_codes(lottery, codes[0].prize, short, len(codes), person) for person in operators]
    tx.outbox.add(group.id, letters, now)


def take_back(tx: Transaction, group: Group, lottery: Lottery, user_id: int) -> None:
    """Frees the code of a winner who lost the place, unless they may have seen it: then it is spent."""
    tx.outbox.withdraw(group.id, claim_reason(lottery.id, user_id))
    for code in code_of(tx, lottery, user_id):
        if not code.is_shown and tx.outbox.withdraw(group.id, code_reason(lottery.id, user_id)):
            tx.prize_codes.take_back(code)


def code_of(tx: Transaction, lottery: Lottery, user_id: int) -> Sequence[PrizeCode]:
    """The code that a winner was given; empty for none."""
    return [code for code in tx.prize_codes.of(lottery.id) if code.user_id == user_id]


def standing(tx: Transaction, lottery: Lottery) -> Sequence[Winner]:
    """The winners whose places were not drawn again."""
    return [winner for winner in tx.lotteries.winners(lottery.id) if not winner.is_missing]
