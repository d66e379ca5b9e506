"""SIGTERM and SIGINT: a stop loses nothing, repeats nothing, and is soon over."""

import signal

import pytest

from bot.sandbox.world import Fault
from handlers.polling import LONG_POLL
from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of, until

GROUP = GROUPS[0]
MEMBER = members_of(GROUP)[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_at_work_loses_nothing_and_repeats_nothing(
    town: Town, hearth: Hearth, number: signal.Signals
) -> None:
    town.slow_down("sendMessage", 0.02)
    for chat_id in GROUPS:
        for member in members_of(chat_id)[:25]:
            town.say(chat_id, member, "/checkin")
            town.say(chat_id, member, "Good morning!")
    bot = hearth.start()
    await until(lambda: len(town.answers()) >= 9)
    bot.send(number)
    await bot.stop(number)  # twice: somebody is impatient
    answered = town.answers_by_update()

    bot = hearth.start()
    await bot.ready()
    await until(lambda: not len(town.world.updates) and not hearth.database.waiting())
    await bot.stop(number)

    assert len(answered) >= 9
    assert sorted(len(texts) for texts in town.answers_by_update().values()) == [1] * 100
    assert hearth.database.rows("SELECT count(*), sum(streak) FROM check_ins") == [(100, 100)]
    assert hearth.database.messages() == len(town.said)


async def test_a_stop_is_quick_when_there_is_nothing_to_do(town: Town, hearth: Hearth) -> None:
    bot = hearth.start()
    await bot.ready()
    await until(lambda: town.world.updates.is_awaited or town.world.webhook is not None)

    bot.send(signal.SIGTERM)

    assert await bot.exit(seconds=LONG_POLL - 5) == 0
    assert "stopping" in bot.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_bot_that_does_not_reach_its_platform_stops_as_well(
    town: Town, polling: Hearth, number: signal.Signals
) -> None:
    town.world.faults.append(Fault("getMe", 1_000_000, 502, "Bad Gateway"))
    bot = polling.start()
    await until(lambda: "the platform does not answer" in bot.stderr)

    bot.send(number)

    assert await bot.exit() == 0


async def test_what_was_counted_is_confirmed_at_a_stop_and_not_counted_again(town: Town, polling: Hearth) -> None:
    bot = polling.start()
    await until(lambda: town.world.updates.is_awaited)
    town.world.faults.append(Fault("getUpdates", 1_000_000, 502, "Bad Gateway"))  # for the polls after the present one
    for member in members_of(GROUP)[:10]:
        town.say(GROUP, member, "Good morning!")
    await until(lambda: "polling failed" in bot.stderr)
    town.world.faults.clear()
    await bot.stop()
    assert polling.database.messages() == 10

    bot = polling.start()
    await bot.ready()
    await until(lambda: not len(town.world.updates))
    await bot.stop()

    assert polling.database.messages() == 10


async def test_counts_that_are_being_written_at_a_stop_are_written(town: Town, polling: Hearth) -> None:
    for member in members_of(GROUP)[:10]:
        town.say(GROUP, member, "Good morning!")
    bot = polling.start(instant="stopped while counts are written")

    assert await bot.exit() == 0
    assert polling.database.messages() == 10


async def test_merged_answers_are_said_once_at_a_stop(town: Town, polling: Hearth) -> None:
    town.say(GROUP, operator_of(GROUP), "/settings checkin_reply merged")
    for member in members_of(GROUP)[:3]:
        town.say(GROUP, member, "/checkin")
    bot = polling.start()
    await until(lambda: len(polling.database.rows("SELECT 1 FROM check_ins")) == 3)
    await bot.stop()

    [_, merged] = town.answers()
    assert [line.split()[1] for line in merged.splitlines()] == [f"M{member}:" for member in members_of(GROUP)[:3]]
