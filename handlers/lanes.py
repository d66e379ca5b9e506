"""Lanes: what is done about one chat happens in order, different chats go side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Job = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Lanes:
    """A queue and a task for every chat that has work; nothing for the others."""

    _queues: dict[int, deque[Job]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _waiting: int = 0
    _progress: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def waiting(self) -> int:
        """Jobs that are queued or under way."""
        return self._waiting

    def put(self, chat_id: int, job: Job) -> None:
        """Queues a job behind those of the same chat. A job must not raise."""
        self._waiting += 1
        queue = self._queues.get(chat_id)
        if queue is not None:
            queue.append(job)
            return
        self._queues[chat_id] = deque([job])
        task = asyncio.create_task(self._run(chat_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def at_most(self, waiting: int) -> None:
        """Returns once no more jobs than this wait or run."""
        while self._waiting > waiting:
            self._progress.clear()
            await self._progress.wait()

    async def close(self, patience: float) -> None:
        """Lets the jobs finish for so many seconds, then cancels the rest."""
        try:
            async with asyncio.timeout(patience):
                await self.at_most(0)
        except TimeoutError:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._queues.clear()
            self._waiting = 0

    async def _run(self, chat_id: int) -> None:
        queue = self._queues[chat_id]
        while queue:
            job = queue.popleft()
            try:
                await job()
            finally:
                self._waiting -= 1
                self._progress.set()
        del self._queues[chat_id]
