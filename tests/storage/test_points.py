import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from bot.domain.members import Person
from bot.domain.points import NotEnoughPoints, Owner, Unit
from storage.database import Database
from storage.groups import GroupRow
from storage.points import Difference
from storage.tables import ledger
from tests.conftest import run_sql
from tests.storage.conftest import NOW, TEA_HOUSE, entry, known, paying

ALICE, BOB = Owner(1, 11), Owner(1, 12)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("verb", ["update", "delete"])
async def test_the_ledger_refuses_to_be_changed(database: Database, group: GroupRow, verb: str) -> None:
    await database.write(paying(11, 10, "a"))
    statement = ledger.update().values(amount=1_000) if verb == "update" else ledger.delete()

    with pytest.raises(DBAPIError, match="the ledger is append-only"):
        await database.write(lambda tx: tx.connection.execute(statement))

    assert [line.amount for line in await database.read(lambda tx: tx.points.log(1, None, 9))] == [10]


@pytest.mark.parametrize("amount", [10, -10])
async def test_the_same_reason_twice_books_once(database: Database, group: GroupRow, amount: int) -> None:
    await database.write(paying(11, 30, "start"))

    assert await database.write(paying(11, amount, "once")) == 30 + amount
    assert await database.write(paying(11, amount, "once")) == 30 + amount
    assert await database.write(paying(11, amount * 2, "once")) == 30 + amount
    assert await database.read(lambda tx: tx.points.totals()) == (2, 1)


async def test_a_spending_that_was_booked_stays_booked_when_the_points_are_gone(
    database: Database, group: GroupRow
) -> None:
    await database.write(paying(11, 30, "start"))
    await database.write(paying(11, -30, "coupon"))

    assert await database.write(paying(11, -30, "coupon")) == 0


async def test_a_reason_is_unique_for_an_owner_and_a_unit_alone(database: Database, group: GroupRow) -> None:
    await database.write(paying(11, 10, "welcome"))
    await database.write(paying(12, 20, "welcome"))
    await database.write(lambda tx: tx.points.add(entry(11, 1, "welcome", unit="freeze")))

    assert await database.read(lambda tx: tx.points.balance(ALICE)) == 10
    assert await database.read(lambda tx: tx.points.balance(BOB)) == 20
    assert await database.read(lambda tx: tx.points.balance(ALICE, "freeze")) == 1
    assert await database.read(lambda tx: tx.points.amount(ALICE, "points", "welcome")) == 10
    assert await database.read(lambda tx: tx.points.amount(ALICE, "makeup", "welcome")) is None


@pytest.mark.parametrize("held", [0, 9])
async def test_no_balance_falls_below_zero(database: Database, group: GroupRow, held: int) -> None:
    if held:
        await database.write(paying(11, held, "start"))

    with pytest.raises(NotEnoughPoints) as refused:
        await database.write(paying(11, -10, "coupon"))

    assert refused.value.values == {"unit": "points", "balance": held, "needed": 10}
    assert await database.read(lambda tx: tx.points.balance(ALICE)) == held
    assert await database.read(lambda tx: tx.points.amount(ALICE, "points", "coupon")) is None


async def test_all_that_was_ever_earned_is_kept_beside_the_balance(database: Database, group: GroupRow) -> None:
    for amount, reason in ((100, "a"), (-60, "b"), (5, "c")):
        await database.write(paying(11, amount, reason))

    assert await database.read(lambda tx: (tx.points.balance(ALICE), tx.points.earned(ALICE))) == (45, 105)
    assert await database.read(lambda tx: (tx.points.balance(BOB), tx.points.earned(BOB))) == (0, 0)


