import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.domain.points import Entry, Owner
from storage.backups import back_up, embedded_file, is_in_use, require_database, restore
from storage.database import Database, DatabaseError, EmbeddedDatabase, lock_file, open_database
from tests.conftest import run_sql

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def file(sqlite_url: str) -> Path:
    file = embedded_file(sqlite_url)
    assert file is not None
    return file


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


async def _pay(database: Database, reason: str, amount: int = 10) -> None:
    await database.write(lambda tx: tx.groups.save(-1001, "Tea house", NOW))
    await database.write(lambda tx: tx.points.add(Entry(Owner(1, 7), 1, "points", amount, reason, NOW)))


def _reasons(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {reason for (reason,) in connection.execute("SELECT reason FROM ledger")}


def _size(file: Path) -> int:
    return file.stat().st_size


def _names(directory: Path) -> Iterator[str]:
    return (path.name for path in directory.iterdir() if not path.name.endswith(".lock"))


async def test_a_backup_of_a_running_bot_holds_what_was_committed(
    embedded: EmbeddedDatabase, sqlite_url: str, backup: Path
) -> None:
    await _pay(embedded, "first")

    size = await asyncio.to_thread(back_up, sqlite_url, backup)
    await _pay(embedded, "second")

    assert _reasons(backup) == {"first"}
    assert size == _size(backup)


async def test_backups_while_the_bot_writes_are_each_of_one_moment(
    embedded: EmbeddedDatabase, sqlite_url: str, tmp_path: Path
) -> None:
    copies = [tmp_path / f"{number}.db" for number in range(5)]

    async def write() -> None:
        for number in range(200):
            await _pay(embedded, f"r{number}")

    writing = asyncio.create_task(write())
    for copy in copies:
        await asyncio.to_thread(back_up, sqlite_url, copy)  # proves the copy itself
    await writing

    for copy in copies:
        assert _reasons(copy) == {f"r{number}" for number in range(len(_reasons(copy)))}


def test_a_backup_leaves_nothing_else_behind(sqlite_url: str, backup: Path, tmp_path: Path) -> None:
    back_up(sqlite_url, backup)

    assert sorted(_names(tmp_path)) == ["backup.db", "hearthbot.db"]


def test_a_backup_never_replaces_a_file(sqlite_url: str, backup: Path) -> None:
    backup.write_text("precious")

    with pytest.raises(DatabaseError, match="never replaces a file: choose another name"):
        back_up(sqlite_url, backup)
    assert backup.read_text() == "precious"


def test_a_backup_whose_ledger_is_not_proved_does_not_appear(sqlite_url: str, backup: Path, tmp_path: Path) -> None:
    _tamper(sqlite_url)

    with pytest.raises(DatabaseError, match="1 balances are not what the ledger adds up to: run `hearthbot audit`"):
        back_up(sqlite_url, backup)
    assert sorted(_names(tmp_path)) == ["hearthbot.db"]


def test_a_backup_needs_a_directory(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="is not a directory: create it"):
        back_up(sqlite_url, tmp_path / "nowhere" / "backup.db")


def test_a_server_is_backed_up_with_its_own_tools(backup: Path) -> None:
    with pytest.raises(DatabaseError, match="use pg_dump"):
        back_up("postgresql+psycopg://hearth@localhost/hearth", backup)
    with pytest.raises(DatabaseError, match="use pg_restore"):
        restore("postgresql+psycopg://hearth@localhost/hearth", backup, NOW)


def test_looking_for_a_database_does_not_make_one(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="does not exist: check DATABASE_URL"):
        require_database(f"sqlite+aiosqlite:///{tmp_path}/none.db")
    assert list(tmp_path.iterdir()) == []


async def test_a_restored_database_is_the_backup_and_the_former_one_is_kept(sqlite_url: str, backup: Path) -> None:
    await _open_and_pay(sqlite_url, "first")
    back_up(sqlite_url, backup)
    await _open_and_pay(sqlite_url, "second")

    kept = restore(sqlite_url, backup, NOW)

    assert kept == backup.with_name("hearthbot.db.before-restore-20261123T093000Z")
    assert _reasons(kept) == {"first", "second"}
    await _open_and_pay(sqlite_url, "third")
    assert _reasons(backup.with_name("hearthbot.db")) == {"first", "third"}
    assert _reasons(backup) == {"first"}


async def test_what_a_killed_bot_left_in_its_log_is_kept_and_never_joins_the_backup(
    sqlite_url: str, file: Path, backup: Path
) -> None:
    back_up(sqlite_url, backup)
    await _open_and_pay(sqlite_url, "second")
    _leave_log(file)

    kept = restore(sqlite_url, backup, NOW)

    assert kept is not None
    assert _reasons(kept) == {"second", "left in the log"}
    assert _reasons(file) == set()


def test_a_restore_where_nothing_was_before(sqlite_url: str, backup: Path, tmp_path: Path) -> None:
    back_up(sqlite_url, backup)

    assert restore(f"sqlite+aiosqlite:///{tmp_path}/new/bot.db", backup, NOW) is None
    assert sorted(_names(tmp_path / "new")) == ["bot.db"]


async def test_a_restore_waits_for_the_bot_to_be_stopped(
    embedded: EmbeddedDatabase, sqlite_url: str, file: Path, backup: Path
) -> None:
    back_up(sqlite_url, backup)

    assert is_in_use(file)
    with pytest.raises(DatabaseError, match="in use by another Hearthbot process: stop that one first"):
        restore(sqlite_url, backup, NOW)


def test_a_restore_lets_go_of_the_lock(sqlite_url: str, file: Path, backup: Path) -> None:
    back_up(sqlite_url, backup)
    restore(sqlite_url, backup, NOW)

    assert not is_in_use(file)
    lock_file(make_url(sqlite_url)).release()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "made by a newer Hearthbot"),
        ("DELETE FROM alembic_version", "has no schema of Hearthbot's"),
        ("DROP TABLE alembic_version", "not a database of Hearthbot's"),
    ],
)
def test_a_restore_takes_only_what_this_program_can_run(
    sqlite_url: str, file: Path, backup: Path, statement: str, reason: str
) -> None:
    back_up(sqlite_url, backup)
    run_sql(f"sqlite:///{backup}", statement)
    before = file.read_bytes()

    with pytest.raises(DatabaseError, match=reason):
        restore(sqlite_url, backup, NOW)
    assert file.read_bytes() == before
    assert sorted(_names(file.parent)) == ["backup.db", "hearthbot.db"]


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + b"rubbish" * 500])
def test_a_restore_takes_no_other_file(sqlite_url: str, file: Path, backup: Path, content: bytes) -> None:
    backup.write_bytes(content)
    before = file.read_bytes()

    with pytest.raises(DatabaseError):
        restore(sqlite_url, backup, NOW)
    assert file.read_bytes() == before
    assert sorted(_names(file.parent)) == ["backup.db", "hearthbot.db"]


