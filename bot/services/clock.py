"""What time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant as an aware UTC datetime. The sandbox's can be moved forward, a test's is set."""


def system_clock() -> datetime:
    """The machine's own clock."""
    return datetime.now(UTC)
