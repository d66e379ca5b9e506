"""What ended long ago is forgotten, and nothing that is still needed."""

from datetime import timedelta

from bot.services.deliveries import KEPT
from storage.transaction import Transaction
from tests.scheduler.conftest import Groups, playbook, step

DAY = playbook(step("morning", "09:00", "Good morning"), step("later", "09:00", timedelta(days=120), "Later"))


async def test_what_ended_is_forgotten_after_a_season_and_what_waits_is_not(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(DAY)
    await groups.until("2026-11-22T10:00")
    assert await groups.deliveries.forget_old() == 0
    groups.clock.set(groups.clock.now + KEPT + timedelta(hours=2))

    assert await groups.deliveries.forget_old() == 1
    assert await groups.states() == ["later 2026-11-22T09:00 queued"]
    assert await groups.deliveries.forget_old() == 0


async def test_the_texts_that_a_library_has_had_its_turn_of_stay_known(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(DAY)
    await groups.until("2026-11-22T10:00")
    [sent, _] = await groups.database.read(lambda tx: tx.deliveries.all())
    taken = await groups.deliveries.take(sent, "tea.yaml", {"green": 1, "black": 1}, "next")
    groups.clock.set(groups.clock.now + KEPT + timedelta(hours=2))

    assert await groups.deliveries.forget_old() == 0
    assert await groups.deliveries.take(sent, "tea.yaml", {"green": 1, "black": 1}, "next") == taken


async def test_a_milestone_stays_known_for_good(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("hundred", "09:00", "A hundred of us!")))
    await groups.until("2026-11-22T10:00")

    def as_milestone(tx: Transaction) -> None:
        tx.connection.exec_driver_sql("UPDATE deliveries SET slot = 'members:100'")

    await groups.database.write(as_milestone)
    groups.clock.set(groups.clock.now + KEPT + timedelta(hours=2))

    assert await groups.deliveries.forget_old() == 0
