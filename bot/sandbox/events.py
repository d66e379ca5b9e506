"""What the page hears: everything that happens, as it happens."""

import asyncio

from bot.sandbox.wire import Json

# A page that falls this far behind is not read any more: it is cut off and loads anew.
BACKLOG = 5000


class Events:
    """Hands every event to every listener."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Json | None]] = set()

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens, that is, whether an event is worth its making."""
        return bool(self._listeners)

    def listen(self) -> asyncio.Queue[Json | None]:
        """A queue of the events from now on; None ends it."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue(BACKLOG)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Json | None]) -> None:
        """Stop listening."""
        self._listeners.discard(queue)

    def publish(self, kind: str, **fields: object) -> None:
        """Tell everybody, waiting for nobody."""
        for queue in tuple(self._listeners):
            if queue.full():
                self._cut_off(queue)
            else:
                queue.put_nowait({"type": kind, **fields})

    def close(self) -> None:
        """End every listener's queue."""
        for queue in tuple(self._listeners):
            self._cut_off(queue)

    def _cut_off(self, queue: asyncio.Queue[Json | None]) -> None:
        self._listeners.discard(queue)
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(None)
