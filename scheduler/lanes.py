"""Lanes of groups that have something to be posted: one task a group, one post after the other."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from bot.services.clock import Clock

Drain = Callable[[int], Awaitable[datetime | None]]
"""Does what is due in a group (its id), until nothing is; returns when something will be, None if nothing waits."""

log = structlog.get_logger(__name__)


class Lanes(Protocol):
    """What carries the hint "this group has work" to whoever does it. A hint that is lost costs time, never a post."""

    def wake(self, group_id: int, at: datetime | None = None) -> None:
        """Lets a group be drained, now or at an instant."""
        ...

    def run(self, drain: Drain) -> None:
        """Names what is to be done; groups woken before are drained now."""
        ...

    async def close(self, patience: float) -> None:
        """Wakes no more, and waits so many seconds for what is under way."""
        ...


@dataclass(slots=True)
class EmbeddedLanes:
    """Lanes within this process: a task for every group that has work, a timer for one that waits."""

    clock: Clock
    _drain: Drain | None = None
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _again: set[int] = field(default_factory=set)
    _timers: dict[int, asyncio.TimerHandle] = field(default_factory=dict)
    _is_closed: bool = False

    def wake(self, group_id: int, at: datetime | None = None) -> None:  # noqa: D102 - the promise is Lanes's
        seconds = (at - self.clock()).total_seconds() if at else 0.0
        timer = self._timers.pop(group_id, None)
        if timer is not None:
            timer.cancel()
        if self._is_closed:
            return
        if seconds > 0:
            self._timers[group_id] = asyncio.get_running_loop().call_later(seconds, self.wake, group_id)
        elif group_id in self._tasks or self._drain is None:
            self._again.add(group_id)
        else:
            self._start(group_id, self._drain)

    def run(self, drain: Drain) -> None:  # noqa: D102
        self._drain = drain
        waiting, self._again = self._again, set()
        for group_id in waiting:
            self.wake(group_id)

    async def close(self, patience: float) -> None:  # noqa: D102
        self._is_closed = True
        for timer in self._timers.values():
            timer.cancel()
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks.values(), timeout=patience)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    async def idle(self) -> None:
        """Returns once no group is being drained."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    def _start(self, group_id: int, drain: Drain) -> None:
        task = asyncio.create_task(self._run(group_id, drain))
        self._tasks[group_id] = task

    async def _run(self, group_id: int, drain: Drain) -> None:
        next_due: datetime | None = None
        try:
            next_due = await drain(group_id)
        except Exception:
            log.exception("lane failed, the next ring comes back to it", group=group_id)
        finally:
            del self._tasks[group_id]
        if group_id in self._again:
            self._again.discard(group_id)
            self.wake(group_id)
        elif next_due is not None:
            self.wake(group_id, next_due)
