import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from bot.sandbox.world import World

Ask = Callable[..., Coroutine[Any, Any, Any]]


async def say(ask: Ask, text: str) -> None:
    await ask("POST", "/chats/-100/messages", user_id=3, text=text)


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_an_offset_confirms_what_came_before_it(ask: Ask, call: Ask) -> None:
    for text in ("one", "two", "three"):
        await say(ask, text)

    assert [update["update_id"] for update in await call("getUpdates")] == [500, 501, 502]
    assert texts(await call("getUpdates", offset=501, limit=1)) == ["two"]
    assert await ask("GET", "/updates") == {"pending": 2, "last_confirmed": 500}
    assert await call("getUpdates", offset=503) == []
    assert await ask("GET", "/updates") == {"pending": 0, "last_confirmed": 502}


async def test_a_negative_offset_keeps_only_the_last(ask: Ask, call: Ask) -> None:
    for text in ("one", "two", "three"):
        await say(ask, text)

    assert texts(await call("getUpdates", offset=-1)) == ["three"]
    assert texts(await call("getUpdates")) == ["three"]
    assert texts(await call("getUpdates", offset=-9)) == ["three"]


async def test_a_waiting_poll_answers_as_soon_as_something_happens(ask: Ask, call: Ask, world: World) -> None:
    poll = asyncio.create_task(call("getUpdates", timeout=30))
    await is_waiting(call, world)

    await say(ask, "wake up")

    assert texts(await poll) == ["wake up"]


async def test_a_second_poll_ends_the_first(call: Ask, ask: Ask, world: World) -> None:
    first = asyncio.create_task(call("getUpdates", timeout=30))
    await is_waiting(call, world)
    second = asyncio.create_task(call("getUpdates", timeout=30))

    assert (
        await first == "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running"
    )
    await say(ask, "for the second")
    assert texts(await second) == ["for the second"]


async def test_what_only_comes_on_request_is_remembered_over_polls(ask: Ask, call: Ask) -> None:
    await ask("POST", "/chats/-100/members", user_id=9, action="join")
    await call("getUpdates", allowed_updates=["chat_member"])
    await ask("POST", "/chats/-100/members", user_id=9, action="leave")
    await call("getUpdates", allowed_updates="[]", offset=502)
    await ask("POST", "/chats/-100/members", user_id=9, action="join")

    kinds = [set(update) - {"update_id"} for update in await call("getUpdates")]

    assert kinds == [{"message"}]
    assert await ask("GET", "/updates") == {"pending": 1, "last_confirmed": 501}


async def test_a_raw_update_is_queued_as_it_is(ask: Ask, call: Ask) -> None:
    await ask("POST", "/updates", something_new={"id": 7})

    assert await call("getUpdates", allowed_updates=["message"]) == [{"something_new": {"id": 7}, "update_id": 500}]


async def test_ids_start_where_the_world_was_told_to(ask: Ask, call: Ask) -> None:
    message = await ask("POST", "/chats/-100/messages", user_id=3, text="first")

    assert message["message_id"] == 10
    assert (await call("getUpdates"))[0]["update_id"] == 500


async def is_waiting(call: Ask, world: World) -> None:
    """Until a poll is seen to wait."""
    async with asyncio.timeout(60):
        while not world.updates.is_awaited:
            await call("getMe")
