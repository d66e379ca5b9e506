"""A message that nobody reacts to: the whole intake, activity counted and written, against aiogram alone."""

import asyncio
import random
from collections.abc import Sequence

from aiogram import Dispatcher, Router
from aiogram.types import Message, Update

from benchmarks.house import build_engine, make_bot, require, said, sqlite_database
from benchmarks.measuring import Finding, Side, at_most, cost_of, in_turns, report
from bot.engine import Engine
from handlers.feature import Command
from handlers.gate import Gate
from handlers.intake import RawUpdate

MESSAGES = 2_000
"""Of one round, with one write of the activity for all: five seconds' worth at 400 messages a second."""

GROUPS, MEMBERS, BATCH = 50, 500, 100
_TEXTS = (
    "早上好呀大家", "今天有新货吗？想给家里买两件", "haha yes", "有人知道几点开门吗", "我也想要一个！",
    "ok, see you there",
    "The package arrived yesterday, thank you so much, it looks even better than in the pictures 😊", "👍", "谢谢店长",
    "这个链接打不开，帮忙看一下 https://example.org/item/4711",
)  # fmt: skip


async def measure() -> list[Finding]:
    """The intake against the two ways aiogram can be fed, and against itself with fifty times the features."""
    rng = random.Random(1)
    updates = [
        said(n, -1_000 - member % GROUPS, 1_000 + member, rng.choice(_TEXTS))
        for n, member in enumerate(rng.choices(range(MEMBERS), k=MESSAGES), 1)
    ]
    async with sqlite_database() as database:
        engine = build_engine(database)
        one, fifty = Gate(_commands(1)), Gate(_commands(50))
        turns = await in_turns(
            {
                "intake": _intake(engine, engine.gate, updates),
                "quiet": _intake(engine, engine.gate, updates, batch=1, write_every=100),
                "1 feature": _intake(engine, one, updates),
                "50 features": _intake(engine, fifty, updates),
                "feed_update": _feed_update(updates),
                "feed_raw_update": _feed_raw_update(updates),
            }
        )
        require(not engine.intake.activity.pending, "activity was left unwritten")
    ours = f"{turns.cpu('intake')} CPU a message"
    return [
        at_most(
            1.5,
            "chatter: intake with activity, CPU vs bare aiogram `feed_update` (already parsed)",
            turns.cpu_ratio("intake", "feed_update"),
            f"{ours} vs {turns.cpu('feed_update')}",
        ),
        Finding(
            "the same vs `feed_raw_update`, which parses as the intake does",
            f"{turns.cpu_ratio('intake', 'feed_raw_update')}: {ours} vs {turns.cpu('feed_raw_update')}",
        ),
        Finding(
            "the same where little is said: batches of one, a write for every 100 messages (20 a second)",
            f"{turns.cpu_ratio('quiet', 'feed_update')}: {turns.cpu('quiet')}",
        ),
        at_most(
            1.1,
            "chatter: 50 features vs 1 (2 commands and 8 keywords each), CPU",
            turns.cpu_ratio("50 features", "1 feature"),
            f"{turns.cpu('50 features')} vs {turns.cpu('1 feature')}",
        ),
    ]


def _commands(features: int) -> list[Command]:
    return [
        Command(f"feature{feature}_{n}", tuple(f"关键词{feature} {n} {m}" for m in range(4)))
        for feature in range(features)
        for n in range(2)
    ]


def _intake(
    engine: Engine, gate: Gate, updates: Sequence[RawUpdate], batch: int = BATCH, write_every: int = MESSAGES
) -> Side:
    async def take() -> None:
        engine.intake.gate = gate
        for first in range(0, len(updates), batch):
            await engine.intake.take(updates[first : first + batch])
            if (first + batch) % write_every == 0:
                await engine.intake.activity.flush()

    return lambda: cost_of(len(updates), take())


def _bare() -> Dispatcher:
    async def nothing(_: Message) -> None:
        pass

    async def always(_: Message) -> bool:
        return True

    router = Router()
    router.message.register(nothing, always)
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    return dispatcher


def _feed_update(raw: Sequence[RawUpdate]) -> Side:
    dispatcher, bot = _bare(), make_bot()
    updates = [Update.model_validate(update, context={"bot": bot}) for update in raw]

    async def feed() -> None:
        for update in updates:
            await dispatcher.feed_update(bot, update)

    return lambda: cost_of(len(updates), feed())


def _feed_raw_update(updates: Sequence[RawUpdate]) -> Side:
    dispatcher, bot = _bare(), make_bot()

    async def feed() -> None:
        for update in updates:
            await dispatcher.feed_raw_update(bot, update)

    return lambda: cost_of(len(updates), feed())


if __name__ == "__main__":
    print(f"{MESSAGES} messages a round of {MEMBERS} members in {GROUPS} groups")
    report(asyncio.run(measure()))
