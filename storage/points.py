"""The ledger: entries are only ever added, and balances are kept beside them in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.points import Entry, NotEnoughPoints, Owner, Unit
from storage.prepared import Prepared
from storage.tables import Instant, ledger, people, wallets

_LINE = ("wallet_id", "user_id", "unit", "group_id", "amount", "earned", "reason", "note", "at")
_ADD = Prepared(
    insert(ledger).values({name: bindparam(name) for name in _LINE}).on_conflict_do_nothing().returning(ledger.c.id)
)
_new_wallet = insert(wallets).values(
    wallet_id=bindparam("wallet"),
    user_id=bindparam("user"),
    unit=bindparam("the_unit"),
    balance=bindparam("added"),
    earned=bindparam("added_earned"),
    changed_at=bindparam("now"),
)
_PAY = Prepared(
    _new_wallet.on_conflict_do_update(
        index_elements=[wallets.c.wallet_id, wallets.c.user_id, wallets.c.unit],
        set_={
            "balance": wallets.c.balance + _new_wallet.excluded.balance,
            "earned": wallets.c.earned + _new_wallet.excluded.earned,
            "changed_at": _new_wallet.excluded.changed_at,
        },
    ).returning(wallets.c.balance)
)
_OF_OWNER = (wallets.c.wallet_id == bindparam("wallet")) & (wallets.c.user_id == bindparam("user"))
_held = select(wallets.c.balance, wallets.c.earned).where(_OF_OWNER, wallets.c.unit == bindparam("the_unit"))
_BALANCE, _BALANCE_LOCKED = Prepared(_held), Prepared(_held.with_for_update())
# An upsert of a negative amount would fail the check of its INSERT before the conflict is seen.
_TAKE = Prepared(
    update(wallets)
    .where(_OF_OWNER, wallets.c.unit == bindparam("the_unit"))
    .values(
        balance=wallets.c.balance + bindparam("added"),
        earned=wallets.c.earned + bindparam("added_earned"),
        changed_at=bindparam("now", type_=Instant),
    )
    .returning(wallets.c.balance)
)
_AMOUNT = select(ledger.c.amount).where(
    ledger.c.wallet_id == bindparam("wallet"),
    ledger.c.user_id == bindparam("user"),
    ledger.c.unit == bindparam("the_unit"),
    ledger.c.reason == bindparam("the_reason"),
)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An entry as people read it."""

    at: datetime
    user_id: int
    name: str
    unit: Unit
    amount: int
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A wallet whose balance is not what its entries add up to."""

    owner: Owner
    unit: Unit
    balance: int
    entries: int


@dataclass(frozen=True, slots=True)
class PointsRepository:
    """The ledger of one transaction."""

    connection: Connection

    def add(self, entry: Entry) -> int:
        """Books the entry and returns the new balance. The same owner, unit and reason once more changes nothing.

        Raises `NotEnoughPoints` when the balance would fall below zero.
        """
        if entry.amount < 0:
            self._require(entry)
        if not self._is_new(entry):
            return self.balance(entry.owner, entry.unit)
        changes = _TAKE if entry.amount < 0 or entry.adds_to_earned < 0 else _PAY
        [[balance]] = changes.rows(
            self.connection,
            **_names(entry.owner, entry.unit),
            added=entry.amount,
            added_earned=entry.adds_to_earned,
            now=entry.at,
        )
        return int(balance)

    def _is_new(self, entry: Entry) -> bool:
        """Whether the entry was added to the ledger, because it was not there."""
        added = _ADD.rows(
            self.connection,
            wallet_id=entry.owner.wallet_id,
            user_id=entry.owner.user_id,
            unit=entry.unit,
            group_id=entry.group_id,
            amount=entry.amount,
            earned=entry.adds_to_earned,
            reason=entry.reason,
            note=entry.note,
            at=entry.at,
        )
        return bool(added)

    def _require(self, entry: Entry) -> None:
        balance = self.balance(entry.owner, entry.unit, lock=True)
        if balance + entry.amount < 0 and self.amount(entry.owner, entry.unit, entry.reason) is None:
            raise NotEnoughPoints(unit=entry.unit, balance=balance, needed=-entry.amount)

    def forfeit(self, owner: Owner, group_id: int, at: datetime) -> None:
        """Books back all that the owner has, in every unit."""
        for unit in get_args(Unit):
            held = self.balance(owner, unit, lock=True)
            if held:
                self.add(Entry(owner, group_id, unit, -held, f"left:{at.isoformat()}", at))

    def pool(self, from_wallet_id: int, into_wallet_id: int, reason: str, at: datetime) -> None:
        """Moves everything from one wallet into another, with an entry on both sides for every owner and unit."""
        held = self.connection.execute(
            select(wallets.c.user_id, wallets.c.unit, wallets.c.balance, wallets.c.earned).where(
                wallets.c.wallet_id == from_wallet_id, (wallets.c.balance > 0) | (wallets.c.earned > 0)
            )
        ).all()
        for user_id, unit, balance, earned in held:
            out = Entry(Owner(from_wallet_id, user_id), from_wallet_id, unit, -balance, reason, at, earned=-earned)
            self.add(out)
            into = Owner(into_wallet_id, user_id)
            self.add(replace(out, owner=into, amount=balance, earned=earned))

    def balance(self, owner: Owner, unit: Unit = "points", *, lock: bool = False) -> int:
        """What the owner has of a unit. With `lock`, nobody else changes it before the transaction ends."""
        held = (_BALANCE_LOCKED if lock else _BALANCE).rows(self.connection, **_names(owner, unit))
        return int(held[0][0]) if held else 0

    def earned(self, owner: Owner) -> int:
        """All points ever earned, whatever became of them."""
        held = _BALANCE.rows(self.connection, **_names(owner, "points"))
        return int(held[0][1]) if held else 0

    def amount(self, owner: Owner, unit: Unit, reason: str) -> int | None:
        """The amount booked under a reason."""
        return self.connection.execute(_AMOUNT, _names(owner, unit) | {"the_reason": reason}).scalar()

    def held_at(self, owner: Owner, unit: Unit, at: datetime) -> int:
        """What the owner had of a unit just before an instant."""
        held = self.connection.execute(
            select(func.coalesce(func.sum(ledger.c.amount), 0)).where(
                ledger.c.wallet_id == owner.wallet_id,
                ledger.c.user_id == owner.user_id,
                ledger.c.unit == unit,
                ledger.c.at < at,
            )
        ).scalar_one()
        return int(held)  # PostgreSQL adds up to a Decimal

    def log(self, wallet_id: int, user_id: int | None, limit: int) -> Sequence[LedgerLine]:
        """The latest entries of a wallet, or of one owner in it, newest first."""
        statement = (
            select(
                ledger.c.at,
                ledger.c.user_id,
                func.coalesce(people.c.name, ""),
                ledger.c.unit,
                ledger.c.amount,
                ledger.c.reason,
                ledger.c.note,
            )
            .outerjoin(people, people.c.id == ledger.c.user_id)
            .where(ledger.c.wallet_id == wallet_id)
            .order_by(ledger.c.id.desc())
            .limit(limit)
        )
        if user_id is not None:
            statement = statement.where(ledger.c.user_id == user_id)
        return [LedgerLine(*row) for row in self.connection.execute(statement)]

    def differences(self) -> Sequence[Difference]:
        """Every wallet that the ledger does not prove; none, unless somebody changed the database by hand."""
        sums = (
            select(
                ledger.c.wallet_id,
                ledger.c.user_id,
                ledger.c.unit,
                func.sum(ledger.c.amount).label("entries"),
                func.sum(ledger.c.earned).label("earned"),
            )
            .group_by(ledger.c.wallet_id, ledger.c.user_id, ledger.c.unit)
            .subquery()
        )
        same = (
            (wallets.c.wallet_id == sums.c.wallet_id)
            & (wallets.c.user_id == sums.c.user_id)
            & (wallets.c.unit == sums.c.unit)
        )
        balance, entries = func.coalesce(wallets.c.balance, 0), func.coalesce(sums.c.entries, 0)
        earned = func.coalesce(wallets.c.earned, 0)
        rows = self.connection.execute(
            select(
                func.coalesce(wallets.c.wallet_id, sums.c.wallet_id),
                func.coalesce(wallets.c.user_id, sums.c.user_id),
                func.coalesce(wallets.c.unit, sums.c.unit),
                balance,
                entries,
            )
            .select_from(wallets.join(sums, same, full=True))
            .where((balance != entries) | (earned != func.coalesce(sums.c.earned, 0)))
        )
        return [Difference(Owner(wallet, user), unit, int(has), int(adds)) for wallet, user, unit, has, adds in rows]

    def totals(self) -> tuple[int, int]:
        """How many entries and wallets there are, for the audit's last line."""
        entries = self.connection.execute(select(func.count()).select_from(ledger)).scalar_one()
        return entries, self.connection.execute(select(func.count()).select_from(wallets)).scalar_one()


def _names(owner: Owner, unit: Unit) -> dict[str, object]:
    return {"wallet": owner.wallet_id, "user": owner.user_id, "the_unit": unit}
