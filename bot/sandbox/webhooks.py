"""Delivery of updates to a bot's webhook: in order within a chat, again and again until accepted."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Hashable

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, MultipartReader

from bot.sandbox.bot_api import BotApi
from bot.sandbox.errors import ApiError
from bot.sandbox.parameters import Parameters, from_form, from_json, from_multipart
from bot.sandbox.registry import find_method
from bot.sandbox.wire import Json
from bot.sandbox.world import Webhook, World

LONGEST_DELAY = 60
LONGEST_RETRY_AFTER = 3600
TIMEOUT = ClientTimeout(total=60)


class Deliverer:
    """Sends updates while a webhook is set: one line a chat, the next update only after the last was accepted."""

    def __init__(self, world: World, api: BotApi) -> None:
        self._world = world
        self._api = api
        self._lines: dict[Hashable, deque[Json]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: ClientSession | None = None
        self._slots = asyncio.Semaphore(1)

    async def start(self) -> None:
        """Begin to watch the world."""
        self._session = ClientSession(timeout=TIMEOUT)
        self._world.on_hook = self._rehook
        self._rehook()

    async def close(self) -> None:
        """Drop what is under way; the updates stay in the queue."""
        self._world.on_hook = self._world.updates.on_push = None
        self._stop_lines()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def _rehook(self) -> None:
        self._stop_lines()
        hook = self._world.webhook
        self._world.updates.on_push = self._enqueue if hook else None
        if hook:
            self._slots = asyncio.Semaphore(hook.max_connections)
            for update in self._world.updates.pending():
                self._enqueue(update)

    def _stop_lines(self) -> None:
        self._lines.clear()
        for task in self._tasks:
            task.cancel()

    def _enqueue(self, update: Json) -> None:
        key = line_of(update)
        if key in self._lines:
            self._lines[key].append(update)
            return
        self._lines[key] = line = deque([update])
        task = asyncio.create_task(self._drain(key, line))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: Hashable, line: deque[Json]) -> None:
        while line and (hook := self._world.webhook):
            await self._deliver(hook, line[0])
            self._world.updates.confirm(line[0]["update_id"])
            line.popleft()
        if self._lines.get(key) is line:
            del self._lines[key]

    async def _deliver(self, hook: Webhook, update: Json) -> None:
        """Try until it is accepted, waiting longer each time unless the bot says how long."""
        delay = 1.0
        while (asked := await self._attempt(hook, update)) is not None:
            await self._world.clock.wait(asked or delay)
            delay = min(delay * 2, LONGEST_DELAY)

    async def _attempt(self, hook: Webhook, update: Json) -> float | None:
        """None when accepted, else the seconds that the bot asks to wait, 0 when it asks for none."""
        assert self._session is not None  # noqa: S101  # set by start(), before anything can be enqueued
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret_token} if hook.secret_token else {}
        try:
            async with (
                self._slots,
                self._session.post(hook.url, json=update, headers=headers, allow_redirects=False) as response,
            ):
                if 200 <= response.status < 300:
                    await self._obey(response)
                    return None
                self._note(hook, f"Wrong response from the webhook: {response.status} {response.reason}")
                return retry_after(response)
        except (ClientError, TimeoutError, OSError) as error:
            self._note(
                hook, "Connection timed out" if isinstance(error, TimeoutError) else f"Connection failed: {error}"
            )
            return 0

    def _note(self, hook: Webhook, message: str) -> None:
        hook.last_error_date = self._world.clock.unix()
        hook.last_error_message = message

    async def _obey(self, response: ClientResponse) -> None:
        """Do what the answer asks for: a bot may make one call in it, of which it hears nothing more."""
        with contextlib.suppress(ApiError):
            parameters = await _call_in(response)
            found = find_method(parameters.text("method"))
            if found:
                await self._api.call(*found, parameters)


async def _call_in(response: ClientResponse) -> Parameters:
    if response.content_type == "multipart/form-data":
        return await from_multipart(MultipartReader.from_response(response))
    body = await response.read()
    if response.content_type == "application/json" and body.lstrip().startswith(b"{"):
        return Parameters(from_json(body))
    if response.content_type == "application/x-www-form-urlencoded":
        return Parameters(from_form(body))
    return Parameters({})


def line_of(update: Json) -> Hashable:
    """What must stay in order: messages of a chat, presses of a person, reactions in a chat."""
    kind = next((name for name in update if name != "update_id"), "")
    content = update.get(kind)
    content = content if isinstance(content, dict) else {}
    if kind in ("callback_query", "chat_member", "my_chat_member", "chat_join_request"):
        return kind, content.get("from", {}).get("id")
    chat_id = content.get("chat", {}).get("id")
    return ("message" if "message_id" in content and "new_reaction" not in content else kind), chat_id


def retry_after(response: ClientResponse) -> float:
    """The seconds in a Retry-After header; 0 without one that makes sense."""
    asked = response.headers.get("Retry-After", "")
    return min(int(asked), LONGEST_RETRY_AFTER) if asked.isdigit() else 0
