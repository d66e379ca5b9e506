"""Entries: one a member, paid for, and paid back when the lottery is called off."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.checkins import current_streak
from bot.domain.days import local_day
from bot.domain.groups import Group
from bot.domain.lotteries import LotteryClosed, is_due, require_fit, tickets_for
from bot.domain.members import Person
from bot.domain.points import Entry, Owner
from bot.services.lotteries_found import named
from bot.services.lotteries_tickets import recount
from storage.lotteries import Lottery
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a member holds in a lottery, of how many, and what of it for invites; `is_due`: it is time to draw."""

    lottery_id: int
    tickets: int
    total: int
    is_due: bool
    from_invites: int = 0


@dataclass(frozen=True, slots=True)
class Entering:
    """One entry."""

    tx: Transaction
    group: Group
    person: Person
    now: datetime

    def run(self, lottery_id: int, *, is_here: bool) -> Ticket:
        """Enters the member, or says what they hold. Raises as `LotteryService.enter`."""
        status = self.tx.members.status(self.group.id, self.person.id) or ("member" if is_here else None)
        lottery = named(self.tx, self.group, lottery_id)
        if self.tx.lotteries.tickets_of(lottery_id, self.person.id) is None:
            require_fit(status, no_operators=lottery.terms.no_operators)
            self.tx.members.seen(self.group.id, self.person.id, self.now)
            # Of two presses at once, the second one waits for the member's row, and finds the first one's entry.
            if self.tx.lotteries.tickets_of(lottery_id, self.person.id) is None:
                self._enter(lottery)
        recount(self.tx, self.group, lottery_id, "open", self.now, self.person.id)
        lottery = named(self.tx, self.group, lottery_id)
        held = self.tx.lottery_tickets.of(lottery_id, self.person.id)
        is_over = is_due(lottery.terms.draw_at, lottery.terms.at_entrants, lottery.entrants, self.now)
        return Ticket(lottery_id, held.tickets, lottery.tickets, is_over and lottery.state == "open", held.from_invites)

    def _enter(self, lottery: Lottery) -> None:
        tickets = tickets_for(self._streak())
        if not self.tx.lotteries.count_in(lottery.id, tickets, self.now):
            raise LotteryClosed(id=lottery.id)
        self.tx.lotteries.add_entry(lottery.id, self.person.id, tickets, self.now)
        cost, owner = lottery.terms.cost, Owner(self.group.wallet_id, self.person.id)
        if cost:
            self.tx.points.add(Entry(owner, self.group.id, "points", -cost, f"lottery:{lottery.id}", self.now))

    def _streak(self) -> int:
        zone, starts_at = self.group.settings.timezone, self.group.settings.day_starts_at
        last = self.tx.checkins.last(self.group.id, self.person.id)
        return current_streak(last, local_day(self.now, zone, starts_at), zone, starts_at)


def refund(tx: Transaction, group: Group, lottery: Lottery, now: datetime) -> None:
    """Gives everybody back what they paid, once."""
    if not lottery.terms.cost:
        return
    for entry in tx.lotteries.entries(lottery.id):
        owner, reason = Owner(group.wallet_id, entry.user_id), f"lottery:{lottery.id}:refund"
        tx.points.add(Entry(owner, group.id, "points", lottery.terms.cost, reason, now, earned=0))
