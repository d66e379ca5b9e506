"""Transactions: plain functions that run inside one, on SQLite and on PostgreSQL alike.

Because a unit of work is a plain function, it cannot await anything: no transaction is ever held open while the chat
platform answers, and one that must be tried again simply runs again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from storage.tables import metadata
from storage.transaction import Transaction

T = TypeVar("T")
Work = Callable[[Transaction], T]
_Waiting = tuple[Callable[[Transaction], Any], asyncio.Future[Any]]

LARGEST_COMMIT = 256
"""Units of work that share one commit of the embedded database.

Few large ones: while one is worked off, its thread and the event loop's take turns with the interpreter, which costs
them a fifth of their time where a burst of 100 posts is two commits instead of one.
"""

_LOST_RACES = frozenset({"40001", "40P01", "23505"})
"""SQLSTATEs after which a work runs again: not serializable, deadlock, and a row that another one has just added."""

_TRIES = 5


class DatabaseError(Exception):
    """The database cannot be used; the text is one line that says why and what to do."""


class DatabaseInUse(DatabaseError):
    """Another process holds the embedded database."""


class DatabaseUnavailable(DatabaseError):
    """Nothing was committed: the disk is full or read-only, the file is locked, or the server is out of reach."""


@dataclass(eq=False)
class Database:
    """A database on a server. `read` and `write` each run one unit of work in one transaction."""

    engine: AsyncEngine
    readers: AsyncEngine

    @property
    def is_embedded(self) -> bool:
        """Whether it is a file, in which one bot alone works."""
        return False

    async def read(self, work: Work[T]) -> T:
        """What the work returns; it sees one committed state and may change nothing. Raises `DatabaseUnavailable`."""
        try:
            async with self.readers.connect() as connection:
                return await connection.run_sync(lambda sync: work(Transaction(sync)))
        except (OperationalError, PoolTimeout) as error:
            raise _unavailable(error) from error

    async def write(self, work: Work[T]) -> T:
        """What the work returns, once it is committed. If it raises, nothing of it has happened.

        The work may run more than once (a lost race) but counts once. Raises `DatabaseUnavailable`.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                async with self.engine.begin() as connection:
                    return await connection.run_sync(lambda sync: work(Transaction(sync)))
            except (OperationalError, IntegrityError, PoolTimeout) as error:
                state = getattr(getattr(error, "orig", None), "sqlstate", None)
                if state in _LOST_RACES and tries_left:
                    continue
                if isinstance(error, IntegrityError):
                    raise
                raise _unavailable(error) from error
        raise AssertionError("the last try returns or raises")

    async def close(self) -> None:
        """Ends the connections, after what is under way."""
        await self.engine.dispose()


class EmbeddedDatabase(Database):
    """A SQLite file in which one bot alone works, for as long as it holds the lock.

    One thread holds the one writing connection; works that wait for it share a commit (and its fsync), each in a
    savepoint of its own. Readers have connections of their own and never wait for the writer (WAL).
    """

    def __init__(self, url: URL, lock: FileLock | None) -> None:
        readers = _reading_engine(url)
        super().__init__(readers, readers)
        self._lock = lock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._engine = create_engine(url.set(drivername="sqlite"), isolation_level="AUTOCOMMIT", hide_parameters=True)
        event.listen(self._engine, "connect", _set_up_writer)
        self._connection: Connection | None = None
        self._waiting: deque[_Waiting] = deque()
        self._is_at_work = False

    @property
    def is_embedded(self) -> bool:  # noqa: D102 - the promise is Database's
        return True

    async def write(self, work: Work[T]) -> T:  # noqa: D102 - the promise is Database's
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()
        self._waiting.append((work, outcome))
        if not self._is_at_work:
            self._is_at_work = True
            loop.call_soon(self._begin, loop)  # what is written in the same turn of the loop shares the commit
        return await outcome

    async def close(self) -> None:  # noqa: D102
        while self._is_at_work:
            await self.write(lambda _tx: None)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()
        await super().close()
        if self._lock is not None:
            self._lock.release()

    # Callbacks instead of a task and futures: a task's every wait costs the loop a turn, and a write has few to spare.

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hands what waits to the writer's thread."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_COMMIT))]
        try:
            self._thread.submit(self._work_off, batch, loop)
        except RuntimeError as error:  # the writer's thread has ended: nobody may wait for it for ever
            self._finish(batch, [DatabaseUnavailable(f"the database was closed ({error})")] * len(batch), loop)

    def _finish(self, batch: Sequence[_Waiting], results: Sequence[Any], loop: asyncio.AbstractEventLoop) -> None:
        """Tells everybody what became of their works, and begins with what has come meanwhile."""
        for (_, outcome), result in zip(batch, results, strict=True):
            if outcome.done():  # its caller was cancelled; the work counts all the same
                continue
            if isinstance(result, BaseException):
                outcome.set_exception(result)
            else:
                outcome.set_result(result)
        if self._waiting:
            self._begin(loop)
        else:
            self._is_at_work = False

    # The methods below run in the writer's thread.

    def _work_off(self, batch: Sequence[_Waiting], loop: asyncio.AbstractEventLoop) -> None:
        results = self._commit([work for work, _ in batch])
        loop.call_soon_threadsafe(self._finish, batch, results, loop)

    def _commit(self, works: Sequence[Work[Any]]) -> list[Any]:
        """A result or an exception for each work. A failure of the database itself undoes them all."""
        try:
            connection = self._connect()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                results = [_attempt(work, connection, alone=len(works) == 1) for work in works]
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
        except OperationalError as error:
            if len(works) > 1:  # one of them may be to blame: let the others pass
                return [result for work in works for result in self._commit([work])]
            return [_unavailable(error)]
        except Exception as error:
            return [error] * len(works)
        return results

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()


