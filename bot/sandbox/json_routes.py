"""Routes of the JSON API and its websocket, with answers and refusals in their envelope."""

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType, web

from bot.sandbox.asking import read_asking
from bot.sandbox.errors import Refused
from bot.sandbox.json_api import ROUTES, Answer
from bot.sandbox.world import World

PREFIX = "/sandbox/api"
# How long (seconds) a page may take to agree to the end: a hanging one must not hold up the shutdown.
GOODBYE = 0.5

Endpoint = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_json_routes(app: web.Application, world: World) -> None:
    """Everything under `/sandbox/api`."""
    for verb, path, answer in ROUTES:
        app.router.add_route(verb, PREFIX + path, _endpoint(world, answer))
    app.router.add_get(PREFIX + "/events", _events(world))
    app.router.add_get(PREFIX + "/files/{file_id}", _file(world))


def refusal(sentence: str, status: int) -> web.Response:
    """What the page gets instead of a result."""
    return web.json_response({"ok": False, "error": sentence}, status=status)


def _endpoint(world: World, answer: Answer) -> Endpoint:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        try:
            result = answer(await read_asking(world, request))
            if inspect.isawaitable(result):
                result = await result
        except Refused as refused:
            return refusal(str(refused), refused.status)
        return web.json_response({"ok": True, "result": result})

    return endpoint


def _file(world: World) -> Endpoint:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        """A picture for the page, which has no token. Nothing else is shown as what it claims to be."""
        file = world.files.get(request.match_info["file_id"])
        if file is None:
            return refusal("There is no such file, or no more.", 404)
        is_picture = file.upload.mime_type in ("image/png", "image/jpeg", "image/gif", "image/webp")
        content_type = file.upload.mime_type if is_picture else "application/octet-stream"
        return web.Response(body=file.upload.content, content_type=content_type)

    return endpoint


def _events(world: World) -> Endpoint:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=30, timeout=GOODBYE)
        queue = world.events.listen()
        try:
            await socket.prepare(request)
            hangup = asyncio.create_task(_until_closed(socket))
            try:
                await _pass_on(queue, socket, hangup)
            finally:
                hangup.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await hangup
        finally:
            world.events.leave(queue)
        await socket.close()
        return socket

    return endpoint


async def _pass_on(
    queue: asyncio.Queue[dict[str, object] | None], socket: web.WebSocketResponse, hangup: asyncio.Task[None]
) -> None:
    while not hangup.done():
        arrival = asyncio.create_task(queue.get())
        await asyncio.wait({arrival, hangup}, return_when=asyncio.FIRST_COMPLETED)
        if not arrival.done():
            arrival.cancel()
            return
        event = arrival.result()
        if event is None:
            return
        with contextlib.suppress(ConnectionError):
            await socket.send_json(event)


async def _until_closed(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            return
