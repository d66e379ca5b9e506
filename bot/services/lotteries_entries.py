"""Entries: one a member, paid for, and paid back when the lottery is called off."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.checkins import current_streak
from bot.domain.groups import Group
from bot.domain.lotteries import PRESENT, LotteryClosed, is_due, require_fit, tickets_for
from bot.domain.lotteries_conditions import Channel, require_standing
from bot.domain.members import Person
from bot.domain.points import Entry, Owner
from bot.services.lotteries_found import locked, named
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
class Questions:
    """What only the platform knows of somebody who wants to enter; `messages`: counts in memory are to be written."""

    membership: bool = False
    channel: Channel | None = None
    messages: bool = False
    no_operators: bool = False


def questions_of(tx: Transaction, group: Group, lottery_id: int, person: Person) -> Questions:
    """What is to be asked before somebody enters; nothing of those who are in."""
    lottery = named(tx, group, lottery_id)
    if lottery.state != "open" or tx.lotteries.tickets_of(lottery_id, person.id) is not None:
        return Questions()
    conditions = lottery.terms.conditions
    is_known = tx.members.status(group.id, person.id) in PRESENT
    return Questions(not is_known, conditions.channel, conditions.messages > 0, lottery.terms.no_operators)


@dataclass(frozen=True, slots=True)
class Entering:
    """One entry. The platform has said whether somebody `is_here` whom the records do not know, and in the channel."""

    tx: Transaction
    group: Group
    person: Person
    now: datetime
    is_here: bool = False
    is_in_channel: bool = False

    def run(self, lottery_id: int) -> Ticket:
        """Enters the member, or says what they hold. Raises as `LotteryService.enter`."""
        lottery = locked(self.tx, self.group, lottery_id)  # so that nobody changes the rules meanwhile
        if self.tx.lotteries.tickets_of(lottery_id, self.person.id) is None:
            if lottery.state != "open":
                raise LotteryClosed(id=lottery.id)
            self._require_fit(lottery)
            self.tx.members.seen(self.group.id, self.person.id, self.now)
            # Of two presses at once, the second one waits for the member's row, and finds the first one's entry.
            if self.tx.lotteries.tickets_of(lottery_id, self.person.id) is None:
                self._enter(lottery)
        recount(self.tx, self.group, lottery_id, "open", self.now, self.person.id)
        lottery = named(self.tx, self.group, lottery_id)
        held = self.tx.lottery_tickets.of(lottery_id, self.person.id)
        is_over = is_due(lottery.terms.draw_at, lottery.terms.at_entrants, lottery.entrants, self.now)
        return Ticket(lottery_id, held.tickets, lottery.tickets, is_over and lottery.state == "open", held.from_invites)

    def _require_fit(self, lottery: Lottery) -> None:
        known = self.tx.members.status(self.group.id, self.person.id)
        if self.is_here and known not in PRESENT:  # who has come while the bot was not looking
            self.tx.members.set_status(self.group.id, self.person.id, "member", self.now)
        standing = self.tx.standings(self.group).of(self.person.id)
        require_fit(standing.status, no_operators=lottery.terms.no_operators)
        last = self.tx.checkins.last(self.group.id, self.person.id)
        is_today = last is not None and last.day == self.group.day_of(self.now)
        valid = self.tx.invites.valid_by_inviter(self.group.id, [self.person.id]).get(self.person.id, 0)
        standing = replace(standing, has_checked_in=is_today, is_in_channel=self.is_in_channel, valid_invites=valid)
        require_standing(lottery.terms.conditions, standing, self.now)

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
        return current_streak(last, self.group.day_of(self.now), zone, starts_at)


def refund(tx: Transaction, group: Group, lottery: Lottery, now: datetime) -> None:
    """Gives everybody back what they paid, once."""
    if not lottery.terms.cost:
        return
    for entry in tx.lotteries.entries(lottery.id):
        owner, reason = Owner(group.wallet_id, entry.user_id), f"lottery:{lottery.id}:refund"
        tx.points.add(Entry(owner, group.id, "points", lottery.terms.cost, reason, now, earned=0))
