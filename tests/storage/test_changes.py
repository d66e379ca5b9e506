from bot.domain.members import Actor
from storage.changes import Change
from storage.database import Database
from storage.groups import GroupRow
from tests.storage.conftest import NOW

OPERATOR = Actor(11, "Alice")


async def test_a_change_is_recorded_once_for_an_update(database: Database, group: GroupRow) -> None:
    for expected in (True, False):
        added = await database.write(lambda tx: tx.changes.add(1, 5, OPERATOR, "rules", "", "Be kind.", NOW))
        assert added is expected
    assert await database.write(lambda tx: tx.changes.add(1, 5, OPERATOR, "setting:language", None, "zh", NOW))

    changes = await database.read(lambda tx: tx.changes.latest(1, 9))
    assert [(c.what, c.before, c.after) for c in changes] == [
        ("setting:language", None, "zh"),
        ("rules", "", "Be kind."),
    ]
    assert await database.read(lambda tx: tx.changes.was_made_by(1, 5))
    assert not await database.read(lambda tx: tx.changes.was_made_by(1, 6))


async def test_a_change_is_found_in_its_own_group_and_marked_when_undone(database: Database, group: GroupRow) -> None:
    after = {"user_id": 12, "amount": -5, "note": "tea 🍵"}
    await database.write(lambda tx: tx.changes.add(1, 5, OPERATOR, "points", None, after, NOW))
    (change,) = await database.read(lambda tx: tx.changes.latest(1, 9))

    await database.write(lambda tx: tx.changes.undone(change.id, NOW))

    found = await database.write(lambda tx: tx.changes.find(1, change.id))
    assert found == Change(change.id, 1, OPERATOR, "points", None, after, NOW, NOW)
    assert await database.write(lambda tx: tx.changes.find(2, change.id)) is None
