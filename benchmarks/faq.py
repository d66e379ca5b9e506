"""The FAQ with 10,000 keywords against 10: the look-up, a whole message, memory, and a reload while the loop runs."""

import asyncio
import ctypes
import gc
import random
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.house import build_engine, require, said, sqlite_database
from benchmarks.measuring import Cost, Finding, Side, at_most, cost_of, in_turns, report
from bot.domain.faq import Entry, Keyword
from bot.engine import Engine
from bot.playbooks.faq import FaqFiles
from bot.services.faq_index import FaqIndex, normal_form
from handlers.intake import RawUpdate
from scheduler.aside import aside

MANY, FEW = 10_000, 10
RELOADS = 10
MESSAGES = 2_000
_WORDS = "退货 发货 尺码 优惠 会员 运费 开门 地址 发票 换货 预售 签收 包装 赠品 现货 订单 付款 客服".split()  # noqa: SIM905
_CHATTER = (
    "早上好呀大家",
    "今天有新货吗？想给家里买两件",
    "I also want one!",
    "谢谢店长",
    "The package arrived yesterday 😊",
)


def _keywords(count: int) -> list[str]:
    rng = random.Random(1)
    made: dict[str, None] = {}
    while len(made) < count:
        made[
            "".join(rng.sample(_WORDS, 2)) + chr(rng.randrange(0x4E00, 0x9FA5)) + chr(rng.randrange(0x4E00, 0x9FA5))
        ] = None
    return list(made)


def _index(keywords: list[str]) -> FaqIndex:
    return FaqIndex.of(
        Entry(f"e{number}", (Keyword(keyword, "contains"),), ("answer",)) for number, keyword in enumerate(keywords)
    )


async def measure() -> list[Finding]:
    """Ratios in one run, and the two absolute goals."""
    keywords = _keywords(MANY)
    megabytes = _memory_of(keywords)
    many, few = _index(keywords), _index(keywords[:FEW])
    rng = random.Random(2)
    texts = [rng.choice(_CHATTER) if n % 10 else f"请问{rng.choice(keywords[:FEW])}怎么弄呀" for n in range(MESSAGES)]
    normal = [normal_form(text) for text in texts]
    require(
        [bool(many.hits(t)) for t in normal] == [bool(few.hits(t)) for t in normal], "the two find different things"
    )
    updates = [said(n, -1_000 - n % 50, 1_000 + n % 500, text) for n, text in enumerate(texts, 1)]
    async with sqlite_database() as database:
        engine = build_engine(database)
        chatter = [update for update, text in zip(updates, texts, strict=True) if text in _CHATTER]
        turns = await in_turns(
            {
                "look-up of 10,000": _look_up(many, normal),
                "look-up of 10": _look_up(few, normal),
                "message of 10,000": _intake(engine, many, chatter),
                "message of 10": _intake(engine, few, chatter),
            }
        )
        await engine.intake.activity.flush()
    stalls = [await _stall(keywords) for _ in range(RELOADS)]
    longest, on_the_clock = (max(stall[n] for stall in stalls) * 1e3 for n in (0, 1))
    return [
        at_most(
            6.5,
            "FAQ look-up alone, 10,000 keywords vs 10",
            turns.cpu_ratio("look-up of 10,000", "look-up of 10"),
            f"{turns.cpu('look-up of 10,000')} vs {turns.cpu('look-up of 10')}",
        ),
        at_most(
            1.1,
            "a whole message against the FAQ, 10,000 keywords vs 10",
            turns.cpu_ratio("message of 10,000", "message of 10"),
            f"{turns.cpu('message of 10,000')} vs {turns.cpu('message of 10')}",
        ),
        Finding(
            "memory of an index of 10,000 keywords, suggestions too, entries aside",
            f"{megabytes:.1f} MB",
            "< 5 MB",
            megabytes < 5,
        ),
        Finding(
            f"the longest stall of the loop in {RELOADS} readings of 10,000 entries, processor time of this process",
            f"{longest:.0f} ms; {on_the_clock:.0f} ms on the clock, which the machine's other work lengthens",
            "< 50 ms",
            longest < 50,
        ),
    ]


def _memory_of(keywords: list[str]) -> float:
    entries = [Entry(f"e{n}", (Keyword(keyword, "contains"),), ("answer",)) for n, keyword in enumerate(keywords)]
    FaqIndex.of(entries[:FEW])
    _give_back()
    before = _resident()
    index = FaqIndex.of(entries)
    _give_back()
    grown = _resident() - before
    require(len(index.entries) == MANY, "not all entries are in the index")
    return grown / 2**20


def _give_back() -> None:
    """Lets the system have what was freed, such as what building an index took, so that it is not counted."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def _resident() -> int:
    """Bytes of this process in memory, as Linux counts them."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()


def _look_up(index: FaqIndex, texts: list[str]) -> Side:
    async def look_up() -> None:
        for text in texts:
            index.hits(text)

    return lambda: cost_of(len(texts), look_up())


def _intake(engine: Engine, index: FaqIndex, updates: list[RawUpdate]) -> Side:
    async def take() -> None:
        engine.faq.library = index
        for first in range(0, len(updates), 100):
            await engine.intake.take(updates[first : first + 100])

    async def side() -> Cost:
        return await cost_of(len(updates), take())

    return side


async def _stall(keywords: list[str]) -> tuple[float, float]:
    """The longest that the loop was kept from its turn while files of 10,000 entries were read.

    First what this process worked meanwhile, which is what a thread that does not let go costs; then on the clock.
    """
    with TemporaryDirectory() as directory:
        folder = Path(directory) / "faq"
        folder.mkdir()
        entries = "\n".join(
            f"  - name: e{n}\n    keywords: [{keyword}]\n    answers: [Answer {n}]"
            for n, keyword in enumerate(keywords)
        )
        (folder / "many.yaml").write_text(f"entries:\n{entries}\n", "utf-8")
        reading = asyncio.create_task(aside(FaqFiles(Path(directory)).look))
        longest, last = (0.0, 0.0), (time.process_time(), time.perf_counter())
        while not reading.done():
            await asyncio.sleep(0.001)
            now = time.process_time(), time.perf_counter()
            longest = max(longest[0], now[0] - last[0]), max(longest[1], now[1] - last[1] - 0.001)
            last = now
        found = reading.result()
    require(found is not None and len(found[0].entries) == MANY, "not all entries were read")
    return longest


if __name__ == "__main__":
    report(asyncio.run(measure()))
