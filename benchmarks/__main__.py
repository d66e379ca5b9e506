"""Runs every benchmark, each in a process of its own, and prints one table."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.measuring import measure_topic, report

TOPICS = (
    "chatter",
    "checkins",
    "lotteries",
    "raids",
    "faq",
    "suggestions",
    "moderation",
    "updates",
    "postgresql",
    "start",
    "memory",
    "growth",
    "stalls",
    "playbooks",
    "rehearsal",
)


def main() -> None:
    """Exits with 1 when a bar was missed."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as processes:
        report([finding for findings in processes.map(measure_topic, TOPICS) for finding in findings])


if __name__ == "__main__":
    main()
