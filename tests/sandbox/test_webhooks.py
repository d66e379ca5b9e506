import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox.clock import Clock
from bot.sandbox.world import World

Ask = Callable[..., Coroutine[Any, Any, Any]]


@dataclass
class Hook:
    """A bot behind a webhook, which answers what the test has laid out for it, then 200."""

    url: str = ""
    answers: list[web.Response] = field(default_factory=list)
    got: asyncio.Queue[tuple[dict[str, Any], Any]] = field(default_factory=asyncio.Queue)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, request: web.Request) -> web.Response:
        await self.got.put((await request.json(), request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        await self.gate.wait()
        return self.answers.pop(0) if self.answers else web.Response()

    async def texts(self, count: int) -> list[str]:
        async with asyncio.timeout(60):
            return [(await self.got.get())[0]["message"]["text"] for _ in range(count)]


class HastyClock(Clock):
    """Nobody waits by this one; it only notes for how long they would."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    hook.gate.set()
    app = web.Application()
    app.router.add_post("/hook", hook.receive)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    hook.gate.set()
    await runner.cleanup()


@pytest.fixture
def say(ask: Ask) -> Ask:
    async def say(text: str, chat_id: int = -100) -> Any:
        return await ask("POST", f"/chats/{chat_id}/messages", user_id=3, text=text)

    return say


async def pending(call: Ask, count: int) -> None:
    """Wait until so many updates are left."""
    async with asyncio.timeout(60):
        while (await call("getWebhookInfo"))["pending_update_count"] != count:
            pass


async def test_updates_come_in_order_with_the_secret(hook: Hook, call: Ask, say: Ask) -> None:
    await say("before")
    await call("setWebhook", url=hook.url, secret_token="s3cret")
    await say("after")

    (first, secret), (second, _) = await hook.got.get(), await hook.got.get()

    assert (first["message"]["text"], second["message"]["text"], secret) == ("before", "after", "s3cret")
    await pending(call, 0)


async def test_the_next_of_a_chat_waits_and_another_chat_does_not(hook: Hook, call: Ask, say: Ask) -> None:
    hook.gate.clear()
    await call("setWebhook", url=hook.url)
    await say("first")
    await say("second")
    await say("elsewhere", -200)

    assert sorted(await hook.texts(2)) == ["elsewhere", "first"]
    assert hook.got.empty()

    hook.gate.set()
    assert await hook.texts(1) == ["second"]


async def test_what_was_refused_comes_again_later_and_later(hook: Hook, call: Ask, say: Ask, world: World) -> None:
    clock = HastyClock()
    world.clock = clock
    hook.answers = [web.Response(status=500), web.Response(status=502), web.Response(status=400)]
    await call("setWebhook", url=hook.url)
    await say("stubborn")

    assert await hook.texts(4) == ["stubborn"] * 4
    assert clock.waits == [1, 2, 4]
    await pending(call, 0)
    assert (await call("getWebhookInfo"))["last_error_message"] == "Wrong response from the webhook: 400 Bad Request"


async def test_retry_after_is_obeyed_and_the_clock_can_be_moved_to_it(
    hook: Hook, call: Ask, say: Ask, ask: Ask, world: World
) -> None:
    hook.answers = [web.Response(status=429, headers={"Retry-After": "900"})]
    await call("setWebhook", url=hook.url)
    await say("patience")
    await hook.texts(1)
    async with asyncio.timeout(60):
        while not world.clock.is_awaited:
            await call("getMe")

    await ask("POST", "/clock", advance=899.0)
    assert hook.got.empty()
    await ask("POST", "/clock", advance=2)

    assert await hook.texts(1) == ["patience"]


async def test_a_call_in_the_answer_is_carried_out(hook: Hook, call: Ask, say: Ask, ask: Ask) -> None:
    hook.answers = [web.json_response({"method": "sendMessage", "chat_id": -100, "text": "at once"})]
    await call("setWebhook", url=hook.url)
    await say("quick?")
    await pending(call, 0)

    assert [message["text"] for message in await ask("GET", "/chats/-100/messages")] == ["quick?", "at once"]


async def test_polling_is_refused_while_a_webhook_is_set(hook: Hook, call: Ask, say: Ask) -> None:
    hook.answers = [web.Response(status=500)] * 9
    await call("setWebhook", url=hook.url, allowed_updates=["message", "chat_member"], max_connections=3)
    await say("kept")

    assert (await call("getUpdates")).startswith("Conflict: can't use getUpdates method while webhook is active")
    info = await call("getWebhookInfo")
    assert (info["url"], info["max_connections"], info["allowed_updates"]) == (hook.url, 3, ["chat_member", "message"])

    await call("deleteWebhook")
    assert [update["message"]["text"] for update in await call("getUpdates")] == ["kept"]
    await call("deleteWebhook", drop_pending_updates=True)
    assert await call("getUpdates") == []


@pytest.mark.parametrize(
    "address", ["https://example.com/hook", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "x"]
)
async def test_updates_never_leave_this_machine(call: Ask, address: str) -> None:
    assert (await call("setWebhook", url=address)).startswith("Bad Request: bad webhook: ")
