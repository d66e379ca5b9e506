"""kill -9 before, between and after each commit and each send of a draw: one result, announced."""

import signal

import pytest

from tests.conftest import run_sql
from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of, until
from tests.processes.instants import DRAW_INSTANTS

GROUP = GROUPS[0]


def told(town: Town) -> list[str]:
    """What the group was told, oldest first: the list, the winners, the proof; as often as it was told."""
    posts = []
    for call in town.world.calls:
        if call.ok and call.method == "sendMessage" and "reply_parameters" not in call.parameters:
            posts.append(call.parameters["text"])
        elif call.ok and call.method == "sendDocument":
            posts.append(call.parameters["caption"])
    return posts


async def open_and_enter(town: Town, hearth: Hearth) -> None:
    """A lottery with three entrants, opened and entered by a bot that is stopped then."""
    town.say(GROUP, operator_of(GROUP), "/lottery new Tea x1")
    bot = hearth.start()
    await until(lambda: len(told(town)) == 1)
    for number in range(3):
        town.say(GROUP, members_of(GROUP)[number], "/checkin")
    await until(lambda: not len(town.world.updates) and not hearth.database.waiting())
    await bot.ready()
    await bot.stop()
    run_sql(
        hearth.settings["DATABASE_URL"],
        *(
            f"INSERT INTO lottery_entries (lottery_id, user_id, tickets, at) VALUES (1, {member}, 1, 0)"
            for member in members_of(GROUP)[:3]
        ),
        "UPDATE lotteries SET entrants = 3, tickets = 3",
    )


@pytest.mark.timeout(60)
@pytest.mark.parametrize("instant", DRAW_INSTANTS)
async def test_killed_at_an_instant_of_the_draw_there_is_one_result_and_it_is_announced(
    town: Town, polling: Hearth, instant: str
) -> None:
    await open_and_enter(town, polling)
    town.say(GROUP, operator_of(GROUP), "/lottery draw 1")
    bot = polling.start(instant=instant)
    assert await bot.exit() == -signal.SIGKILL

    bot = polling.start()
    await until(lambda: polling.database.rows("SELECT count(*) FROM outbox WHERE state = 'sent'") == [(4,)])
    await until(lambda: not polling.database.waiting())
    await bot.ready()
    await bot.stop()

    said = told(town)[1:]
    assert len(set(said)) == 3
    again = len(said) - 3
    between = instant.startswith(("after the sending", "before the record"))
    assert again == (1 if between else 0), said
    first, second, third = dict.fromkeys(said)
    assert (first[0], second[0], third) == ("🔒", "🎉", "The proof of lottery 1")
    assert polling.database.rows("SELECT count(*) FROM lottery_winners") == [(1,)]
    assert await polling.database.differences() == []
