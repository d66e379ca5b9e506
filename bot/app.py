"""Runs the bot: on the platform by polling or webhook, or in the sandbox."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from aiogram.exceptions import TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import SetWebhook
from aiohttp import web

from bot.engine import Engine, persistently
from bot.health import add_health
from bot.parts import Parts
from bot.playbooks.overview import next_of, playbooks_of
from bot.sandbox.server import build_app
from bot.sandbox.world import World, default_world
from bot.services.clock import system_clock
from bot.services.groups import GroupService
from bot.serving import address, serving, stopped, tell, until_stopped
from bot.settings import Settings, SettingsError
from handlers.gate import HANDLED_KINDS
from handlers.polling import Polling
from handlers.sending import make_bot
from handlers.webhook import Webhook
from storage.database import Database, open_database

LOOKS = 100
"""How often it is looked whether all that is due is done, ten times a second, before the clock goes on regardless."""

EVENTS_AHEAD = timedelta(days=3)
"""How far ahead steps are looked for that a silence or the days since a join set off."""

SANDBOX_DATABASE = "sqlite+aiosqlite:///data/sandbox.db"
"""Where `hearthbot sandbox` plays while the settings are those of a real bot."""


async def run(settings: Settings, sandbox_world: Path | None = None, *, always_sandbox: bool = False) -> None:
    """Runs the bot until SIGINT or SIGTERM: on the platform when there is a token, else in the sandbox.

    Raises `SettingsError`, `DatabaseError`, `WorldError`, and `OSError` when the port is taken.
    """
    token = settings.bot_token.get_secret_value()
    database_url = settings.database_url.get_secret_value()
    in_sandbox = always_sandbox or not token
    if in_sandbox and token:
        database_url = SANDBOX_DATABASE
    async with AsyncExitStack() as stack:
        database = await open_database(database_url)
        stack.push_async_callback(database.close)
        if in_sandbox:
            _require_loopback(settings)
            world = await _world_after(database, sandbox_world)
            await until_stopped(_run_in_sandbox(settings, database, world))
        else:
            await until_stopped(_run_on_platform(settings, database))


async def serve_sandbox(settings: Settings, sandbox_world: Path | None) -> None:
    """Serves the Bot API and the page alone, for any other client, until SIGINT or SIGTERM."""
    _require_loopback(settings)
    world = _world(sandbox_world)
    async with serving(build_app(world), settings):
        tell(f"Page: {address(settings)}\nBot API: {address(settings)}  token: {world.token}")
        await stopped()


async def _run_in_sandbox(settings: Settings, database: Database, world: World) -> None:
    web_app = build_app(world)
    engine = sandbox_engine(settings, database, world)
    add_health(web_app, engine.health())
    world.upcoming = partial(next_post, engine)
    async with serving(web_app, settings):
        polling = Polling(engine.bot, engine.intake)
        engine.heard = lambda: polling.last_answer
        await know_groups(engine.groups, world)
        async with engine.running():
            tell(f"Hearthbot plays in the sandbox: open {address(settings)}")
            await polling.run()


def sandbox_engine(settings: Settings, database: Database, world: World) -> Engine:
    """The bot in a world whose clock is moved on: what a group takes in a minute is a minute of that clock."""
    engine = Engine(settings, database, make_bot(world.token, address(settings)), world.now, ring_every=1)
    engine.pace.monotonic = lambda: world.now().timestamp()
    return engine


async def next_post(parts: Parts) -> datetime | None:
    """When playbooks do something next in any group, after all that is due by now; None if nothing is in sight.

    Whoever moved the clock on before that is done would make it late, and greetings are not sent late.
    """
    await parts.playbook_runner.ring()
    for _ in range(LOOKS):
        if not await parts.deliveries.upcoming(timedelta(0)):
            break
        await asyncio.sleep(0.1)
    now, playbooks = parts.clock(), parts.playbooks
    found = [at for _, at in await parts.deliveries.upcoming(timedelta(days=400)) if at > now]
    for group in await parts.groups.all():
        pauses = await parts.steering.pauses(group)
        for playbook in playbooks_of(group, playbooks.playbooks) if group.is_present else ():
            coming = next_of(group, playbook, now, playbooks.calendar) if playbook.name not in pauses else None
            found += [coming.slot.at] if coming else []
    until = min([*found, now + EVENTS_AHEAD])
    event = await parts.deliveries.next_event(parts.playbook_runner.running.timetable.listeners, until)
    return event or min(found, default=None)


async def know_groups(groups: GroupService, world: World) -> None:
    """Makes the groups known that the bot is in from the start: playbooks play there before anybody has spoken."""
    for chat in world.chats.values():
        if chat.is_group and world.bot_in(chat).is_inside:
            await groups.record_presence(chat.id, chat.name, is_present=True)


async def _run_on_platform(settings: Settings, database: Database) -> None:
    bot = make_bot(settings.bot_token.get_secret_value(), settings.bot_api_url)
    engine = Engine(settings, database, bot, system_clock)
    web_app = web.Application()
    add_health(web_app, engine.health())
    try:
        if settings.webhook_url:
            await _run_webhook(settings, engine, web_app)
        else:
            await _run_polling(settings, engine, web_app)
    except (TelegramUnauthorizedError, TelegramNotFound):  # Telegram answers either, by how wrong a token is
        raise SettingsError("BOT_TOKEN: the platform does not accept it; ask @BotFather for the present one") from None


async def _run_polling(settings: Settings, engine: Engine, web_app: web.Application) -> None:
    polling = Polling(engine.bot, engine.intake)
    engine.heard = lambda: polling.last_answer
    async with AsyncExitStack() as stack:
        if settings.serves_http:
            await stack.enter_async_context(serving(web_app, settings))
        await stack.enter_async_context(engine.running())
        await persistently(engine.bot.delete_webhook)
        tell(f"Hearthbot is @{engine.username}. Stop it with Ctrl-C.")
        await polling.run()


async def _run_webhook(settings: Settings, engine: Engine, web_app: web.Application) -> None:
    secret = settings.webhook_secret.get_secret_value()
    webhook = Webhook(engine.intake, secret)
    web_app.router.add_post(urlsplit(settings.webhook_url).path or "/", webhook.receive)
    hook = SetWebhook(url=settings.webhook_url, secret_token=secret, allowed_updates=list(HANDLED_KINDS))
    async with engine.running(), serving(web_app, settings):
        try:
            await persistently(lambda: engine.bot(hook))
        except TelegramBadRequest as error:
            raise SettingsError(f"WEBHOOK_URL: the platform does not accept it ({error.message})") from None
        tell(f"Hearthbot is @{engine.username}, called at {settings.webhook_url}. Stop it with Ctrl-C.")
        try:
            await asyncio.get_running_loop().create_future()  # until it is cancelled
        finally:
            engine.intake.is_open = False


async def _world_after(database: Database, path: Path | None) -> World:
    """The world, with update and message ids that go on where the last one ended."""
    probe = _world(path)
    last = await database.read(lambda tx: tx.updates.last_id(probe.bot.id))
    return probe if last is None else _world(path, first_update_id=last + 1)


def _world(path: Path | None, first_update_id: int | None = None) -> World:
    if path is None:
        return default_world(first_update_id=first_update_id)
    return World.load(path.read_text("utf-8"), str(path), first_update_id=first_update_id)


def _require_loopback(settings: Settings) -> None:
    if settings.http_host not in {"localhost", "127.0.0.1", "::1"}:
        raise SettingsError("HTTP_HOST: the sandbox answers on this machine only; use 127.0.0.1")
