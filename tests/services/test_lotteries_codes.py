"""Codes that two operators bring at once."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from bot.domain.lotteries_terms import parse_terms
from bot.domain.members import Actor, Person
from bot.services.groups import GroupService
from bot.services.lotteries import LotteryService
from bot.services.lotteries_codes import Supplying
from bot.texts import load_texts
from handlers.lotteries_posts import LotteryPosts
from storage.database import Database
from storage.transaction import Transaction
from tests.conftest import StoppedClock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLIVIA = Person(9, "Olivia")
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def somebody_waits(database: Database) -> None:
    """Returns once a transaction waits for another one."""
    while not await database.read(lambda tx: tx.connection.exec_driver_sql(WAITING).scalar_one()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_a_code_that_two_lotteries_are_brought_at_once_belongs_to_one(
    on_server: Database, postgresql_url: str
) -> None:
    group = await GroupService(on_server, StoppedClock(NOON), {}).of_chat(-1, "Hearth")
    service, words = LotteryService(on_server, StoppedClock(NOON)), LotteryPosts(group, load_texts())
    for update_id in (1, 2):
        await service.open(group, parse_terms("Tea x1", NOON, "UTC"), Actor(9, "Olivia"), update_id, words)

    with create_engine(postgresql_url, poolclass=NullPool).begin() as connection:
        first = Supplying(Transaction(connection), group, words, NOON).run(1, "", "CODE-1", OLIVIA, 3)
        adding = asyncio.create_task(service.add_codes(group, 2, "", "CODE-1", OLIVIA, 4, words))
        watching = asyncio.create_task(somebody_waits(on_server))
        await asyncio.wait([adding, watching], return_when=asyncio.FIRST_COMPLETED)
        watching.cancel()
    second = await adding

    assert (first.left, first.known) == (1, 0)
    assert (second.left, second.known) == (0, 1)
    assert await on_server.read(lambda tx: tx.prize_codes.repeated(2)) == []
