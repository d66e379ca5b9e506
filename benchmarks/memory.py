"""Resident memory after 100,000 and after 200,000 messages, against a process that only imported aiogram."""

import asyncio
import sys

import psutil

from benchmarks.house import ONE_DAY, START, build_engine, require, said, sent_by, sqlite_database
from benchmarks.measuring import Finding, Spread, at_most, report

ROUNDS = 3
"""Fewer than elsewhere: what a process holds does not depend on what else the machine does."""

MESSAGES, GROUPS, MEMBERS, BATCH = 100_000, 100, 2_000, 100
CHECK_IN_EVERY = 100
WRITE_EVERY = 10_000

_IMPORT = "import aiogram, psutil; print(psutil.Process().memory_info().rss)"


async def measure() -> list[Finding]:
    """Each figure is that of a fresh process."""
    rounds = []
    for _ in range(ROUNDS):
        imported = int(await _output("-c", _IMPORT))
        first, second = map(int, (await _output("-m", "benchmarks.memory", "--messages")).split())
        rounds.append((imported, first, second))
    mebibytes = [f"{sorted(values)[ROUNDS // 2] / 2**20:.0f} MiB" for values in zip(*rounds, strict=True)]
    return [
        at_most(
            1.5,
            "memory after 100,000 messages in 100 groups, 1 % of them check-ins, vs `import aiogram`",
            Spread.of([first / imported for imported, first, _ in rounds]),
            f"{mebibytes[1]} vs {mebibytes[0]}",
        ),
        at_most(
            1.05,
            "memory after 200,000 messages vs after 100,000",
            Spread.of([second / first for _, first, second in rounds]),
            f"{mebibytes[2]} vs {mebibytes[1]}",
        ),
    ]


async def _output(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    require(process.returncode == 0, f"{arguments} failed")
    return output.decode()


async def _take_messages() -> None:
    """Prints the resident bytes after each of two hundred thousand messages' halves."""
    async with sqlite_database() as database:
        engine = build_engine(database)
        for half in range(2):
            for first in range(half * MESSAGES, (half + 1) * MESSAGES, BATCH):
                await engine.intake.take([_message(n) for n in range(first, first + BATCH)])
                if first % WRITE_EVERY == 0:
                    await engine.intake.activity.flush()
            await engine.intake.lanes.at_most(0)
            await engine.intake.activity.flush()
            print(psutil.Process().memory_info().rss)
        require(sent_by(engine.bot) == 2 * MESSAGES // CHECK_IN_EVERY, "not every check-in was answered")
        await engine.intake.close(5)


def _message(n: int) -> dict[str, object]:
    """The n-th message: members take turns, each one's next check-in is on another day."""
    check_in = n // CHECK_IN_EVERY
    is_check_in = n % CHECK_IN_EVERY == 0
    member = (check_in if is_check_in else n * 7) % MEMBERS
    at = START + ONE_DAY * (n // MESSAGES)
    return said(n + 1, -1_000 - member % GROUPS, 10_000 + member, "签到" if is_check_in else f"早上好，第 {n} 句话", at)


if __name__ == "__main__":
    if sys.argv[1:] == ["--messages"]:
        asyncio.run(_take_messages())
    else:
        report(asyncio.run(measure()))
