from dataclasses import replace
from datetime import date

from bot.domain.checkins import CheckIn
from bot.domain.days import ONE_DAY
from storage.database import Database
from storage.groups import GroupRow
from tests.storage.conftest import NOW

TODAY = date(2026, 11, 22)
HISTORY = [
    CheckIn(TODAY - ONE_DAY * 3, NOW - ONE_DAY * 3, "Asia/Shanghai", "checked_in", 1),
    CheckIn(TODAY - ONE_DAY * 2, NOW, "Asia/Shanghai", "made_up", 2),
    CheckIn(TODAY - ONE_DAY, NOW, "UTC", "frozen", 2),
    CheckIn(TODAY, NOW, "UTC", "checked_in", 3),
]


async def test_days_come_back_as_they_were_stored(database: Database, group: GroupRow) -> None:
    await database.write(lambda tx: tx.checkins.add(1, 11, HISTORY, 5))

    assert await database.read(lambda tx: tx.checkins.since(1, 11, date.min)) == HISTORY
    assert await database.read(lambda tx: tx.checkins.since(1, 11, TODAY - ONE_DAY)) == HISTORY[2:]
    assert await database.read(lambda tx: tx.checkins.last(1, 11)) == HISTORY[-1]
    assert await database.read(lambda tx: tx.checkins.before(1, 11, TODAY - ONE_DAY)) == HISTORY[1]
    assert await database.read(lambda tx: tx.checkins.before(1, 11, HISTORY[0].day)) is None
    assert await database.read(lambda tx: tx.checkins.last(1, 12)) is None


async def test_a_day_that_is_taken_stays_as_it_is(database: Database, group: GroupRow) -> None:
    await database.write(lambda tx: tx.checkins.add(1, 11, HISTORY[:1], 5))
    await database.write(lambda tx: tx.checkins.add(1, 11, [replace(HISTORY[0], streak=99)], 6))

    assert await database.read(lambda tx: tx.checkins.since(1, 11, date.min)) == HISTORY[:1]


async def test_an_update_is_known_by_the_day_that_it_brought_not_by_those_it_froze(
    database: Database, group: GroupRow
) -> None:
    await database.write(lambda tx: tx.checkins.add(1, 11, HISTORY[:2], 5))
    await database.write(lambda tx: tx.checkins.add(1, 11, HISTORY[2:], 6))

    assert await database.read(lambda tx: tx.checkins.caused_by(1, 11, 6, TODAY - ONE_DAY)) == HISTORY[3]
    assert await database.read(lambda tx: tx.checkins.caused_by(1, 11, 7, date.min)) is None
    assert await database.read(lambda tx: tx.checkins.caused_by(1, 12, 6, date.min)) is None


async def test_recounted_streaks_are_stored_and_nothing_else(database: Database, group: GroupRow) -> None:
    await database.write(lambda tx: tx.checkins.add(1, 11, HISTORY, 5))

    await database.write(lambda tx: tx.checkins.set_streaks(1, 11, [replace(HISTORY[3], streak=8, zone="Asia/Tokyo")]))
    await database.write(lambda tx: tx.checkins.set_streaks(1, 11, []))

    assert await database.read(lambda tx: tx.checkins.since(1, 11, date.min)) == [
        *HISTORY[:3],
        replace(HISTORY[3], streak=8),
    ]


async def test_a_day_counts_who_checked_in_and_what_was_paid_by_luck(database: Database, group: GroupRow) -> None:
    assert await database.write(lambda tx: tx.checkins.count_in(1, TODAY)) == (1, 0)
    await database.write(lambda tx: tx.checkins.spend_bonus(1, TODAY, 20))
    assert await database.write(lambda tx: tx.checkins.count_in(1, TODAY)) == (2, 20)

    assert await database.read(lambda tx: tx.checkins.count_of(1, TODAY)) == 2
    assert await database.read(lambda tx: tx.checkins.count_of(1, TODAY - ONE_DAY)) == 0


async def test_days_made_up_for_are_counted_by_when_they_were_made_up(database: Database, group: GroupRow) -> None:
    await database.write(lambda tx: tx.checkins.add(1, 11, HISTORY, 5))

    assert await database.read(lambda tx: tx.checkins.made_up_since(1, 11, NOW)) == 1
    assert await database.read(lambda tx: tx.checkins.made_up_since(1, 11, NOW + ONE_DAY)) == 0
