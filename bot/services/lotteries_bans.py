"""Who is kept out of a group's lotteries, written down in the log."""

from datetime import datetime

from bot.domain.groups import Group
from bot.domain.members import Actor, Person
from storage.transaction import Transaction


def ban(tx: Transaction, group: Group, person: Person, actor: Actor, update_id: int, now: datetime) -> None:
    """Keeps somebody out; once more changes nothing."""
    if tx.standings(group).ban(person.id):
        tx.changes.add(group.id, update_id, actor, "lottery_ban", None, person.name, now)


def unban(tx: Transaction, group: Group, person: Person, actor: Actor, update_id: int, now: datetime) -> None:
    """Lets somebody in again; once more changes nothing."""
    if tx.standings(group).unban(person.id):
        tx.changes.add(group.id, update_id, actor, "lottery_ban", person.name, None, now)
