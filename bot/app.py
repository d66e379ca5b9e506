"""The composition root: the only module that knows every other."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import SetWebhook
from aiohttp import web

from bot.health import Health, add_health, answers, at_most, heard_within
from bot.metrics import Metrics
from bot.playbooks.calendars import Holidays
from bot.playbooks.faq import FaqFiles
from bot.playbooks.playbook_files import PlaybookReader
from bot.playbooks.timetable import Timetable
from bot.sandbox.server import build_app
from bot.sandbox.world import World, default_world
from bot.services.activity import ActivityService
from bot.services.admissions import AdmissionService
from bot.services.beacons import Drand
from bot.services.changes import ChangeService
from bot.services.checkins import CheckInService
from bot.services.clock import Clock, system_clock
from bot.services.deletions import DeletionService
from bot.services.deliveries import DeliveryService
from bot.services.faq import FaqService
from bot.services.faq_memory import FaqMemory
from bot.services.faq_missed import MissedService
from bot.services.faq_own import OwnFaqService
from bot.services.groups import GroupService
from bot.services.hand_overs import HandOverService
from bot.services.introductions import IntroductionService
from bot.services.invites import InviteService
from bot.services.joins import JoinService
from bot.services.leaderboards import LeaderboardService
from bot.services.lotteries import LotteryService
from bot.services.members import MemberService
from bot.services.moderation import ModerationService
from bot.services.moderation_lists import ModerationLists
from bot.services.moderation_watch import ModerationWatch
from bot.services.outbox import OutboxService
from bot.services.pictures import PictureService
from bot.services.points import PointsService
from bot.services.updates import UpdateService
from bot.services.welcomes import WelcomeService
from bot.serving import address, serving, stopped, tell, until_stopped
from bot.settings import Settings, SettingsError
from bot.texts import load_texts
from handlers.admissions_door import Door
from handlers.admissions_timer import Doorkeeper
from handlers.arrivals import Arrivals
from handlers.checkins import CHECK_IN_BUTTON
from handlers.context import ContextMiddleware
from handlers.dispatching import COMMANDS, Handling, build_dispatcher
from handlers.faq import overhearing
from handlers.faq_answers import FaqAnswers
from handlers.gate import HANDLED_KINDS, Gate
from handlers.greeting import Greeter
from handlers.hand_overs import HandOverTimer
from handlers.intake import MOST_WAITING, Intake
from handlers.introductions_timer import IntroductionTimer
from handlers.invites_links import InviteLinks
from handlers.lotteries_entering import Entrance
from handlers.lotteries_timer import LotteryTimer
from handlers.menus import register_menus
from handlers.merging import MergedReplies
from handlers.moderation_enforcing import Enforcement
from handlers.operators import Operators
from handlers.outbox import Outbox
from handlers.polling import LONG_POLL, Polling
from handlers.presence import Presence
from handlers.raids import Raids
from handlers.sending import Delivering, make_bot, posting
from handlers.vanishing import Vanishing
from handlers.webhook import Webhook
from scheduler.actions import Actions
from scheduler.alarms import Alarms
from scheduler.faq import FaqReload
from scheduler.lanes import EmbeddedLanes
from scheduler.pace import Limits, Pace
from scheduler.playbook_files import PlaybookReload
from scheduler.playbooks import PlaybookRunner, Running
from scheduler.posting import TelegramPoster
from scheduler.values import GroupValues
from storage.database import Database, open_database

PATIENCE = 15.0
"""Seconds that work under way gets to finish at a stop. What does not waits in the database."""

SANDBOX_DATABASE = "sqlite+aiosqlite:///data/sandbox.db"
"""Where `hearthbot sandbox` plays while the settings are those of a real bot."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


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
    engine = Engine.build(settings, database, make_bot(world.token, address(settings)), world.now)
    add_health(web_app, engine.health())
    async with serving(web_app, settings):
        polling = Polling(engine.bot, engine.intake)
        engine.heard = lambda: polling.last_answer
        async with engine.running():
            tell(f"Hearthbot plays in the sandbox: open {address(settings)}")
            await polling.run()


