"""Checking in, making up for a missed day, and keeping a streak with a freeze card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.checkins import (
    AlreadyCheckedIn,
    CheckIn,
    CheckInOff,
    CheckInRules,
    EnoughFreezeCards,
    TooManyMakeUps,
    current_streak,
    day_to_make_up,
    days_covered,
    last_day_covered,
    missed_days,
    recount,
)
from bot.domain.days import ONE_DAY, day_start, local_day
from bot.domain.groups import Group
from bot.domain.members import Person
from bot.domain.points import Entry, Owner, Unit
from bot.domain.refusals import Part
from bot.services.happenings import Happenings
from storage.database import Database
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """What a check-in brought: points in all (`reward`, of which `bonus` by luck), and what comes next.

    `place` counts the group's check-ins of the day; `frozen` are the missed days that freeze cards kept.
    """

    day: date
    streak: int
    reward: int
    bonus: int
    balance: int
    place: int
    days_to_next_tier: int | None
    frozen: Sequence[date]


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A healed day: the streak as it stands now, what was paid (`with_card`, else points), and a bonus, if any."""

    day: date
    streak: int
    with_card: bool
    cost: int
    bonus: int
    balance: int


@dataclass(frozen=True, slots=True)
class BoughtFreeze:
    """A freeze card bought: how many the member holds now, and the points left."""

    cards: int
    cost: int
    balance: int


@dataclass(frozen=True, slots=True)
class CheckInService:
    """Lets members check in. Every method takes the id of the update that asks; the same one again changes nothing."""

    database: Database
    happenings: Happenings | None = None

    async def check_in(self, group: Group, person: Person, at: datetime, update_id: int) -> CheckedIn:
        """Counts the group's day of an instant and pays for it.

        Raises `AlreadyCheckedIn` on the second try of a day, and `CheckInOff`.
        """
        _require_on(group)

        def work(tx: Transaction) -> CheckedIn:
            done = _CheckingIn(tx, group, person.id, at, update_id).run()
            if self.happenings is not None:
                self.happenings.checked_in(tx, group, person, done.day, done.streak, at)
            return done

        done = await self.database.write(work)
        if self.happenings is not None:
            self.happenings.tell()
        return done

    async def make_up(self, group: Group, person: Person, wanted: date | None, at: datetime, update_id: int) -> MadeUp:
        """Heals a missed day, for a card if the member has one, else for points.

        Raises `NothingToMakeUp`, `CannotMakeUp`, `TooManyMakeUps` and `NotEnoughPoints`.
        """
        _require_on(group)
        return await self.database.write(lambda tx: _MakingUp(tx, group, person.id, at, update_id).run(wanted))

    async def buy_freeze(self, group: Group, person: Person, at: datetime, update_id: int) -> BoughtFreeze:
        """Exchanges points for a freeze card. Raises `EnoughFreezeCards` and `NotEnoughPoints`."""
        _require_on(group)
        rules, owner = group.settings.checkin_rules, Owner(group.wallet_id, person.id)
        reason = f"freeze:{update_id}"

        def work(tx: Transaction) -> BoughtFreeze:
            tx.members.seen(group.id, person.id, at)
            if tx.points.amount(owner, "freeze", reason) is None:
                held = tx.points.balance(owner, "freeze")
                if held >= rules.freeze_limit:
                    raise EnoughFreezeCards(cards=held, limit=rules.freeze_limit)
                if rules.freeze_cost:
                    tx.points.add(Entry(owner, group.id, "points", -rules.freeze_cost, reason, at))
                tx.points.add(Entry(owner, group.id, "freeze", 1, reason, at))
            return BoughtFreeze(tx.points.balance(owner, "freeze"), rules.freeze_cost, tx.points.balance(owner))

        return await self.database.write(work)


def _require_on(group: Group) -> None:
    if not group.settings.checkin:
        raise CheckInOff


