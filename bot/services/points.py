"""Points by hand: operators give and take, everybody sees what they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.checkins import current_streak
from bot.domain.groups import Group
from bot.domain.levels import Level, level_of
from bot.domain.members import Actor, Person
from bot.domain.points import Entry, Owner, Unit
from bot.services.clock import Clock
from storage.database import Database
from storage.points import LedgerLine
from storage.transaction import Transaction

LOG_LENGTH = 15
"""Entries that `/points log` shows."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member has: points, cards, level, the streak as it stands today, and invites that count."""

    balance: int
    earned: int
    level: Level
    streak: int
    checked_in_today: bool
    makeup_cards: int
    freeze_cards: int
    invites: int


@dataclass(frozen=True, slots=True)
class PointsService:
    """The members' wallets."""

    database: Database
    clock: Clock

    async def standing(self, group: Group, person: Person, at: datetime) -> Standing:
        """What the member has at an instant."""
        owner = Owner(group.wallet_id, person.id)
        zone, starts_at = group.settings.timezone, group.settings.day_starts_at
        today = group.day_of(at)

        def work(tx: Transaction) -> Standing:
            last, earned = tx.checkins.last(group.id, person.id), tx.points.earned(owner)
            return Standing(
                balance=tx.points.balance(owner),
                earned=earned,
                level=level_of(earned),
                streak=current_streak(last, today, zone, starts_at),
                checked_in_today=last is not None and last.day >= today,
                makeup_cards=tx.points.balance(owner, "makeup"),
                freeze_cards=tx.points.balance(owner, "freeze"),
                invites=tx.invites.valid_by_inviter(group.id, [person.id]).get(person.id, 0),
            )

        return await self.database.read(work)

    async def change(
        self, group: Group, person: Person, amount: int, note: str, actor: Actor, update_id: int, unit: Unit = "points"
    ) -> int:
        """Gives (or takes, below zero) points or cards, and returns the new balance.

        Raises `NotEnoughPoints` rather than let a balance fall below zero.
        """
        owner, now, reason = Owner(group.wallet_id, person.id), self.clock(), f"operator:{update_id}"

        def work(tx: Transaction) -> int:
            if tx.points.amount(owner, unit, reason) is not None:
                return tx.points.balance(owner, unit)
            after = {"user_id": person.id, "name": person.name, "unit": unit, "amount": amount, "reason": reason}
            tx.members.save_people([person])
            tx.changes.add(group.id, update_id, actor, "points", None, after, now)
            return tx.points.add(Entry(owner, group.id, unit, amount, reason, now, note))

        return await self.database.write(work)

    async def log(self, group: Group, person: Person | None) -> Sequence[LedgerLine]:
        """The latest entries of the group's wallet, or of one member in it, newest first."""
        user_id = person.id if person else None
        return await self.database.read(lambda tx: tx.points.log(group.wallet_id, user_id, LOG_LENGTH))
