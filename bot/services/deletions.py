"""Messages that are to disappear at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.services.clock import Clock
from storage.database import Database

AT_ONCE = 100
"""Messages deleted in one sweep."""


@dataclass(frozen=True, slots=True)
class DeletionService:
    """Remembers them over a restart."""

    database: Database
    clock: Clock

    async def plan(self, chat_id: int, message_id: int, lifetime: timedelta) -> None:
        """Notes that a message is to disappear after a while."""
        due_at = self.clock() + lifetime
        await self.database.write(lambda tx: tx.deletions.add(chat_id, message_id, due_at))

    async def due(self) -> Sequence[tuple[int, int]]:
        """The (chat id, message id) whose time has come, longest due first."""
        now = self.clock()
        return await self.database.read(lambda tx: tx.deletions.due(now, AT_ONCE))

    async def done(self, chat_id: int, message_id: int) -> None:
        """Forgets a message that is gone."""
        await self.database.write(lambda tx: tx.deletions.done(chat_id, message_id))
