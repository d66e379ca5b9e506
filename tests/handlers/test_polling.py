"""Long polling."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiogram.exceptions import TelegramUnauthorizedError

from handlers.gate import HANDLED_KINDS
from handlers.intake import Intake
from handlers.polling import Polling
from storage.database import DatabaseUnavailable
from tests.group import ALICE, BOB, Flood, Group, Refused, Unreachable
from tests.handlers.test_intake import unreadable


@asynccontextmanager
async def polling(group: Group) -> AsyncIterator[Polling]:
    source = Polling(group.hearthbot.engine.bot, group.hearthbot.engine.intake)
    task = asyncio.create_task(source.run())
    try:
        yield source
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def offsets(group: Group, number: int) -> list[int | None]:
    """Waits for so many requests, and says from which update on they asked."""
    asked = [await group.telegram.polled.get() for _ in range(number)]
    return [int(params["offset"]) if "offset" in params else None for params in asked]


async def test_it_asks_for_the_next_ones_only_after_these_are_safe(group: Group) -> None:
    first, second = group.message(ALICE, "/checkin"), group.message(BOB, "/checkin")
    group.telegram.batches.extend([[first], [second]])
    async with polling(group):
        asked = await offsets(group, 3)
        assert asked == [None, first["update_id"] + 1, second["update_id"] + 1]
    await group.hearthbot.settle()

    assert len(group.said) == 2


async def test_it_asks_for_the_kinds_that_are_handled(group: Group) -> None:
    async with polling(group):
        params = await group.telegram.polled.get()

    assert json.loads(params["allowed_updates"]) == list(HANDLED_KINDS)


async def test_what_cannot_be_read_does_not_stop_the_batch_nor_come_again(group: Group) -> None:
    bad, good = unreadable(group), group.message(ALICE, "/checkin")
    batch = [*bad, None, 5, {}, {"update_id": "x"}, good]
    group.telegram.batches.append(batch)
    async with polling(group):
        assert await offsets(group, 2) == [None, good["update_id"] + 1]
    await group.hearthbot.settle()

    assert len(group.said) == 1


async def test_a_batch_that_could_not_be_kept_is_asked_for_again(
    group: Group, monkeypatch: pytest.MonkeyPatch, no_pauses: list[float]
) -> None:
    update = group.message(ALICE, "/checkin")
    take, failures = Intake.take, [DatabaseUnavailable("locked")]

    async def sometimes(self: Intake, batch: list[dict[str, object]]) -> None:
        if failures:
            raise failures.pop()
        await take(self, batch)

    monkeypatch.setattr(Intake, "take", sometimes)
    group.telegram.batches.extend([[update], [update]])
    async with polling(group):
        assert await offsets(group, 3) == [None, None, update["update_id"] + 1]
    await group.hearthbot.settle()

    assert len(group.said) == 1


async def test_whatever_fails_is_tried_again(group: Group, no_pauses: list[float]) -> None:
    update = group.message(ALICE, "/checkin")
    conflict = Refused(409, "Conflict: terminated by other getUpdates request")
    failures = [Unreachable("reset"), Refused(502, "Bad Gateway"), conflict, Flood(7)]
    group.telegram.fails("getUpdates", *failures)
    group.telegram.batches.append([update])
    async with polling(group):
        await offsets(group, 2)
    await group.hearthbot.settle()

    assert len(group.said) == 1
    assert no_pauses == [1.0, 2.0, 4.0, 7]


async def test_a_token_that_is_not_accepted_ends_it(group: Group) -> None:
    group.telegram.fails("getUpdates", Refused(401, "Unauthorized"))

    with pytest.raises(TelegramUnauthorizedError):
        await Polling(group.hearthbot.engine.bot, group.hearthbot.engine.intake).run()
