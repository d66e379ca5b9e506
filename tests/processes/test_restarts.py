"""What a bot remembers over a restart, and what it makes of the updates that waited for it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.processes.conftest import GROUPS, Hearth, Town, members_of, until

GROUP = GROUPS[0]
ONE, TWO = members_of(GROUP)[:2]
DAY = 86_400

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def ask(port: int) -> AsyncIterator[Ask]:
    """The JSON API of the sandbox that runs in the bot's own process."""
    async with ClientSession() as client:

        async def ask(verb: str, path: str, **body: Any) -> Any:
            async with client.request(verb, f"http://127.0.0.1:{port}/sandbox/api{path}", json=body or None) as answer:
                return (await answer.json())["result"]

        yield ask


@pytest.fixture
def sandbox(polling: Hearth, port: int) -> Hearth:
    """A bot that plays by itself."""
    del polling.settings["BOT_TOKEN"], polling.settings["BOT_API_URL"]
    polling.settings["HTTP_PORT"] = str(port)
    return polling


async def test_the_sandbox_goes_on_where_it_was_stopped(sandbox: Hearth, ask: Ask) -> None:
    today = int(datetime.now(UTC).timestamp())
    bot = sandbox.start()
    await bot.ready()
    chat, user_id = await a_member(ask)
    await ask("POST", f"/chats/{chat}/messages", user_id=user_id, text="/checkin", date=today)
    await until(lambda: streaks(sandbox) == [1] and not sandbox.database.waiting())
    await bot.stop()

    bot = sandbox.start()
    await bot.ready()
    await ask("POST", "/clock", advance=DAY)
    await ask("POST", f"/chats/{chat}/messages", user_id=user_id, text="/checkin", date=today + DAY)
    await until(lambda: streaks(sandbox) == [1, 2] and not sandbox.database.waiting())
    await bot.stop()

    assert sandbox.database.rows("SELECT balance FROM wallets") == [(20,)]
    assert await sandbox.database.differences() == []


async def a_member(ask: Ask) -> tuple[int, int]:
    """Somebody who is a plain member of a group."""
    world = await ask("GET", "/world")
    for chat in world["chats"]:
        for member in chat["members"]:
            if chat["type"] == "supergroup" and member["status"] == "member" and not member["user"]["is_bot"]:
                return chat["id"], member["user"]["id"]
    raise AssertionError("the demo world has a group with members")


def streaks(hearth: Hearth) -> list[int]:
    return [streak for (streak,) in hearth.database.rows("SELECT streak FROM check_ins ORDER BY day")]


async def test_what_was_said_while_the_bot_was_down_counts_for_the_day_it_was_said(
    town: Town, polling: Hearth, tmp_path: Path
) -> None:
    yesterday = datetime.fromtimestamp(town.noon, UTC).date() - timedelta(days=1)
    town.say(GROUP, ONE, "/checkin", date=town.noon - DAY)
    town.say(GROUP, TWO, "Good night!", date=town.noon - DAY)
    town.say(GROUP, ONE, "/checkin")
    bot = polling.start()
    await until(lambda: len(town.answers()) == 2)
    await bot.stop()

    days = polling.database.rows("SELECT day, streak FROM check_ins ORDER BY day")
    assert days == [(str(yesterday), 1), (str(yesterday + timedelta(days=1)), 2)]
    talk = polling.database.rows("SELECT day, user_id, messages FROM activity ORDER BY day, user_id")
    assert talk == [(str(yesterday), ONE, 1), (str(yesterday), TWO, 1), (str(yesterday + timedelta(days=1)), ONE, 1)]


UNREADABLE: list[dict[str, Any]] = [
    {"message": {"broken": True}},
    {"message": "a text"},
    {"message": None},
    {"message": {"message_id": 1, "date": "today", "chat": {"id": GROUP, "type": "supergroup"}, "text": "/checkin"}},
    {"message": {"chat": {"id": "x", "type": "supergroup", "title": None}, "from": {"id": 1, "is_bot": False}}},
    {"callback_query": {"id": "1", "data": 5}},
    {"chat_member": {}},
    {"a_kind_of_tomorrow": {"chat": {"id": GROUP}}},
    {},
]


async def test_updates_that_cannot_be_read_hold_nothing_up(town: Town, hearth: Hearth) -> None:
    town.say(GROUP, ONE, "/checkin")
    for update in UNREADABLE:
        town.world.updates.push_raw(update)
    town.say(GROUP, TWO, "/checkin")
    bot = hearth.start()

    await until(lambda: not len(town.world.updates) and len(town.answers()) == 2)
    await until(lambda: not hearth.database.waiting())
    await bot.stop()

    assert len(hearth.database.rows("SELECT 1 FROM check_ins")) == 2
    assert hearth.database.messages() == 2