def test_a_damaged_database_can_be_replaced(sqlite_url: str, file: Path, backup: Path) -> None:
    back_up(sqlite_url, backup)
    file.write_bytes(b"rubbish")

    kept = restore(sqlite_url, backup, NOW)

    assert kept is not None
    assert kept.read_bytes() == b"rubbish"
    assert _reasons(file) == set()


async def _open_and_pay(url: str, reason: str) -> None:
    database = await open_database(url)
    await _pay(database, reason)
    await database.close()


def _tamper(url: str) -> None:
    run_sql(
        url,
        "INSERT INTO groups (id, title, created_at, presence_changed_at) VALUES (1, 'Tea house', 0, 0)",
        "INSERT INTO wallets VALUES (1, 7, 'points', 5, 5, 0)",
    )


def _leave_log(file: Path) -> None:
    """What a kill leaves: the log of an open database, copied before its close would fold it in."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "INSERT INTO ledger (wallet_id, user_id, group_id, unit, amount, earned, reason, at)"
            " VALUES (1, 7, 1, 'points', 1, 1, 'left in the log', 0)"
        )
        log = file.with_name(file.name + "-wal").read_bytes()
        main = file.read_bytes()
    file.write_bytes(main)
    file.with_name(file.name + "-wal").write_bytes(log)
