"""kill -9 around the sending of codes and the end of claims: each winner has one code, each place one new winner."""

import signal
import time
from collections import defaultdict

import pytest

from tests.conftest import run_sql
from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of, until
from tests.processes.instants import CODE_INSTANTS, EXPIRY_INSTANTS
from tests.processes.test_lotteries import told

GROUP = GROUPS[0]
SENT_LETTERS = "SELECT count(*) FROM outbox WHERE user_id IS NOT NULL AND state = 'sent'"
OPERATOR, WINNERS = operator_of(GROUP), members_of(GROUP)[:4]


def write_to_the_bot(town: Town, person: int) -> None:
    """Opens a private chat, without which the bot may not write to anybody."""
    private(town, person, "/help")


def private(town: Town, person: int, text: str) -> None:
    world = town.world
    town.say(world.private_chat(world.users[person]).id, person, text)


async def draw(town: Town, hearth: Hearth, terms: str, winners: int) -> None:
    """A lottery drawn by a bot that is stopped then; as many members as it has places and two more are in the list."""
    for person in (OPERATOR, *WINNERS):
        write_to_the_bot(town, person)
    town.say(GROUP, OPERATOR, f"/lottery new Tea x{winners} {terms}")
    bot = hearth.start()
    await until(lambda: hearth.database.rows("SELECT count(*) FROM outbox WHERE state = 'sent'") == [(1,)])
    for person in WINNERS:
        town.say(GROUP, person, "/checkin")
    await until(lambda: not len(town.world.updates) and not hearth.database.waiting())
    run_sql(
        hearth.settings["DATABASE_URL"],
        *(
            f"INSERT INTO lottery_entries (lottery_id, user_id, tickets, at) VALUES (1, {person}, 1, 0)"
            for person in WINNERS
        ),
        f"UPDATE lotteries SET entrants = {len(WINNERS)}, tickets = {len(WINNERS)}",
    )
    town.say(GROUP, OPERATOR, "/lottery draw 1")
    await until(lambda: hearth.database.rows("SELECT state FROM lotteries") == [("drawn",)])
    await until(lambda: not hearth.database.rows("SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending')"))
    await until(lambda: not hearth.database.waiting())
    await bot.ready()
    await bot.stop()


def letters(town: Town) -> dict[int, list[str]]:
    """What each person was told in private about a prize, as often as it was told."""
    found = defaultdict(list)
    for call in town.world.calls:
        if call.ok and call.method == "sendMessage" and "You have won" in call.parameters["text"]:
            found[int(call.parameters["chat_id"])].append(call.parameters["text"])
    return found


@pytest.mark.timeout(150)
@pytest.mark.parametrize("instant", CODE_INSTANTS)
async def test_killed_while_codes_are_sent_each_winner_has_the_same_one_code(
    town: Town, polling: Hearth, instant: str
) -> None:
    await draw(town, polling, "", winners=2)
    private(town, OPERATOR, "/lottery codes 1\nCODE-1\nCODE-2\nCODE-3")
    bot = polling.start(instant=instant)
    assert await bot.exit() == -signal.SIGKILL

    bot = polling.start()
    await until(
        lambda: (
            polling.database.rows("SELECT count(*) FROM outbox WHERE user_id IS NOT NULL AND state = 'sent'") == [(2,)]
        )
    )
    await until(lambda: not polling.database.waiting())
    await bot.ready()
    await bot.stop()

    told_to = letters(town)
    winners = {user_id for (user_id,) in polling.database.rows("SELECT user_id FROM lottery_winners")}
    given = dict(polling.database.rows("SELECT user_id, code FROM prize_codes WHERE user_id IS NOT NULL"))
    assert set(told_to) == winners == set(given)
    for user_id, texts in told_to.items():
        assert len(set(texts)) == 1, "word for word the same"
        assert len(texts) <= 2
        assert f"<code>{given[user_id]}</code>" in texts[0]
    assert "CODE-" not in "".join(process.stderr for process in polling.started)
    assert not [text for text in told(town) if "CODE-" in text and "You have won" not in text]
    assert await polling.database.differences() == []


@pytest.mark.timeout(150)
@pytest.mark.parametrize("instant", EXPIRY_INSTANTS)
async def test_killed_while_places_run_out_each_has_one_new_winner(town: Town, polling: Hearth, instant: str) -> None:
    await draw(town, polling, "claim 1h", winners=2)
    before = told(town)
    ago = int((time.time() - 12) * 1_000_000)
    run_sql(polling.settings["DATABASE_URL"], f"UPDATE lottery_winners SET claim_by = {ago}")
    bot = polling.start(instant=instant)
    assert await bot.exit() == -signal.SIGKILL

    bot = polling.start()
    await until(lambda: polling.database.rows("SELECT count(*) FROM lottery_winners") == [(4,)], 60)
    await until(lambda: not polling.database.rows("SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending')"))
    await bot.ready()
    await bot.stop()

    said = [text for text in told(town)[len(before) :] if "You have won" not in text]
    assert set(said) == {text for text in said if text[0] == "⏳" or text.startswith("The proof")}
    assert len(set(said)) == 2
    assert len(said) <= 3
    new = {user_id for (user_id,) in polling.database.rows("SELECT user_id FROM lottery_winners WHERE redraw > 0")}
    assert len(new) == 2
    told_to = letters(town)
    assert set(told_to) == set(WINNERS)
    assert all(len(set(texts)) == 1 for texts in told_to.values())
    assert await polling.database.differences() == []
