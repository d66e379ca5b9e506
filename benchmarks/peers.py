"""The same check-in twice more, as one would write it without this project's `Database`.

Both work on the product's own tables, with its pragmas and its rules, and pass its audit.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import aiosqlite
from sqlalchemy import BigInteger, event, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.domain.checkins import AlreadyCheckedIn, CheckIn, recount
from bot.domain.days import local_day
from bot.domain.groups import Group
from storage.tables import Instant

_PRAGMAS = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(eq=False)
class PlainCheckIns:
    """aiosqlite: one connection, one transaction a check-in, the statements that the service executes.

    `execute_fetchall` is the library's one hop to its thread for a statement and its rows.
    """

    database: aiosqlite.Connection
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    async def open(cls, path: str) -> "PlainCheckIns":
        """On a migrated file."""
        database = await aiosqlite.connect(path, isolation_level=None)
        for pragma in _PRAGMAS:
            await database.execute_fetchall(f"PRAGMA {pragma}")
        return cls(database)

    async def close(self) -> None:
        """Ends the connection."""
        await self.database.close()

    async def check_in(self, group: Group, user_id: int, at: datetime, update_id: int) -> int:
        """The new balance. Raises `AlreadyCheckedIn`."""
        async with self._one_at_a_time:
            await self._run("BEGIN IMMEDIATE")
            try:
                balance = await self._within(group, user_id, at, update_id)
            except BaseException:
                await self._run("ROLLBACK")
                raise
            await self._run("COMMIT")
        return balance

    async def _within(self, group: Group, user_id: int, at: datetime, update_id: int) -> int:
        instant = (at - _EPOCH) // timedelta(microseconds=1)
        await self._run(
            "INSERT INTO members (group_id, user_id, joined_at, last_seen_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (group_id, user_id) DO UPDATE SET last_seen_at = excluded.last_seen_at RETURNING joined_at",
            group.id, user_id, instant, instant,
        )  # fmt: skip
        last = await self._run(
            "SELECT day, at, zone, kind, streak FROM check_ins WHERE group_id = ? AND user_id = ? "
            "ORDER BY day DESC LIMIT 1",
            group.id, user_id,
        )  # fmt: skip
        before = None
        if last:
            day, then, zone, kind, streak = last[0]
            before = CheckIn(date.fromisoformat(day), _EPOCH + timedelta(microseconds=then), zone, kind, streak)
        today = _counted(group, before, at)
        await self._run(
            "INSERT INTO check_ins (group_id, user_id, day, at, zone, kind, streak, update_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            group.id, user_id, today.day.isoformat(), instant, today.zone, today.kind, today.streak, update_id,
        )  # fmt: skip
        await self._run(
            "INSERT INTO check_in_days (group_id, day, count, bonus) VALUES (?, ?, 1, 0) "
            "ON CONFLICT (group_id, day) DO UPDATE SET count = count + 1 RETURNING count, bonus",
            group.id, today.day.isoformat(),
        )  # fmt: skip
        reward = group.settings.checkin_rules.rewards.reward(today.streak)
        await self._run(
            "INSERT INTO ledger (wallet_id, user_id, group_id, unit, amount, earned, reason, note, at) "
            "VALUES (?, ?, ?, 'points', ?, ?, ?, '', ?) ON CONFLICT DO NOTHING RETURNING id",
            group.wallet_id, user_id, group.id, reward, reward, _reason(group, today), instant,
        )  # fmt: skip
        balances = await self._run(
            "INSERT INTO wallets (wallet_id, user_id, unit, balance, earned, changed_at) "
            "VALUES (?, ?, 'points', ?, ?, ?) ON CONFLICT (wallet_id, user_id, unit) DO UPDATE SET "
            "balance = balance + excluded.balance, earned = earned + excluded.earned, "
            "changed_at = excluded.changed_at RETURNING balance",
            group.wallet_id, user_id, reward, reward, instant,
        )  # fmt: skip
        return int(balances[0][0])

    async def _run(self, statement: str, *values: object) -> list[aiosqlite.Row]:
        return list(await self.database.execute_fetchall(statement, values))


class _Row(DeclarativeBase):
    pass


class _Member(_Row):
    __tablename__ = "members"
    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    joined_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)


class _CheckIn(_Row):
    __tablename__ = "check_ins"
    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    zone: Mapped[str]
    kind: Mapped[str]
    streak: Mapped[int]
    update_id: Mapped[int] = mapped_column(BigInteger)


class _Day(_Row):
    __tablename__ = "check_in_days"
    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class _Entry(_Row):
    __tablename__ = "ledger"
    id: Mapped[int] = mapped_column(primary_key=True)
    wallet_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = mapped_column(BigInteger)
    group_id: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    earned: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)


class _Wallet(_Row):
    __tablename__ = "wallets"
    wallet_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    balance: Mapped[int] = mapped_column(BigInteger)
    earned: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(eq=False)
class OrmCheckIns:
    """SQLAlchemy's async ORM on aiosqlite: a session a check-in, five connections, `BEGIN IMMEDIATE`.

    `BEGIN IMMEDIATE` makes it right: with a deferred one, two that read before they write refuse each other.
    """

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]

    @classmethod
    def open(cls, path: str) -> "OrmCheckIns":
        """On a migrated file."""
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=5, max_overflow=0)
        event.listen(engine.sync_engine, "connect", _set_up)
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return cls(engine, async_sessionmaker(engine, expire_on_commit=False))

    async def close(self) -> None:
        """Ends the connections."""
        await self.engine.dispose()

    async def check_in(self, group: Group, user_id: int, at: datetime, update_id: int) -> int:
        """The new balance. Raises `AlreadyCheckedIn`."""
        async with self.sessions.begin() as session:
            member = await session.get(_Member, (group.id, user_id))
            if member is None:
                session.add(_Member(group_id=group.id, user_id=user_id, joined_at=at, last_seen_at=at))
            else:
                member.last_seen_at = at
            today = _counted(group, await self._last(session, group.id, user_id), at)
            session.add(
                _CheckIn(
                    group_id=group.id, user_id=user_id, day=today.day, at=at, zone=today.zone, kind=today.kind,
                    streak=today.streak, update_id=update_id,
                )
            )  # fmt: skip
            day = await session.get(_Day, (group.id, today.day))
            if day is None:
                session.add(_Day(group_id=group.id, day=today.day, count=1))
            else:
                day.count += 1
            reward = group.settings.checkin_rules.rewards.reward(today.streak)
            return await self._pay(session, group, user_id, reward, _reason(group, today), at)

    async def _last(self, session: AsyncSession, group_id: int, user_id: int) -> CheckIn | None:
        newest = select(_CheckIn).filter_by(group_id=group_id, user_id=user_id).order_by(_CheckIn.day.desc()).limit(1)
        last = await session.scalar(newest)
        return CheckIn(last.day, last.at, last.zone, "checked_in", last.streak) if last else None

    async def _pay(
        self, session: AsyncSession, group: Group, user_id: int, reward: int, reason: str, at: datetime
    ) -> int:
        owner = {"wallet_id": group.wallet_id, "user_id": user_id, "unit": "points"}
        session.add(_Entry(**owner, group_id=group.id, amount=reward, earned=reward, reason=reason, at=at))
        wallet = await session.get(_Wallet, owner)
        if wallet is None:
            session.add(_Wallet(**owner, balance=reward, earned=reward, changed_at=at))
            return reward
        wallet.balance += reward
        wallet.earned += reward
        wallet.changed_at = at
        return wallet.balance


def _counted(group: Group, before: CheckIn | None, at: datetime) -> CheckIn:
    settings = group.settings
    today = local_day(at, settings.timezone, settings.day_starts_at)
    if before is not None and before.day >= today:
        raise AlreadyCheckedIn(streak=before.streak, next="")
    return recount(before, [CheckIn(today, at, settings.timezone)], settings.day_starts_at)[0]


def _reason(group: Group, today: CheckIn) -> str:
    return f"checkin:{group.id}:{today.day.isoformat()}"


def _set_up(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where "begin" says
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
