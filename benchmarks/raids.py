"""A raid: a thousand people join within a minute."""

import asyncio
import tracemalloc
from datetime import timedelta

from benchmarks.house import build_engine, require, sent_by, sqlite_database
from benchmarks.measuring import Cost, Finding, Spread, at_most, cost_of, report
from bot.domain.members import Actor
from bot.engine import Engine
from bot.services.clock import system_clock
from handlers.intake import RawUpdate
from storage.database import Database

JOINS, WINDOWS = 1_000, 10
IN_A_WINDOW = JOINS // WINDOWS
ROUNDS = 3
"""Fewer than elsewhere: each is a thousand joins, one after the other."""

CHAT_ID = -1001


async def measure() -> list[Finding]:
    """What a join costs with all the others before it, what they leave in memory, and what is said meanwhile."""
    raids = []
    for _ in range(ROUNDS):
        async with sqlite_database() as database:
            raids.append(await _raid(database))
    tracemalloc.start()
    async with sqlite_database() as database:
        _, traced, _ = await _raid(database)
    tracemalloc.stop()
    most_said = max(said for _, _, said in raids)
    return [
        at_most(
            1.5,
            f"a join after {JOINS - IN_A_WINDOW} others of a raid vs after {IN_A_WINDOW}, CPU",
            Spread.of([costs[-1].cpu / costs[1].cpu for costs, _, _ in raids]),
            f"{raids[0][0][-1].cpu * 1e6:,.0f} us vs {raids[0][0][1].cpu * 1e6:,.0f} us, the whole update",
        ),
        at_most(
            1.1,
            "memory after all the joins of a raid vs after half of them",
            Spread.of([traced[-1] / traced[WINDOWS // 2]]),
            f"{traced[-1] / 2**20:.1f} MiB vs {traced[WINDOWS // 2] / 2**20:.1f} MiB traced",
        ),
        Finding(
            f"messages during a raid of {JOINS:,} joins a minute, {WINDOWS} windows",
            str(most_said),
            f"<= {WINDOWS}",
            most_said <= WINDOWS,
        ),
    ]


async def _raid(database: Database) -> tuple[list[Cost], list[int], int]:
    """The cost of a join in each window, the memory traced after each, and the messages sent."""
    engine = build_engine(database)
    group = await engine.groups.of_chat(CHAT_ID, "Hearth Shop")
    await engine.groups.set(group, "welcome", "on", Actor(1, "Operator"), 1)
    started, costs = int((system_clock() - timedelta(minutes=1)).timestamp()), []
    memory = []
    for window in range(WINDOWS):
        numbers = range(window * IN_A_WINDOW, (window + 1) * IN_A_WINDOW)
        costs.append(await cost_of(IN_A_WINDOW, _take(engine, [_joined(n, started) for n in numbers])))
        await engine.greeter.flush()
        await engine.lottery_timer.ring()
        memory.append(tracemalloc.get_traced_memory()[0])
    await engine.intake.close(5)
    recorded = await database.read(lambda tx: tx.joins.since(group.id, system_clock() - timedelta(hours=1)))
    require(recorded == JOINS, f"{recorded} of {JOINS} joins are recorded")
    return costs, memory, sent_by(engine.bot)


async def _take(engine: Engine, updates: list[RawUpdate]) -> None:
    await engine.intake.take(updates)
    await engine.intake.lanes.at_most(0)


def _joined(number: int, started: int) -> RawUpdate:
    user = {"id": 10_000 + number, "is_bot": False, "first_name": f"Newcomer {number}"}
    return {
        "update_id": 100 + number,
        "chat_member": {
            "chat": {"id": CHAT_ID, "type": "supergroup", "title": "Hearth Shop"},
            "from": user,
            "date": started + number * 60 // JOINS,
            "old_chat_member": {"user": user, "status": "left"},
            "new_chat_member": {"user": user, "status": "member"},
        },
    }


if __name__ == "__main__":
    report(asyncio.run(measure()))
