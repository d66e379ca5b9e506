"""The platform's limits: so many messages a second for the bot, a second and a minute for a group."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages a second of the bot, and a second and a minute of one group.

    Telegram names about 30 a second, 1 a second and 20 a minute (its FAQ for bots), and promises none of them.
    """

    per_second: float = 30.0
    group_per_second: float = 1.0
    group_per_minute: int = 20


@dataclass(slots=True)
class Pace:
    """Lets messages go no faster than the limits. Replies never wait here, and posts make room for them.

    `monotonic` gives seconds, `sleep` waits for some.
    """

    limits: Limits
    monotonic: Callable[[], float]
    _next: float = 0.0
    _groups: dict[int, deque[float]] = field(default_factory=dict)
    _not_before: dict[int, float] = field(default_factory=dict)

    def note(self, chat_id: int) -> None:
        """Counts a message that did not wait: an answer to a member."""
        self._take(chat_id, self.monotonic())

    def hold(self, chat_id: int, seconds: float) -> None:
        """Lets a chat wait, which the platform asked for (`retry_after`)."""
        self._not_before[chat_id] = max(self._not_before.get(chat_id, 0.0), self.monotonic() + seconds)

    async def turn(self, chat_id: int) -> None:
        """Returns when a post may be sent to a chat, and counts it."""
        now = self.monotonic()
        at = max(now, self._next, self._free_at(chat_id))
        self._take(chat_id, at)
        if at > now:
            await asyncio.sleep(at - now)

    def _take(self, chat_id: int, at: float) -> None:
        self._next = max(self._next, at) + 1 / self.limits.per_second
        sent = self._groups.setdefault(chat_id, deque(maxlen=self.limits.group_per_minute))
        sent.append(at)

    def _free_at(self, chat_id: int) -> float:
        sent = self._groups.get(chat_id, ())
        free_at = self._not_before.get(chat_id, 0.0)
        if sent:
            free_at = max(free_at, sent[-1] + 1 / self.limits.group_per_second)
            if len(sent) == self.limits.group_per_minute:
                free_at = max(free_at, sent[0] + MINUTE)
        return free_at
