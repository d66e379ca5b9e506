"""What steps of playbooks make their turn depend on: how a group is at that moment."""

from collections.abc import Callable, Collection, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.groups import Group
from bot.services.activity import ActivityService
from bot.services.clock import Clock
from storage.database import Database
from storage.deliveries import Delivery
from storage.transaction import Transaction

Steps = Collection[tuple[str, str]]
"""Steps, as (playbook, id)."""

_OF_CHATTER = frozenset({"silent_for", "active_within", "messages_since_post", "silent"})


@dataclass(frozen=True, slots=True)
class Facts:
    """How a group is; what nobody asked about is left at its default.

    `spoken_at` is None where nobody has ever spoken; `promos` are the day's of all playbooks, `own_promos` of one.
    """

    spoken_at: datetime | None = None
    messages_since_post: int = 0
    members: int = 0
    promos: int = 0
    own_promos: int = 0
    has_live_lottery: bool = False


@dataclass(frozen=True, slots=True)
class FactService:
    """Finds out how groups are."""

    database: Database
    activity: ActivityService
    clock: Clock

    async def of(self, group: Group, delivery: Delivery, asked: Set[str], promos: Steps) -> Facts:
        """What these conditions ask about; `promos` are the steps that advertise."""
        if asked & _OF_CHATTER:
            await self.activity.flush()
        since = group.start_of(group.day_of(self.clock()))

        def work(tx: Transaction) -> Facts:
            return _facts(tx, delivery, asked, promos, since)

        return await self.database.read(work)


def _facts(tx: Transaction, delivery: Delivery, asked: Set[str], promos: Steps, since: datetime) -> Facts:
    group_id = delivery.group_id
    own = [step for step in promos if step[0] == delivery.playbook]

    def when(kinds: Set[str], find: Callable[[], Any], otherwise: Any) -> Any:
        return find() if asked & kinds else otherwise

    spoken = when(_OF_CHATTER, lambda: tx.chatter.of(group_id), None)
    return Facts(
        spoken_at=spoken.spoken_at if spoken else None,
        messages_since_post=spoken.since_post if spoken else 0,
        members=when({"members"}, lambda: tx.members.count(group_id), 0),
        promos=when({"promos_today"}, lambda: tx.delivery_facts.begun(delivery, promos, since), 0),
        own_promos=when({"promo_budget"}, lambda: tx.delivery_facts.begun(delivery, own, since), 0),
        has_live_lottery=when({"no_live_lottery"}, lambda: tx.lotteries.is_live(group_id), False),
    )