class ThrowAwayDatabase(Database):
    """An empty database in memory that nobody keeps. Its works run at once, one after the other, without a thread."""

    def __init__(self) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(self._engine)
        self._connection = self._engine.connect()

    async def read(self, work: Work[T]) -> T:  # noqa: D102 - the promise is Database's
        return await self.write(work)

    async def write(self, work: Work[T]) -> T:  # noqa: D102
        with self._connection.begin():
            return work(Transaction(self._connection))

    async def close(self) -> None:  # noqa: D102
        self._connection.close()
        self._engine.dispose()


async def open_database(url: str, *, read_only: bool = False) -> Database:
    """The database of an address as in `DATABASE_URL`, with its schema in place.

    The embedded database is created and migrated as needed, and locked against a second process; a server's must have
    been migrated. With `read_only` nothing is locked or migrated. Raises `DatabaseError`.
    """
    from storage.migrate import check_schema, migrate

    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        await asyncio.to_thread(check_schema, url)
        engine = create_async_engine(address, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True)
        return Database(engine, engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True))
    if read_only:
        if not database_file(address).exists():
            raise DatabaseError(f"{database_file(address)} does not exist: check DATABASE_URL")
        await asyncio.to_thread(check_schema, url)
        readers = _reading_engine(address)
        return Database(readers, readers)
    lock = lock_file(address)
    try:
        await asyncio.to_thread(migrate, url)
    except BaseException:
        lock.release()
        raise
    return EmbeddedDatabase(address, lock)


async def open_beside(url: str) -> Database:
    """The database for a short change, also while a bot works with it: SQLite lets one of them wait for the other.

    Without a bot it is opened, and locked, as a bot would. Raises `DatabaseError`.
    """
    from storage.migrate import check_schema

    try:
        return await open_database(url)
    except DatabaseInUse:
        await asyncio.to_thread(check_schema, url)
        return EmbeddedDatabase(make_url(url), None)


def lock_file(url: URL) -> FileLock:
    """The lock that keeps the embedded database to one process, taken. Raises `DatabaseError`."""
    path = database_file(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{path}.lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise DatabaseInUse(f"{path} is in use by another Hearthbot process: stop that one first") from None
    except OSError as error:
        raise DatabaseError(
            f"{path.parent} cannot be written ({error.strerror}): change its rights, or DATABASE_URL"
        ) from None
    return lock


def database_file(url: URL) -> Path:
    """Where an embedded database lives."""
    return Path(url.database or "")


def _attempt(work: Work[Any], connection: Connection, *, alone: bool) -> Any:
    if alone:
        return work(Transaction(connection))
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - tells the type checker what an open connection has
    driver.execute("SAVEPOINT work")
    try:
        result = work(Transaction(connection))
    except OperationalError:
        raise
    except Exception as error:
        driver.execute("ROLLBACK TO work")
        result = error
    driver.execute("RELEASE work")
    return result


def _roll_back(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if driver is not None and driver.in_transaction:
        driver.execute("ROLLBACK")


def _reading_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=4, max_overflow=0, isolation_level="AUTOCOMMIT", hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _set_up_reader)
    event.listen(engine.sync_engine, "engine_connect", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _set_up_writer(connection: Any, _record: Any) -> None:
    _pragmas(
        connection, "busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"
    )


def _set_up_reader(connection: Any, _record: Any) -> None:
    _pragmas(connection, "busy_timeout=5000", "query_only=ON")


def _pragmas(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _unavailable(error: SQLAlchemyError) -> DatabaseUnavailable:
    reason = getattr(error, "orig", None) or error
    return DatabaseUnavailable(f"the database cannot be used now: {' '.join(str(reason).split())}")
