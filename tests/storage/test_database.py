import asyncio
import random
import sqlite3
from collections.abc import Coroutine
from typing import Any, NoReturn

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.domain.points import NotEnoughPoints, Owner
from storage.database import (
    LARGEST_COMMIT,
    Database,
    DatabaseError,
    DatabaseUnavailable,
    EmbeddedDatabase,
    open_database,
)
from storage.groups import GroupRow
from storage.tables import ledger, wallets
from storage.transaction import Transaction
from tests.storage.conftest import TEA_HOUSE, entry, known, paying

ALICE, BOB = Owner(1, 11), Owner(1, 12)


async def balance(database: Database, owner: Owner) -> int:
    return await database.read(lambda tx: tx.points.balance(owner))


async def test_what_a_work_returns_comes_back_once_it_is_committed(database: Database, group: GroupRow) -> None:
    assert await database.write(paying(11, 10, "a")) == 10
    assert await balance(database, ALICE) == 10


async def test_of_a_work_that_raises_nothing_has_happened(database: Database, group: GroupRow) -> None:
    def work(tx: Transaction) -> NoReturn:
        tx.points.add(entry(11, 10, "a"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(work)

    assert await balance(database, ALICE) == 0
    assert await database.read(lambda tx: tx.points.totals()) == (0, 0)


async def test_a_reader_may_change_nothing(database: Database, group: GroupRow) -> None:
    with pytest.raises((DBAPIError, DatabaseError), match=r"(?i)read-?only"):
        await database.read(paying(11, 10, "a"))

    assert await balance(database, ALICE) == 0
    assert await database.write(paying(11, 10, "a")) == 10


async def test_a_reader_sees_one_committed_state_whatever_is_written_meanwhile(
    database: Database, group: GroupRow
) -> None:
    loop = asyncio.get_running_loop()
    read_once, written = asyncio.Event(), asyncio.Event()

    async def write_in_between() -> None:
        await read_once.wait()
        await database.write(paying(11, 10, "a"))
        written.set()

    def work(tx: Transaction) -> list[int]:
        first = tx.points.balance(ALICE)
        read_once.set()
        # The reader is a coroutine in disguise (greenlet): let the writer finish before the second look.
        while not written.is_set():
            tx.connection.exec_driver_sql("SELECT 1")
        return [first, tx.points.balance(ALICE)]

    writer = loop.create_task(write_in_between())
    assert await database.read(work) == [0, 0]
    await writer
    assert await balance(database, ALICE) == 10


async def test_a_reader_sees_nothing_of_a_work_that_is_not_committed(embedded: EmbeddedDatabase) -> None:
    await embedded.write(known)
    path = embedded.engine.url.database or ""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def work(tx: Transaction) -> int:
        tx.points.add(entry(11, 10, "a"))
        count: int = other.execute("SELECT count(*) FROM ledger").fetchone()[0]
        return count

    assert await embedded.write(work) == 0
    assert other.execute("SELECT count(*) FROM ledger").fetchone() == (1,)
    other.close()


async def test_of_two_hundred_works_at_once_every_one_counts(database: Database, group: GroupRow) -> None:
    balances = await asyncio.gather(*(database.write(paying(11, 1, f"r:{n}")) for n in range(200)))

    assert sorted(balances) == list(range(1, 201))
    assert await balance(database, ALICE) == 200
    assert await database.read(lambda tx: tx.points.differences()) == []


async def test_works_that_wait_together_share_commits(embedded: EmbeddedDatabase) -> None:
    await embedded.write(known)
    commits = list[str]()
    connection = await embedded.write(lambda tx: tx.connection)
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    await asyncio.gather(*(embedded.write(paying(11, 1, f"r:{n}")) for n in range(200)))

    driver.set_trace_callback(None)
    assert 200 // LARGEST_COMMIT <= len(commits) <= 200 // LARGEST_COMMIT + 2


async def test_a_work_that_raises_undoes_itself_and_not_its_neighbours(database: Database, group: GroupRow) -> None:
    def refused(tx: Transaction) -> int:
        tx.points.add(entry(12, 5, "kept by nobody"))
        return tx.points.add(entry(12, -100, "too much"))

    def broken(tx: Transaction) -> None:
        tx.points.add(entry(12, 5, "kept by nobody"))
        tx.connection.execute(ledger.insert().values(wallet_id=1))

    works = [paying(11, 1, "a"), refused, paying(11, 1, "b"), broken, paying(11, 1, "c")]
    first, second, third, fourth, fifth = await asyncio.gather(
        *(database.write(work) for work in works), return_exceptions=True
    )

    assert sorted([first, third, fifth]) == [1, 2, 3]  # type: ignore[type-var]  # exceptions would fail it
    assert isinstance(second, NotEnoughPoints)
    assert isinstance(fourth, IntegrityError)
    assert (await balance(database, ALICE), await balance(database, BOB)) == (3, 0)
    assert await database.read(lambda tx: tx.points.totals()) == (3, 1)


async def test_a_work_that_the_database_itself_refuses_does_not_take_its_neighbours_down(
    database: Database, group: GroupRow
) -> None:
    def nonsense(tx: Transaction) -> None:
        tx.points.add(entry(12, 5, "kept by nobody"))
        tx.connection.execute(text("SELECT * FROM no_such_table"))

    first, second, third = await asyncio.gather(
        *(database.write(work) for work in (paying(11, 1, "a"), nonsense, paying(11, 1, "b"))), return_exceptions=True
    )

    assert {first, third} == {1, 2}
    assert isinstance(second, DatabaseUnavailable | DBAPIError)
    assert (await balance(database, ALICE), await balance(database, BOB)) == (2, 0)


async def test_the_work_of_a_caller_who_gave_up_counts_wholly_or_not_at_all(
    database: Database, group: GroupRow
) -> None:
    def both(n: int) -> Coroutine[Any, Any, None]:
        def work(tx: Transaction) -> None:
            tx.points.add(entry(11, 1, f"r:{n}"))
            tx.points.add(entry(12, 1, f"r:{n}"))

        return database.write(work)

    rng = random.Random(4)
    callers = [asyncio.ensure_future(both(n)) for n in range(60)]
    for caller in callers:
        if rng.random() < 0.5:
            caller.cancel()
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    await database.write(lambda tx: None)

    done = sum(outcome is None for outcome in outcomes)
    alice, bob = await balance(database, ALICE), await balance(database, BOB)
    assert alice == bob
    assert done <= alice <= 60
    assert 0 < done < 60
    assert await database.read(lambda tx: tx.points.differences()) == []


async def test_while_another_program_holds_the_file_nothing_is_written_and_nothing_lost(
    embedded: EmbeddedDatabase,
) -> None:
    await embedded.write(known)
    await embedded.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA busy_timeout=0") and None)
    other = sqlite3.connect(embedded.engine.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    outcomes = await asyncio.gather(
        *(embedded.write(paying(11, 1, f"r:{n}")) for n in range(3)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [DatabaseUnavailable] * 3
    assert str(outcomes[0]) == "the database cannot be used now: database is locked"
    assert await balance(embedded, ALICE) == 0

    other.close()
    assert await embedded.write(paying(11, 1, "r:0")) == 1


async def test_on_a_full_disk_nothing_is_half_written_and_what_was_there_stays(embedded: EmbeddedDatabase) -> None:
    def limit(pages: int) -> Coroutine[Any, Any, object]:
        return embedded.write(lambda tx: tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar())

    await embedded.write(known)
    await embedded.write(paying(11, 1, "before"))
    await limit(1)  # SQLite raises it to the pages in use

    def long_rules(tx: Transaction) -> None:
        tx.points.add(entry(11, 1, "with the rules"))
        tx.groups.set_rules(1, "Be kind. " * 100_000)

    small, large = await asyncio.gather(
        embedded.write(paying(11, 1, "small")), embedded.write(long_rules), return_exceptions=True
    )
    assert small == 2
    assert isinstance(large, DatabaseUnavailable)
    assert str(large) == "the database cannot be used now: database or disk is full"
    assert await balance(embedded, ALICE) == 2

    await limit(1_000_000)
    await embedded.write(long_rules)
    assert await balance(embedded, ALICE) == 3


async def test_a_server_that_is_gone_is_reported_and_the_next_work_finds_it_again(on_server: Database) -> None:
    await on_server.write(known)

    def lose_the_server(tx: Transaction) -> None:
        tx.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    for use in (on_server.write, on_server.read):
        with pytest.raises(DatabaseUnavailable, match="the database cannot be used now"):
            await use(lose_the_server)

    assert await on_server.write(paying(11, 1, "a")) == 1


async def test_a_deadlock_is_tried_again_and_counts_once(on_server: Database) -> None:
    """Two works that take two wallets in opposite order."""
    await on_server.write(known)
    await asyncio.gather(*(on_server.write(paying(owner.user_id, 10, "start")) for owner in (ALICE, BOB)))
    runs = list[int]()

    holding = set[int]()

    def take_both(first: Owner, second: Owner) -> Coroutine[Any, Any, None]:
        def work(tx: Transaction) -> None:
            runs.append(first.user_id)
            tx.connection.execute(text("SET LOCAL deadlock_timeout = '10ms'"))
            tx.points.add(entry(first.user_id, -1, f"from {first.user_id}"))
            holding.add(first.user_id)
            while len(holding) < 2:
                tx.connection.execute(text("SELECT 1"))
            tx.points.add(entry(second.user_id, -1, f"then from {first.user_id}"))

        return on_server.write(work)

    await asyncio.gather(take_both(ALICE, BOB), take_both(BOB, ALICE))

    assert len(runs) > 2
    assert (await balance(on_server, ALICE), await balance(on_server, BOB)) == (8, 8)


async def test_two_transactions_on_one_wallet_at_once_lose_nothing(database: Database, group: GroupRow) -> None:
    await database.write(paying(11, 100, "start"))

    await asyncio.gather(*(database.write(paying(11, amount, f"r:{amount}")) for amount in (-30, 7, -50, 3)))

    assert await balance(database, ALICE) == 30
    assert await database.read(lambda tx: tx.points.differences()) == []


async def test_two_who_spend_the_same_points_at_once_do_not_both_get_them(database: Database, group: GroupRow) -> None:
    await database.write(paying(11, 100, "start"))

    outcomes = await asyncio.gather(
        *(database.write(paying(11, -60, f"r:{n}")) for n in range(5)), return_exceptions=True
    )

    assert sorted(str(outcome) for outcome in outcomes) == ["40", *["points.not_enough"] * 4]
    assert await balance(database, ALICE) == 40


async def test_two_who_read_the_balance_at_the_same_time_do_not_both_spend_it(on_server: Database) -> None:
    await on_server.write(known)
    await on_server.write(paying(11, 100, "start"))
    begun = set[int]()

    def spend(n: int) -> Coroutine[Any, Any, int]:
        def work(tx: Transaction) -> int:
            begun.add(n)
            while len(begun) < 2:
                tx.connection.execute(text("SELECT 1"))
            return tx.points.add(entry(11, -60, f"r:{n}"))

        return on_server.write(work)

    outcomes = await asyncio.gather(spend(1), spend(2), return_exceptions=True)

    assert sorted(str(outcome) for outcome in outcomes) == ["40", "points.not_enough"]


async def test_fifty_writers_on_five_members_add_up(database: Database, group: GroupRow) -> None:
    rng = random.Random(7)
    works = [paying(rng.randrange(5), rng.choice([-3, 5, 10]), f"r:{n}") for n in range(250)]
    queue = iter(works)

    async def writer() -> None:
        for work in queue:
            try:
                await database.write(work)
            except NotEnoughPoints:
                continue

    await asyncio.gather(*(writer() for _ in range(50)))

    def sums(tx: Transaction) -> tuple[int, int]:
        entries = tx.connection.execute(select(func.sum(ledger.c.amount))).scalar_one()
        return int(entries), int(tx.connection.execute(select(func.sum(wallets.c.balance))).scalar_one())

    entries, balances = await database.read(sums)
    assert entries == balances > 0
    assert await database.read(lambda tx: tx.points.differences()) == []


async def test_closing_waits_for_what_is_under_way(sqlite_url: str) -> None:
    embedded = await open_database(sqlite_url)
    await embedded.write(known)
    pending = [asyncio.ensure_future(embedded.write(paying(11, 1, f"r:{n}"))) for n in range(100)]
    await asyncio.sleep(0)

    await embedded.close()

    assert all(work.done() for work in pending)
    path = embedded.engine.url.database or ""
    with sqlite3.connect(path) as left:
        assert left.execute("SELECT sum(amount) FROM ledger").fetchone() == (100,)
    left.close()


async def test_a_write_after_closing_is_refused_rather_than_left_waiting(sqlite_url: str) -> None:
    embedded = await open_database(sqlite_url)
    await embedded.close()

    with pytest.raises(DatabaseUnavailable, match="closed"):
        await embedded.write(known)


async def test_instants_and_chat_ids_come_back_exact(database: Database, group: GroupRow) -> None:
    assert group.chat_id == TEA_HOUSE
    chat_id = -1009223372036854775
    assert (await database.write(lambda tx: known(tx, chat_id))).chat_id == chat_id
