"""What members say is counted in memory, and written behind."""

import asyncio
from collections.abc import Callable
from threading import Event

from bot.services.activity import ActivityService
from bot.services.groups import GroupService
from storage.database import EmbeddedDatabase
from tests.conftest import StoppedClock


async def turns(until: Callable[[], bool]) -> None:
    """Lets the event loop go on until something holds."""
    while not until():  # noqa: ASYNC110 - nobody sets an event
        await asyncio.sleep(0)


async def test_of_two_that_wait_for_the_same_writing_neither_returns_before_what_came_meanwhile_is_written(
    embedded: EmbeddedDatabase, clock: StoppedClock
) -> None:
    groups, gates = GroupService(embedded, clock), [Event(), Event()]
    await groups.of_chat(-1001, "Hearth")
    activity, now = ActivityService(embedded, groups), int(clock.now.timestamp())

    async def flush_and_block() -> None:
        await activity.flush()
        await embedded.write(lambda _: gates[1].wait())

    blocking = asyncio.ensure_future(embedded.write(lambda _: gates[0].wait()))
    activity.count(-1001, "Hearth", 11, now)
    first = asyncio.ensure_future(flush_and_block())
    await turns(lambda: not activity.pending)
    activity.count(-1001, "Hearth", 12, now)
    others = [asyncio.ensure_future(activity.flush()) for _ in range(2)]
    await asyncio.sleep(0)
    gates[0].set()
    await blocking
    await turns(lambda: not activity.pending)
    for _ in range(9):
        await asyncio.sleep(0)
    returned = [other.done() for other in others]
    gates[1].set()
    await asyncio.gather(first, *others)

    assert returned == [False, False]
    said = await embedded.read(lambda tx: tx.chatter.of(1))
    assert said is not None
    assert said.messages == 2
