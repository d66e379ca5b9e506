"""A process that serves HTTP and runs until it is told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from bot.settings import Settings

log = structlog.get_logger(__name__)


@asynccontextmanager
async def serving(app: web.Application, settings: Settings) -> AsyncIterator[None]:
    """Serves an application on `HTTP_HOST` and `HTTP_PORT`. Raises `OSError` when the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
        yield
    finally:
        await runner.cleanup()


async def until_stopped(source: Awaitable[None]) -> None:
    """Runs something, its start and its end included, until a signal; raises what it raises."""
    running = asyncio.ensure_future(source)
    signalled = asyncio.ensure_future(stopped())
    await asyncio.wait({running, signalled}, return_when=asyncio.FIRST_COMPLETED)
    for task in (running, signalled):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def stopped() -> None:
    """Returns at SIGINT or SIGTERM."""
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, event.set)
    await event.wait()
    log.info("stopping")


def tell(line: str) -> None:
    """Tells whoever started the process; the log is for those who watch it."""
    print(line, flush=True)  # noqa: T201


def address(settings: Settings) -> str:
    """Where a browser on this machine finds what is served."""
    host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host  # IPv6, RFC 3986
    return f"http://{host}:{settings.http_port}"
