"""Groups, playbooks and a clock that can be set, for what is measured of playbooks."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.house import sqlite_database
from bot.engine import Engine
from bot.logs import set_up_logging
from bot.playbooks.calendars import Holidays
from bot.playbooks.playbook_files import PlaybookReader
from bot.playbooks.timetable import Timetable
from bot.services.clock import Clock
from bot.settings import Settings
from handlers.sending import make_bot
from scheduler.lanes import EmbeddedLanes
from scheduler.playbooks import Running
from storage.groups import GroupRow

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEXT = "早安，{{ group.title }}！今天是{{ today }}。发送「签到」领积分。"
MORNING = f"""
name: Day
steps:
  - id: morning
    at: "09:00"
    do: [{{send: "{TEXT}"}}]
"""


@dataclass(slots=True)
class SetClock:
    """Shows what it was set to."""

    now: datetime = NINE

    def __call__(self) -> datetime:  # noqa: D102 - the promise is Clock's
        return self.now


@dataclass(slots=True)
class RunningClock:
    """Goes on as every clock does, from the instant to which it was set."""

    set_to: datetime = NINE
    _set_at: float = field(default_factory=time.monotonic)

    def set(self, to: datetime) -> None:
        """Puts it to an instant."""
        self.set_to, self._set_at = to, time.monotonic()

    def __call__(self) -> datetime:  # noqa: D102 - the promise is Clock's
        return self.set_to + timedelta(seconds=time.monotonic() - self._set_at)

    def monotonic(self, at: datetime) -> float:
        """When it shows an instant, in the seconds of `time.monotonic`."""
        return self._set_at + (at - self.set_to).total_seconds()


@asynccontextmanager
async def town(
    address: str, groups: int, clock: Clock, folder: Path = Path(), is_limited: bool = True
) -> AsyncIterator[Engine]:
    """The product's own wiring, in so many groups, with a Bot API server at an address."""
    chosen = Settings.model_construct(log_level="WARNING", playbooks_dir=folder)
    if not is_limited:
        chosen.send_per_second = chosen.send_per_group_second = 1e9
        chosen.send_per_group_minute = 10**6
    set_up_logging(chosen)
    rows = [
        GroupRow(n, -1_000 - n, f"Group {n}", n, "", {"timezone": "UTC"}, is_present=True) for n in range(1, groups + 1)
    ]
    async with sqlite_database() as database:
        engine = Engine(chosen, database, make_bot("7000000001:benchmark", address), clock)
        try:
            await database.write(lambda tx: tx.groups.copy(rows, clock()))
            await engine.groups.load()
            engine.playbook_runner.lanes.run(engine.playbook_runner.drain)
            yield engine
        finally:
            await engine.playbook_runner.close(5)
            await engine.bot.session.close()


def runs(engine: Engine, folder: Path, written: str = MORNING) -> None:
    """Lets one playbook run, as ops people write it."""
    path = folder / "day.yaml"
    path.write_text(written, "utf-8")
    read = PlaybookReader(folder).read(path)
    assert read.playbook is not None, read.mistakes
    timetable = Timetable([read.playbook], "UTC", Holidays())
    engine.playbook_runner.running = Running({read.playbook.name: read.playbook}, timetable)


async def begin_anew(engine: Engine) -> None:
    """Forgets what is still to be done."""
    runner = engine.playbook_runner
    await runner.lanes.close(5)
    runner.lanes = EmbeddedLanes(engine.clock)
    runner.lanes.run(runner.drain)
    await engine.database.write(
        lambda tx: tx.connection.exec_driver_sql("UPDATE deliveries SET state = 'skipped' WHERE ended_at IS NULL")
    )
    await engine.database.write(lambda tx: tx.connection.exec_driver_sql("DELETE FROM rings"))
