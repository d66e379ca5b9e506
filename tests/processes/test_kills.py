"""kill -9 at many instants under load: what every update asks for happens once."""

import itertools

from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of, until

KILLS_AFTER = (2, 9, 17, 31, 47, 60)
"""At how many answers since the start each process is killed."""

LANES = len(GROUPS)
"""Answers that may be under way at once."""


def say_some(town: Town, share: int) -> None:
    """One share of the traffic: members check in (some twice), operators give points and set the rules."""
    for chat_id in GROUPS:
        operator = operator_of(chat_id)
        for number, member in enumerate(members_of(chat_id)[share :: len(KILLS_AFTER) + 1]):
            town.say(chat_id, member, "/checkin")
            if number % 3 == 0:
                town.say(chat_id, member, "签到")
            if number % 3 == 1:
                town.say(chat_id, operator, f"/points give @m{member} 3 for the tea")
        town.say(chat_id, operator, f"/setrules Be kind, {share} times")


async def kill_and_restart(town: Town, hearth: Hearth) -> None:
    """Lets the town talk all the while, and kills the bot again and again."""
    town.slow_down("sendMessage", 0.01)
    for share, answers in enumerate(KILLS_AFTER):
        say_some(town, share)
        before = len(town.answers())
        bot = hearth.start()
        await until(lambda: len(town.answers()) >= before + answers)  # noqa: B023 - awaited here
        await bot.kill()
        assert hearth.database.waiting() + len(town.world.updates) > 0  # it was killed at work
    say_some(town, len(KILLS_AFTER))
    await hearth.work_off(town)


async def require_once(town: Town, hearth: Hearth) -> None:
    """Every effect once, in order, and every update answered."""
    database = hearth.database
    members = [member for chat_id in GROUPS for member in members_of(chat_id)]
    given = [user_id for _, user_id in gifts(town)]
    assert sorted(database.rows("SELECT user_id FROM check_ins")) == [(member,) for member in sorted(members)]
    assert sorted(database.rows("SELECT user_id, amount FROM ledger WHERE reason LIKE 'checkin:%%'")) == [
        (member, 10) for member in sorted(members)
    ]
    assert sorted(database.rows("SELECT user_id, amount FROM ledger WHERE reason LIKE 'operator:%%'")) == [
        (user_id, 3) for user_id in sorted(given)
    ]
    assert sorted(database.rows("SELECT user_id, balance FROM wallets")) == [
        (member, 10 + 3 * (member in given)) for member in sorted(members)
    ]
    assert await database.differences() == []
    require_order(hearth)
    require_answers(town)


def gifts(town: Town) -> list[tuple[int, int]]:
    """Each `/points give` as (update id, member)."""
    return [
        (update_id, int(message["text"].split()[2].removeprefix("@m")))
        for update_id, chat_id, message_id in town.said
        if (message := town.world.chats[chat_id].messages[message_id])["text"].startswith("/points")
    ]


def require_order(hearth: Hearth) -> None:
    """Ledger and changes of each group are in the order of the updates."""
    causes = dict(hearth.database.rows("SELECT user_id, update_id FROM check_ins"))
    booked = hearth.database.rows("SELECT group_id, user_id, reason FROM ledger ORDER BY group_id, id")
    for _, lines in itertools.groupby(booked, key=lambda line: line[0]):
        updates = [
            causes[user_id] if reason.startswith("checkin") else int(reason.removeprefix("operator:"))
            for _, user_id, reason in lines
        ]
        assert updates == sorted(updates)
    changed = hearth.database.rows("SELECT group_id, update_id FROM changes ORDER BY group_id, id")
    assert changed == sorted(changed)
    assert len(changed) == len(set(changed))
    assert hearth.database.rows("SELECT DISTINCT rules FROM groups") == [(f"Be kind, {len(KILLS_AFTER)} times",)]


def require_answers(town: Town) -> None:
    answers = town.answers_by_update()
    assert set(answers) == {update_id for update_id, _, _ in town.said}
    assert all(len(set(texts)) == 1 for texts in answers.values())  # if said again, then word for word
    said_again = sum(len(texts) - 1 for texts in answers.values())
    assert said_again <= len(KILLS_AFTER) * LANES


async def test_killed_again_and_again_every_update_has_its_effect_once(town: Town, hearth: Hearth) -> None:
    await kill_and_restart(town, hearth)

    await require_once(town, hearth)


async def test_killed_again_and_again_on_postgresql_as_well(town: Town, polling_on_server: Hearth) -> None:
    await kill_and_restart(town, polling_on_server)

    await require_once(town, polling_on_server)
