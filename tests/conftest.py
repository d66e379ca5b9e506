"""What tests of every layer ask for by name: a database on either engine, and a clock that stands still."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import settings
from psycopg import sql
from sqlalchemy import create_engine, make_url

from storage.database import Database, EmbeddedDatabase, open_database
from storage.migrate import migrate
from storage.tables import metadata

settings.register_profile("ci", deadline=None, max_examples=100, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# By itself the log draws every traceback with all variables in colours, which takes seconds each.
_PLAIN = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], _PLAIN])

POSTGRESQL_SERVER = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1/postgres")
HOW_TO_START_ONE = (
    "start one with `docker run --rm -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres`, "
    "or name a server in TEST_POSTGRES_URL"
)


class StoppedClock:
    """A `Clock` that shows the same instant until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        assert now.tzinfo is not None
        self.now = now.astimezone(UTC)

    def advance(self, **duration: float) -> None:
        """Moves on by what `timedelta` takes: `clock.advance(days=1, minutes=-5)`."""
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded database with all its tables, and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("template") / "hearthbot.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """An empty, migrated embedded database of the test's own."""
    path = tmp_path / "hearthbot.db"
    shutil.copyfile(migrated_file, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_database() -> Iterator[str]:
    """A PostgreSQL database of this process's own, so that pytest-xdist's workers do not meet; dropped at the end."""
    server = make_url(POSTGRESQL_SERVER)
    name = f"hearthbot_test_{os.getpid()}"
    try:
        connection = psycopg.connect(_for_driver(POSTGRESQL_SERVER), autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        reason = f"no PostgreSQL server at {server.render_as_string()} ({str(error).strip()}): {HOW_TO_START_ONE}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        # Tests kill our processes, not the server: what it has accepted it keeps, without waiting for the disk.
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def migrated_postgresql_database(postgresql_database: str) -> str:
    migrate(postgresql_database)
    return postgresql_database


@pytest.fixture
def postgresql_url(migrated_postgresql_database: str) -> str:
    """The process's PostgreSQL database, migrated and emptied.

    DELETE takes a twentieth of the time of TRUNCATE, which makes new files; as a replica, the server asks neither the
    ledger's trigger nor foreign keys.
    """
    with psycopg.connect(_for_driver(migrated_postgresql_database), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in metadata.sorted_tables:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences"
            " WHERE last_value IS NOT NULL"
        )
    return migrated_postgresql_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated database, once on each engine."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, empty database, once on each engine."""
    database = await open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def embedded(sqlite_url: str) -> AsyncIterator[EmbeddedDatabase]:
    """An open, empty database, on SQLite alone."""
    database = await open_database(sqlite_url)
    assert isinstance(database, EmbeddedDatabase)
    yield database
    await database.close()


@pytest.fixture
async def on_server(postgresql_url: str) -> AsyncIterator[Database]:
    """An open, empty database, on PostgreSQL alone."""
    database = await open_database(postgresql_url)
    yield database
    await database.close()


def _for_driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def run_sql(url: str, *statements: str) -> None:
    """Changes a database behind the program's back, on a connection of its own."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        address = address.set(drivername="sqlite")
    engine = create_engine(address)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()
