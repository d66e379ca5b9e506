"""The check-in service on PostgreSQL, against itself on the embedded database."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from benchmarks.checkins import Days, new_group, through_service
from benchmarks.house import require_consistent, sqlite_database
from benchmarks.measuring import Finding, in_turns, report
from storage.database import open_database
from storage.migrate import migrate

SERVER = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1/postgres")
GOAL = "check-ins a second on PostgreSQL (same machine), 50 at once, vs SQLite"


async def measure() -> list[Finding]:
    """The ratio of the two rates, or a sentence where no server answers."""
    try:
        with _database_of_its_own() as url:
            return [await _measure(url)]
    except psycopg.OperationalError:
        return [Finding(GOAL, f"not measured: no server answers at {make_url(SERVER).render_as_string()}")]


async def _measure(url: str) -> Finding:
    await asyncio.to_thread(migrate, url)
    on_server = await open_database(url)
    try:
        async with sqlite_database() as embedded:
            databases = {"PostgreSQL": on_server, "SQLite": embedded}
            days = {name: Days(through_service(db, await new_group(db)), 4) for name, db in databases.items()}
            turns = await in_turns({name: side.side() for name, side in days.items()})
            for name, database in databases.items():
                await require_consistent(database, days[name].total)
    finally:
        await on_server.close()
    ratio, rates = turns.rate_ratio("PostgreSQL", "SQLite"), f"{turns.rate('PostgreSQL')} vs {turns.rate('SQLite')}"
    return Finding(GOAL, f"{ratio}: {rates}; CPU of our process {turns.cpu('PostgreSQL')} vs {turns.cpu('SQLite')}")


@contextmanager
def _database_of_its_own() -> Iterator[str]:
    server, name = make_url(SERVER), f"hearthbot_benchmark_{os.getpid()}"
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, connect_timeout=3) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


if __name__ == "__main__":
    report(asyncio.run(measure()))
