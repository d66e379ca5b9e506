"""Points that playbooks pay."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.groups import Group
from bot.domain.points import Entry, Owner
from storage.database import Database
from storage.deliveries import Delivery
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class AwardService:
    """Pays points for an action of a delivery, once, however often the action is carried out."""

    database: Database

    async def pay(
        self, group: Group, delivery: Delivery, reason: str, points: int, note: str, at: datetime,
        user_id: int | None = None,
    ) -> int:  # fmt: skip
        """Pays a member, or without one all who have checked in on the group's day; how many were paid just now."""
        day = group.day_of(at)

        def work(tx: Transaction) -> int:
            # Who checks in between two tries is not paid by the second: the first one has settled who was.
            if not tx.deliveries.note_effect(delivery.id, delivery.position):
                return 0
            users = tx.checkins.users_of(group.id, day) if user_id is None else [user_id]
            for user in users:
                tx.points.add(Entry(Owner(group.wallet_id, user), group.id, "points", points, reason, at, note))
            return len(users)

        return await self.database.write(work)
