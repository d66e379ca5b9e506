"""What an audit reads: every page of it from the same committed state, however long that takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Connection, Date, String, cast, func, literal, select, tuple_

from bot.domain.checkins import CheckIn
from storage.tables import changes, check_in_days, check_ins, groups, ledger

Place = tuple[int, int, date]
"""Where a page ended: group id, user id, day."""

PAGE = 2_000

_DAYS = (check_ins.c.day, check_ins.c.at, check_ins.c.zone, check_ins.c.kind, check_ins.c.streak)
_PLACE = (check_ins.c.group_id, check_ins.c.user_id, check_ins.c.day)


@dataclass(frozen=True, slots=True)
class GroupHistory:
    """What a group has set, and the texts each setting has had before and after a change."""

    id: int
    title: str
    is_retired: bool
    settings: Mapping[str, str]
    former: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class WrongCount:
    """A group's day whose count is not the number of its rows."""

    group_id: int
    day: date
    count: int
    rows: int


@dataclass(frozen=True, slots=True)
class UnpaidDay:
    """A day checked in that the ledger knows nothing of."""

    group_id: int
    user_id: int
    day: date


@dataclass(frozen=True, slots=True)
class AuditRepository:
    """An audit's questions, in one transaction."""

    connection: Connection

    def hold_still(self) -> None:
        """Lets all that follows see one state; the first statement of its transaction. SQLite's readers always do."""
        if self.connection.dialect.name == "postgresql":
            self.connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def check_ins_after(self, place: Place | None) -> Sequence[tuple[Place, CheckIn]]:
        """The next page of everybody's days, member by member, each oldest first; empty at the end."""
        statement = select(*_PLACE, *_DAYS).order_by(*_PLACE).limit(PAGE)
        if place is not None:
            group_id, user_id, day = place
            ended = tuple_(literal(group_id, BigInteger), literal(user_id, BigInteger), literal(day, Date))
            statement = statement.where(tuple_(*_PLACE) > ended)
        return [((row[0], row[1], row[2]), CheckIn(*row[3:])) for row in self.connection.execute(statement)]

    def groups(self) -> Sequence[GroupHistory]:
        """Every group, those that were merged into another one included."""
        former = self._former_settings()
        rows = self.connection.execute(
            select(groups.c.id, groups.c.title, groups.c.chat_id, groups.c.settings).order_by(groups.c.id)
        )
        return [
            GroupHistory(
                group_id,
                title,
                chat_id is None,
                settings,
                {k: frozenset(v) for k, v in former.get(group_id, {}).items()},
            )
            for group_id, title, chat_id, settings in rows
        ]

    def wrong_counts(self) -> Sequence[WrongCount]:
        """Every day whose count differs from its rows of members who checked in."""
        rows = (
            select(check_ins.c.group_id, check_ins.c.day, func.count().label("rows"))
            .where(check_ins.c.kind == "checked_in")
            .group_by(check_ins.c.group_id, check_ins.c.day)
            .subquery()
        )
        same = (check_in_days.c.group_id == rows.c.group_id) & (check_in_days.c.day == rows.c.day)
        count, found = func.coalesce(check_in_days.c.count, 0), func.coalesce(rows.c.rows, 0)
        group_id = func.coalesce(check_in_days.c.group_id, rows.c.group_id)
        day = func.coalesce(check_in_days.c.day, rows.c.day)
        statement = (
            select(group_id, day, count, found)
            .select_from(check_in_days.join(rows, same, full=True))
            .where(count != found)
            .order_by(group_id, day)
        )
        return [WrongCount(*row) for row in self.connection.execute(statement)]

    def wallets_paid_into(self) -> Mapping[int, Sequence[int]]:
        """By group, the wallets that its entries went into, at any time."""
        wallets: dict[int, list[int]] = {}
        for group_id, wallet_id in self.connection.execute(select(ledger.c.group_id, ledger.c.wallet_id).distinct()):
            wallets.setdefault(group_id, []).append(wallet_id)
        return wallets

    def unpaid_days(self, group_id: int, wallets: Sequence[int], merged: Sequence[int]) -> Sequence[UnpaidDay]:
        """A group's days checked in without an entry in the wallets; `merged` are groups that may be part of it now."""
        day = cast(check_ins.c.day, String)
        reasons = [literal(f"checkin:{paying}:") + day for paying in (group_id, *merged)]
        entry = (
            select(ledger.c.id)
            .where(
                ledger.c.wallet_id.in_(wallets),
                ledger.c.user_id == check_ins.c.user_id,
                ledger.c.unit == "points",
                ledger.c.reason.in_(reasons),
                ledger.c.group_id == group_id,
            )
            .exists()
        )
        statement = (
            select(*_PLACE)
            .where(check_ins.c.group_id == group_id, check_ins.c.kind == "checked_in", ~entry)
            .order_by(*_PLACE)
        )
        return [UnpaidDay(*row) for row in self.connection.execute(statement)]

    def days_checked_in(self, group_id: int) -> int:
        """How many rows of a group are days on which a member checked in."""
        return self.connection.execute(
            select(func.count())
            .select_from(check_ins)
            .where(check_ins.c.group_id == group_id, check_ins.c.kind == "checked_in")
        ).scalar_one()

    def counted_days(self) -> int:
        """How many days of groups have a count."""
        return self.connection.execute(select(func.count()).select_from(check_in_days)).scalar_one()

    def _former_settings(self) -> Mapping[int, Mapping[str, set[str]]]:
        statement = select(changes.c.group_id, changes.c.what, changes.c.before, changes.c.after).where(
            changes.c.what.startswith("setting:", autoescape=True)
        )
        former: dict[int, dict[str, set[str]]] = {}
        for group_id, what, before, after in self.connection.execute(statement):
            texts: list[Any] = [before, after]
            kept = former.setdefault(group_id, {}).setdefault(what.removeprefix("setting:"), set())
            kept.update(text for text in texts if isinstance(text, str))
        return former
