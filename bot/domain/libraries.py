"""Whose turn it is in a library: none comes again until all have come."""

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Set
from itertools import accumulate
from typing import Literal

Pick = Literal["next", "random", "weighted"]


def choose(weights: Mapping[str, int], taken: Set[str], pick: Pick, seed: str) -> tuple[str, bool]:
    """The key of the item whose turn it is, and whether a new turn begins; `weights` are those of all, in order.

    `next` takes them in order; `random` and `weighted` by a hash of the seed, so that the same seed takes the same.
    When all were taken a new turn begins. There must be an item.
    """
    left = [key for key in weights if key not in taken]
    is_new_turn = not left
    left = left or list(weights)
    if pick == "next":
        return left[0], is_new_turn
    bounds = list(accumulate(weights[key] if pick == "weighted" else 1 for key in left))
    drawn = int.from_bytes(hashlib.sha256(seed.encode()).digest()) % bounds[-1]
    return left[bisect_right(bounds, drawn)], is_new_turn
