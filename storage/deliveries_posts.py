"""The messages that deliveries became, and which of them are to be pinned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.deliveries import Delivery, of_same_step
from storage.prepared import Prepared
from storage.tables import deliveries, delivery_posts, groups

_PIN_IS_DUE = text("delivery_posts.pin IN ('wanted', 'unwanted')")


@dataclass(frozen=True, slots=True)
class Pin:
    """A message of a playbook to be pinned (`wanted`) or unpinned (`unwanted`)."""

    delivery_id: int
    position: int
    message_id: int
    chat_id: int
    wish: str


_ADD = Prepared(
    insert(delivery_posts)
    .values({name: bindparam(name) for name in ("delivery_id", "position", "message_id", "posted_at", "pin")})
    .on_conflict_do_nothing()
)


@dataclass(frozen=True, slots=True)
class DeliveryPosts:
    """The messages of deliveries, in one transaction."""

    connection: Connection

    def add(self, delivery: Delivery, message_ids: Sequence[int], at: datetime, *, pins: bool = False) -> None:
        """Notes the messages that a delivery's action became; the first is to be pinned, in place of the former one."""
        if pins:
            of_step = select(deliveries.c.id).where(*of_same_step(delivery))
            pinned = (delivery_posts.c.delivery_id.in_(of_step), delivery_posts.c.pin.in_(("wanted", "pinned")))
            self.connection.execute(update(delivery_posts).where(*pinned).values(pin="unwanted"))
        for number, message_id in enumerate(message_ids):
            _ADD.change(
                self.connection,
                delivery_id=delivery.id,
                position=delivery.position,
                message_id=message_id,
                posted_at=at,
                pin="wanted" if pins and number == 0 else None,
            )

    def former_copy(self, delivery: Delivery, since: datetime) -> Sequence[int]:
        """The messages that the same action became the last time, unless that was before an instant."""
        statement = (
            select(delivery_posts.c.delivery_id, delivery_posts.c.message_id)
            .join(deliveries, deliveries.c.id == delivery_posts.c.delivery_id)
            .where(*of_same_step(delivery), deliveries.c.id != delivery.id)
            .where(delivery_posts.c.position == delivery.position, delivery_posts.c.posted_at > since)
            .order_by(delivery_posts.c.posted_at.desc(), delivery_posts.c.delivery_id.desc())
        )
        rows = self.connection.execute(statement).all()
        return [message_id for delivery_id, message_id in rows if delivery_id == rows[0].delivery_id]

    def pins(self, group_id: int | None) -> Sequence[Pin]:
        """The posts to be pinned or unpinned, in one group or in all; the new pin comes before the old one goes."""
        statement = (
            select(
                delivery_posts.c.delivery_id, delivery_posts.c.position, delivery_posts.c.message_id, groups.c.chat_id,
                delivery_posts.c.pin,
            )
            .join(deliveries, deliveries.c.id == delivery_posts.c.delivery_id)
            .join(groups, groups.c.id == deliveries.c.group_id)
            .where(_PIN_IS_DUE, groups.c.chat_id.is_not(None))
            .order_by(delivery_posts.c.pin.desc(), delivery_posts.c.delivery_id)
        )  # fmt: skip
        if group_id is not None:
            statement = statement.where(deliveries.c.group_id == group_id)
        return [Pin(*row) for row in self.connection.execute(statement)]

    def pin_done(self, pin: Pin) -> None:
        """Notes that a post was pinned or unpinned, unless something else is wanted by now."""
        mine = (
            delivery_posts.c.delivery_id == pin.delivery_id,
            delivery_posts.c.position == pin.position,
            delivery_posts.c.message_id == pin.message_id,
            delivery_posts.c.pin == pin.wish,
        )
        done = "pinned" if pin.wish == "wanted" else None
        self.connection.execute(update(delivery_posts).where(*mine).values(pin=done))
