"""Updates that were taken in: each once, kept until it is handled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.prepared import Prepared
from storage.tables import updates

_RECEIVE = insert(updates).on_conflict_do_nothing().returning(updates.c.update_id)
_HANDLED = Prepared(
    update(updates)
    .where(updates.c.bot_id == bindparam("bot"), updates.c.update_id == bindparam("one"))
    .values(payload=None)
)
# "+ 0" keeps SQLite from the primary key, along which it would walk past all that was ever handled: the index of those
# that wait is short.
_WAITING = (
    select(updates.c.payload)
    .where(updates.c.bot_id + 0 == bindparam("bot"), updates.c.payload.is_not(None))
    .order_by(updates.c.bot_id, updates.c.update_id)
)


@dataclass(frozen=True, slots=True)
class UpdateRepository:
    """The updates of one transaction."""

    connection: Connection

    def receive(self, bot_id: int, payloads: Mapping[int, str], at: datetime) -> set[int]:
        """Keeps the updates (JSON by update id) that were never seen before, and says which those are."""
        rows = [
            {"bot_id": bot_id, "update_id": update_id, "payload": payload, "received_at": at}
            for update_id, payload in payloads.items()
        ]
        return set(self.connection.execute(_RECEIVE, rows).scalars()) if rows else set()

    def not_handled(self, bot_id: int, update_ids: Collection[int]) -> set[int]:
        """Those of the updates that were taken in and wait."""
        these = (updates.c.bot_id == bot_id) & updates.c.update_id.in_(update_ids)
        waiting = select(updates.c.update_id).where(these, updates.c.payload.is_not(None))
        return set(self.connection.execute(waiting).scalars())

    def handled(self, bot_id: int, update_id: int) -> None:
        """Forgets what the update said; that it was seen stays known."""
        _HANDLED.change(self.connection, bot=bot_id, one=update_id)

    def waiting(self, bot_id: int) -> Sequence[str]:
        """The updates (JSON) that were taken in and not handled, in order."""
        return [payload for payload in self.connection.execute(_WAITING, {"bot": bot_id}).scalars() if payload]

    def last_id(self, bot_id: int) -> int | None:
        """The greatest update id ever taken in."""
        return self.connection.execute(select(func.max(updates.c.update_id)).where(updates.c.bot_id == bot_id)).scalar()

    def forget(self, before: datetime) -> int:
        """Deletes the handled updates received before an instant, and says how many those were."""
        return self.connection.execute(
            delete(updates).where(updates.c.received_at < before, updates.c.payload.is_(None))
        ).rowcount
