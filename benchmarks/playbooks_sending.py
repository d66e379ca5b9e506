"""What a post of a playbook costs, from its claim to its mark, and how posts are paced."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.house import require
from benchmarks.measuring import Cost, Finding, Turns, at_most, cost_of, in_turns
from benchmarks.playbooks_town import MORNING, NINE, RunningClock, SetClock, begin_anew, runs, town
from benchmarks.receiver import Receiver, receiver
from bot.engine import Engine
from handlers.sending import make_bot
from storage.deliveries import Due

GROUPS = 100
ROUNDS = 9
OLD = 1_000_000
PACED, LONG = 1_900, 65
"""Groups that get one post each, in so many seconds."""

BUSY, MANY = 3, 30
"""Groups that get more posts than a minute allows."""

_OLD_DELIVERIES = """
WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM d WHERE n + 1 < :slots)
INSERT INTO deliveries (playbook, step, group_id, slot, state, slot_at, due_at, ended_at)
SELECT 'Day', 'morning', groups.id, 'old:' || d.n, 'sent', :at + d.n, :at + d.n, :at + d.n FROM groups CROSS JOIN d
"""


async def measure() -> list[Finding]:
    """Posts of one step to many groups."""
    with TemporaryDirectory() as directory, receiver() as platform:
        folder = Path(directory)
        costs = await _costs(platform, folder)
        return [
            _beside_bare(costs, "at once", f"{GROUPS} posts that are due at once"),
            _beside_bare(costs, "one by one", f"{GROUPS} posts, each begun when the one before it is marked", bar=0.0),
            at_most(
                1.2,
                f"a post (claim, render, send, mark) over {OLD:,} old deliveries vs over none, CPU",
                costs.cpu_ratio("at once, old", "at once"),
                f"{costs.cpu('at once, old')} vs {costs.cpu('at once')}",
            ),
            *await _paced(platform, folder),
        ]


def _beside_bare(costs: Turns, name: str, what: str, bar: float = 2.0) -> Finding:
    ratio = costs.cpu_ratio(name, f"bare, {name}")
    detail = f"{costs.cpu(name)} vs {costs.cpu(f'bare, {name}')}"
    goal = f"playbooks: {what}: claim, render, send and mark vs aiogram's bare `send_message` to the same server, CPU"
    return at_most(bar, goal, ratio, detail) if bar else Finding(goal, f"{ratio}: {detail}")


async def _costs(platform: Receiver, folder: Path) -> Turns:
    clock = SetClock()
    bare = make_bot("7000000001:benchmark", platform.address)
    text = "早安，Group 100！今天是2026年11月23日星期一。发送「签到」领积分。"

    async def one_by_one() -> None:
        for n in range(1, GROUPS + 1):
            await bare.send_message(-1_000 - n, text)

    async def at_once() -> None:
        await asyncio.gather(*(bare.send_message(-1_000 - n, text) for n in range(1, GROUPS + 1)))

    async with (
        town(platform.address, GROUPS, clock, is_limited=False) as young,
        town(platform.address, GROUPS, clock, is_limited=False) as old,
    ):
        await old.database.write(lambda tx: _grow_old(tx.connection))
        for engine in (young, old):
            runs(engine, folder)
        found = await in_turns(
            {
                "bare, one by one": lambda: cost_of(GROUPS, one_by_one()),
                "one by one": lambda: _posts(young, clock, together=False),
                "bare, at once": lambda: cost_of(GROUPS, at_once()),
                "at once": lambda: _posts(young, clock, together=True),
                "at once, old": lambda: _posts(old, clock, together=True),
            },
            ROUNDS,
        )
    await bare.session.close()
    sides = len(found.costs)
    require(len(platform.taken()) == sides * GROUPS * (len(found.costs["at once"]) + 1), "not every message was sent")
    return found


def _grow_old(connection) -> None:  # type: ignore[no-untyped-def]
    run = connection.connection.driver_connection.execute
    run(_OLD_DELIVERIES, {"slots": OLD // GROUPS, "at": int((NINE - timedelta(days=80)).timestamp() * 1e6)})


async def _posts(engine: Engine, clock: SetClock, *, together: bool) -> Cost:
    """A new day: the step is due in every group, and then done in all of them."""
    runner = engine.playbook_runner
    clock.now += timedelta(days=1)
    clock.now = clock.now.replace(hour=8, minute=59)
    await engine.deliveries.ring(lambda *_: [])
    clock.now += timedelta(minutes=2)
    await engine.deliveries.ring(runner.running.timetable.due)

    async def work() -> None:
        if together:
            await asyncio.gather(*(runner.drain(n) for n in range(1, GROUPS + 1)))
        else:
            for n in range(1, GROUPS + 1):
                await runner.drain(n)

    return await cost_of(GROUPS, work())


async def _paced(platform: Receiver, folder: Path) -> list[Finding]:
    """A minute and a bit of a step for many groups, on the clock; some groups have more to get than they may."""
    clock = RunningClock()
    async with town(platform.address, PACED, clock) as engine:
        runs(engine, folder, MORNING)
        runner = engine.playbook_runner
        clock.set(NINE - timedelta(seconds=1))
        await runner.ring()
        busy = [Due("Day", "morning", f"{n}", NINE) for n in range(MANY)]
        for due in busy:
            for group_id in range(1, BUSY + 1):
                await engine.deliveries.queue(due, group_id, NINE, {})
        clock.set(NINE)
        platform.taken()
        started, cpu = time.monotonic(), time.process_time()
        for _ in range(LONG // 5):
            await runner.ring()
            await asyncio.sleep(5)
        share = (time.process_time() - cpu) / (time.monotonic() - started)
        taken = platform.taken()
        await begin_anew(engine)
    rate = len(taken) / LONG
    in_a_second = _most_within(1, [at for at, _ in taken])
    in_a_minute = max(_most_within(60, [at for at, chat in taken if chat == -1_000 - n]) for n in range(1, BUSY + 1))
    return [
        Finding(
            "the processor's share of the sender at 30 messages a second, over a minute",
            f"{share:.1%} of a core at {rate:.1f} a second: {share / rate * 1e6:,.0f} us a message",
            "< 10 %",
            share < 0.1,
        ),
        Finding(
            "the most messages that the platform took within any second", f"{in_a_second}", "<= 31", in_a_second <= 31
        ),
        Finding(
            f"the most in a group within any minute, {MANY} being due", f"{in_a_minute}", "<= 20", in_a_minute <= 20
        ),
    ]


def _most_within(seconds: float, instants: list[float]) -> int:
    """The most of these that lie within so many seconds."""
    most = first = 0
    for last, at in enumerate(instants):
        while instants[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