@dataclass(frozen=True, slots=True)
class _Unit:
    """What checking in and making up share: one member's days and wallet in one transaction."""

    tx: Transaction
    group: Group
    user_id: int
    at: datetime
    update_id: int

    @property
    def rules(self) -> CheckInRules:
        return self.group.settings.checkin_rules

    @property
    def zone(self) -> str:
        return self.group.settings.timezone

    @property
    def starts_at(self) -> int:
        return self.group.settings.day_starts_at

    @property
    def owner(self) -> Owner:
        return Owner(self.group.wallet_id, self.user_id)

    @property
    def today(self) -> date:
        return local_day(self.at, self.zone, self.starts_at)

    def caused_since(self, day: date) -> CheckIn | None:
        """The day that this very update brought, if it was handled before.

        Two days earlier than asked, since a change of zone in between moves a day by as much (UTC-12 to UTC+14).
        """
        since = day - 2 * ONE_DAY
        return self.tx.checkins.caused_by(self.group.id, self.user_id, self.update_id, since)

    def book(self, unit: Unit, amount: int, reason: str) -> None:
        if amount:
            self.tx.points.add(Entry(self.owner, self.group.id, unit, amount, reason, self.at))

    def reason(self, day: date) -> str:
        # The group is named because groups may share a wallet.
        return f"checkin:{self.group.id}:{day.isoformat()}"


class _CheckingIn(_Unit):
    """One check-in."""

    def run(self) -> CheckedIn:
        self.tx.members.seen(self.group.id, self.user_id, self.at)
        last = self.tx.checkins.last(self.group.id, self.user_id)
        if last is None or self.today > last_day_covered(last, self.zone, self.starts_at):
            return self._extend(last)
        return self._repeat(last) if self.at >= last.at else self._fill_in(last)

    def _extend(self, last: CheckIn | None) -> CheckedIn:
        frozen = self._freeze(last) if last else []
        today = CheckIn(self.today, self.at, self.zone)
        days = recount(last, [*frozen, today], self.starts_at)
        self.tx.checkins.add(self.group.id, self.user_id, days, self.update_id)
        return self._pay(days[-1], [day.day for day in days[:-1]])

    def _freeze(self, last: CheckIn) -> list[CheckIn]:
        """The missed days as frozen ones, if the member held a card for each of them before it began to be missed."""
        missed = missed_days(last, self.today, self.zone, self.starts_at)
        if not missed or len(missed) > self.rules.freeze_limit:
            return []
        end_of_first = day_start(missed[0] + ONE_DAY, self.zone, self.starts_at)
        if self.tx.points.held_at(self.owner, "freeze", end_of_first) < len(missed):
            return []
        if self.tx.points.balance(self.owner, "freeze", lock=True) < len(missed):
            return []
        for day in missed:
            self.book("freeze", -1, f"frozen:{self.group.id}:{day.isoformat()}")
        return [CheckIn(day, self.at, self.zone, "frozen") for day in missed]

    def _pay(self, today: CheckIn, frozen: Sequence[date]) -> CheckedIn:
        place, spent = self.tx.checkins.count_in(self.group.id, today.day)
        bonus = self._bonus(today.day, place, spent)
        reward = self.rules.rewards.reward(today.streak) + bonus
        entry = Entry(self.owner, self.group.id, "points", reward, self.reason(today.day), self.at)
        balance = self.tx.points.add(entry) if reward else self.tx.points.balance(self.owner)
        to_next = self.rules.rewards.days_to_next_tier(today.streak)
        return CheckedIn(today.day, today.streak, reward, bonus, balance, place, to_next, frozen)

    def _bonus(self, day: date, place: int, spent: int) -> int:
        extras = self.rules.extras
        if not (extras.first or extras.lucky):
            return 0
        bonus = extras.bonus(f"{self.group.id}:{day.isoformat()}:{self.user_id}", place == 1, spent)
        if bonus:
            self.tx.checkins.spend_bonus(self.group.id, day, bonus)
        return bonus

    def _repeat(self, last: CheckIn) -> CheckedIn:
        """The same answer as before to the update that checked in, a refusal to any other."""
        mine = self.caused_since(self.today)
        to_next = self.rules.rewards.days_to_next_tier(last.streak)
        if mine is None:
            raise AlreadyCheckedIn(streak=last.streak, next=Part("checkin.already_next", to_next) if to_next else "")
        reward = self.tx.points.amount(self.owner, "points", self.reason(mine.day)) or 0
        place = self.tx.checkins.count_of(self.group.id, mine.day)
        bonus = max(0, reward - self.rules.rewards.reward(mine.streak))
        balance, frozen = self.tx.points.balance(self.owner), self._frozen_before(mine)
        return CheckedIn(mine.day, mine.streak, reward, bonus, balance, place, to_next, frozen)

    def _frozen_before(self, mine: CheckIn) -> list[date]:
        """The days that a check-in froze: those right before it, stored with the same instant."""
        earliest = mine.day - ONE_DAY * self.rules.freeze_limit
        days = self.tx.checkins.since(self.group.id, self.user_id, earliest)
        return [c.day for c in days if c.kind == "frozen" and c.at == mine.at]

    def _fill_in(self, last: CheckIn) -> CheckedIn:
        """Counts a message that was sent before the member's latest check-in and is handled after it (a backlog)."""
        later = self.tx.checkins.since(self.group.id, self.user_id, self.today)
        before = self.tx.checkins.before(self.group.id, self.user_id, self.today)
        neighbours = [checkin for checkin in (before, *later[:1]) if checkin is not None]
        if any(self.today in days_covered(checkin, self.zone, self.starts_at) for checkin in neighbours):
            return self._repeat(last)
        days = recount(before, [CheckIn(self.today, self.at, self.zone), *later], self.starts_at)
        self.tx.checkins.add(self.group.id, self.user_id, days[:1], self.update_id)
        self.tx.checkins.set_streaks(self.group.id, self.user_id, days[1:])
        return self._pay(days[0], ())


