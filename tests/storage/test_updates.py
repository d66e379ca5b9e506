import asyncio
from datetime import timedelta

from storage.database import Database
from tests.storage.conftest import NOW

BOT = 7_000_000_001


async def test_of_updates_only_the_new_ones_are_received(database: Database) -> None:
    assert await database.write(lambda tx: tx.updates.receive(BOT, {1: "one", 2: "two"}, NOW)) == {1, 2}
    assert await database.write(lambda tx: tx.updates.receive(BOT, {2: "two again", 3: "three"}, NOW)) == {3}
    assert await database.write(lambda tx: tx.updates.receive(BOT + 1, {2: "another bot's"}, NOW)) == {2}
    assert await database.write(lambda tx: tx.updates.receive(BOT, {}, NOW)) == set()

    assert await database.read(lambda tx: tx.updates.waiting(BOT)) == ["one", "two", "three"]


async def test_an_update_that_comes_several_times_at_once_is_new_to_one_of_them(database: Database) -> None:
    payloads = [{n: "a", 5: "b", 9 - n: "c"} for n in range(4)] * 5

    received = await asyncio.gather(
        *(database.write(lambda tx, p=p: tx.updates.receive(BOT, p, NOW)) for p in payloads)  # type: ignore[misc]
    )

    assert sorted(n for new in received for n in new) == sorted({n for payload in payloads for n in payload})


async def test_what_was_not_handled_waits_in_order(database: Database) -> None:
    await database.write(lambda tx: tx.updates.receive(BOT, {n: f"no. {n}" for n in (30, 4, 100, 1)}, NOW))

    await database.write(lambda tx: tx.updates.handled(BOT, 4))

    assert await database.read(lambda tx: tx.updates.waiting(BOT)) == ["no. 1", "no. 30", "no. 100"]
    assert await database.read(lambda tx: tx.updates.waiting(BOT + 1)) == []


async def test_a_handled_update_that_comes_again_is_not_new(database: Database) -> None:
    await database.write(lambda tx: tx.updates.receive(BOT, {1: "one"}, NOW))
    await database.write(lambda tx: tx.updates.handled(BOT, 1))

    assert await database.write(lambda tx: tx.updates.receive(BOT, {1: "one"}, NOW)) == set()
    assert await database.read(lambda tx: tx.updates.waiting(BOT)) == []


async def test_only_old_updates_that_were_handled_are_forgotten(database: Database) -> None:
    week = timedelta(days=7)
    await database.write(lambda tx: tx.updates.receive(BOT, {1: "old, handled", 2: "old, waiting"}, NOW - week))
    await database.write(lambda tx: tx.updates.receive(BOT, {3: "new, handled"}, NOW))
    for n in (1, 3):
        await database.write(lambda tx, n=n: tx.updates.handled(BOT, n))  # type: ignore[misc]

    assert await database.write(lambda tx: tx.updates.forget(NOW)) == 1

    assert await database.write(lambda tx: tx.updates.receive(BOT, {1: "x", 2: "x", 3: "x"}, NOW)) == {1}


async def test_the_greatest_update_is_known(database: Database) -> None:
    assert await database.read(lambda tx: tx.updates.last_id(BOT)) is None

    await database.write(lambda tx: tx.updates.receive(BOT, {3: "a", 2**40: "b", 5: "c"}, NOW))

    assert await database.read(lambda tx: tx.updates.last_id(BOT)) == 2**40
