"""What a step asks about its group's other deliveries before its turn."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, tuple_

from storage.deliveries import Delivery
from storage.tables import deliveries

_LATEST = timedelta(days=1)
"""How long after its slot a delivery may be carried out and still be found by its slot."""

_HAS_BEGUN = or_(
    deliveries.c.state.in_(("sent", "unknown")),
    deliveries.c.state.in_(("queued", "sending")) & (deliveries.c.position > 0),
)


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """Questions about deliveries, in one transaction."""

    connection: Connection

    def begun(self, delivery: Delivery, steps: Collection[tuple[str, str]], since: datetime) -> int:
        """How many others of these (playbook, step) were carried out in the group since an instant, or are about to."""
        if not steps:
            return 0
        statement = select(func.count()).where(
            deliveries.c.group_id == delivery.group_id,
            deliveries.c.slot_at >= since - _LATEST,
            or_(deliveries.c.ended_at.is_(None), deliveries.c.ended_at >= since),
            tuple_(deliveries.c.playbook, deliveries.c.step).in_(sorted(steps)),
            deliveries.c.id != delivery.id,
            _HAS_BEGUN,
        )
        return self.connection.execute(statement).scalar_one()
