"""Runs every benchmark, each in a process of its own, and prints one table."""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

from benchmarks.measuring import Finding, report

TOPICS = ("chatter", "checkins", "updates", "postgresql", "start", "memory", "growth", "stalls")


def measure(topic: str) -> list[Finding]:
    """What one of `TOPICS` finds."""
    print(f"{topic} …", flush=True)
    found: list[Finding] = asyncio.run(import_module(f"benchmarks.{topic}").measure())
    return found


def main() -> None:
    """Exits with 1 when a bar was missed."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as processes:
        report([finding for findings in processes.map(measure, TOPICS) for finding in findings])


if __name__ == "__main__":
    main()
