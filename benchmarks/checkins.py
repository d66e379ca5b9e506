"""A check-in with all its rows, fifty members at once, against the two usual ways to store one."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime

from benchmarks.house import ONE_DAY, START, require_consistent, sqlite_database
from benchmarks.measuring import Finding, Side, at_least, cost_of, in_turns, report
from benchmarks.peers import OrmCheckIns, PlainCheckIns
from bot.domain.groups import Group
from bot.domain.members import Person
from bot.services.checkins import CheckInService
from bot.services.clock import system_clock
from bot.services.groups import GroupService
from storage.database import Database

MEMBERS = range(1_001, 1_051)

CheckInOnce = Callable[[int, datetime, int], Awaitable[object]]


class Days:
    """Lets all members check in at once, day after day; `total` counts the check-ins."""

    def __init__(self, check_in: CheckInOnce, days: int) -> None:
        self.total = 0
        self._check_in = check_in
        self._days = days

    def side(self) -> Side:
        """So many days as one round."""
        return lambda: cost_of(self._days * len(MEMBERS), self._run())

    async def _run(self) -> None:
        for _ in range(self._days):
            at = START + ONE_DAY * (self.total // len(MEMBERS))
            await asyncio.gather(*(self._check_in(m, at, self.total + n) for n, m in enumerate(MEMBERS)))
            self.total += len(MEMBERS)


async def new_group(database: Database) -> Group:
    """The database's first group."""
    return await GroupService(database, system_clock).of_chat(-1_001, "Benchmark")


def through_service(database: Database, group: Group) -> CheckInOnce:
    """The product's way."""
    service, people = CheckInService(database), {m: Person(m, f"Member {m}") for m in MEMBERS}
    return lambda member, at, update_id: service.check_in(group, people[member], at, update_id)


async def measure() -> list[Finding]:
    """Rates on files of their own, each synchronous=FULL; at the end every file must pass the audit."""
    async with AsyncExitStack() as stack:
        ours, plain, orm = [await stack.enter_async_context(sqlite_database()) for _ in range(3)]
        group, _, _ = [await new_group(database) for database in (ours, plain, orm)]
        aiosqlite = await PlainCheckIns.open(_file(plain))
        stack.push_async_callback(aiosqlite.close)
        sqlalchemy = OrmCheckIns.open(_file(orm))
        stack.push_async_callback(sqlalchemy.close)
        days = {
            "service": Days(through_service(ours, group), 6),
            "aiosqlite": Days(lambda *asked: aiosqlite.check_in(group, *asked), 4),
            "ORM": Days(lambda *asked: sqlalchemy.check_in(group, *asked), 1),
        }
        turns = await in_turns({name: side.side() for name, side in days.items()})
        for database, side in zip((ours, plain, orm), days.values(), strict=True):
            await require_consistent(database, side.total)
    rate = turns.rate("service")
    return [
        at_least(
            0.5,
            "check-ins a second, SQLite FULL, 50 at once, vs the same statements in aiosqlite (no SQLAlchemy)",
            turns.rate_ratio("service", "aiosqlite"),
            f"{rate} vs {turns.rate('aiosqlite')}; CPU {turns.cpu('service')} vs {turns.cpu('aiosqlite')}",
        ),
        at_least(
            8,
            "the same vs SQLAlchemy's async ORM, a session a check-in, pool of 5",
            turns.rate_ratio("service", "ORM"),
            f"{rate} vs {turns.rate('ORM')}; CPU {turns.cpu('service')} vs {turns.cpu('ORM')}",
        ),
    ]


def _file(database: Database) -> str:
    return str(database.engine.url.database)


if __name__ == "__main__":
    report(asyncio.run(measure()))
