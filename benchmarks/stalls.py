"""How long the event loop is held up while a thousand members check in at once."""

import asyncio
import gc
import time

from benchmarks.house import ONE_DAY, START, build_engine, require, require_consistent, said, sent_by, sqlite_database
from benchmarks.measuring import Finding, report
from handlers.intake import Intake

BURST, BATCH, GROUPS, ROUNDS = 1_000, 100, 50, 7
TICK = 0.001


async def measure() -> list[Finding]:
    """Bursts through the whole bot, polled a hundred updates at a time, with memory frozen as after a start."""
    async with sqlite_database() as database:
        engine = build_engine(database)
        await _burst(engine.intake, 0)
        gc.collect()
        gc.freeze()
        longest, late, seconds = [], [], []
        for day in range(1, ROUNDS + 1):
            gaps, took = await _gaps_during(engine.intake, day)
            longest.append(gaps[-1])
            late.append(gaps[len(gaps) * 99 // 100])
            seconds.append(took)
        require(sent_by(engine.bot) == BURST * (ROUNDS + 1), "not every check-in was answered")
        await require_consistent(database, BURST * (ROUNDS + 1))
        await engine.intake.close(5)
    return [
        Finding(
            "longest stall of the event loop while 1,000 members of 50 groups check in at once",
            f"{_milliseconds(longest)}; 99 % of its turns below {_milliseconds(late)}; all answered after "
            f"{sorted(seconds)[ROUNDS // 2]:.1f} s",
        )
    ]


async def _gaps_during(intake: Intake, day: int) -> tuple[list[float], float]:
    """How much later than asked each tick of the loop came, sorted, and how long the burst took."""
    gaps: list[float] = []

    async def tick() -> None:
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(TICK)
            gaps.append(time.perf_counter() - asked - TICK)

    ticking = asyncio.create_task(tick())
    started = time.perf_counter()
    await _burst(intake, day)
    took = time.perf_counter() - started
    ticking.cancel()
    return sorted(gaps), took


async def _burst(intake: Intake, day: int) -> None:
    numbers = range(day * BURST, (day + 1) * BURST)
    at = START + ONE_DAY * day
    updates = [said(n + 1, -1_000 - n % GROUPS, 1_001 + n % BURST, "签到", at) for n in numbers]
    for first in range(0, BURST, BATCH):
        await intake.take(updates[first : first + BATCH])
    await intake.lanes.at_most(0)


def _milliseconds(values: list[float]) -> str:
    ordered = sorted(value * 1e3 for value in values)
    return f"{ordered[len(ordered) // 2]:.0f} ms ({ordered[0]:.0f}-{ordered[-1]:.0f})"


if __name__ == "__main__":
    report(asyncio.run(measure()))
