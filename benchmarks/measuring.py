"""Two sides in turns, so that a busy machine slows both, and a ratio for every turn."""

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

ROUNDS = 9

Side = Callable[[], Awaitable["Cost"]]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one operation: on the clock, and of all threads of this process on the processor."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some values, the least and the greatest."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of values, one for each round."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.2f}x ({self.least:.2f}-{self.most:.2f})"


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the table; without a `bar` it is reported and not judged."""

    goal: str
    measured: str
    bar: str = ""
    is_met: bool = True


@dataclass(frozen=True, slots=True)
class Turns:
    """What each side cost in each round."""

    costs: Mapping[str, Sequence[Cost]]

    def cpu_ratio(self, side: str, base: str) -> Spread:
        """How many times the processor time of the base a side takes."""
        return Spread.of([s.cpu / b.cpu for s, b in self._pairs(side, base)])

    def wall_ratio(self, side: str, base: str) -> Spread:
        """How many times as long as the base a side takes."""
        return Spread.of([s.wall / b.wall for s, b in self._pairs(side, base)])

    def rate_ratio(self, side: str, base: str) -> Spread:
        """How many times as many operations a second a side does."""
        return Spread.of([b.wall / s.wall for s, b in self._pairs(side, base)])

    def cpu(self, side: str) -> str:
        """The median processor time of an operation."""
        return _seconds(statistics.median(cost.cpu for cost in self.costs[side]))

    def wall(self, side: str) -> str:
        """The median duration of an operation."""
        return _seconds(statistics.median(cost.wall for cost in self.costs[side]))

    def rate(self, side: str) -> str:
        """The median rate."""
        return f"{1 / statistics.median(cost.wall for cost in self.costs[side]):,.0f}/s"

    def _pairs(self, side: str, base: str) -> list[tuple[Cost, Cost]]:
        return list(zip(self.costs[side], self.costs[base], strict=True))


async def in_turns(sides: Mapping[str, Side], rounds: int = ROUNDS) -> Turns:
    """Each side once to warm up, then once a round, in an order that turns around with every round.

    What exists by then is out of the collector's sight, as it is in the product.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for side in sides.values():
        await side()
    gc.collect()
    gc.freeze()
    names = list(sides)
    for _ in range(rounds):
        for name in names:
            gc.collect()
            costs[name].append(await sides[name]())
        names.reverse()
    return Turns(costs)


async def cost_of(operations: int, work: Awaitable[object]) -> Cost:
    """What one of so many operations cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work
    return Cost((time.perf_counter() - wall) / operations, (time.process_time() - cpu) / operations)


def at_most(bar: float, goal: str, ratio: Spread, detail: str) -> Finding:
    """A ratio that must not be greater than the bar."""
    return Finding(goal, f"{ratio}: {detail}", f"<= {bar:g}x", ratio.median <= bar)


def at_least(bar: float, goal: str, ratio: Spread, detail: str) -> Finding:
    """A ratio that must not be less than the bar."""
    return Finding(goal, f"{ratio}: {detail}", f">= {bar:g}x", ratio.median >= bar)


def measure_topic(name: str) -> list[Finding]:
    """What a module of this package finds."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    found: list[Finding] = asyncio.run(import_module(f"benchmarks.{name}").measure())
    return found


def report(findings: Sequence[Finding]) -> None:
    """Prints the table and exits: with 1 when a bar was missed."""
    print("\n| goal | bar | measured: median (least-most) |\n|---|---|---|")
    for finding in findings:
        verdict = "" if finding.is_met else " **MISSED**"
        print(f"| {finding.goal} | {finding.bar or '-'} | {finding.measured}{verdict} |")
    sys.exit(any(not finding.is_met for finding in findings))


def _seconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} us" if seconds < 0.1 else f"{seconds:.2f} s"
