from datetime import date, timedelta

import pytest

from bot.domain.checkins import CheckIn
from bot.domain.days import ONE_DAY
from bot.domain.members import Person
from bot.domain.points import Entry, Owner
from storage.activity import Count
from storage.database import Database
from storage.groups import GroupRow
from storage.transaction import Transaction
from tests.storage.conftest import NOW, TEA_HOUSE, entry, known

SUPERGROUP = -1009223372036854775
TODAY = date(2026, 11, 22)


async def test_a_group_is_known_by_its_chat_and_takes_its_newest_title(database: Database, group: GroupRow) -> None:
    await database.write(lambda tx: tx.groups.save(TEA_HOUSE, "Tea <house> 茶馆", NOW))

    found = await database.read(lambda tx: tx.groups.find(TEA_HOUSE))
    assert found == GroupRow(group.id, TEA_HOUSE, "Tea <house> 茶馆", group.id, "", {}, True)
    assert await database.read(lambda tx: tx.groups.find(-5)) is None


async def test_groups_are_listed_oldest_first(database: Database) -> None:
    for chat_id in (-3, -1, -2):
        await database.write(lambda tx, chat_id=chat_id: known(tx, chat_id))  # type: ignore[misc]

    assert [row.chat_id for row in await database.read(lambda tx: tx.groups.all())] == [-3, -1, -2]


async def test_the_presence_of_the_bot_is_kept(database: Database, group: GroupRow) -> None:
    await database.write(lambda tx: tx.groups.set_presence(group.id, False, NOW))
    assert not (await database.read(known)).is_present

    await database.write(lambda tx: tx.groups.set_presence(group.id, True, NOW))
    assert (await database.read(known)).is_present


async def test_new_rules_and_settings_return_the_former_ones(database: Database, group: GroupRow) -> None:
    assert await database.write(lambda tx: tx.groups.set_rules(group.id, "Be kind.")) == ""
    assert await database.write(lambda tx: tx.groups.set_rules(group.id, "No spam.")) == "Be kind."

    assert await database.write(lambda tx: tx.groups.set_setting(group.id, "language", "zh")) is None
    assert await database.write(lambda tx: tx.groups.set_setting(group.id, "checkin_cap", "50")) is None
    assert await database.write(lambda tx: tx.groups.set_setting(group.id, "language", "en")) == "zh"
    assert await database.write(lambda tx: tx.groups.set_setting(group.id, "checkin_cap", None)) == "50"
    assert await database.write(lambda tx: tx.groups.set_setting(group.id, "checkin_cap", None)) is None

    row = await database.read(known)
    assert (row.rules, row.settings) == ("No spam.", {"language": "en"})


def populate(tx: Transaction) -> None:
    """Alice with a streak of three days up to yesterday, 30 points and two messages of today."""
    tx.members.save_people([Person(11, "Alice", "alice")])
    tx.members.seen(1, 11, NOW - ONE_DAY * 30)
    tx.activity.add([Count(1, 11, TODAY, 2, NOW)])
    for n in (3, 2, 1):
        day = TODAY - ONE_DAY * n
        tx.checkins.add(1, 11, [CheckIn(day, NOW - ONE_DAY * n, "UTC", streak=4 - n)], n)
        tx.checkins.count_in(1, day)
        tx.points.add(entry(11, 10, f"checkin:1:{day}", at=NOW - ONE_DAY * n))


async def test_a_group_that_becomes_a_supergroup_keeps_everything_and_both_ids_lead_to_it(
    database: Database, group: GroupRow
) -> None:
    await database.write(populate)

    for _ in range(2):
        await database.write(lambda tx: tx.groups.move(TEA_HOUSE, SUPERGROUP))

    rows = [await database.read(lambda tx, c=c: tx.groups.find(c)) for c in (TEA_HOUSE, SUPERGROUP)]  # type: ignore[misc]
    assert [(row.id, row.chat_id, row.is_present) for row in rows if row] == [(group.id, SUPERGROUP, True)] * 2
    assert len(await database.read(lambda tx: tx.groups.all())) == 1
    assert await database.read(lambda tx: tx.points.balance(Owner(group.id, 11))) == 30


async def test_a_group_nobody_knows_moves_without_a_trace(database: Database) -> None:
    await database.write(lambda tx: tx.groups.move(TEA_HOUSE, SUPERGROUP))

    assert await database.read(lambda tx: tx.groups.all()) == []


async def test_a_group_that_moves_back_to_a_former_id_loses_nothing(database: Database, group: GroupRow) -> None:
    await database.write(populate)
    await database.write(lambda tx: tx.groups.move(TEA_HOUSE, SUPERGROUP))

    await database.write(lambda tx: tx.groups.move(SUPERGROUP, TEA_HOUSE))

    row = await database.read(lambda tx: tx.groups.find(SUPERGROUP))
    assert row is not None
    assert (row.id, row.chat_id, row.is_present) == (group.id, TEA_HOUSE, True)
    assert await database.read(lambda tx: tx.points.balance(Owner(group.id, 11))) == 30


