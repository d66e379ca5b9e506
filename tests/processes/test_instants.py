"""kill -9 at the very instants that matter for one update."""

import signal

import pytest

from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of, until

GROUP = GROUPS[0]
MEMBER = members_of(GROUP)[0]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("instant", "said_before"),
    [
        ("before the update is committed", 0),
        ("after the update is committed", 0),
        ("in the middle of the effect", 0),
        ("before the answer is sent", 0),
        ("after the answer is sent", 1),
    ],
)
async def test_killed_at_an_instant_the_check_in_counts_once_and_is_answered(
    town: Town, hearth: Hearth, instant: str, said_before: int
) -> None:
    update_id = town.say(GROUP, MEMBER, "/checkin")
    bot = hearth.start(instant=instant)
    assert await bot.exit() == -signal.SIGKILL
    assert len(town.answers()) == said_before

    await hearth.work_off(town)

    assert hearth.database.rows("SELECT user_id, update_id FROM check_ins") == [(MEMBER, update_id)]
    assert hearth.database.rows("SELECT user_id, amount FROM ledger") == [(MEMBER, 10)]
    assert hearth.database.rows("SELECT user_id, balance FROM wallets") == [(MEMBER, 10)]
    assert len(town.answers()) == said_before + 1
    assert len(set(town.answers())) == 1
    assert "day 1! +10 points, 10 in all" in town.answers()[0]


@pytest.mark.timeout(60)
async def test_what_is_said_again_names_bonuses_and_freeze_cards_as_before(town: Town, polling: Hearth) -> None:
    town.noon -= 2 * 86_400
    for command in ("first_bonus 5", "freeze_cost 0"):
        town.say(GROUP, operator_of(GROUP), f"/settings {command}")
    town.say(GROUP, MEMBER, "/checkin")
    town.say(GROUP, MEMBER, "/freeze")
    await polling.work_off(town)
    town.noon += 2 * 86_400
    town.say(GROUP, MEMBER, "/checkin")
    bot = polling.start(instant="after the answer is sent")
    assert await bot.exit() == -signal.SIGKILL

    await polling.work_off(town)

    first, again = town.answers()[-2:]
    assert "bonus of 5 points" in first
    assert "freeze card kept your streak" in first
    assert again == first


@pytest.mark.timeout(60)
async def test_a_commit_that_is_not_confirmed_needs_no_restart(town: Town, hearth: Hearth) -> None:
    bot = hearth.start(instant="the commit is not confirmed once")
    await bot.ready()
    town.say(GROUP, MEMBER, "/checkin")
    town.say(GROUP, MEMBER, "/me")

    await until(lambda: len(town.answers()) == 2)
    await until(lambda: not hearth.database.waiting())
    await bot.stop()

    assert "day 1! +10 points" in town.answers()[0]
    assert hearth.database.rows("SELECT user_id, amount FROM ledger") == [(MEMBER, 10)]
