from datetime import timedelta

from storage.database import Database
from tests.storage.conftest import NOW

SECOND = timedelta(seconds=1)


async def test_what_is_due_comes_longest_due_first_until_it_is_done(database: Database) -> None:
    for message_id, seconds in ((1, 30), (2, -5), (3, 0), (2, 99)):
        await database.write(lambda tx, m=message_id, s=seconds: tx.deletions.add(-1001, m, NOW + s * SECOND))  # type: ignore[misc]

    assert await database.read(lambda tx: tx.deletions.due(NOW, 9)) == [(-1001, 2), (-1001, 3)]
    assert await database.read(lambda tx: tx.deletions.due(NOW, 1)) == [(-1001, 2)]

    await database.write(lambda tx: tx.deletions.done(-1001, 2))
    assert await database.read(lambda tx: tx.deletions.due(NOW, 9)) == [(-1001, 3)]
