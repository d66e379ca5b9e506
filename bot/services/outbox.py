"""The outbox: what was decided is said, also after a kill, and said once as far as the platform lets us know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.services.clock import Clock
from storage.database import Database
from storage.outbox import Claimed, Pin, Post

LEASE = timedelta(minutes=3)
"""How long a process has for one post before another takes its sender for dead; sending gives up well before."""

LONGEST_PAUSE = timedelta(minutes=10)
"""The longest wait between two tries of a post."""


@dataclass(frozen=True, slots=True)
class OutboxService:
    """Hands out each post to one sender at a time."""

    database: Database
    clock: Clock

    async def post(self, group_id: int, posts: Sequence[Post]) -> None:
        """Lets something be said; what was there before under the same reason changes nothing."""
        await self.database.write(lambda tx: tx.outbox.add(group_id, posts, self.clock()))

    async def due(self, group_id: int | None = None) -> Sequence[int]:
        """The posts whose turn it is, in every group or in one."""
        now = self.clock()
        return await self.database.read(lambda tx: tx.outbox.due(now, group_id))

    async def claim(self, post_id: int) -> Claimed | None:
        """The post, if this process is to send it."""
        now = self.clock()
        return await self.database.write(lambda tx: tx.outbox.claim(post_id, now, now + LEASE))

    async def sent(self, post_id: int, message_id: int) -> None:
        """Notes that the platform took it."""
        await self.database.write(lambda tx: tx.outbox.sent(post_id, message_id))

    async def failed(self, post_id: int) -> None:
        """Gives a post up."""
        await self.database.write(lambda tx: tx.outbox.failed(post_id))

    async def try_later(self, claimed: Claimed, pause: timedelta = timedelta(0)) -> None:
        """Lets a post be tried again, each time after a longer pause."""
        pause = max(pause, min(timedelta(seconds=2) * 2 ** min(claimed.tries, 10), LONGEST_PAUSE))
        until = self.clock() + pause
        await self.database.write(lambda tx: tx.outbox.postpone(claimed.id, until))

    async def pins(self) -> Sequence[Pin]:
        """The posts that are to be pinned or unpinned now."""
        return await self.database.read(lambda tx: tx.outbox.pins())

    async def pin_done(self, pin: Pin) -> None:
        """Notes that a post was pinned or unpinned, or never will be."""
        await self.database.write(lambda tx: tx.outbox.pin_done(pin))

    async def resume(self) -> None:
        """Takes up what the last process was sending when it was killed.

        Beside an embedded database there is no other process. On a server the lease has to run out.
        """
        if self.database.is_embedded:
            now = self.clock()
            await self.database.write(lambda tx: tx.outbox.release(now))
