"""The sandbox's clock: real time, which a visitor can move forward."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta


class Clock:
    """Runs with real time plus what it has been moved on; never backwards."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._moved = asyncio.Event()
        self._waiting = 0

    @property
    def is_awaited(self) -> bool:
        """Whether anybody waits for a moment to come."""
        return self._waiting > 0

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC) + self._ahead

    def unix(self) -> int:
        """Whole seconds, as messages carry them."""
        return int(self.now().timestamp())

    def advance(self, seconds: float) -> None:
        """Move on, and wake whoever waits for a moment that has come by that."""
        self._ahead += timedelta(seconds=seconds)
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Wait by this clock: moving it on shortens the wait."""
        due = self.now() + timedelta(seconds=seconds)
        self._waiting += 1
        try:
            while (left := (due - self.now()).total_seconds()) > 0:
                await self._pass(left)
        finally:
            self._waiting -= 1

    async def _pass(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._moved.wait()
