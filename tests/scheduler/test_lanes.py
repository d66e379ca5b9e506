"""What whoever drains groups may rely on, whatever carries the hints: only `wake`, `run` and `close` are used here."""

import asyncio
from datetime import datetime, timedelta

import pytest

from scheduler.lanes import EmbeddedLanes, Lanes
from tests.conftest import StoppedClock


class Work:
    """Notes which groups are drained; a drain ends when it is let go."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[int] = asyncio.Queue()
        self.let_go: asyncio.Queue[datetime | None] = asyncio.Queue()
        self.under_way: list[int] = []

    async def drain(self, group_id: int) -> datetime | None:
        self.under_way.append(group_id)
        self.begun.put_nowait(group_id)
        try:
            return await self.let_go.get()
        finally:
            self.under_way.remove(group_id)


async def what_is_ready() -> None:
    """Lets all run that waits for nothing but its turn."""
    for _ in range(9):
        await asyncio.sleep(0)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def lanes(clock: StoppedClock) -> Lanes:
    return EmbeddedLanes(clock)


async def test_groups_that_were_woken_too_early_are_drained_when_there_is_something_to_do(
    lanes: Lanes, work: Work
) -> None:
    lanes.wake(1)
    lanes.wake(2)

    lanes.run(work.drain)

    assert sorted([await work.begun.get(), await work.begun.get()]) == [1, 2]
    await lanes.close(0)


async def test_a_group_that_is_woken_while_it_is_drained_is_drained_again_afterwards(lanes: Lanes, work: Work) -> None:
    lanes.run(work.drain)
    lanes.wake(1)
    await work.begun.get()
    lanes.wake(1)
    lanes.wake(1)
    await what_is_ready()
    assert work.begun.empty()

    work.let_go.put_nowait(None)

    assert await work.begun.get() == 1
    work.let_go.put_nowait(None)
    await what_is_ready()
    assert work.begun.empty()
    await lanes.close(0)


async def test_a_group_is_drained_again_when_it_has_something_to_do_next(
    lanes: Lanes, work: Work, clock: StoppedClock
) -> None:
    lanes.run(work.drain)
    lanes.wake(1)
    await work.begun.get()

    work.let_go.put_nowait(clock.now + timedelta(milliseconds=1))

    assert await work.begun.get() == 1
    await lanes.close(0)


async def test_a_drain_that_fails_loses_no_hint(lanes: Lanes, work: Work) -> None:
    failed: list[int] = []

    async def fail_once(group_id: int) -> datetime | None:
        if not failed:
            failed.append(group_id)
            lanes.wake(group_id)
            raise ZeroDivisionError
        return await work.drain(group_id)

    lanes.run(fail_once)
    lanes.wake(1)

    assert await work.begun.get() == 1
    await lanes.close(0)


async def test_a_stop_waits_for_what_is_under_way_and_begins_nothing(lanes: Lanes, work: Work) -> None:
    lanes.run(work.drain)
    lanes.wake(1)
    await work.begun.get()

    closing = asyncio.create_task(lanes.close(60))
    await asyncio.sleep(0)
    lanes.wake(2)
    lanes.wake(1)
    work.let_go.put_nowait(None)
    await closing

    assert work.under_way == []
    assert work.begun.empty()


async def test_a_stop_without_patience_cuts_off_what_is_under_way(lanes: Lanes, work: Work) -> None:
    lanes.run(work.drain)
    lanes.wake(1)
    await work.begun.get()

    await lanes.close(0)

    assert work.under_way == []
