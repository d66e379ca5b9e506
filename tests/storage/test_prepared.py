"""Statements that go straight to the driver mean the same as those that do not."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.prepared import Prepared
from storage.tables import groups
from storage.transaction import Transaction

AT = datetime(2026, 11, 22, 9, 0, 0, 7, tzinfo=UTC)
_ADD = Prepared(
    insert(groups).values(
        id=bindparam("one"), chat_id=bindparam("chat"), title="Tea", settings=bindparam("chosen"),
        created_at=bindparam("at"), presence_changed_at=bindparam("at"),
    )
)  # fmt: skip
_RENAME = Prepared(
    update(groups).where(groups.c.id == bindparam("one")).values(title=bindparam("name")).returning(groups.c.created_at)
)
_FIND = Prepared(
    select(groups.c.chat_id, groups.c.settings, groups.c.is_present, groups.c.created_at, groups.c.rests_since)
    .where(groups.c.id == bindparam("one"))
    .limit(1)
)


def add(tx: Transaction) -> int:
    return _ADD.change(tx.connection, one=7, chat=-7, chosen={"tags": "茶"}, at=AT)


async def test_values_come_back_as_they_were_written(database: Database) -> None:
    assert await database.write(add) == 1

    assert await database.read(lambda tx: _FIND.rows(tx.connection, one=7)) == [[-7, {"tags": "茶"}, True, AT, None]]
    assert await database.read(lambda tx: _FIND.rows(tx.connection, one=8)) == []


async def test_a_change_may_return_what_it_changed(database: Database) -> None:
    await database.write(add)

    assert await database.write(lambda tx: _RENAME.rows(tx.connection, one=7, name="Tea house")) == [[AT]]
    assert await database.write(lambda tx: _RENAME.rows(tx.connection, one=8, name="Nobody's")) == []


async def test_what_the_database_refuses_is_the_same_error(database: Database) -> None:
    await database.write(add)

    with pytest.raises(IntegrityError):
        await database.write(add)

    assert len(await database.read(lambda tx: _FIND.rows(tx.connection, one=7))) == 1
