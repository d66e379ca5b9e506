"""A small world behind a real HTTP server, for every test its own."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import ClientSession, web

from bot.sandbox.server import build_app
from bot.sandbox.world import World

WORLD = """
bot: {id: 7000000001, token: "7000000001:test", first_name: Hearth, username: hearth_bot}
users:
  - {id: 1, first_name: Owner, username: owner}
  - {id: 2, first_name: Deputy, username: deputy}
  - {id: 3, first_name: Maya, last_name: T, username: maya, language_code: en}
  - {id: 9, first_name: Outsider}
groups:
  - id: -100
    title: Bakery
    username: bakery
    topics: [{id: 5, name: Bread}]
    bot: administrator
    members: [{user: 1, status: creator}, {user: 2, status: administrator, title: Second}, {user: 3}]
  - id: -200
    title: Quiet corner
    bot: member
    members: [{user: 1, status: creator}, {user: 3}]
  - {id: -300, type: group, title: Small, bot: member, members: [{user: 1, status: creator}, {user: 3}]}
  - {id: -400, title: Elsewhere, bot: left, members: [{user: 1, status: creator}]}
channels:
  - {id: -900, title: News, username: news, linked_to: -100}
"""

Ask = Callable[..., Coroutine[Any, Any, Any]]


@pytest.fixture
def world() -> World:
    return World.load(WORLD, "test.yaml", first_update_id=500, first_message_id=10)


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    runner = web.AppRunner(build_app(world), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def ask(url: str, client: ClientSession) -> Ask:
    """The JSON API: `await ask("POST", "/chats/-100/messages", user_id=3, text="hi")` gives the result."""

    async def ask(verb: str, path: str, /, **body: Any) -> Any:
        async with client.request(verb, f"{url}/sandbox/api{path}", json=body or None) as response:
            answer = await response.json()
        return answer["result"] if answer["ok"] else answer["error"]

    return ask


@pytest.fixture
def call(url: str, world: World, client: ClientSession) -> Ask:
    """The Bot API with JSON bodies: gives the result, or the description of the error."""

    async def call(name: str, /, **parameters: Any) -> Any:
        async with client.post(f"{url}/bot{world.token}/{name}", json=parameters) as response:
            answer = await response.json()
        return answer["result"] if answer["ok"] else answer["description"]

    return call


@pytest.fixture
def news(call: Ask) -> Ask:
    """The updates since the last look, each without its id: `[("message", {...}), ...]`."""
    offset = 0

    async def news() -> list[tuple[str, Any]]:
        nonlocal offset
        updates = await call("getUpdates", offset=offset)
        if updates:
            offset = updates[-1]["update_id"] + 1
        return [(kind, content) for update in updates for kind, content in update.items() if kind != "update_id"]

    return news


@pytest.fixture
async def bot(url: str, world: World) -> AsyncIterator[Bot]:
    async with Bot(world.token, AiohttpSession(api=TelegramAPIServer.from_base(url))) as bot:
        yield bot
