"""Tickets for invites: counted anew with every look, and for the last time as a lottery is closed."""

from datetime import datetime
from typing import Literal

from bot.domain.groups import Group
from bot.domain.lotteries import with_invites
from bot.services.invites import settle
from storage.transaction import Transaction


def recount(
    tx: Transaction, group: Group, lottery_id: int, state: Literal["open", "closed"], now: datetime,
    user_id: int | None = None,
) -> None:  # fmt: skip
    """Lets the entries (or one member's) of a lottery in that state hold what their invites are worth now.

    The lottery is locked, so that nobody enters, closes or counts meanwhile.
    """
    lottery = tx.lotteries.find(group.id, lottery_id, lock=True)
    if lottery is None or lottery.state != state or not lottery.terms.invites:
        return
    settle(tx, group, now, user_id)
    changed = []
    for held, valid in tx.lottery_tickets.with_invites(group.id, lottery_id, user_id):
        base = held.tickets - held.from_invites
        tickets = with_invites(base, valid, lottery.terms.invites)
        if tickets != held.tickets:
            changed.append((held, tickets))
    tx.lottery_tickets.change(lottery_id, changed)
