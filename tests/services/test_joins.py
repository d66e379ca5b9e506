"""Joins are recorded once, whatever tells of them."""

from datetime import datetime, timedelta

import pytest

from bot.domain.groups import Group
from bot.domain.joins import Arrival, InviteLink
from bot.domain.members import Person, Status
from bot.services.groups import GroupService
from bot.services.joins import JoinService
from bot.services.members import MemberService
from storage.database import Database
from tests.conftest import StoppedClock

ALICE, BOB = Person(11, "Alice", "alice"), Person(12, "Bob")
LINK = InviteLink("https://t.me/+abc", "Flyer", 12)
MINUTE = timedelta(minutes=1)
RAID_JOINS = 20


@pytest.fixture
async def group(database: Database, clock: StoppedClock) -> Group:
    return await GroupService(database, clock).of_chat(-1001, "Hearth")


@pytest.fixture
def joins(database: Database, clock: StoppedClock) -> JoinService:
    return JoinService(database, clock)


async def status_of(joins: JoinService, person: Person) -> Status | None:
    return await joins.database.read(lambda tx: tx.members.status(1, person.id))


async def leave(joins: JoinService, group: Group, person: Person, at: datetime) -> None:
    await MemberService(joins.database).record_status(group, person, "left", at)


async def test_a_join_is_recorded_with_who_brought_it_about(
    joins: JoinService, group: Group, clock: StoppedClock
) -> None:
    arrival = await joins.record(group, ALICE, clock(), 5001, inviter=BOB, link=LINK)

    assert arrival == Arrival(ALICE, clock(), 5001, is_first=True, inviter=BOB, link=LINK, brought_by=BOB)
    assert await status_of(joins, ALICE) == "member"
    stored = await joins.database.read(lambda tx: tx.joins.latest(1, ALICE.id))
    assert stored is not None
    assert (stored.inviter_id, stored.link, stored.at) == (BOB.id, LINK, clock())
    assert (await joins.database.read(lambda tx: tx.members.people([BOB.id])))[BOB.id].name == "Bob"


async def test_the_same_update_again_changes_nothing_and_gets_the_same_answer(
    joins: JoinService, group: Group, clock: StoppedClock
) -> None:
    first = await joins.record(group, ALICE, clock(), 5001, link=LINK)
    await leave(joins, group, ALICE, clock() + MINUTE)

    assert await joins.record(group, ALICE, clock(), 5001, link=LINK) == first
    assert await status_of(joins, ALICE) == "left"


async def test_other_news_of_the_same_join_is_known_and_adds_the_link(
    joins: JoinService, group: Group, clock: StoppedClock
) -> None:
    await joins.record(group, ALICE, clock(), 5001)
    told = await joins.record(group, ALICE, clock() + timedelta(seconds=1), 5002, link=LINK)

    assert (told.is_told, told.is_first, told.update_id, told.link) == (True, True, 5001, LINK)
    assert (await joins.record(group, ALICE, clock(), 5001)).link == LINK
    assert await joins.database.read(lambda tx: tx.joins.since(1, clock() - MINUTE)) == 1


async def test_who_left_and_comes_back_is_no_longer_new(joins: JoinService, group: Group, clock: StoppedClock) -> None:
    await joins.record(group, ALICE, clock(), 5001)
    await leave(joins, group, ALICE, clock())
    back = await joins.record(group, ALICE, clock(), 5002)
    assert (back.is_first, back.is_told) == (False, False)
    assert await status_of(joins, ALICE) == "member"

    await MemberService(joins.database).record_status(group, BOB, "left", clock())
    assert not (await joins.record(group, BOB, clock() + MINUTE, 5003)).is_first


async def test_who_wrote_before_anybody_told_of_the_join_is_new(
    joins: JoinService, group: Group, clock: StoppedClock
) -> None:
    await joins.database.write(lambda tx: tx.members.seen(1, ALICE.id, clock() - MINUTE))

    assert (await joins.record(group, ALICE, clock(), 5001)).is_first


async def test_a_join_that_is_long_over_is_backlog_and_no_raid(
    joins: JoinService, group: Group, clock: StoppedClock
) -> None:
    then = clock() - timedelta(minutes=6)
    arrivals = [await joins.record(group, Person(n, "X"), then, n) for n in range(101, RAID_JOINS + 103)]

    assert all(arrival.is_backlog for arrival in arrivals)
    assert not any(arrival.begins_raid for arrival in arrivals)
    assert not (await joins.record(group, ALICE, clock() - timedelta(minutes=5), 5001)).is_backlog


async def test_too_many_in_a_minute_are_a_raid_that_begins_once(
    joins: JoinService, group: Group, clock: StoppedClock
) -> None:
    arrivals = [await joins.record(group, Person(n, "X"), clock(), n) for n in range(1, RAID_JOINS + 6)]

    assert [arrival.is_raid for arrival in arrivals] == [False] * RAID_JOINS + [True] * 5
    assert [arrival.update_id for arrival in arrivals if arrival.begins_raid] == [RAID_JOINS + 1]
    assert (await joins.record(group, Person(RAID_JOINS + 1, "X"), clock(), RAID_JOINS + 1)).begins_raid
