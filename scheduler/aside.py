"""Reading files in a thread of its own, without a stall of the loop."""

import asyncio
import gc
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def aside(read: Callable[[], T]) -> T:
    """What `read` returns.

    Thousands of new objects would bring full garbage collections of 0.3 s and more. What is read has no cycles: it goes
    without the collector, and then out of its sight.
    """
    gc.disable()
    try:
        return await asyncio.to_thread(read)
    finally:
        gc.freeze()
        gc.enable()