def populate_newcomer(tx: Transaction) -> None:
    """What messages of the new chat brought before it was known to be the old one: today's check-ins of two members."""
    newcomer = known(tx, SUPERGROUP).id
    for user_id, name in ((11, "Alice"), (12, "Bob")):
        tx.members.save_people([Person(user_id, name, name.lower())])
        tx.members.seen(newcomer, user_id, NOW)
        tx.checkins.add(newcomer, user_id, [CheckIn(TODAY, NOW, "UTC", streak=1)], 100 + user_id)
        tx.checkins.count_in(newcomer, TODAY)
        tx.points.add(Entry(Owner(newcomer, user_id), newcomer, "points", 10, f"checkin:{newcomer}:{TODAY}", NOW))
    tx.checkins.spend_bonus(newcomer, TODAY, 5)
    tx.activity.add([Count(newcomer, 11, TODAY, 3, NOW)])


async def test_what_the_new_id_gathered_already_is_merged_into_the_group(database: Database, group: GroupRow) -> None:
    await database.write(populate)
    await database.write(lambda tx: tx.checkins.count_in(group.id, TODAY))
    await database.write(lambda tx: tx.checkins.add(group.id, 13, [CheckIn(TODAY, NOW, "UTC", streak=1)], 113))
    await database.write(populate_newcomer)

    for _ in range(2):
        await database.write(lambda tx: tx.groups.move(TEA_HOUSE, SUPERGROUP))

    row = await database.read(lambda tx: tx.groups.find(SUPERGROUP))
    assert row is not None
    assert row.id == group.id
    members = await database.read(lambda tx: tx.members.all(group.id))
    assert [(m.name, m.joined_at, m.messages) for m in members] == [("Alice", NOW - ONE_DAY * 30, 5), ("Bob", NOW, 0)]
    balances = [await database.read(lambda tx, u=u: tx.points.balance(Owner(group.id, u))) for u in (11, 12)]  # type: ignore[misc]
    assert balances == [40, 10]
    assert len(await database.read(lambda tx: tx.points.log(group.id, 11, 9))) == 4
    assert await database.read(lambda tx: tx.points.differences()) == []


async def test_a_streak_goes_on_over_a_merge_and_the_day_is_counted_anew(database: Database, group: GroupRow) -> None:
    await database.write(populate)
    await database.write(lambda tx: tx.checkins.count_in(group.id, TODAY))
    await database.write(lambda tx: tx.checkins.spend_bonus(group.id, TODAY, 7))
    await database.write(lambda tx: tx.checkins.add(group.id, 12, [CheckIn(TODAY, NOW, "UTC", streak=1)], 1))
    await database.write(populate_newcomer)

    await database.write(lambda tx: tx.groups.move(TEA_HOUSE, SUPERGROUP))

    days = await database.read(lambda tx: tx.checkins.since(group.id, 11, date.min))
    assert [day.streak for day in days] == [1, 2, 3, 4]
    assert await database.read(lambda tx: tx.audits.wrong_counts()) == []
    assert await database.read(lambda tx: tx.checkins.count_of(group.id, TODAY)) == 2
    assert await database.write(lambda tx: tx.checkins.count_in(group.id, TODAY)) == (3, 12)


async def test_a_merge_pays_into_the_wallet_that_the_group_shares(database: Database) -> None:
    bank = await database.write(lambda tx: known(tx, -7))
    group = await database.write(known)
    await database.write(lambda tx: tx.groups.set_wallet(group.id, bank.id))
    await database.write(lambda tx: tx.points.add(entry(12, 100, "in the bank", group_id=bank.id)))
    await database.write(populate_newcomer)

    await database.write(lambda tx: tx.groups.move(TEA_HOUSE, SUPERGROUP))

    assert await database.read(lambda tx: tx.points.balance(Owner(bank.id, 12))) == 110
    assert await database.read(lambda tx: tx.points.balance(Owner(bank.id, 11))) == 10
    assert await database.read(lambda tx: tx.points.differences()) == []


async def test_a_merged_group_is_retired_and_found_by_no_chat(database: Database, group: GroupRow) -> None:
    await database.write(populate_newcomer)

    await database.write(lambda tx: tx.groups.move(TEA_HOUSE, SUPERGROUP))

    retired = [row for row in await database.read(lambda tx: tx.groups.all()) if row.id != group.id]
    assert [row.is_present for row in retired] == [False]
    assert not retired[0].chat_id
    assert await database.read(lambda tx: tx.points.balance(Owner(retired[0].id, 11))) == 10
    assert (await database.read(known)).chat_id == SUPERGROUP


@pytest.mark.parametrize("days_ago", [0, 40])
async def test_a_group_of_the_old_id_is_not_made_anew_by_a_late_message(database: Database, days_ago: int) -> None:
    group = await database.write(known)
    await database.write(lambda tx: tx.groups.move(TEA_HOUSE, SUPERGROUP))

    late = await database.write(lambda tx: (tx.members.seen(known(tx).id, 11, NOW - timedelta(days_ago)), known(tx))[1])

    assert late.id == group.id
