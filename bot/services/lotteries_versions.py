"""New rules for a lottery that nobody has entered: another version, committed to and announced."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.groups import Group
from bot.domain.lotteries import LotteryClosed, RulesFrozen, Terms
from bot.domain.members import Actor
from bot.services.lotteries_found import locked, named, record
from bot.services.lotteries_words import Wording, commitment, opening_reason
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Changing:
    """A change of rules. Whoever enters at the same instant is in before it, or enters on the new rules."""

    tx: Transaction
    group: Group
    words: Wording
    now: datetime

    def run(self, lottery_id: int, terms: Terms, actor: Actor, update_id: int) -> None:
        """Changes them. Raises `UnknownLottery`, `LotteryClosed` and `RulesFrozen`."""
        lottery = locked(self.tx, self.group, lottery_id)
        if self.tx.changes.was_made_by(self.group.id, update_id):
            return
        if lottery.state != "open":
            raise LotteryClosed(id=lottery.id)
        if lottery.entrants or self.tx.prize_codes.of(lottery.id):
            raise RulesFrozen(id=lottery.id)
        rules = terms.rules(self.group.id, lottery.rules["salt_hash"], self.now)
        version = {"version": lottery.version + 1, "previous": commitment(lottery)}
        self.tx.lotteries.set_terms(lottery.id, terms, {**rules, **version})
        record(self.tx, self.group, lottery.id, actor, update_id, "changed", self.now)
        if terms.pin:
            self.tx.outbox.pin(self.group.id, opening_reason(lottery.id))
        changed = named(self.tx, self.group, lottery.id)
        self.tx.outbox.add(self.group.id, self.words.changed(changed), self.now)
