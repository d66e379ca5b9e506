"""Webhooks: 200 says that an update is safe."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from threading import Event

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.webhook import LARGEST_BODY, Webhook
from storage.database import EmbeddedDatabase
from tests.group import ALICE, Group
from tests.handlers.test_checkins import points_of
from tests.handlers.test_intake import locked, unreadable, without_patience

SECRET = "a-secret"
HEADER = "X-Telegram-Bot-Api-Secret-Token"

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(group: Group) -> AsyncIterator[Client]:
    app = web.Application()
    app.router.add_post("/hook", Webhook(group.hearthbot.engine.intake, SECRET).receive)
    async with TestClient(TestServer(app)) as client:
        yield client


async def status(client: Client, body: object, secret: str | None = SECRET) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with client.post("/hook", data=data, headers={HEADER: secret} if secret is not None else {}) as response:
        return response.status


async def test_200_once_it_is_committed(group: Group, client: Client) -> None:
    update = group.message(ALICE, "/checkin")

    assert await status(client, update) == 200
    kept = await group.hearthbot.database.read(lambda tx: tx.updates.last_id(group.hearthbot.engine.bot.id))
    assert kept == update["update_id"]
    assert await status(client, update) == 200
    await group.hearthbot.settle()
    assert len(group.said) == 1


async def test_what_comes_again_because_its_200_was_lost_is_counted_once(group: Group, client: Client) -> None:
    chatter = group.message(ALICE, "Good morning!")

    assert await status(client, chatter) == 200
    assert await status(client, chatter) == 200
    await group.hearthbot.engine.activity.flush()
    said = await group.hearthbot.database.read(lambda tx: tx.chatter.of(1))
    assert said is not None
    assert said.messages == 1


async def test_what_comes_again_while_it_is_being_taken_in_is_counted_once(
    group: Group, client: Client, embedded: EmbeddedDatabase
) -> None:
    update, gate = group.message(ALICE, "/checkin"), Event()
    blocking = asyncio.ensure_future(embedded.write(lambda _: gate.wait()))
    first, second = (asyncio.ensure_future(status(client, update)) for _ in range(2))

    await asyncio.wait([first, second], return_when=asyncio.FIRST_COMPLETED)
    gate.set()
    await blocking

    assert sorted([await first, await second]) == [200, 503]
    assert await status(client, update) == 200
    await group.hearthbot.settle()
    await group.hearthbot.engine.activity.flush()
    said = await group.hearthbot.database.read(lambda tx: tx.chatter.of(1))
    assert said is not None
    assert said.messages == 1


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "gehe\u00efm"])
async def test_401_for_anybody_else(group: Group, client: Client, secret: str | None) -> None:
    assert await status(client, group.message(ALICE, "/checkin"), secret) == 401
    await group.hearthbot.settle()
    assert group.said == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"5", b"[]", b"{}", b'{"update_id": "1"}', b'{"update_id": null}', b"\xff\xfe", b"[" * 100_000,
     b'{"update_id": 1' + b" " * 1000],
)  # fmt: skip
async def test_400_for_what_is_no_update(client: Client, body: bytes) -> None:
    assert await status(client, body) == 400


async def test_413_for_what_is_too_large(client: Client) -> None:
    too_large = io.BytesIO(b" " * (LARGEST_BODY + 1))
    async with client.post("/hook", data=too_large, headers={HEADER: SECRET}) as response:
        assert response.status == 413

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 65536 + 1):
            yield b" " * 65536

    async with client.post("/hook", data=chunks(), headers={HEADER: SECRET}) as response:
        assert response.status == 413


async def test_503_while_the_database_is_out_and_200_afterwards(
    group: Group, client: Client, embedded: EmbeddedDatabase
) -> None:
    await without_patience(embedded)
    update = group.message(ALICE, "/checkin")
    with locked(embedded):
        assert await status(client, update) == 503
    assert group.said == []

    assert await status(client, update) == 200
    await group.hearthbot.settle()
    assert await points_of(group) == 10


async def test_503_while_stopping(group: Group, client: Client) -> None:
    group.hearthbot.engine.intake.is_open = False

    assert await status(client, group.message(ALICE, "/checkin")) == 503


async def test_200_for_what_the_library_cannot_read_so_that_it_does_not_come_for_ever(
    group: Group, client: Client
) -> None:
    for update in unreadable(group):
        assert await status(client, update) == 200


async def test_only_posts_are_heard(client: Client) -> None:
    async with client.get("/hook") as response:
        assert response.status == 405