async def _run_on_platform(settings: Settings, database: Database) -> None:
    bot = make_bot(settings.bot_token.get_secret_value(), settings.bot_api_url)
    engine = Engine.build(settings, database, bot, system_clock)
    web_app = web.Application()
    add_health(web_app, engine.health())
    try:
        if settings.webhook_url:
            await _run_webhook(settings, engine, web_app)
        else:
            await _run_polling(settings, engine, web_app)
    except (TelegramUnauthorizedError, TelegramNotFound):  # Telegram answers either, by how wrong a token is
        raise SettingsError("BOT_TOKEN: the platform does not accept it; ask @BotFather for the present one") from None


async def _run_polling(settings: Settings, engine: "Engine", web_app: web.Application) -> None:
    polling = Polling(engine.bot, engine.intake)
    engine.heard = lambda: polling.last_answer
    async with AsyncExitStack() as stack:
        if settings.serves_http:
            await stack.enter_async_context(serving(web_app, settings))
        await stack.enter_async_context(engine.running())
        await _persistently(engine.bot.delete_webhook)
        tell(f"Hearthbot is @{engine.username}. Stop it with Ctrl-C.")
        await polling.run()


async def _run_webhook(settings: Settings, engine: "Engine", web_app: web.Application) -> None:
    secret = settings.webhook_secret.get_secret_value()
    webhook = Webhook(engine.intake, secret)
    web_app.router.add_post(urlsplit(settings.webhook_url).path or "/", webhook.receive)
    hook = SetWebhook(url=settings.webhook_url, secret_token=secret, allowed_updates=list(HANDLED_KINDS))
    async with engine.running(), serving(web_app, settings):
        try:
            await _persistently(lambda: engine.bot(hook))
        except TelegramBadRequest as error:
            raise SettingsError(f"WEBHOOK_URL: the platform does not accept it ({error.message})") from None
        tell(f"Hearthbot is @{engine.username}, called at {settings.webhook_url}. Stop it with Ctrl-C.")
        try:
            await asyncio.get_running_loop().create_future()  # until it is cancelled
        finally:
            engine.intake.is_open = False


