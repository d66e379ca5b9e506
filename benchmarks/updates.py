"""A whole check-in update, from the raw dictionary to the reply, against the same update without storage."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiogram import Bot, Dispatcher, Router
from aiogram.types import Message

from benchmarks.house import (
    ONE_DAY,
    START,
    build_engine,
    make_bot,
    require,
    require_consistent,
    said,
    sent_by,
    sqlite_database,
)
from benchmarks.measuring import Finding, Side, at_most, cost_of, in_turns, report
from bot.metrics import Metrics
from bot.services.activity import ActivityService
from bot.services.clock import system_clock
from bot.services.groups import GroupService
from bot.services.updates import UpdateService
from handlers.asking import Asks
from handlers.dispatching import COMMANDS, Handling
from handlers.gate import Gate
from handlers.intake import Intake, RawUpdate
from handlers.operators import Operators
from storage.database import Database

IN_FLIGHT, ROUNDS = 50, 15
DAYS = 6
"""Of one round, each with a check-in of every member in flight."""


@dataclass(frozen=True, slots=True)
class InMemory(UpdateService):
    """An update store that knows what it has seen, and keeps nothing else."""

    seen: set[int] = field(default_factory=set)

    async def receive(self, payloads: Mapping[int, str]) -> set[int]:
        """The ids that were never seen before."""
        new = payloads.keys() - self.seen
        self.seen.update(new)
        return new

    async def handled(self, update_id: int) -> None:
        """Forgets nothing, as there is nothing to forget."""


class Mornings:
    """Gives an intake the check-ins of one day after the other."""

    def __init__(self, intake: Intake, chat_of: Callable[[int], int], batch: int = IN_FLIGHT) -> None:
        self.total = 0
        self._intake = intake
        self._chat_of = chat_of
        self._batch = batch

    def side(self) -> Side:
        """`DAYS` days as one round."""
        return lambda: cost_of(DAYS * IN_FLIGHT, self._run())

    async def _run(self) -> None:
        for _ in range(DAYS):
            updates = self._morning()
            batches = [updates[n : n + self._batch] for n in range(0, IN_FLIGHT, self._batch)]
            await asyncio.gather(*map(self._intake.take, batches))
            await self._intake.lanes.at_most(0)

    def _morning(self) -> Sequence[RawUpdate]:
        at, first = START + ONE_DAY * (self.total // IN_FLIGHT), self.total + 1
        self.total += IN_FLIGHT
        return [said(first + n, self._chat_of(n), 1_001 + n, "签到", at) for n in range(IN_FLIGHT)]


async def measure() -> list[Finding]:
    """Polled (one batch), as a webhook (one by one), and all in one group, where each waits for the one before."""
    async with sqlite_database() as database, sqlite_database() as other, sqlite_database() as third:
        engines = {
            "polled": build_engine(database),
            "webhook": build_engine(other),
            "one group": build_engine(third),
        }
        bare, bare_bot = _without_storage(database)
        mornings = {
            "polled": Mornings(engines["polled"].intake, _own_chat),
            "webhook": Mornings(engines["webhook"].intake, _own_chat, batch=1),
            "one group": Mornings(engines["one group"].intake, lambda _: -1_000),
            "bare": Mornings(bare, _own_chat),
        }
        turns = await in_turns({name: side.side() for name, side in mornings.items()}, ROUNDS)
        for name, engine in engines.items():
            require(sent_by(engine.bot) == mornings[name].total, f"{name}: not every check-in was answered")
            await engine.intake.close(5)
            await require_consistent(engine.database, mornings[name].total)
        require(sent_by(bare_bot) == mornings["bare"].total, "the bare side left messages unanswered")
    return [
        at_most(
            4,
            "a whole check-in update, 50 in flight in 50 groups, CPU vs the same without storage",
            turns.cpu_ratio("polled", "bare"),
            f"{turns.cpu('polled')} vs {turns.cpu('bare')}; {turns.rate('polled')}",
        ),
        at_most(
            4,
            "the same, each update taken in by itself (webhook)",
            turns.cpu_ratio("webhook", "bare"),
            f"{turns.cpu('webhook')}; {turns.rate('webhook')}",
        ),
        Finding(
            "the same, all 50 in one group, where they are handled one after the other",
            f"{turns.cpu_ratio('one group', 'bare')}: {turns.cpu('one group')}; {turns.rate('one group')}",
        ),
    ]


def _own_chat(member: int) -> int:
    return -1_000 - member


def _without_storage(database: Database) -> tuple[Intake, Bot]:
    """The same path with a store in memory and a handler that answers the same words to everybody."""

    async def answer(message: Message) -> None:
        await message.reply("Checked in: day 1 in a row, +10 points, 10 in all.")

    bot, router, gate = make_bot(), Router(), Gate(COMMANDS)
    router.message.register(answer, Asks("checkin"))
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(router)
    activity = ActivityService(database, GroupService(database, system_clock))
    store = InMemory(database, system_clock, bot.id)
    return Intake(
        store, activity, gate, Handling(bot, dispatcher, gate, Operators(bot, system_clock, frozenset())), Metrics()
    ), bot


if __name__ == "__main__":
    report(asyncio.run(measure()))
