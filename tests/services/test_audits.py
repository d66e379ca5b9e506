from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.groups import Group
from bot.domain.members import Actor, Person
from bot.services import audits
from bot.services.audits import audit
from bot.services.checkins import CheckInService
from bot.services.groups import GroupService
from storage.database import Database, open_database
from tests.conftest import StoppedClock, run_sql

ALICE, BOB = Person(1001, "Alice"), Person(1002, "Bob")
OPERATOR = Actor(9, "Olga")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def groups(database: Database, clock: StoppedClock) -> GroupService:
    return GroupService(database, clock)


@pytest.fixture
async def group(groups: GroupService) -> Group:
    return await groups.of_chat(-1001, "Tea house")


async def _check_in(database: Database, group: Group, *days: int, person: Person = ALICE) -> None:
    for day in days:
        update_id = person.id * 1000 + day
        await CheckInService(database).check_in(group, person, MONDAY + timedelta(days=day), update_id)


async def test_what_the_bot_wrote_itself_is_proved(database: Database, group: Group) -> None:
    await _check_in(database, group, 0, 1, 2, 5)
    await _check_in(database, group, 1, person=BOB)

    found = await audit(database)

    assert found.differences == []
    assert found.proved == [
        "ledger: compared 2 balances with 5 entries",
        "streaks: recounted 5 days of 2 members",
        "counts: compared 4 days with their check-ins",
        "payments: looked for the entries of 5 check-ins",
        "lotteries: replayed 0 draws from their entries",
        "prizes: compared 0 codes with their winners",
        "invites: compared 0 rewards with the ledger",
    ]


async def test_a_page_may_end_between_two_days_of_a_member(
    database: Database, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.audits.PAGE", 2)
    await _check_in(database, group, 0, 1, 2, 3, 4)
    await _check_in(database, group, 0, 1, person=BOB)

    found = await audit(database)

    assert found.differences == []
    assert "streaks: recounted 7 days of 2 members" in found.proved


async def test_a_frozen_day_and_a_day_made_up_for_keep_the_streak_provable(database: Database, group: Group) -> None:
    await _check_in(database, group, *range(10))
    service, at = CheckInService(database), MONDAY + timedelta(days=9, hours=1)
    await service.buy_freeze(group, ALICE, at, 7001)
    await _check_in(database, group, 11)
    await _check_in(database, group, 14)
    await service.make_up(group, ALICE, None, MONDAY + timedelta(days=14, hours=1), 7002)

    assert (await audit(database)).differences == []


async def test_a_change_of_zone_is_no_difference(database: Database, groups: GroupService, group: Group) -> None:
    await _check_in(database, group, 0, 1)
    moved = await groups.set(group, "timezone", "Asia/Shanghai", OPERATOR, 1)
    moved = await groups.set(moved, "day_starts_at", "4", OPERATOR, 2)
    await _check_in(database, moved, 2)
    moved = await groups.set(moved, "timezone", "America/New_York", OPERATOR, 3)
    await _check_in(database, moved, 3)
    await groups.set(moved, "day_starts_at", "0", OPERATOR, 4)

    assert (await audit(database)).differences == []


async def test_a_balance_changed_by_hand_is_found(database: Database, database_url: str, group: Group) -> None:
    await _check_in(database, group, 0)
    run_sql(database_url, "UPDATE wallets SET balance = 99")

    assert (await audit(database)).differences == ["balance: wallet 1, user 1001: 99 points, its entries add up to 10"]


async def test_a_total_of_earnings_changed_by_hand_is_found(
    database: Database, database_url: str, group: Group
) -> None:
    await _check_in(database, group, 0)
    run_sql(database_url, "UPDATE wallets SET earned = 99")

    assert (await audit(database)).differences == [
        "balance: wallet 1, user 1001: the points earned are not what its entries add to them"
    ]


async def test_a_streak_changed_by_hand_is_found_where_it_begins_to_be_wrong(
    database: Database, database_url: str, group: Group
) -> None:
    await _check_in(database, group, 0, 1, 2)
    run_sql(database_url, "UPDATE check_ins SET streak = streak + 40 WHERE day >= '2026-11-24'")

    assert (await audit(database)).differences == [
        "streak: group 1 (Tea house), user 1001, day 2026-11-24: 42 stored, 2 counted"
    ]


async def test_a_count_changed_by_hand_is_found(database: Database, database_url: str, group: Group) -> None:
    await _check_in(database, group, 0, 1)
    run_sql(
        database_url,
        "UPDATE check_in_days SET count = 7 WHERE day = '2026-11-23'",
        "DELETE FROM check_in_days WHERE day = '2026-11-24'",
    )

    assert (await audit(database)).differences == [
        "count: group 1 (Tea house), day 2026-11-23: 7 counted, 1 rows",
        "count: group 1 (Tea house), day 2026-11-24: 0 counted, 1 rows",
    ]


async def test_a_check_in_that_was_never_paid_is_found(database: Database, database_url: str, group: Group) -> None:
    await _check_in(database, group, 0)
    run_sql(database_url, "UPDATE check_ins SET user_id = 1002")

    assert (await audit(database)).differences == [
        "payment: group 1 (Tea house), user 1002, day 2026-11-23: checked in, and the ledger has no entry"
    ]


async def test_days_of_a_group_that_once_paid_nothing_need_no_entry(
    database: Database, groups: GroupService, group: Group
) -> None:
    for update_id, (key, value) in enumerate([("checkin_points", "0"), ("checkin_tiers", "none")]):
        group = await groups.set(group, key, value, OPERATOR, update_id)
    await _check_in(database, group, 0)
    await groups.set(group, "checkin_points", "10", OPERATOR, 5)

    found = await audit(database)

    assert found.differences == []
    assert found.proved[3] == (
        "payments: looked for the entries of 0 check-ins; left out 1 groups where a day could pay nothing"
    )


async def test_a_payment_counts_from_whichever_wallet_the_group_had(
    database: Database, groups: GroupService, group: Group
) -> None:
    other = await groups.of_chat(-1002, "Other house")
    await _check_in(database, group, 0)
    await database.write(lambda tx: tx.groups.set_wallet(group.id, other.id))
    groups.forget(-1001)
    await _check_in(database, await groups.of_chat(-1001, "Tea house"), 1)

    assert (await audit(database)).differences == []


async def test_an_audit_reads_beside_the_writing_bot(database: Database, database_url: str, group: Group) -> None:
    await _check_in(database, group, 0)

    reader = await open_database(database_url, read_only=True)
    found = await audits.audit(reader)
    await reader.close()

    assert found.differences == []
    assert found.proved[0] == "ledger: compared 1 balances with 1 entries"
