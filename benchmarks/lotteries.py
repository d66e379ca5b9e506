"""A draw among many, and what entering costs as entrants grow."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import perf_counter, process_time

from benchmarks.checkins import new_group
from benchmarks.house import require, sqlite_database
from benchmarks.measuring import Finding, Side, at_most, cost_of, in_turns, report
from bot.domain.draws import Entrant, draw, listed, sha256
from bot.domain.groups import Group
from bot.domain.lotteries_terms import parse_terms
from bot.domain.members import Actor, Person
from bot.domain.proofs import make_proof, verify
from bot.services.clock import system_clock
from bot.services.lotteries import LotteryService
from bot.texts import load_texts
from handlers.lotteries_posts import LotteryPosts
from storage.database import Database
from storage.transaction import Transaction

FEW, MANY = 10_000, 100_000
WINNERS = 100
SECONDS = 2.0
ENTRIES = 100
TICK = 0.001
SEED = bytes(range(32))

_SENT = "UPDATE outbox SET state = 'sent'"
_FILL = """
WITH RECURSIVE m(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM m WHERE n < :many)
INSERT INTO lottery_entries (lottery_id, user_id, tickets, at) SELECT 1, 1000000 + n, 1 + n % 5, 0 FROM m
"""
_MEMBERS = """
INSERT INTO members (group_id, user_id, joined_at, last_seen_at)
SELECT l.group_id, e.user_id, 0, 0 FROM lottery_entries e JOIN lotteries l ON l.id = e.lottery_id
"""


def some(count: int) -> list[Entrant]:
    """So many entrants with one to five tickets."""
    return listed(Entrant(sha256(str(n).encode()), 1 + n % 5) for n in range(count))


def drawing(entrants: list[Entrant]) -> Side:
    """One draw as a round; the cost is an entrant's."""

    async def run() -> None:
        require(len(draw(SEED, entrants, [WINNERS])) == WINNERS, "some places stayed empty")

    return lambda: cost_of(len(entrants), run())


async def always(_chat_id: int, _user_id: int) -> bool:
    """Everybody is everywhere."""
    return True


