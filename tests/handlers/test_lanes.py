"""Lanes: in order for one chat, side by side for several."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from handlers.lanes import Job, Lanes


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=40))
async def test_jobs_of_a_chat_run_in_order_and_never_two_at_once(jobs: list[tuple[int, int]]) -> None:
    lanes, done, running = Lanes(), dict[int, list[int]](), set[int]()

    def job(chat: int, number: int, turns: int) -> Job:
        async def run() -> None:
            assert chat not in running
            running.add(chat)
            for _ in range(turns):
                await asyncio.sleep(0)
            running.discard(chat)
            done.setdefault(chat, []).append(number)

        return run

    for number, (chat, turns) in enumerate(jobs):
        lanes.put(chat, job(chat, number, turns))
    assert lanes.waiting == len(jobs)
    await lanes.at_most(0)

    assert sum(map(len, done.values())) == len(jobs)
    assert all(numbers == sorted(numbers) for numbers in done.values())
    assert lanes.waiting == 0


async def test_a_chat_that_is_held_up_holds_nobody_else_up() -> None:
    lanes, gate, done = Lanes(), asyncio.Event(), list[str]()

    async def slow() -> None:
        await gate.wait()
        done.append("slow")

    async def quick() -> None:
        done.append("quick")

    lanes.put(1, slow)
    lanes.put(2, quick)
    await lanes.at_most(1)
    assert done == ["quick"]
    gate.set()
    await lanes.at_most(0)
    assert done == ["quick", "slow"]


async def test_a_job_put_by_a_job_comes_behind_those_that_wait() -> None:
    lanes, done = Lanes(), list[int]()

    async def third() -> None:
        done.append(3)

    async def first() -> None:
        lanes.put(1, third)
        done.append(1)

    async def second() -> None:
        done.append(2)

    lanes.put(1, first)
    lanes.put(1, second)
    await lanes.at_most(0)

    assert done == [1, 2, 3]


async def test_closing_lets_jobs_finish_and_cancels_those_that_do_not() -> None:
    lanes, done = Lanes(), list[str]()

    async def quick() -> None:
        await asyncio.sleep(0)
        done.append("quick")

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            done.append("cancelled")
            raise

    lanes.put(1, quick)
    await lanes.close(5)
    lanes.put(2, endless)
    await lanes.close(0.01)

    assert done == ["quick", "cancelled"]
