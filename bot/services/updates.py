"""Updates of the chat platform: each is taken in once, whatever happens."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.services.clock import Clock
from storage.database import Database

REMEMBERED = timedelta(days=7)
"""How long a handled update is known as seen: Telegram keeps one for 24 hours, and may choose new ids after a week."""


@dataclass(frozen=True, slots=True)
class UpdateService:
    """Keeps updates between their arrival and the moment they are handled."""

    database: Database
    clock: Clock
    bot_id: int

    async def receive(self, payloads: Mapping[int, str]) -> set[int]:
        """Commits the updates (JSON by id), and returns the ids of those that were never seen before."""
        now = self.clock()
        return await self.database.write(lambda tx: tx.updates.receive(self.bot_id, payloads, now))

    async def not_handled(self, update_ids: Collection[int]) -> set[int]:
        """Those of the updates that were committed and wait."""
        return await self.database.read(lambda tx: tx.updates.not_handled(self.bot_id, update_ids))

    async def handled(self, update_id: int) -> None:
        """Records that everything an update asks for was done."""
        await self.database.write(lambda tx: tx.updates.handled(self.bot_id, update_id))

    async def waiting(self) -> Sequence[str]:
        """The updates (JSON) that were taken in before the last stop and not handled, in order."""
        return await self.database.read(lambda tx: tx.updates.waiting(self.bot_id))

    async def forget_old(self) -> int:
        """Deletes the handled updates that cannot come again, and says how many those were."""
        before = self.clock() - REMEMBERED
        return await self.database.write(lambda tx: tx.updates.forget(before))
