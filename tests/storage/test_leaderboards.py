from collections.abc import Sequence
from datetime import date, timedelta

from bot.domain.checkins import CheckIn
from bot.domain.days import ONE_DAY
from bot.domain.members import Person
from storage.database import Database
from storage.groups import GroupRow
from storage.leaderboards import Place
from storage.transaction import Transaction
from tests.storage.conftest import NOW, TEA_HOUSE, entry, known, paying

TODAY = date(2026, 11, 22)
MINUTE = timedelta(minutes=1)


def ids(places: Sequence[Place]) -> list[int]:
    return [place.user_id for place in places]


async def test_the_most_points_come_first_and_of_a_tie_who_had_them_first(database: Database, group: GroupRow) -> None:
    def work(tx: Transaction) -> None:
        tx.members.save_people([Person(11, "Alice")])
        for minute, user_id, amount in ((3, 11, 50), (1, 12, 20), (5, 13, 70), (2, 14, 50), (2, 15, 50), (6, 12, 30)):
            tx.points.add(entry(user_id, amount, f"r:{minute}", at=NOW + minute * MINUTE))
        tx.points.add(entry(16, 5, "earned"))
        tx.points.add(entry(16, -5, "spent"))
        tx.points.add(entry(17, 99, "cards", unit="freeze"))

    await database.write(work)
    places = await database.read(lambda tx: tx.leaderboards.points(1, 9))

    assert ids(places) == [13, 14, 15, 11, 12]
    assert places[3] == Place(11, "Alice", 50)
    assert ids(await database.read(lambda tx: tx.leaderboards.points(1, 2))) == [13, 14]


async def test_the_points_of_a_week_are_those_earned_since_its_first_instant(
    database: Database, group: GroupRow
) -> None:
    def work(tx: Transaction) -> None:
        tx.points.add(entry(11, 1000, "last week", at=NOW - timedelta(microseconds=1)))
        tx.points.add(entry(11, 5, "first instant", at=NOW))
        tx.points.add(entry(12, 10, "a", at=NOW + MINUTE))
        tx.points.add(entry(12, -9, "spent", at=NOW + MINUTE))
        tx.points.add(entry(13, 5, "later", at=NOW + MINUTE))
        tx.points.add(entry(14, 9, "cards", unit="freeze", at=NOW + MINUTE))

    await database.write(work)

    places = await database.read(lambda tx: tx.leaderboards.points_since(1, NOW, 9))
    assert [(place.user_id, place.amount) for place in places] == [(12, 10), (11, 5), (13, 5)]
    assert ids(await database.read(lambda tx: tx.leaderboards.points_since(1, NOW, 1))) == [12]
    assert await database.read(lambda tx: tx.leaderboards.points_since(1, NOW + 2 * MINUTE, 9)) == []


async def test_only_streaks_that_are_alive_are_ranked(database: Database, group: GroupRow) -> None:
    def work(tx: Transaction) -> None:
        for minute, user_id, days_ago, streak in (
            (0, 11, 2, 500), (0, 12, 1, 6), (1, 13, 0, 6), (0, 14, 1, 7), (2, 14, 0, 8), (3, 15, 0, 1),
        ):  # fmt: skip
            day = TODAY - ONE_DAY * days_ago
            at = NOW - ONE_DAY * days_ago + minute * MINUTE
            tx.checkins.add(1, user_id, [CheckIn(day, at, "UTC", streak=streak)], 1)

    await database.write(work)

    places = await database.read(lambda tx: tx.leaderboards.streaks(1, TODAY - ONE_DAY, 9))
    assert [(place.user_id, place.amount) for place in places] == [(14, 8), (12, 6), (13, 6), (15, 1)]


async def test_a_group_sees_its_own_members_alone(database: Database, group: GroupRow) -> None:
    other = await database.write(lambda tx: known(tx, TEA_HOUSE - 1))
    await database.write(paying(11, 10, "a"))
    await database.write(lambda tx: tx.points.add(entry(12, 10, "a", group_id=other.id)))

    assert ids(await database.read(lambda tx: tx.leaderboards.points(group.id, 9))) == [11]
    assert ids(await database.read(lambda tx: tx.leaderboards.points_since(other.id, NOW, 9))) == [12]
