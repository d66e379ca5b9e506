"""The alarm clock: rings at intervals. What is due is worked out from the database, never kept here."""

from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

_A_FULL_MINUTE = datetime(2000, 1, 1, tzinfo=UTC)

log = structlog.get_logger(__name__)


class Alarms:
    """Runs chores every so many seconds: never two of one kind at once, and a failed one again the next time."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def every(
        self, seconds: float, name: str, chore: Callable[[], Awaitable[object]], *, on_the_minute: bool = False
    ) -> None:
        """Lets a chore run at an interval; one missed while the machine slept runs once, late.

        `on_the_minute` lets every full minute be one of its times, if the interval divides a minute.
        """

        async def run() -> None:
            try:
                # APScheduler would log a stop's cancellation as an error, with its traceback.
                with suppress(CancelledError):
                    await chore()
            except Exception:
                log.exception("chore failed", chore=name)

        self._scheduler.add_job(
            run,
            IntervalTrigger(seconds=seconds, start_date=_A_FULL_MINUTE if on_the_minute else None),
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Starts to ring."""
        self._scheduler.start()

    def stop(self) -> None:
        """Rings no more. A chore that is under way is cancelled: what it does is committed whole or not at all."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
