"""A message that offends nobody, in groups where every rule is on and 1,000 words are forbidden, against none."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.house import build_engine, require, said, sqlite_database
from benchmarks.measuring import Finding, Side, at_most, cost_of, in_turns, report
from bot.domain.members import Actor
from bot.engine import Engine
from bot.services.faq_index import FaqIndex
from handlers.intake import RawUpdate

MESSAGES, BATCH = 2_000, 100
MEMBERS, MODERATED, FREE = 500, range(-1_000, -1_050, -1), range(-2_000, -2_050, -1)
WORDS = 1_000
RULES = {"links": "all", "forwards": "all", "flood": "20/10", "repeats": "10/60"}
_OPERATOR = Actor(1, "Operator")
_LEXICON = (
    "早上好", "今天", "有新货吗", "想给家里", "买两件", "有人知道", "几点开门", "我也想要", "谢谢店长", "打不开",
    "haha", "yes", "see you", "the package", "arrived yesterday", "thank you", "it looks", "better than", "👍", "😊",
)  # fmt: skip


async def measure() -> list[Finding]:
    """The whole intake of the same chatter, where everything is moderated and where nothing is.

    With the FAQ as it is shipped, which folds every text as well; and without.
    """
    async with sqlite_database() as database:
        engine = build_engine(database)
        await _moderate(engine)
        await engine.faq_reload.follow()
        require(bool(engine.faq.library), "run it where the directory playbooks/ is")
        moderated, free = _chatter(engine, MODERATED), _chatter(engine, FREE)
        turns = await in_turns({"on": _intake(engine, moderated), "off": _intake(engine, free)})
        engine.faq.library = FaqIndex()
        bare = await in_turns({"on": _intake(engine, moderated), "off": _intake(engine, free)})
        caught = said(1, MODERATED[0], 1, "看看 谁在 卖 假货7 呀", datetime.now(UTC))["message"]
        require(engine.watch.suspicion("message", caught) is not None, "nothing was looked at")
        require(not await database.read(lambda tx: tx.updates.last_id(engine.bot.id)), "chatter was stored")
    return [
        at_most(
            1.3,
            f"moderation: a message that offends nobody, every rule on and {WORDS:,} words vs no rule, CPU",
            turns.cpu_ratio("on", "off"),
            f"{turns.cpu('on')} vs {turns.cpu('off')}",
        ),
        Finding(
            "the same where there is no FAQ",
            f"{bare.cpu_ratio('on', 'off')}: {bare.cpu('on')} vs {bare.cpu('off')}",
        ),
    ]


async def _moderate(engine: Engine) -> None:
    groups = engine.moderation_lists.groups
    words = [f"假货{n}" if n % 2 else f"scam{n}" for n in range(WORDS)]
    for update_id, chat_id in enumerate(MODERATED):
        group = await groups.of_chat(chat_id, "围炉小店 · Hearth Shop")
        for key, value in RULES.items():
            group = await groups.set(group, key, value, _OPERATOR, 10 * update_id + len(key))
        await engine.moderation_lists.forbid(group, words, _OPERATOR, 10 * update_id)


def _chatter(engine: Engine, chats: Sequence[int]) -> list[RawUpdate]:
    """Different words in every message, so that nothing can be remembered, by members who take turns.

    What the FAQ would answer is left out.
    """
    rng, now = random.Random(1), datetime.now(UTC)
    updates = [
        said(
            n,
            chats[n % len(chats)],
            1_000 + n % MEMBERS,
            " ".join([*rng.choices(_LEXICON, k=rng.randint(1, 5)), str(n)]),
            now + timedelta(seconds=n // 10),
        )
        for n in range(1, MESSAGES + 1)
    ]
    return [update for update in updates if engine.gate.request(update["message"]) is None]


def _intake(engine: Engine, updates: Sequence[RawUpdate]) -> Side:
    async def take() -> None:
        for first in range(0, len(updates), BATCH):
            await engine.intake.take(updates[first : first + BATCH])
        await engine.intake.activity.flush()

    return lambda: cost_of(len(updates), take())


if __name__ == "__main__":
    print(f"{MESSAGES} messages a round of {MEMBERS} members in {len(MODERATED)} groups")
    report(asyncio.run(measure()))
