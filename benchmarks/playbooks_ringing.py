"""What it costs to read many playbooks, and to find out what is due and where; how late the first post comes."""

import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.house import require
from benchmarks.measuring import Finding
from benchmarks.playbooks_town import NINE, RunningClock, begin_anew, runs, town
from benchmarks.receiver import Receiver, receiver
from bot.engine import RING, Engine
from bot.services.clock import system_clock
from scheduler.alarms import Alarms

PLAYBOOKS, STEPS = 200, 10
FEW, MANY = 100, 10_000
ROUNDS = 5
RELOADS = 5
_STEP = """\
  - id: step-{n}
    at: "{hour:02}:{minute:02}"
    only_if: [{{silent_for: 30m}}]
    do:
      - send:
          text: "{{{{ group.title }}}}: it is {{{{ time }}}}, {{{{ today }}}}. <b>Step {n}</b> of {book}"
          buttons: [[{{text: Check in, do: checkin}}]]
"""
_PUNCTUAL = """\
name: Punctual
timezone: UTC
steps:
  - id: now
    at: "{at:%H:%M}"
    do: [{{send: Now}}]
"""


async def measure() -> list[Finding]:
    """Two thousand steps, ten thousand groups."""
    with TemporaryDirectory() as directory, receiver() as platform:
        folder = Path(directory)
        return [
            *await _first_posts(platform, folder),
            *await _many_steps(platform, folder / "many"),
        ]


def _write(folder: Path) -> None:
    folder.mkdir()
    for book in range(PLAYBOOKS):
        times = [8 * 60 + (book + 60 * n) % (14 * 60) for n in range(STEPS)]
        steps = [_STEP.format(n=n, book=book, hour=at // 60, minute=at % 60) for n, at in enumerate(times)]
        start = f"name: Book {book}\ngroups: {{tags: [shop{book}]}}\nsteps:\n"
        (folder / f"{book}.yaml").write_text(start + "".join(steps), "utf-8")


async def _many_steps(platform: Receiver, folder: Path) -> list[Finding]:
    _write(folder)
    async with town(platform.address, 1, system_clock, folder) as engine:
        loads = [await _load(engine) for _ in range(RELOADS)]
        late = await _lateness(platform, engine, folder)
    seconds = statistics.median(cpu for cpu, *_ in loads)
    on_the_clock = statistics.median(wall for _, wall, *_ in loads)
    longest, longest_wall = (max(load[n] for load in loads) * 1e3 for n in (2, 3))
    what = f"{PLAYBOOKS} playbooks with {PLAYBOOKS * STEPS:,} steps"
    return [
        Finding(
            f"{what} read and checked, CPU", f"{seconds:.2f} s; {on_the_clock:.2f} s on the clock", "< 2 s", seconds < 2
        ),
        Finding(
            f"the longest stall of the loop in {RELOADS} such readings by the running bot, processor time",
            f"{longest:.0f} ms; {longest_wall:.0f} ms on the clock, which the machine's other work lengthens",
            "< 50 ms",
            longest < 50,
        ),
        Finding(
            f"how late a step comes in a group, {PLAYBOOKS * STEPS:,} steps loaded", f"{late:.2f} s", "< 1 s", late < 1
        ),
    ]


async def _load(engine: Engine) -> tuple[float, float, float, float]:
    """Reads all files again: what that takes, and the longest that the loop was kept from its turn; CPU, then clock."""
    for path in engine.playbooks.root.glob("*.yaml"):
        path.touch()
    reading = asyncio.create_task(engine.playbooks.follow())
    start = last = time.process_time(), time.perf_counter()
    longest = (0.0, 0.0)
    while not reading.done():
        await asyncio.sleep(0.001)
        now = time.process_time(), time.perf_counter()
        longest = max(longest[0], now[0] - last[0]), max(longest[1], now[1] - last[1] - 0.001)
        last = now
    require(len(engine.playbooks.playbooks) == PLAYBOOKS, f"{engine.playbooks.mistakes[:1]}")
    return last[0] - start[0], last[1] - start[1], *longest


async def _lateness(platform: Receiver, engine: Engine, folder: Path) -> float:
    """By how much a step is late on the real clock, rung as the bot rings."""
    at = datetime.now(UTC) + timedelta(seconds=65)
    (folder / "punctual.yaml").write_text(_PUNCTUAL.format(at=at), "utf-8")
    await engine.playbooks.follow()
    alarms = Alarms()
    await engine.playbook_runner.ring()
    alarms.every(RING, "ring", engine.playbook_runner.ring, on_the_minute=True)
    alarms.start()
    first = await _first_taken(platform)
    alarms.stop()
    seen = datetime.now(UTC) - timedelta(seconds=time.monotonic() - first)
    return seen.second + seen.microsecond / 1e6


async def _first_posts(platform: Receiver, folder: Path) -> list[Finding]:
    clock = RunningClock()
    first: dict[int, list[float]] = {FEW: [], MANY: []}
    rings: list[float] = []
    async with town(platform.address, FEW, clock) as few, town(platform.address, MANY, clock) as many:
        for engine in (few, many):
            runs(engine, folder)
        for number in range(ROUNDS + 1):
            for engine, groups in ((few, FEW), (many, MANY)):
                late, took = await _slot(platform, engine, clock, NINE + timedelta(days=number))
                if number:  # the first warms up
                    first[groups].append(late)
                    rings += [took] if engine is many else []
    later = statistics.median(many - few for few, many in zip(first[FEW], first[MANY], strict=True)) * 1e3
    few_ms, many_ms = (statistics.median(first[groups]) * 1e3 for groups in (FEW, MANY))
    ring = statistics.median(rings)
    return [
        Finding(
            f"playbooks: the ring of a step for {MANY:,} groups, on the clock",
            f"{ring:.2f} s ({min(rings):.2f}-{max(rings):.2f})",
            "< 1 s",
            ring < 1,
        ),
        Finding(
            f"how much later the first post of a step comes in {MANY:,} groups than in {FEW}",
            f"{later:.0f} ms ({many_ms:.0f} ms after the slot vs {few_ms:.0f} ms)",
            "<= 100 ms",
            later <= 100,
        ),
    ]


async def _slot(platform: Receiver, engine: Engine, clock: RunningClock, slot: datetime) -> tuple[float, float]:
    """How late the first post comes, and how long the ring takes, of a slot that everything is ready for."""
    clock.set(slot - timedelta(seconds=1))
    await engine.playbook_runner.ring()
    platform.taken()
    clock.set(slot)
    started = time.monotonic()
    await engine.playbook_runner.ring()
    took = time.monotonic() - started
    first = await _first_taken(platform)
    await begin_anew(engine)
    platform.taken()
    return first - clock.monotonic(slot), took


async def _first_taken(platform: Receiver) -> float:
    while not (taken := platform.taken()):  # noqa: ASYNC110 - another process takes it
        await asyncio.sleep(0.01)
    return taken[0][0]
