"""The audit: proves that balances, streaks and counts follow from what was written down. It changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from bot.domain.checkins import CheckIn, recount
from bot.domain.settings import OPTIONS, settings_from
from bot.services.lotteries_audits import differences_of
from storage.audits import AuditRepository, GroupHistory, Place
from storage.database import Database
from storage.points import Difference
from storage.transaction import Transaction

_DAYS_PAY = ("checkin_points", "checkin_cap")
"""The settings of which either, at 0, lets a day pay nothing."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was proved, a line each with the counts, and every difference found, a line each."""

    proved: Sequence[str]
    differences: Sequence[str]


async def audit(database: Database) -> Audit:
    """Looks at one committed state of the whole database, also while the bot writes the next ones."""
    return await database.read(lambda tx: _Auditing(tx, tx.audits).run())


@dataclass(slots=True)
class _Auditing:
    """One audit under way; memory holds a page of days, and the differences."""

    tx: Transaction
    audits: AuditRepository
    proved: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def run(self) -> Audit:
        self.audits.hold_still()
        groups = {group.id: group for group in self.audits.groups()}
        self._balances()
        self._streaks(groups)
        self._counts(groups)
        self._payments(groups)
        self._lotteries()
        self._invites()
        return Audit(self.proved, self.differences)

    def _balances(self) -> None:
        entries, wallets = self.tx.points.totals()
        self.differences += map(_unproved, self.tx.points.differences())
        self.proved.append(f"ledger: compared {wallets} balances with {entries} entries")

    def _streaks(self, groups: Mapping[int, GroupHistory]) -> None:
        hours = {group.id: _day_starts(group) for group in groups.values()}
        members = days = 0
        for (group_id, user_id), of_member in groupby(self._check_ins(), key=lambda found: found[0][:2]):
            before, members = None, members + 1
            for (_, _, day), stored in of_member:
                # Each day is counted from the stored one before it, so that a wrong one is reported once.
                counted = {recount(before, [stored], hour)[0].streak for hour in hours[group_id]}
                if stored.streak not in counted:
                    where, expected = _place(groups[group_id], user_id, day), " or ".join(map(str, sorted(counted)))
                    self.differences.append(f"streak: {where}: {stored.streak} stored, {expected} counted")
                before, days = stored, days + 1
        self.proved.append(f"streaks: recounted {days} days of {members} members")

    def _check_ins(self) -> Iterator[tuple[Place, CheckIn]]:
        page = self.audits.check_ins_after(None)
        while page:
            yield from page
            page = self.audits.check_ins_after(page[-1][0])

    def _counts(self, groups: Mapping[int, GroupHistory]) -> None:
        for wrong in self.audits.wrong_counts():
            where = f"{_name(groups[wrong.group_id])}, day {wrong.day}"
            self.differences.append(f"count: {where}: {wrong.count} counted, {wrong.rows} rows")
        self.proved.append(f"counts: compared {self.audits.counted_days()} days with their check-ins")

    def _payments(self, groups: Mapping[int, GroupHistory]) -> None:
        wallets = self.audits.wallets_paid_into()
        retired = [group.id for group in groups.values() if group.is_retired]
        paying = [group for group in groups.values() if _always_paid(group)]
        for group in paying:
            merged = [other for other in retired if other != group.id]
            for unpaid in self.audits.unpaid_days(group.id, wallets.get(group.id, ()), merged):
                where = _place(group, unpaid.user_id, unpaid.day)
                self.differences.append(f"payment: {where}: checked in, and the ledger has no entry")
        days = sum(self.audits.days_checked_in(group.id) for group in paying)
        left_out = len(groups) - len(paying)
        but = f"; left out {left_out} groups where a day could pay nothing" if left_out else ""
        self.proved.append(f"payments: looked for the entries of {days} check-ins{but}")

    def _lotteries(self) -> None:
        draws = 0
        for lottery in self.tx.lotteries.all():
            draws += lottery.state == "drawn"
            where = f"lottery {lottery.id}, group {lottery.group_id}"
            self.differences += [f"{where}: {difference}" for difference in differences_of(self.tx, lottery)]
        self.proved.append(f"lotteries: replayed {draws} draws from their entries")
        self.proved.append(f"prizes: compared {self.tx.prize_codes.given()} codes with their winners")

    def _invites(self) -> None:
        paid, booked = self.tx.invites.paid(), self.tx.invites.booked()
        for one in sorted(paid ^ booked, key=lambda one: (one.group_id, one.reason)):
            found = (
                "is in the ledger, and no invite was paid for"
                if one in booked
                else "was paid, and is not in the ledger"
            )
            where = f"invite: group {one.group_id}, user {one.inviter_id}"
            self.differences.append(f"{where}: {one.reason} of {one.amount} points {found}")
        self.proved.append(f"invites: compared {len(paid)} rewards with the ledger")


def _unproved(found: Difference) -> str:
    wallet = f"balance: wallet {found.owner.wallet_id}, user {found.owner.user_id}"
    if found.balance == found.entries:
        return f"{wallet}: the {found.unit} earned are not what its entries add to them"
    return f"{wallet}: {found.balance} {found.unit}, its entries add up to {found.entries}"


def _place(group: GroupHistory, user_id: int, day: date) -> str:
    return f"{_name(group)}, user {user_id}, day {day}"


def _name(group: GroupHistory) -> str:
    return f"group {group.id} ({' '.join(group.title.split())})"


def _day_starts(group: GroupHistory) -> set[int]:
    """Every hour at which the group's day has begun: the one of a row's time is not written down."""
    texts = {*group.former.get("day_starts_at", ()), OPTIONS["day_starts_at"].default}
    return {settings_from({**group.settings, "day_starts_at": text}, {}).day_starts_at for text in texts} | {
        settings_from(group.settings, {}).day_starts_at
    }


def _always_paid(group: GroupHistory) -> bool:
    """Whether every day of the group must have an entry, because its reward was never set to 0."""
    texts = {group.settings.get(key, "") for key in _DAYS_PAY}.union(*(group.former.get(key, ()) for key in _DAYS_PAY))
    return not any(text.isdigit() and int(text) == 0 for text in texts)
