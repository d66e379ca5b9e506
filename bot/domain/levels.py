"""How far a member has come."""

from dataclasses import dataclass
from math import isqrt

_STEP = 50
"""Points of the first level; level n takes n times as many more, so that levels come ever slower."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level, from 1, and the points still missing to the next one."""

    number: int
    to_next: int


def level_of(earned: int) -> Level:
    """The level of a number of points earned in a lifetime; spending does not lower it."""
    number = (1 + isqrt(1 + 8 * max(earned, 0) // _STEP)) // 2
    return Level(number, _STEP * number * (number + 1) // 2 - max(earned, 0))
