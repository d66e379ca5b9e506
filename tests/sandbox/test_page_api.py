"""What the page reads and hears beside what the bot does."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

from bot.sandbox.server import build_app
from bot.sandbox.world import World, default_world

Ask = Callable[..., Coroutine[Any, Any, Any]]


async def heard(socket: ClientWebSocketResponse, count: int) -> list[Any]:
    async with asyncio.timeout(60):
        return [await socket.receive_json() for _ in range(count)]


async def test_the_world_is_shown_as_a_whole(ask: Ask) -> None:
    world = await ask("GET", "/world")

    assert (world["bot"]["username"], [user["id"] for user in world["users"]]) == ("hearth_bot", [1, 2, 3, 9])
    bakery = world["chats"][0]
    assert (bakery["type"], bakery["is_forum"]) == ("supergroup", True)
    assert bakery["topics"] == [{"message_thread_id": 5, "name": "Bread", "is_closed": False}]
    assert [(member["user"]["id"], member["status"]) for member in bakery["members"]][:2] == [
        (1, "creator"),
        (2, "administrator"),
    ]


async def test_messages_come_with_safe_html(ask: Ask) -> None:
    await ask("POST", "/chats/-100/messages", user_id=3, text="<b>1</b> 🔥 @owner")

    [message] = await ask("GET", "/chats/-100/messages")

    assert message["html"] == "&lt;b&gt;1&lt;/b&gt; 🔥 @owner"
    assert (message["outgoing"], message["reactions"]) == (False, [])


async def test_everything_that_happens_is_heard(url: str, client: ClientSession, ask: Ask, call: Ask) -> None:
    async with client.ws_connect(f"{url}/sandbox/api/events") as socket:
        sent = await call("sendMessage", chat_id=-100, text="<b>hi</b>", parse_mode="HTML")
        place = {"chat_id": -100, "message_id": sent["message_id"]}
        await call("editMessageText", **place, text="ho")
        await call("setMessageReaction", **place, reaction=[{"type": "emoji", "emoji": "👍"}])
        await call("deleteMessage", **place)
        await call("sendChatAction", chat_id=-100, action="typing")
        await call("setMyCommands", commands=[{"command": "a", "description": "b"}])
        await call("sendMessage", chat_id=-100, text="psst", ephemeral_message_parameters={"receiver_user_id": 3})
        user = await ask("POST", "/users", first_name="New")
        await ask("POST", "/clock", advance=60)
        await ask("POST", "/chats/-100/members", user_id=user["id"], action="join")
        moved = await ask("POST", "/chats/-300/migrate")
        events = await heard(socket, 14)

    kinds = [event["type"] for event in events]
    assert kinds[:9] == [
        "message", "edited", "reaction", "deleted", "action", "commands", "ephemeral", "user", "clock",
    ]  # fmt: skip
    assert kinds[9:] == ["member", "message", "message", "migrated", "message"]
    assert (events[0]["message"]["html"], events[0]["message"]["outgoing"]) == ("<b>hi</b>", True)
    assert events[6]["receiver_user_id"] == 3
    assert (events[12]["old_chat_id"], events[12]["chat"]["id"]) == (-300, moved["chat_id"])


async def test_the_clock_goes_on_to_what_the_bot_does_next(world: World, ask: Ask) -> None:
    assert (await ask("GET", "/world"))["tells_next"] is False
    assert await ask("POST", "/clock/next") == "This bot does not tell what it does next."
    planned = [world.now() + timedelta(hours=3), world.now() - timedelta(hours=1), None]

    async def upcoming() -> datetime | None:
        return planned.pop(0)

    world.upcoming = upcoming
    assert (await ask("GET", "/world"))["tells_next"] is True
    moved = [await ask("POST", "/clock/next") for _ in range(3)]

    hours = [round((datetime.fromisoformat(one["now"]) - datetime.now(UTC)) / timedelta(hours=1)) for one in moved]
    assert (hours, [one["moved"] for one in moved]) == ([3, 3, 3], [True, True, False])


async def test_closing_the_server_ends_polls_and_sockets_at_once(world: World, client: ClientSession) -> None:
    runner = web.AppRunner(build_app(world))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    poll = asyncio.create_task(client.get(f"{url}/bot{world.token}/getUpdates?timeout=50"))
    socket = await client.ws_connect(f"{url}/sandbox/api/events")
    async with asyncio.timeout(60):
        while not world.updates.is_awaited:
            await client.get(f"{url}/bot{world.token}/getMe")

        await runner.cleanup()

        assert (await (await poll).json())["result"] == []
        assert (await socket.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)


async def test_a_page_that_hangs_is_cut_off_and_nobody_waits_for_it(world: World) -> None:
    queue = world.events.listen()
    for number in range(6000):
        world.events.publish("clock", now=str(number))

    assert not world.events.is_heard
    assert queue.qsize() == queue.maxsize
    assert [queue.get_nowait() for _ in range(queue.qsize())][-1] is None


async def test_mistakes_are_answered_with_a_sentence(ask: Ask) -> None:
    assert await ask("POST", "/chats/-1/messages", user_id=3, text="x") == "There is no chat -1."
    assert await ask("POST", "/chats/-100/messages", user_id=77, text="x") == "There is no user 77."
    assert await ask("POST", "/chats/-100/messages", user_id=9, text="x") == "Outsider is not in Bakery: join it first."
    assert await ask("POST", "/chats/-100/messages", user_id=3) == "`text` must be a text."
    assert await ask("POST", "/chats/-100/messages", user_id=3, text="x", message_thread_id=6) == (
        "There is no topic 6 in Bakery."
    )
    assert (await ask("POST", "/chats/-100/messages", user_id=3, text="x", entities=[{"type": "bold"}])).startswith(
        "`entities` must be a list"
    )
    assert (await ask("POST", "/chats/-100/members", user_id=3, action="promote", rights=[[]])).startswith(
        "`rights` must be a list of"
    )
    assert await ask("POST", "/clock", advance=-5) == "`advance` must be a number, 0 or more."
    assert await ask("POST", "/chats/-100/migrate") == ("Bakery is not a basic group: only those become supergroups.")


async def test_the_default_world_loads() -> None:
    world = default_world(first_update_id=1, first_message_id=2)

    assert world.token == "7000000001:sandbox"
    assert world.updates.push_raw({})["update_id"] == 1
    assert any(not chats_of(world, user_id) for user_id in world.users)


def chats_of(world: World, user_id: int) -> list[int]:
    return [chat.id for chat in world.chats.values() if user_id in chat.members]
