"""Copies of the embedded database: made while the bot runs, proved before they count, and put back whole."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError as DriverError

from storage.database import DatabaseError, database_file, lock_file
from storage.migrate import migrate
from storage.points import PointsRepository

_HEADER = b"SQLite format 3\x00"


def embedded_file(url: str) -> Path | None:
    """Where the embedded database of an address lives; None for a server's."""
    address = make_url(url)
    return database_file(address) if address.get_backend_name() == "sqlite" else None


def require_database(url: str) -> None:
    """Raises `DatabaseError` when there is no embedded database yet; opening it would leave an empty file."""
    file = embedded_file(url)
    if file is not None and not file.is_file():
        raise DatabaseError(f"{file} does not exist: check DATABASE_URL, or start the bot once to create it")


def is_in_use(file: Path) -> bool:
    """Whether a bot holds the lock of the embedded database right now."""
    lock = FileLock(f"{file}.lock", timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True


def back_up(url: str, target: Path) -> int:
    """Writes a consistent copy, also while the bot runs, and returns its size in bytes.

    The copy appears under its name only when it is whole, sound and on the disk. Raises `DatabaseError`.
    """
    source = _embedded(url, "pg_dump")
    require_database(url)
    _require_new(target)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    with _writing(target, unfinished):
        _copy(source, unfinished)
        _require_ours(unfinished)
        _require_proved(unfinished)
        _onto_disk(unfinished)
        _require_new(target)
        unfinished.replace(target)
        _onto_disk(target.parent)
    return target.stat().st_size


def restore(url: str, source: Path, at: datetime) -> Path | None:
    """Puts a backup in the place of the database, at the newest schema, and says where the former one is kept.

    `at` names the kept file. Refuses while a bot runs, and what is not a sound database of Hearthbot's; then nothing
    has changed. Raises `DatabaseError`.
    """
    target = _embedded(url, "pg_restore")
    if not source.is_file():
        raise DatabaseError(f"{source} is not a file: name a backup that `hearthbot backup` made")
    lock = lock_file(make_url(url))
    copy = target.with_name(f".{target.name}.{os.getpid()}.restoring")
    try:
        with _writing(target, copy):
            _copy(source, copy)
            _require_ours(copy)
            migrate(_url(copy).render_as_string())
            _require_proved(copy)
            _onto_disk(copy)
            return _exchange(target, copy, at)
    finally:
        lock.release()


@contextmanager
def _writing(target: Path, unfinished: Path) -> Iterator[None]:
    """Translates what the disk refuses, and leaves nothing unfinished behind."""
    try:
        yield
    except OSError as error:
        raise DatabaseError(
            f"{target} cannot be written ({error.strerror}): check the directory and the disk"
        ) from None
    finally:
        for leftover in _files(unfinished):
            leftover.unlink(missing_ok=True)


def _embedded(url: str, instead: str) -> Path:
    file = embedded_file(url)
    if file is None:
        raise DatabaseError(
            f"this command is for the embedded database; yours is on a PostgreSQL server: use {instead}"
        )
    return file


def _require_new(target: Path) -> None:
    if target.exists():
        raise DatabaseError(f"{target} exists, and a backup never replaces a file: choose another name")


def _copy(source: Path, target: Path) -> None:
    """A copy in one file; what is still in the write-ahead log counts."""
    with source.open("rb") as file:
        if file.read(len(_HEADER)) != _HEADER:
            raise DatabaseError(f"{source} is not a database of Hearthbot's: name a file that `hearthbot backup` made")
    if not target.parent.is_dir():
        raise DatabaseError(f"{target.parent} is not a directory: create it, or choose another place")
    try:
        with closing(sqlite3.connect(source, timeout=30, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise DatabaseError(
            f"{source} cannot be copied ({error}): check the file, the directory and the disk"
        ) from None


def _require_ours(copy: Path) -> None:
    """Raises `DatabaseError` unless the file is undamaged and has a schema of Hearthbot's."""
    with closing(sqlite3.connect(copy)) as connection:
        try:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        except sqlite3.Error as error:
            raise DatabaseError(f"the file is not a database of Hearthbot's ({error}): name a backup of it") from None
    if found != "ok":
        raise DatabaseError(f"the database is damaged ({found}): restore an earlier backup")
    if not versions:
        raise DatabaseError("the file has no schema of Hearthbot's: name a file that `hearthbot backup` made")


def _require_proved(copy: Path) -> None:
    """Raises `DatabaseError` unless the balances are what the ledger adds up to."""
    engine = create_engine(_url(copy))
    try:
        with engine.connect() as connection:
            differences = PointsRepository(connection).differences()
    except DriverError as error:
        raise DatabaseError(f"the ledger cannot be read ({error.orig}): run `hearthbot migrate`") from None
    finally:
        engine.dispose()
    if differences:
        raise DatabaseError(f"{len(differences)} balances are not what the ledger adds up to: run `hearthbot audit`")


def _exchange(target: Path, copy: Path, at: datetime) -> Path | None:
    """Replaces the database, and keeps the present one beside it, with what is in its write-ahead log."""
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.name}.before-restore-{at:%Y%m%dT%H%M%SZ}")
        _fold_in_log(target)
        _duplicate(target, kept)
        _own_alike(target, copy)
    for log in _files(target)[1:]:
        # Beside another database SQLite would take this log for its own: it must be gone before the exchange.
        if log.exists() and kept:
            log.replace(kept.with_name(kept.name + log.name.removeprefix(target.name)))
        log.unlink(missing_ok=True)
    copy.replace(target)
    _onto_disk(target.parent)
    return kept


def _fold_in_log(database: Path) -> None:
    try:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        return  # damaged, which may be why it is replaced: its log is kept beside it


def _duplicate(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("xb") as writing:
        shutil.copyfileobj(reading, writing)
    shutil.copystat(source, target)
    _onto_disk(target)


def _own_alike(model: Path, file: Path) -> None:
    """Lets whoever could use the one file use the other, where this process may decide that."""
    shutil.copymode(model, file)
    with suppress(PermissionError):
        os.chown(file, model.stat().st_uid, model.stat().st_gid)


def _files(database: Path) -> list[Path]:
    return [database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]


def _url(file: Path) -> URL:
    return URL.create("sqlite", database=str(file))


def _onto_disk(path: Path) -> None:
    """Waits until a file, or the names in a directory, would survive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