@dataclass(slots=True)
class Engine:
    """Everything between a source of updates and the database. `heard` tells when the source last answered."""

    bot: Bot
    database: Database
    intake: Intake
    gate: Gate
    faq: FaqService
    missed: MissedService
    faq_memory: FaqMemory
    hand_over_timer: HandOverTimer
    faq_reload: FaqReload
    watch: ModerationWatch
    moderation_lists: ModerationLists
    merged: MergedReplies
    greeter: Greeter
    raids: Raids
    lottery_timer: LotteryTimer
    invites: InviteService
    introduction_timer: IntroductionTimer
    groups: GroupService
    doorkeeper: Doorkeeper
    playbooks: PlaybookReload
    alarms: Alarms
    metrics: Metrics
    heard: Callable[[], float] | None = None
    username: str = ""

    @classmethod
    def build(cls, settings: Settings, database: Database, bot: Bot, clock: Clock) -> "Engine":
        """Wires the parts together; nothing runs yet."""
        metrics, texts = Metrics(), load_texts()
        defaults = {"language": settings.locale, "timezone": settings.timezone}
        groups = GroupService(database, clock, defaults)
        members, activity = MemberService(database), ActivityService(database, groups)
        faq = FaqService(database, groups)
        missed, faq_memory = MissedService(database, faq), FaqMemory(database, faq, clock)
        hand_overs = HandOverService(database, clock)
        updates, deletions = UpdateService(database, clock, bot.id), DeletionService(database, clock)
        pace = Pace(_limits(settings), time.monotonic)
        bot.session.middleware(Delivering(metrics, groups, pace.note))
        vanishing, operators = Vanishing(bot, deletions), Operators(bot, clock, settings.owner_ids)
        merged = MergedReplies(vanishing)
        outbox, lotteries = (
            Outbox(bot, OutboxService(database, clock)),
            LotteryService(database, clock, Drand(settings.drand_servers)),
        )
        watch, moderation = ModerationWatch(clock), ModerationService(database, clock)
        groups.followers.append(watch.follow)
        moderation_lists = ModerationLists(database, groups, watch, clock)
        invites, introductions = InviteService(database, groups, clock), IntroductionService(database, groups, clock)
        introduction_timer = IntroductionTimer(introductions, texts, outbox)
        gate = Gate(COMMANDS, hears=faq.hears, introduces=introductions.hears, tidies=groups.tidies)
        joins, welcomes = JoinService(database, clock), WelcomeService(database, groups, clock)
        admissions, greeter = AdmissionService(database, clock), Greeter(bot, welcomes, texts)
        raids = Raids(joins, groups, outbox.posts, texts, settings.owner_ids)
        door = Door(bot, admissions, operators, texts, outbox, vanishing, clock)
        arrivals = Arrivals(door, greeter, raids, operators)
        doorkeeper = Doorkeeper(door, admissions, groups, joins, arrivals)
        hand_over_timer = HandOverTimer(hand_overs, groups, operators, texts, outbox)
        pictures = PictureService(database, bot.id, settings.playbooks_dir)
        presence = Presence(bot, clock)
        lottery_timer = LotteryTimer(bot, lotteries, groups, texts, outbox, gate, presence)
        services = {
            "activity": activity,
            "changes": ChangeService(database, groups, faq, moderation_lists, clock),
            "checkins": CheckInService(database),
            "enforcement": Enforcement(bot, clock, moderation, deletions, vanishing, outbox, texts),
            "entrance": Entrance(lotteries, presence, activity),
            "faq": faq,
            "faq_answers": FaqAnswers(bot, pictures, vanishing, hand_overs, operators, outbox, texts),
            "faq_memory": faq_memory,
            "groups": groups,
            "hand_overs": hand_overs,
            "introductions": introductions,
            "invite_links": InviteLinks(bot, invites),
            "invites": invites,
            "admissions": admissions,
            "arrivals": arrivals,
            "door": door,
            "doorkeeper": doorkeeper,
            "joins": joins,
            "leaderboards": LeaderboardService(database),
            "lotteries": lotteries,
            "lottery_timer": lottery_timer,
            "members": members,
            "merged": merged,
            "missed": missed,
            "metrics": metrics,
            "moderation": moderation,
            "moderation_lists": moderation_lists,
            "operators": operators,
            "outbox": outbox,
            "own_faq": OwnFaqService(database, faq, clock),
            "presence": presence,
            "points": PointsService(database, clock),
            "texts": texts,
            "vanishing": vanishing,
            "greeter": greeter,
            "watch": watch,
            "welcomes": welcomes,
        }
        context = ContextMiddleware(groups, members, texts, clock, settings.locale)
        handling = Handling(bot, build_dispatcher(context, services), gate, operators)
        metrics.activity_pending.set_function(lambda: activity.pending)
        alarms = Alarms()
        alarms.every(5, "write activity", activity.flush)
        alarms.every(5, "write questions without an answer", missed.write)
        alarms.every(5, "write what was heard", faq_memory.write)
        alarms.every(3600, "forget what was heard", faq_memory.forget_old)
        alarms.every(3600, "forget old hand-overs", hand_overs.forget_old)
        alarms.every(15, "call a person again", hand_over_timer.ring)
        alarms.every(5, "delete what is due", vanishing.sweep)
        alarms.every(10, "end raids", raids.ring)
        alarms.every(2, "draw lotteries, send what waits", lottery_timer.ring)
        alarms.every(2, "see to newcomers", doorkeeper.ring)
        alarms.every(30, "let invites count", invites.settle)
        alarms.every(30, "remind of introductions", introduction_timer.ring)
        playbooks = _playbooks(settings, database, posting(bot), groups, pace, clock)
        alarms.every(20, "do what playbooks have due", playbooks.runner.ring)
        alarms.every(5, "read playbooks", playbooks.follow)
        faq_reload = FaqReload(FaqFiles(settings.playbooks_dir), faq)
        alarms.every(5, "read FAQ files", faq_reload.follow)
        alarms.every(3600, "forget old updates", updates.forget_old)
        intake = Intake(
            updates, activity, gate, handling, metrics,
            overhear=overhearing(missed, faq_memory), suspect=watch.suspicion,
        )  # fmt: skip
        return cls(
            bot, database, intake, gate, faq, missed, faq_memory, hand_over_timer, faq_reload, watch, moderation_lists,
            merged, greeter, raids, lottery_timer, invites, introduction_timer, groups, doorkeeper, playbooks, alarms,
            metrics,
        )  # fmt: skip

    def health(self) -> Health:
        """What `/readyz` looks at."""

        async def source() -> str | None:
            return await heard_within(LONG_POLL * 4, self.heard)() if self.heard else None

        return Health(
            self.metrics,
            {
                "database": answers(lambda: self.database.read(lambda tx: tx.updates.last_id(self.bot.id))),
                "updates": source,
                "backlog": at_most(MOST_WAITING, lambda: self.intake.lanes.waiting),
            },
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Takes up what the last stop left, and at the end finishes what is under way."""
        menus: asyncio.Task[None] | None = None
        try:
            me = await _persistently(self.bot.me)
            self.username = self.gate.username = me.username or ""
            await self.lottery_timer.outbox.posts.resume()
            await self.lottery_timer.learn_keywords()
            await self.groups.load()
            await self.doorkeeper.admissions.resume()
            await self.faq.load()
            await self.moderation_lists.load()
            await self.faq_reload.follow()
            await self.intake.resume()
            await self.playbooks.runner.deliveries.resume()
            await self.playbooks.follow()
            self.playbooks.runner.lanes.run(self.playbooks.runner.drain)
            await self.playbooks.runner.ring()
            self.alarms.start()
            menus = asyncio.create_task(register_menus(self.bot, load_texts(), COMMANDS))
            _freeze_memory()
            yield
        finally:
            if menus is not None:
                menus.cancel()
            self.alarms.stop()
            await self.playbooks.runner.close(PATIENCE)
            await self.intake.close(PATIENCE)
            await self.missed.write()
            await self.faq_memory.write()
            await self.merged.close()
            await self.greeter.flush()
            await self.bot.session.close()


def _limits(settings: Settings) -> Limits:
    return Limits(settings.send_per_second, settings.send_per_group_second, settings.send_per_group_minute)


def _playbooks(
    settings: Settings, database: Database, bot: Bot, groups: GroupService, pace: Pace, clock: Clock
) -> PlaybookReload:
    """What runs playbooks, and follows their files."""
    calendar = Holidays()
    deliveries = DeliveryService(database, clock, settings.timezone, pace.limits.per_second)
    poster = TelegramPoster(bot, {"checkin": CHECK_IN_BUTTON})
    actions = Actions(poster, GroupValues(deliveries), deliveries)
    runner = PlaybookRunner(
        deliveries,
        groups,
        actions.performers,
        pace,
        EmbeddedLanes(clock),
        clock,
        Running({}, Timetable((), settings.timezone, calendar)),
    )
    return PlaybookReload(PlaybookReader(settings.playbooks_dir), runner, calendar, settings.timezone)


async def _persistently(ask: Callable[[], Awaitable[T]]) -> T:
    """Asks until the platform answers; a refusal that will not change is raised."""
    pause = 1.0
    while True:
        try:
            return await ask()
        except (TelegramUnauthorizedError, TelegramNotFound, TelegramBadRequest):
            raise
        except AiogramError as error:
            log.warning("the platform does not answer, trying again", reason=str(error), seconds=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, 30.0)


def _freeze_memory() -> None:
    """Hides what was imported from the garbage collector: a full collection would stall the loop for 0.2 s."""
    gc.collect()
    gc.freeze()


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
