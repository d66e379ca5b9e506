from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.domain.points import Entry, Owner, Unit
from storage.database import Database
from storage.groups import GroupRow
from storage.transaction import Transaction

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TEA_HOUSE = -1001


def known(tx: Transaction, chat_id: int = TEA_HOUSE) -> GroupRow:
    """The group of a chat, made known if it is new."""
    if tx.groups.find(chat_id) is None:
        tx.groups.save(chat_id, "Tea house", NOW)
    row = tx.groups.find(chat_id)
    assert row is not None
    return row


@pytest.fixture
async def group(database: Database) -> GroupRow:
    return await database.write(known)


def entry(
    user_id: int, amount: int, reason: str, *, at: datetime = NOW, unit: Unit = "points", group_id: int = 1
) -> Entry:
    return Entry(Owner(group_id, user_id), group_id, unit, amount, reason, at)


def paying(user_id: int, amount: int, reason: str) -> Callable[[Transaction], int]:
    """A unit of work that books points."""
    return lambda tx: tx.points.add(entry(user_id, amount, reason))
