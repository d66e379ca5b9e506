from datetime import date, timedelta

from sqlalchemy import select

from bot.domain.days import ONE_DAY
from bot.domain.members import Person
from storage.activity import Count
from storage.database import Database
from storage.groups import GroupRow
from storage.tables import activity, people
from tests.storage.conftest import NOW

TODAY = date(2026, 11, 22)
HOUR = timedelta(hours=1)


async def test_a_member_is_known_since_the_first_time(database: Database, group: GroupRow) -> None:
    assert await database.write(lambda tx: tx.members.seen(1, 11, NOW)) == NOW
    assert await database.write(lambda tx: tx.members.seen(1, 11, NOW + HOUR)) == NOW

    (alice,) = await database.read(lambda tx: tx.members.all(1))
    assert (alice.name, alice.status, alice.joined_at, alice.last_seen_at) == ("", "member", NOW, NOW + HOUR)


async def test_a_member_who_leaves_and_comes_back_keeps_the_first_join(database: Database, group: GroupRow) -> None:
    await database.write(lambda tx: tx.members.set_status(1, 11, "member", NOW))
    await database.write(lambda tx: tx.members.set_status(1, 11, "left", NOW + HOUR))
    assert [m.status for m in await database.read(lambda tx: tx.members.all(1))] == ["left"]

    await database.write(lambda tx: tx.members.set_status(1, 11, "operator", NOW + 2 * HOUR))
    (alice,) = await database.read(lambda tx: tx.members.all(1))
    assert (alice.status, alice.joined_at) == ("operator", NOW)


async def test_members_are_listed_in_the_order_in_which_they_came(database: Database, group: GroupRow) -> None:
    for user_id, hours in ((11, 2), (12, 1), (13, 3)):
        await database.write(lambda tx, u=user_id, at=NOW + hours * HOUR: tx.members.seen(1, u, at))  # type: ignore[misc]

    assert [m.user_id for m in await database.read(lambda tx: tx.members.all(1))] == [12, 11, 13]


async def test_people_go_by_their_newest_names_and_keep_a_language_once_known(database: Database) -> None:
    await database.write(
        lambda tx: tx.members.save_people([Person(11, "Alice", "alice", "zh-hans"), Person(12, "Bob")])
    )
    await database.write(lambda tx: tx.members.save_people([Person(11, "Alicia", None, None)]))
    await database.write(lambda tx: tx.members.save_people([]))

    statement = select(people.c.id, people.c.name, people.c.username, people.c.language).order_by(people.c.id)
    rows = await database.read(lambda tx: tx.connection.execute(statement).all())
    assert [tuple(row) for row in rows] == [(11, "Alicia", None, "zh-hans"), (12, "Bob", None, None)]


async def test_a_username_names_the_member_of_the_group_who_was_seen_last(database: Database, group: GroupRow) -> None:
    await database.write(
        lambda tx: tx.members.save_people(
            [Person(n, f"No. {n}", "Alice_L") for n in (11, 12)] + [Person(13, "C", "carol")]
        )
    )
    await database.write(lambda tx: (tx.members.seen(1, 12, NOW), tx.members.seen(1, 11, NOW - HOUR)))

    assert await database.read(lambda tx: tx.members.by_username(1, "aLICE_l")) == Person(12, "No. 12", "Alice_L")
    assert await database.read(lambda tx: tx.members.by_username(1, "carol")) is None
    assert await database.read(lambda tx: tx.members.by_username(1, "alice")) is None


async def test_activity_adds_up(database: Database, group: GroupRow) -> None:
    counts = [
        [Count(1, 11, TODAY, 3, NOW), Count(1, 12, TODAY, 1, NOW)],
        [Count(1, 11, TODAY, 4, NOW + HOUR), Count(1, 11, TODAY - ONE_DAY, 5, NOW - ONE_DAY)],
        [],
    ]
    for batch in counts:
        await database.write(lambda tx, batch=batch: tx.activity.add(batch))  # type: ignore[misc]

    order = (activity.c.user_id, activity.c.day)
    statement = select(activity.c.user_id, activity.c.day, activity.c.messages).order_by(*order)
    rows = await database.read(lambda tx: tx.connection.execute(statement).all())
    assert [tuple(row) for row in rows] == [(11, TODAY - ONE_DAY, 5), (11, TODAY, 7), (12, TODAY, 1)]
    members = await database.read(lambda tx: tx.members.all(1))
    assert {(m.user_id, m.messages, m.last_seen_at) for m in members} == {(11, 12, NOW + HOUR), (12, 1, NOW)}
