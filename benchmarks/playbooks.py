"""Playbooks: reading them, ringing for many groups, and what a post costs; the rehearsal has a benchmark of its own."""

import asyncio

from benchmarks import playbooks_ringing, playbooks_sending
from benchmarks.measuring import Finding, report


async def measure() -> list[Finding]:
    """The costs of a post last: they take longest."""
    return [*await playbooks_ringing.measure(), *await playbooks_sending.measure()]


if __name__ == "__main__":
    report(asyncio.run(measure()))
