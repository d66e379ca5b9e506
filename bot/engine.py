"""The engine: everything between a source of updates and the database, and what it does by itself."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TypeVar

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError

from bot.health import Health, answers, at_most, heard_within
from bot.parts import Parts
from bot.services.clock import Clock
from bot.settings import Settings
from handlers.context import ContextMiddleware
from handlers.dispatching import COMMANDS, Handling, build_dispatcher
from handlers.faq import overhearing
from handlers.intake import MOST_WAITING, Intake
from handlers.menus import register_menus
from handlers.polling import LONG_POLL
from handlers.sending import Delivering
from scheduler.alarms import Alarms
from storage.database import Database

PATIENCE = 15.0
"""Seconds that work under way gets to finish at a stop. What does not waits in the database."""

RING = 20
"""Seconds between two looks at what playbooks have due. One comes at every full minute, which is when slots are."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Engine(Parts):
    """The parts at work. `heard` tells when the source of updates last answered; `username` is the bot's own.

    Playbooks are looked at every so many seconds; where somebody may move the clock on, more often than elsewhere.
    """

    def __init__(
        self, settings: Settings, database: Database, bot: Bot, clock: Clock, ring_every: float = RING
    ) -> None:
        super().__init__(settings, database, bot, clock)
        self.ring_every = ring_every
        self.heard: Callable[[], float] | None = None
        self.username = ""
        bot.session.middleware(Delivering(self.metrics, self.groups, self.pace.note))
        self.metrics.activity_pending.set_function(lambda: self.activity.pending)

    @cached_property
    def intake(self) -> Intake:
        """What every source of updates gives them to."""
        context = ContextMiddleware(self.groups, self.members, self.texts, self.clock, self.settings.locale)
        handling = Handling(self.bot, build_dispatcher(context, self.by_name()), self.gate, self.operators)
        return Intake(
            self.updates,
            self.activity,
            self.gate,
            handling,
            self.metrics,
            overhear=overhearing(self.missed, self.faq_memory),
            suspect=self.watch.suspicion,
        )

    @cached_property
    def alarms(self) -> Alarms:
        """What is done again and again, in seconds."""
        alarms = Alarms()
        alarms.every(2, "draw lotteries, send what waits", self.lottery_timer.ring)
        alarms.every(2, "see to newcomers", self.doorkeeper.ring)
        alarms.every(5, "write activity", self.activity.flush)
        alarms.every(5, "write questions without an answer", self.missed.write)
        alarms.every(5, "write what was heard", self.faq_memory.write)
        alarms.every(5, "delete what is due", self.vanishing.sweep)
        alarms.every(5, "read FAQ files", self.faq_reload.follow)
        alarms.every(5, "read playbooks", self.playbooks.follow)
        alarms.every(10, "end raids", self.raids.ring)
        alarms.every(15, "call a person again", self.hand_over_timer.ring)
        alarms.every(5, "pin what playbooks posted", self.playbook_actions.follow_pins)
        alarms.every(5, "ask about what was missed, or may not have arrived", self.playbook_asking.ring)
        ring = self.playbook_runner.ring
        alarms.every(self.ring_every, "do what playbooks have due", ring, on_the_minute=True)
        alarms.every(30, "report what playbooks brought", self.playbook_reporter.ring, on_the_minute=True)
        alarms.every(30, "let invites count", self.invites.settle)
        alarms.every(30, "remind of introductions", self.introduction_timer.ring)
        alarms.every(3600, "forget what was heard", self.faq_memory.forget_old)
        alarms.every(3600, "forget old hand-overs", self.hand_overs.forget_old)
        alarms.every(3600, "forget old captchas", self.admissions.forget_old)
        alarms.every(3600, "forget old updates", self.updates.forget_old)
        alarms.every(3600, "forget old deliveries", self.deliveries.forget_old)
        return alarms

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
            {"playbooks": lambda: [str(mistake) for mistake in self.playbooks.mistakes]},
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Takes up what the last stop left, and at the end finishes what is under way."""
        menus: asyncio.Task[None] | None = None
        try:
            me = await persistently(self.bot.me)
            self.username = self.gate.username = me.username or ""
            await self.outbox.posts.resume()
            await self.lottery_timer.learn_keywords()
            await self.groups.load()
            await self.admissions.resume()
            await self.faq.load()
            await self.moderation_lists.load()
            await self.faq_reload.follow()
            await self.intake.resume()
            await self.deliveries.resume()
            await self.playbooks.follow()
            self.playbook_runner.lanes.run(self.playbook_runner.drain)
            await self.playbook_runner.ring()
            self.alarms.start()
            menus = asyncio.create_task(register_menus(self.bot, self.texts, COMMANDS))
            _freeze_memory()
            yield
        finally:
            if menus is not None:
                menus.cancel()
            self.alarms.stop()
            await self.playbook_runner.close(PATIENCE)
            await self.intake.close(PATIENCE)
            await self.missed.write()
            await self.faq_memory.write()
            await self.merged.close()
            await self.greeter.flush()
            await self.bot.session.close()


async def persistently(ask: Callable[[], Awaitable[T]]) -> T:
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