class Entering:
    """New members enter one lottery, a hundred in a round, one after the other."""

    def __init__(self, database: Database, group: Group) -> None:
        self._service, self._group, self._next = LotteryService(database, system_clock), group, 1

    async def open(self, entrants: int) -> None:
        """With so many in it already."""
        words = LotteryPosts(self._group, load_texts())
        terms = parse_terms("Tea x1", system_clock(), "UTC")
        await self._service.open(self._group, terms, Actor(1, "Operator"), 1, words)

        def fill(tx: Transaction) -> None:
            tx.connection.exec_driver_sql(_FILL, {"many": entrants})
            tx.connection.exec_driver_sql(_MEMBERS)
            tx.connection.exec_driver_sql(
                "UPDATE lotteries SET entrants = :many, tickets = (SELECT sum(tickets) FROM lottery_entries)",
                {"many": entrants},
            )

        await self._service.database.write(fill)

    async def finish(self) -> "Finished":
        """Closes and draws, while somebody else writes all the time and the event loop is watched."""
        words = LotteryPosts(self._group, load_texts())
        async with watched(self._service.database) as finished:
            finished.listed = await taken(self._list(words))
            await self._service.database.write(lambda tx: tx.connection.exec_driver_sql(_SENT))
            finished.drawn = await taken(self._draw(words))
            finished.redrawn = await taken(self._redraw(words))
        return finished

    async def _list(self, words: LotteryPosts) -> None:
        await self._service.close(self._group, 1, words)
        await self._service.publish_list(self._group, 1, words, always)

    async def _draw(self, words: LotteryPosts) -> None:
        require(await self._service.draw(self._group, 1, words), "it was not drawn")

    async def _redraw(self, words: LotteryPosts) -> None:
        """Draws the first place again."""
        [winner] = await self._service.database.read(lambda tx: tx.lotteries.winners(1))
        missing, operator = Person(winner.user_id, "Winner"), Actor(1, "Operator")
        await self._service.redraw(self._group, 1, missing, "", operator, 2, words, always)
        winners = await self._service.database.read(lambda tx: tx.lotteries.winners(1))
        require(len(winners) == 2, "it was not drawn again")

    def side(self) -> Side:
        """A hundred entries as one round."""
        return lambda: cost_of(ENTRIES, self._run())

    async def _run(self) -> None:
        for _ in range(ENTRIES):
            self._next += 1
            await self._service.enter(self._group, 1, Person(self._next, "Member"), is_here=True)


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of the processor, which other work on the machine does not change, and on the clock."""

    cpu: float = 0.0
    wall: float = 0.0

    def __str__(self) -> str:
        return f"{self.cpu:.2f} s ({self.wall:.2f} s on the clock)"


async def taken(work: Awaitable[None]) -> Taken:
    """What something takes, with what is watched meanwhile."""
    cpu, wall = process_time(), perf_counter()
    await work
    return Taken(process_time() - cpu, perf_counter() - wall)


@dataclass(slots=True)
class Finished:
    """What closing, draw and redraw took, and how many seconds they held up the loop and another write at most."""

    listed: Taken = Taken()
    drawn: Taken = Taken()
    redrawn: Taken = Taken()
    stall: float = 0.0
    write: float = 0.0


@asynccontextmanager
async def watched(database: Database) -> AsyncIterator[Finished]:
    """Writes, and ticks, all the time."""
    finished = Finished()

    async def tick() -> None:
        while True:
            asked = perf_counter()
            await asyncio.sleep(TICK)
            finished.stall = max(finished.stall, perf_counter() - asked - TICK)

    async def write() -> None:
        while True:
            asked = perf_counter()
            await database.write(lambda tx: tx.connection.exec_driver_sql("UPDATE groups SET title = title"))
            finished.write = max(finished.write, perf_counter() - asked)
            await asyncio.sleep(TICK)

    tasks = [asyncio.create_task(tick()), asyncio.create_task(write())]
    gc.collect()
    gc.freeze()
    try:
        yield finished
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def measure() -> list[Finding]:
    """The draw alone and with its proof; then the hundred-thousandth entry beside the hundredth."""
    few, many = some(FEW), some(MANY)
    began = perf_counter()
    wins = draw(SEED, many, [WINNERS])
    drawn = perf_counter() - began
    proof = make_proof(
        {"algorithm": "hearthbot-draw-1", "prizes": [{"name": "Tea", "places": WINNERS}]}, SEED, many, wins
    )
    require(verify(proof) == [], "the proof does not fit")
    proved = perf_counter() - began
    draws = await in_turns({"many": drawing(many), "few": drawing(few)})
    async with AsyncExitStack() as stack:
        sides = {}
        for name, entrants in (("many", MANY), ("few", 100)):
            database = await stack.enter_async_context(sqlite_database())
            entering = Entering(database, await new_group(database))
            await entering.open(entrants)
            sides[name] = entering
        entries = await in_turns({name: entering.side() for name, entering in sides.items()})
        finished = await sides["many"].finish()
    return [
        Finding(
            f"a draw of {WINNERS} from {MANY:,} entrants",
            f"{drawn:.2f} s; {proved:.2f} s with its proof made and verified",
            f"<= {SECONDS:g} s",
            drawn <= SECONDS,
        ),
        Finding(
            f"closing and drawing {MANY:,} entrants through the service",
            f"CPU {finished.listed} for the list, {finished.drawn} for draw and proof; meanwhile at most "
            f"{finished.stall * 1e3:.0f} ms of stall for the loop, {finished.write * 1e3:.0f} ms for another's write",
            f"draw and proof <= {SECONDS:g} s on the clock",
            finished.drawn.wall <= SECONDS,
        ),
        Finding(
            f"drawing a place again among {MANY:,} entrants through the service, with the proof",
            f"CPU {finished.redrawn}",
            f"<= {SECONDS:g} s on the clock",
            finished.redrawn.wall <= SECONDS,
        ),
        at_most(
            1.5,
            f"a draw from {MANY:,} entrants, per entrant, vs one from {FEW:,}",
            draws.cpu_ratio("many", "few"),
            f"{draws.cpu('many')} vs {draws.cpu('few')} an entrant",
        ),
        at_most(
            1.5,
            f"entering after {MANY:,} others vs after 100",
            entries.wall_ratio("many", "few"),
            f"{entries.wall('many')} vs {entries.wall('few')}",
        ),
    ]


if __name__ == "__main__":
    report(asyncio.run(measure()))
