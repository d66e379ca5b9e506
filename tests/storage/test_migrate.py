import os
import signal
import sqlite3
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Column, create_engine, inspect, text
from sqlalchemy.schema import CreateIndex

import storage.migrate
from storage.database import DatabaseError, DatabaseUnavailable, open_database
from storage.migrate import check_schema, configuration, migrate, migration_engine, newest_revision
from storage.tables import groups, metadata, people
from tests.conftest import run_sql
from tests.storage.conftest import known

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory.from_config(configuration()).walk_revisions()))
]
EXPRESSION_INDEXES = {
    index.name
    for table in metadata.sorted_tables
    for index in table.indexes
    if not all(isinstance(expression, Column) for expression in index.expressions)
}


def tables_of(url: str) -> set[str]:
    engine = migration_engine(url)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def functions_of(url: str) -> list[str]:
    """What a migration could leave behind beside tables."""
    engine = migration_engine(url)
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'index') AND name NOT LIKE 'sqlite_%'",
        "postgresql": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    }[engine.dialect.name]
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(query)).scalars())
    finally:
        engine.dispose()


def test_every_migration_goes_up_down_and_up_again(database_url: str) -> None:
    migrate(database_url, "base")
    assert tables_of(database_url) == set()
    assert functions_of(database_url) == []

    for before, revision in zip(["base", *REVISIONS], REVISIONS, strict=False):
        migrate(database_url, revision)
        migrate(database_url, before)
        migrate(database_url, revision)

    assert tables_of(database_url) == set(metadata.tables)
    check_schema(database_url)


