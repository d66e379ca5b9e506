"""The bot's own messages that are to disappear at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.tables import deletions

_new = insert(deletions)
_ADD = _new.on_conflict_do_update(
    index_elements=[deletions.c.chat_id, deletions.c.message_id],
    set_={"due_at": _new.excluded.due_at},
    where=deletions.c.due_at > _new.excluded.due_at,
)


@dataclass(frozen=True, slots=True)
class DeletionRepository:
    """The deletions to come, of one transaction."""

    connection: Connection

    def add(self, chat_id: int, message_id: int, due_at: datetime) -> None:
        """Notes a message that is to disappear; of two times the earlier counts."""
        row = {"chat_id": chat_id, "message_id": message_id, "due_at": due_at}
        self.connection.execute(_ADD, row)

    def due(self, now: datetime, limit: int) -> Sequence[tuple[int, int]]:
        """The (chat id, message id) whose time has come, longest due first."""
        rows = self.connection.execute(
            select(deletions.c.chat_id, deletions.c.message_id)
            .where(deletions.c.due_at <= now)
            .order_by(deletions.c.due_at)
            .limit(limit)
        )
        return [(chat_id, message_id) for chat_id, message_id in rows]

    def done(self, chat_id: int, message_id: int) -> None:
        """Forgets a message that is gone."""
        self.connection.execute(
            delete(deletions).where(deletions.c.chat_id == chat_id, deletions.c.message_id == message_id)
        )
