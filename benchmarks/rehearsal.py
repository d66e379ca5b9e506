"""A rehearsal of a week: 150 groups in five zones, ten steps a day."""

import asyncio
import statistics
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.house import require
from benchmarks.measuring import Finding, report
from bot.playbooks.calendars import Holidays
from bot.playbooks.model import Playbook
from bot.playbooks.playbook_files import PlaybookReader
from bot.playbooks.rehearsal_page import as_page
from bot.playbooks.rehearsal_text import as_text
from scheduler.rehearsal import Plan, rehearse
from storage.groups import GroupRow

GROUPS, STEPS, DAYS = 150, 10, 7
LONGEST = 10.0
"""Seconds."""

ROUNDS = 3
ZONES = ("Asia/Shanghai", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "UTC")
_STEP = """\
  - id: step-{n}
    at: "{hour:02}:{minute:02}"
    do:
      - send: {{text: "{{{{ group.title }}}}: it is {{{{ time }}}}, {{{{ today }}}}, step {n}"}}
"""


async def measure() -> list[Finding]:
    """The bar is on the processor's time: a rehearsal has one thread, and a busy machine is not its fault."""
    with TemporaryDirectory() as directory:
        plan = _plan(Path(directory))
        walls, cpus, written = [], [], 0.0
        for _ in range(ROUNDS):
            wall, cpu = time.perf_counter(), time.process_time()
            found = await rehearse(plan)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
            require(len(found.posts) == GROUPS * STEPS * DAYS, f"{len(found.posts)} posts")
            cpu = time.process_time()
            as_text(found)
            as_page(found)
            written = time.process_time() - cpu
    median = statistics.median(cpus)
    goal = f"rehearsal: {DAYS} days, {GROUPS} groups in {len(ZONES)} zones, {STEPS} steps a day, CPU"
    measured = f"{median:.1f} s ({min(cpus):.1f}-{max(cpus):.1f}), {statistics.median(walls):.1f} s on the clock"
    return [
        Finding(goal, measured, f"< {LONGEST:g} s", median < LONGEST),
        Finding("the same, written as text and as a page, CPU", f"{written:.1f} s"),
    ]


def _plan(directory: Path) -> Plan:
    return Plan(
        playbooks=[_playbook(directory)],
        groups=[_group(n) for n in range(1, GROUPS + 1)],
        first=date(2026, 11, 23),
        days=DAYS,
        calendar=Holidays(),
        defaults={"timezone": "UTC", "language": "en"},
    )


def _playbook(directory: Path) -> Playbook:
    step_at = [timedelta(hours=8, minutes=75 * n) for n in range(STEPS)]
    steps = [_STEP.format(n=n, hour=at.seconds // 3600, minute=at.seconds // 60 % 60) for n, at in enumerate(step_at)]
    file = directory / "week.yaml"
    file.write_text("name: Week\nsteps:\n" + "".join(steps), "utf-8")
    read = PlaybookReader(directory).read(file)
    assert read.playbook is not None, read.mistakes
    return read.playbook


def _group(n: int) -> GroupRow:
    return GroupRow(n, -1_000_000 - n, f"Group {n}", n, "", {"timezone": ZONES[n % len(ZONES)]}, is_present=True)


if __name__ == "__main__":
    report(asyncio.run(measure()))
