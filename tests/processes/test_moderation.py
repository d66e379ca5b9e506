"""kill -9 before, between and after the commit of an offence and each thing that is done about it."""

import signal

import pytest

from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of, until
from tests.processes.instants import OFFENCE_INSTANTS

GROUP = GROUPS[0]
MEMBER = members_of(GROUP)[0]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("instant", OFFENCE_INSTANTS)
async def test_killed_at_an_instant_an_offence_counts_once_and_costs_what_it_costs(
    town: Town, polling: Hearth, instant: str
) -> None:
    for setting in ("links all", "ladder mute:1h ban"):
        town.say(GROUP, operator_of(GROUP), f"/settings {setting}")
    await polling.work_off(town)
    chat, before = town.world.chats[GROUP], len(town.answers())
    town.say(GROUP, MEMBER, "cheap watches at https://spam.example")
    _, _, message_id = town.said[-1]
    bot = polling.start(instant=instant)
    assert await bot.exit() == -signal.SIGKILL

    bot = polling.start()
    await until(lambda: not len(town.world.updates) and not polling.database.waiting())
    await bot.ready()
    await bot.stop()

    assert polling.database.rows("SELECT user_id, action FROM offences") == [(MEMBER, "mute")]
    assert polling.database.rows("SELECT count(*) FROM changes WHERE what LIKE 'offence:%'") == [(1,)]
    assert message_id not in chat.messages
    assert chat.members[MEMBER].status == "restricted", "not banned: the ladder was climbed once"
    told = town.answers()[before:]
    assert len(told) == (2 if instant == "after the word about it" else 1)
    assert len(set(told)) == 1