@pytest.mark.parametrize("seed", range(3))
async def test_the_ledger_proves_every_balance_after_anything_that_may_happen(
    database: Database, group: GroupRow, seed: int
) -> None:
    rng = random.Random(seed)
    balances = dict[tuple[int, Unit], int]()
    booked = set[tuple[int, Unit, str]]()
    units: list[Unit] = ["points", "makeup", "freeze"]
    for _ in range(80):
        user_id, unit, reason = rng.randrange(3), rng.choice(units), f"r:{rng.randrange(40)}"
        amount = rng.choice([-20, -1, 1, 10])
        held = balances.get((user_id, unit), 0)
        expected = held if (user_id, unit, reason) in booked else held + amount
        line = entry(user_id, amount, reason, unit=unit)
        if expected < 0:
            with pytest.raises(NotEnoughPoints):
                await database.write(lambda tx, line=line: tx.points.add(line))  # type: ignore[misc]
            continue
        assert await database.write(lambda tx, line=line: tx.points.add(line)) == expected  # type: ignore[misc]
        balances[user_id, unit] = expected
        booked.add((user_id, unit, reason))

    assert await database.read(lambda tx: tx.points.differences()) == []
    assert await database.read(lambda tx: tx.points.totals()) == (len(booked), len(balances))


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE wallets SET balance = 1000", Difference(ALICE, "points", 1000, 10)),
        ("UPDATE wallets SET earned = 1000", Difference(ALICE, "points", 10, 10)),
        ("DELETE FROM wallets", Difference(ALICE, "points", 0, 10)),
        (
            "INSERT INTO wallets (wallet_id, user_id, unit, balance, earned, changed_at) "
            "VALUES (1, 12, 'freeze', 5, 5, 0)",
            Difference(BOB, "freeze", 5, 0),
        ),
    ],
)
async def test_a_balance_changed_by_hand_is_found(
    database: Database, database_url: str, group: GroupRow, tampering: str, found: Difference
) -> None:
    await database.write(paying(11, 10, "a"))
    run_sql(database_url, tampering)

    assert await database.read(lambda tx: tx.points.differences()) == [found]


async def test_what_was_held_at_an_instant_is_what_was_booked_before_it(database: Database, group: GroupRow) -> None:
    for hours, amount in ((0, 3), (1, -1), (2, 5)):
        line = entry(11, amount, f"r:{hours}", unit="freeze", at=NOW + hours * HOUR)
        await database.write(lambda tx, line=line: tx.points.add(line))  # type: ignore[misc]
    await database.write(paying(11, 100, "points are another unit"))

    held = [
        await database.read(lambda tx, at=NOW + hours * HOUR: tx.points.held_at(ALICE, "freeze", at))  # type: ignore[misc]
        for hours in (0, 1, 2, 3)
    ]
    assert held == [0, 3, 2, 7]


async def test_the_log_shows_the_latest_entries_with_names(database: Database, group: GroupRow) -> None:
    await database.write(lambda tx: tx.members.save_people([Person(11, "Alice")]))
    for n in range(4):
        line = replace(entry(11 + n % 2, n + 1, f"r:{n}"), note=f"no. {n}")
        await database.write(lambda tx, line=line: tx.points.add(line))  # type: ignore[misc]

    everybody = await database.read(lambda tx: tx.points.log(1, None, 3))
    alice = await database.read(lambda tx: tx.points.log(1, 11, 9))

    assert [(line.user_id, line.name, line.amount) for line in everybody] == [
        (12, "", 4),
        (11, "Alice", 3),
        (12, "", 2),
    ]
    assert [(line.reason, line.note, line.at) for line in alice] == [("r:2", "no. 2", NOW), ("r:0", "no. 0", NOW)]
    assert await database.read(lambda tx: tx.points.log(2, None, 9)) == []


async def test_who_forfeits_has_nothing_of_any_unit_and_the_ledger_says_why(
    database: Database, group: GroupRow
) -> None:
    await database.write(paying(11, 10, "a"))
    await database.write(lambda tx: tx.points.add(entry(11, 2, "a", unit="freeze")))
    await database.write(paying(12, 10, "a"))

    await database.write(lambda tx: tx.points.forfeit(ALICE, 1, NOW))

    units: list[Unit] = ["points", "makeup", "freeze"]
    assert [await database.read(lambda tx, u=u: tx.points.balance(ALICE, u)) for u in units] == [0, 0, 0]  # type: ignore[misc]
    assert await database.read(lambda tx: tx.points.balance(BOB)) == 10
    assert await database.read(lambda tx: tx.points.differences()) == []
    assert {line.reason for line in await database.read(lambda tx: tx.points.log(1, 11, 2))} == {
        f"left:{NOW.isoformat()}"
    }


async def test_groups_that_share_a_wallet_pay_into_one(database: Database, group: GroupRow) -> None:
    other = await database.write(lambda tx: known(tx, TEA_HOUSE - 1))
    await database.write(lambda tx: tx.groups.set_wallet(other.id, group.id))
    shared = await database.read(lambda tx: known(tx, TEA_HOUSE - 1))

    await database.write(paying(11, 10, "here"))
    owner = Owner(shared.wallet_id, 11)
    await database.write(lambda tx: tx.points.add(replace(entry(11, 5, "there"), owner=owner, group_id=shared.id)))

    assert await database.read(lambda tx: tx.points.balance(ALICE)) == 15
    await database.write(lambda tx: tx.groups.set_wallet(other.id, other.id))
    assert (await database.read(lambda tx: known(tx, TEA_HOUSE - 1))).wallet_id == other.id
