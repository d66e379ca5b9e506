"""A step that is due in very many groups at once."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.services.deliveries import DeliveryService
from storage.audiences import EVERYWHERE
from storage.database import Database
from storage.deliveries import Due
from storage.groups import GroupRow
from tests.conftest import StoppedClock

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
GROUPS = 1_200
SPREAD = timedelta(seconds=40)


class CutOffError(Exception):
    """The process is stopped."""


@pytest.fixture
async def deliveries(database: Database, clock: StoppedClock) -> DeliveryService:
    clock.set(NINE - timedelta(minutes=1))
    rows = [GroupRow(n, -n, f"Group {n}", n, "", {}, is_present=True) for n in range(1, GROUPS + 1)]
    await database.write(lambda tx: tx.groups.copy(rows, clock.now))
    service = DeliveryService(database, clock, "UTC", rate=30)
    await service.ring(lambda *_: [])
    clock.set(NINE)
    return service


def due(_after: datetime, _until: datetime, _zones: object, spread: timedelta) -> list[Due]:
    assert spread == SPREAD
    return [Due("day", "morning", "2026-11-22T09:00", NINE, EVERYWHERE, spread)]


async def test_those_whose_turn_comes_first_are_queued_first(deliveries: DeliveryService) -> None:
    begun: list[tuple[int, datetime]] = []

    async def note() -> None:
        begun.extend(await deliveries.upcoming(SPREAD))

    await deliveries.ring(due, None, note)

    everybody = sorted(await deliveries.upcoming(SPREAD), key=lambda one: one[1])
    assert len(everybody) == GROUPS
    assert 300 < len(begun) < 500
    assert sorted(begun, key=lambda one: one[1]) == everybody[: len(begun)]


async def test_a_ring_that_was_cut_off_is_made_up_for_by_the_next(deliveries: DeliveryService) -> None:
    async def stop() -> None:
        raise CutOffError

    with pytest.raises(CutOffError):
        await deliveries.ring(due, None, stop)
    assert len(await deliveries.upcoming(SPREAD)) < GROUPS

    await deliveries.ring(due)

    assert len(await deliveries.upcoming(SPREAD)) == GROUPS
