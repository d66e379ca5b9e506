"""What was said lately in groups, without who said it: new answers are tried on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage.tables import faq_heard


@dataclass(frozen=True, slots=True)
class HeardRepository:
    """What was heard, of one transaction."""

    connection: Connection

    def add(self, group_id: int, heard: Iterable[tuple[str, datetime]]) -> None:
        """Stores texts and when they were said, oldest first."""
        self.connection.execute(insert(faq_heard), [{"group_id": group_id, "text": t, "at": at} for t, at in heard])

    def texts(self, group_id: int, limit: int) -> Sequence[str]:
        """The latest texts of a group, newest first."""
        statement = select(faq_heard.c.text).where(faq_heard.c.group_id == group_id)
        return self.connection.execute(statement.order_by(faq_heard.c.id.desc()).limit(limit)).scalars().all()

    def keep_latest(self, group_id: int, count: int) -> None:
        """Forgets all of a group but the latest ones."""
        latest = select(faq_heard.c.id).where(faq_heard.c.group_id == group_id)
        beyond = latest.order_by(faq_heard.c.id.desc()).offset(count).limit(1).scalar_subquery()
        self.connection.execute(delete(faq_heard).where(faq_heard.c.group_id == group_id, faq_heard.c.id <= beyond))

    def forget_before(self, at: datetime) -> None:
        """Forgets what is older."""
        self.connection.execute(delete(faq_heard).where(faq_heard.c.at < at))

    def forget(self, group_id: int) -> None:
        """Forgets all of a group."""
        self.connection.execute(delete(faq_heard).where(faq_heard.c.group_id == group_id))
