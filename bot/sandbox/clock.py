"""The sandbox's clock: real time, which a visitor can move forward."""

import asyncio
from datetime import UTC, datetime, timedelta


class Clock:
    """Runs with real time plus what it has been moved on; never backwards."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._moved = asyncio.Event()

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
        while (left := (due - self.now()).total_seconds()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._moved.wait()
            except TimeoutError:
                return
