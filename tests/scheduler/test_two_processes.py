"""Two processes on one PostgreSQL ring and post at once; a group sees the posts of one."""

import asyncio
from datetime import UTC, datetime

import pytest

from storage.database import open_database
from tests.conftest import StoppedClock
from tests.scheduler.conftest import Groups, playbook, step

NAMES = [f"Group {number}" for number in range(8)]
DAY = playbook(step("first", "09:00", "First", "Second"), step("third", "09:00", "Third"))


@pytest.fixture
async def both(postgresql_url: str, clock: StoppedClock) -> list[Groups]:
    clock.set(datetime(2026, 11, 22, 8, 59, tzinfo=UTC))
    made = [Groups(await open_database(postgresql_url), clock) for _ in range(2)]
    for number, name in enumerate(NAMES):
        await made[0].found(-1 - number, name)
    return made


async def test_of_two_that_ring_and_post_at_once_each_post_comes_from_one(both: list[Groups]) -> None:
    one, other = both
    await one.runner.ring()
    for groups in both:
        groups.run(DAY)
    one.clock.set(datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC))
    await asyncio.gather(one.runner.ring(), other.runner.ring())
    while any(row.state in {"queued", "sending"} for row in await one.database.read(lambda tx: tx.deliveries.all())):
        for group_id, _ in await one.deliveries.upcoming(one.clock.now - one.clock.now):
            for groups in both:
                groups.lanes.wake(group_id)
        await asyncio.gather(one.lanes.idle(), other.lanes.idle())

    posts = one.posts + other.posts
    assert sorted(posts) == sorted(f"09:00 {name}: {text}" for name in NAMES for text in ("First", "Second", "Third"))
    assert {row.state for row in await one.database.read(lambda tx: tx.deliveries.all())} == {"sent"}
    for groups in both:
        await groups.lanes.close(1)
        await groups.database.close()