def test_migrating_what_is_migrated_changes_nothing(database_url: str) -> None:
    run_sql(database_url, "INSERT INTO people (id, name) VALUES (1, 'Alice')")

    migrate(database_url)

    engine = migration_engine(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM people")).scalars().all() == ["Alice"]
    engine.dispose()


def has_plain_columns(thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return kind != "index" or name not in EXPRESSION_INDEXES


# SQLite's expression indexes cannot be reflected, of which two warnings tell; their texts are compared below.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_tables_are_what_the_migrations_make(database_url: str) -> None:
    engine = migration_engine(database_url)
    with engine.connect() as connection:
        considered = has_plain_columns if connection.dialect.name == "sqlite" else None
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": considered})
        assert compare_metadata(context, metadata) == []

        inspector = inspect(connection)
        for table in metadata.sorted_tables:
            checks = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
            assert {check["name"] for check in inspector.get_check_constraints(table.name)} == checks
    engine.dispose()


def test_the_indexes_are_what_the_migrations_make(sqlite_url: str) -> None:
    engine = migration_engine(sqlite_url)
    declared = {
        index.name: str(CreateIndex(index).compile(engine))
        for table in metadata.sorted_tables
        for index in table.indexes
    }
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
        made = {row.name: row.sql for row in rows}
    engine.dispose()

    assert made == declared
    assert made.keys() >= EXPRESSION_INDEXES == {"ix_people_username", "ix_wallets_rank"}


def test_tables_without_rowid_are_so_in_the_file_too(sqlite_url: str) -> None:
    declared = {t.name for t in metadata.sorted_tables if t.dialect_options["sqlite"]["with_rowid"] is False}
    engine = migration_engine(sqlite_url)
    with engine.connect() as connection:
        made = set(
            connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'")).scalars().all()
        )
    engine.dispose()

    assert made == declared


async def test_a_schema_of_a_newer_program_is_refused_and_left_alone(database_url: str) -> None:
    run_sql(database_url, "UPDATE alembic_version SET version_num = '9999'")
    try:
        for attempt in (partial(migrate, database_url), partial(check_schema, database_url)):
            with pytest.raises(
                DatabaseError, match=r"newer Hearthbot \(schema 9999\): install that version, or restore"
            ):
                attempt()
        with pytest.raises(DatabaseError, match="newer Hearthbot"):
            await open_database(database_url)
        assert tables_of(database_url) == set(metadata.tables)
    finally:
        run_sql(database_url, f"UPDATE alembic_version SET version_num = '{newest_revision()}'")


async def test_a_server_with_an_older_schema_is_refused_until_it_is_migrated(postgresql_url: str) -> None:
    migrate(postgresql_url, "base")
    try:
        with pytest.raises(DatabaseError, match="older schema than this program: run `hearthbot migrate`"):
            await open_database(postgresql_url)
    finally:
        migrate(postgresql_url)
    await (await open_database(postgresql_url)).close()


async def test_an_embedded_database_with_an_older_schema_is_brought_up_when_it_is_opened(sqlite_url: str) -> None:
    migrate(sqlite_url, "base")

    await (await open_database(sqlite_url)).close()

    assert tables_of(sqlite_url) == set(metadata.tables)


async def test_to_look_at_an_older_schema_is_refused_because_looking_changes_nothing(sqlite_url: str) -> None:
    migrate(sqlite_url, "base")

    with pytest.raises(DatabaseError, match="older schema"):
        await open_database(sqlite_url, read_only=True)
    assert tables_of(sqlite_url) == set()


async def test_to_look_at_a_file_that_is_not_there_does_not_make_it(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="does not exist"):
        await open_database(f"sqlite+aiosqlite:///{tmp_path}/hearthbot.db", read_only=True)

    assert not list(Path.iterdir(tmp_path))


async def test_a_new_embedded_database_is_made_with_its_folder(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/data/of/hearthbot.db"

    database = await open_database(url)
    assert (await database.write(known)).id == 1
    await database.close()

    assert tables_of(url) == set(metadata.tables)


async def test_two_processes_on_one_embedded_database_are_refused_until_the_first_is_gone(sqlite_url: str) -> None:
    program = f"import asyncio, sys; from storage.database import open_database; \
        database = asyncio.run(open_database({sqlite_url!r})); print('open', flush=True); sys.stdin.read()"
    other = await create_subprocess_exec(sys.executable, "-c", program, stdin=PIPE, stdout=PIPE)
    assert other.stdout is not None
    assert await other.stdout.readline() == b"open\n"

    with pytest.raises(
        DatabaseError, match=r"hearthbot\.db is in use by another Hearthbot process: stop that one first"
    ):
        await open_database(sqlite_url)

    os.kill(other.pid, signal.SIGKILL)
    await other.communicate()
    await (await open_database(sqlite_url)).close()


async def test_looking_is_allowed_beside_the_process_that_writes(sqlite_url: str) -> None:
    writer = await open_database(sqlite_url)
    reader = await open_database(sqlite_url, read_only=True)

    await writer.write(known)

    assert len(await reader.read(lambda tx: tx.groups.all())) == 1
    await reader.close()
    await writer.close()


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "hearthbot.db"
    path.write_text("Dear diary, " * 1000)
    url = f"sqlite+aiosqlite:///{path}"

    for read_only in (False, True):
        with pytest.raises(
            DatabaseError, match=r"^the database cannot be used: file is not a database\. Check DATABASE_URL"
        ):
            await open_database(url, read_only=read_only)

    assert path.read_text() == "Dear diary, " * 1000


async def test_a_refused_file_is_not_locked_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "hearthbot.db"
    path.write_text("Dear diary, " * 1000)
    with pytest.raises(DatabaseError, match="file is not a database"):
        await open_database(f"sqlite+aiosqlite:///{path}")

    path.unlink()

    await (await open_database(f"sqlite+aiosqlite:///{path}")).close()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")

    with pytest.raises(DatabaseError, match=r"data cannot be written \(.*\): change its rights, or DATABASE_URL"):
        await open_database(f"sqlite+aiosqlite:///{tmp_path}/data/hearthbot.db")


async def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hearthbot.db").mkdir()

    with pytest.raises(DatabaseUnavailable, match="unable to open database file"):
        await open_database(f"sqlite+aiosqlite:///{tmp_path}/hearthbot.db")


async def test_a_file_that_another_program_has_locked_cannot_be_migrated_now(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(url: object, connect_args: object) -> object:
        return create_engine(str(url), connect_args={"timeout": 0})

    monkeypatch.setattr(storage.migrate, "create_engine", impatient)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseUnavailable, match="database is locked"):
        await open_database(sqlite_url)

    other.close()
    await (await open_database(sqlite_url)).close()


async def test_a_server_out_of_reach_is_refused_with_its_reason() -> None:
    with pytest.raises(DatabaseError, match=r"^the database cannot be used: .*refused.*Check DATABASE_URL"):
        await open_database("postgresql+psycopg://postgres@127.0.0.1:1/hearthbot")


def test_a_migration_that_fails_leaves_nothing_half_done(sqlite_url: str) -> None:
    migrate(sqlite_url, "base")
    run_sql(sqlite_url, f"CREATE TABLE {groups.name} (id INTEGER)")

    with pytest.raises(DatabaseError, match=f"table {groups.name} already exists"):
        migrate(sqlite_url)

    assert tables_of(sqlite_url) == {groups.name}
    assert people.name not in tables_of(sqlite_url)
