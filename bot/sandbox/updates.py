"""The queue of updates, and the long polling that empties it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice

from bot.sandbox.errors import Conflict
from bot.sandbox.wire import Json

# What a bot gets only when it asks for it by name.
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class UpdateQueue:
    """Updates not yet confirmed, in order."""

    def __init__(self, first_update_id: int) -> None:
        self._next_id = first_update_id
        self._pending: OrderedDict[int, Json] = OrderedDict()
        self._waiter: asyncio.Future[None] | None = None
        self.allowed: frozenset[str] = frozenset()
        self.last_confirmed: int | None = None
        self.on_push: Callable[[Json], None] | None = None

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def is_awaited(self) -> bool:
        """Whether a poll waits for the next update."""
        return self._waiter is not None

    def allow(self, kinds: Iterable[str]) -> None:
        """Remember what the bot wants; nothing means everything but what goes out on request."""
        self.allowed = frozenset(kinds)

    def wants(self, kind: str) -> bool:
        """Whether updates of this kind are kept for the bot."""
        return kind in self.allowed if self.allowed else kind not in ON_REQUEST

    def push(self, kind: str, content: Json) -> None:
        """Queue what happened, unless the bot does not want to know."""
        if self.wants(kind):
            self.push_raw({kind: content})

    def push_raw(self, update: Json) -> Json:
        """Queue an update as it is; it gets the next id."""
        numbered = {**update, "update_id": self._next_id}
        self._pending[self._next_id] = numbered
        self._next_id += 1
        if self.on_push:
            self.on_push(numbered)
        self._wake()
        return numbered

    def pending(self) -> list[Json]:
        """All that wait, oldest first."""
        return list(self._pending.values())

    def confirm(self, update_id: int) -> None:
        """Drop one that has arrived by a webhook."""
        if self._pending.pop(update_id, None):
            self.last_confirmed = max(update_id, self.last_confirmed or 0)

    def clear(self) -> None:
        """Drop all, as `drop_pending_updates` asks."""
        self._pending.clear()

    async def poll(self, offset: int, limit: int, patience: float) -> list[Json]:
        """The next updates, waiting for the first of them at most `patience` seconds. Ends any other poll."""
        self._interrupt()
        self._skip_to(offset)
        if not self._pending and patience > 0:
            await self._arrival(patience)
        return list(islice(self._pending.values(), limit))

    def close(self) -> None:
        """Let a waiting poll answer at once."""
        self._wake()

    def _skip_to(self, offset: int) -> None:
        if offset < 0:
            offset = self._next_id if not self._pending else list(self._pending)[max(offset, -len(self._pending))]
        while self._pending and next(iter(self._pending)) < offset:
            self.last_confirmed, _ = self._pending.popitem(last=False)

    async def _arrival(self, patience: float) -> None:
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(patience):
                await waiter
        except TimeoutError:
            pass
        finally:
            if self._waiter is waiter:
                self._waiter = None

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def _interrupt(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(
                Conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
            )
