"""The platform's limits: so many messages a second for the bot, a second and a minute for a group."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

MINUTE = 60.0

SPARE = 1.05
"""Turns are so much further apart than the limit asks for: on their way some posts come closer together again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages a second of the bot, and a second and a minute of one group.

    Telegram names about 30 a second, 1 a second and 20 a minute (its FAQ for bots), and promises none of them.
    """

    per_second: float = 30.0
    group_per_second: float = 1.0
    group_per_minute: int = 20

    @property
    def interval(self) -> float:
        """Seconds from one turn of the bot to the next."""
        return SPARE / self.per_second


@dataclass(slots=True)
class _Group:
    """When a group's latest messages were sent, and until when the platform wants no more."""

    sent: deque[float]
    not_before: float = 0.0

    def is_forgotten(self, now: float) -> bool:
        return self.not_before <= now and (not self.sent or self.sent[-1] <= now - MINUTE)


@dataclass(slots=True)
class Pace:
    """Lets posts go no faster than the limits. Answers to members never wait here, and posts make room for them.

    Groups go by our own id. `monotonic` gives seconds, `sleep` waits for some. While it is not `is_open` nobody waits.
    """

    limits: Limits
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    is_open: bool = True
    _next: float = 0.0
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)
    _groups: dict[int, _Group] = field(default_factory=dict)
    _tidied_at: float = 0.0

    def note(self, group_id: int | None, messages: int = 1) -> None:
        """Counts messages that did not wait: answers to members, in a group or (None) in private."""
        self._next = max(self._next, self.monotonic()) + messages * self.limits.interval
        if group_id is not None:
            self._count(group_id, messages)

    def hold(self, group_id: int, seconds: float) -> None:
        """Lets a group wait, which the platform asked for (`retry_after`)."""
        group = self._group(group_id)
        group.not_before = max(group.not_before, self.monotonic() + seconds)

    def pause(self, group_id: int) -> float:
        """The seconds until a group may be posted to; 0 if it may now."""
        group = self._groups.get(group_id)
        if group is None:
            return 0.0
        free_at = group.not_before
        if group.sent:
            free_at = max(free_at, group.sent[-1] + 1 / self.limits.group_per_second)
        if len(group.sent) == self.limits.group_per_minute:
            free_at = max(free_at, group.sent[0] + MINUTE)
        return max(0.0, free_at - self.monotonic())

    async def turn(self, group_id: int) -> float:
        """Waits for the bot's turn, first come first served; 0: it is the caller's, who calls `done` afterwards.

        Else so many seconds have to pass in the group, and the turn is somebody else's: who waits for long should not
        stand in the line.
        """
        pause = self.pause(group_id)
        if pause:
            return pause
        async with self._line:
            while self.is_open and (wait := self._next - self.monotonic()) > 0:  # an answer moves it on meanwhile
                await self.sleep(wait)
            pause = self.pause(group_id)
            if not pause:
                interval = self.limits.interval  # half of it late does not make the next ones late
                self._next = max(self._next, self.monotonic() - interval / 2) + interval
            return pause

    def done(self, group_id: int, messages: int) -> None:
        """Says how many messages a turn came to, when the platform has answered."""
        self._next += (messages - 1) * self.limits.interval
        self._count(group_id, messages)

    def _count(self, group_id: int, messages: int) -> None:
        now = self.monotonic()
        if messages:
            self._group(group_id).sent.extend([now] * messages)
        if now - self._tidied_at >= MINUTE:
            self._tidied_at = now
            self._groups = {key: group for key, group in self._groups.items() if not group.is_forgotten(now)}

    def _group(self, group_id: int) -> _Group:
        group = self._groups.get(group_id)
        if group is None:
            group = self._groups[group_id] = _Group(deque(maxlen=self.limits.group_per_minute))
        return group