class _MakingUp(_Unit):
    """One make-up."""

    def run(self, wanted: date | None) -> MadeUp:
        joined = self.tx.members.seen(self.group.id, self.user_id, self.at)
        rules = self.rules.make_ups
        earliest = self.today - ONE_DAY * rules.days
        mine = self.caused_since(earliest)
        if mine is not None:
            return self._done(mine.day, bonus=self.tx.points.amount(self.owner, "points", self._bonus_reason(mine.day)))
        self._require_monthly()
        window = self.tx.checkins.since(self.group.id, self.user_id, earliest)
        joined_on = local_day(joined, self.zone, self.starts_at)
        day = day_to_make_up(wanted, {c.day for c in window}, self.today, joined_on, rules)
        self._pay_for(day)
        return self._done(day, bonus=self._heal(day, window))

    def _require_monthly(self) -> None:
        rules = self.rules.make_ups
        month_start = day_start(self.today.replace(day=1), self.zone, self.starts_at)
        if self.tx.checkins.made_up_since(self.group.id, self.user_id, month_start) >= rules.monthly:
            raise TooManyMakeUps(monthly=rules.monthly)

    def _pay_for(self, day: date) -> None:
        if self.tx.points.balance(self.owner, "makeup", lock=True):
            self.book("makeup", -1, self._reason(day))
        else:
            self.book("points", -self.rules.make_ups.cost, self._reason(day))

    def _heal(self, day: date, window: Sequence[CheckIn]) -> int:
        before = self.tx.checkins.before(self.group.id, self.user_id, day)
        later = [c for c in window if c.day > day]
        days = recount(before, [CheckIn(day, self.at, self.zone, "made_up"), *later], self.starts_at)
        self.tx.checkins.add(self.group.id, self.user_id, days[:1], self.update_id)
        self.tx.checkins.set_streaks(self.group.id, self.user_id, days[1:])
        rewards = self.rules.rewards
        bonus = sum(
            rewards.reward(c.streak) - rewards.reward(old.streak) for c, old in zip(days[1:], later, strict=True)
        )
        paid = max(0, rewards.reward(days[0].streak) + bonus) if self.rules.make_ups.pays else 0
        self.book("points", paid, self._bonus_reason(day))
        return paid

    def _done(self, day: date, bonus: int | None) -> MadeUp:
        last = self.tx.checkins.last(self.group.id, self.user_id)
        cost = self.tx.points.amount(self.owner, "points", self._reason(day))
        streak = current_streak(last, self.today, self.zone, self.starts_at)
        with_card = self.tx.points.amount(self.owner, "makeup", self._reason(day)) is not None
        return MadeUp(day, streak, with_card, -(cost or 0), bonus or 0, self.tx.points.balance(self.owner))

    def _reason(self, day: date) -> str:
        return f"makeup:{self.group.id}:{day.isoformat()}"

    def _bonus_reason(self, day: date) -> str:
        return f"makeup-bonus:{self.group.id}:{day.isoformat()}"
