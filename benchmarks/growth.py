"""What years of use do to a check-in, to a leaderboard, and to what a start reads."""

import asyncio
from dataclasses import dataclass

from benchmarks.checkins import Days, new_group, through_service
from benchmarks.house import ONE_DAY, START, require, sqlite_database
from benchmarks.measuring import Finding, Side, at_most, cost_of, in_turns, report
from bot.services.leaderboards import LENGTH
from storage.database import Database, Work
from storage.transaction import Transaction

DAYS = 500
"""For which each old member has checked in, up to the day before the benchmark's first."""

FEW, MANY = 2, 2_000
"""Old members: together 1,000 and 1,000,000 check-ins, and as many ledger entries."""

RANKED_FEW, RANKED_MANY = 100, 100_000
SEEN_FEW, SEEN_MANY = 100, 100_000
READS = 100
ROUNDS = 15

_CHECK_INS = """
WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM d WHERE n + 1 < :days),
               m(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM m WHERE n + 1 < :members)
INSERT INTO check_ins (group_id, user_id, day, at, zone, kind, streak, update_id)
SELECT 1, 1001 + m.n, date(:first, '+' || d.n || ' days'), :at + d.n * 86400000000, 'UTC', 'checked_in', d.n + 1, 0
FROM m, d
"""
_LEDGER = """
INSERT INTO ledger (wallet_id, user_id, group_id, unit, amount, earned, reason, at)
SELECT 1, user_id, 1, 'points', 10, 10, 'checkin:1:' || day, at FROM check_ins ORDER BY at, user_id
"""
_WALLETS = """
INSERT INTO wallets (wallet_id, user_id, unit, balance, earned, changed_at)
SELECT 1, user_id, 'points', sum(amount), sum(amount), max(at) FROM ledger GROUP BY user_id
"""
_RANKED = """
WITH RECURSIVE m(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM m WHERE n + 1 < :members)
INSERT INTO wallets (wallet_id, user_id, unit, balance, earned, changed_at)
SELECT 1, 5000000 + n, 'points', 1 + n * 7919 % 10007, 1, n FROM m
"""
_SEEN = """
WITH RECURSIVE u(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM u WHERE n < :updates)
INSERT INTO updates (bot_id, update_id, payload, received_at) SELECT 1, n, iif(n > :updates - 50, '{}', NULL), n FROM u
"""


@dataclass(frozen=True, slots=True)
class Past:
    """What a database already holds."""

    members: int
    ranked: int
    updates: int

    def fill(self, tx: Transaction) -> None:
        """Writes it, in the order in which it would have come."""
        first = START - ONE_DAY * DAYS
        at = int(first.timestamp() * 1e6)
        run = tx.connection.connection.driver_connection.execute  # type: ignore[union-attr]
        run(_CHECK_INS, {"days": DAYS, "members": self.members, "first": first.date().isoformat(), "at": at})
        for statement in (_LEDGER, _WALLETS):
            run(statement)
        run(_RANKED, {"members": self.ranked})
        run(_SEEN, {"updates": self.updates})


async def measure() -> list[Finding]:
    """An old database against a young one."""
    async with sqlite_database() as young, sqlite_database() as old:
        sides: dict[str, Side] = {}
        for name, database, past in (
            ("young", young, Past(FEW, RANKED_FEW, SEEN_FEW)),
            ("old", old, Past(MANY, RANKED_MANY, SEEN_MANY)),
        ):
            group = await new_group(database)
            await database.write(past.fill)
            sides[f"{name}: check-in"] = Days(through_service(database, group), 8).side()
            sides[f"{name}: leaderboard"] = _reading(database, _leaderboard)
            sides[f"{name}: waiting"] = _reading(database, _waiting)
        turns = await in_turns(sides, ROUNDS)

    def compared(goal: str, what: str) -> Finding:
        detail = f"{turns.cpu(f'old: {what}')} vs {turns.cpu(f'young: {what}')}"
        return at_most(1.2, goal, turns.cpu_ratio(f"old: {what}", f"young: {what}"), detail)

    return [
        compared("a check-in over 1,000,000 old check-ins and ledger entries vs 1,000, CPU", "check-in"),
        compared("the points leaderboard of 100,000 members vs 100, CPU", "leaderboard"),
        compared("what a start reads (50 waiting updates) over 100,000 handled ones vs 50, CPU", "waiting"),
    ]


def _leaderboard(tx: Transaction) -> None:
    require(len(tx.leaderboards.points(1, LENGTH)) == LENGTH, "the leaderboard is short")


def _waiting(tx: Transaction) -> None:
    require(len(tx.updates.waiting(1)) == 50, "not all updates wait")


def _reading(database: Database, work: Work[None]) -> Side:
    async def read() -> None:
        for _ in range(READS):
            await database.read(work)

    return lambda: cost_of(READS, read())


if __name__ == "__main__":
    report(asyncio.run(measure()))
