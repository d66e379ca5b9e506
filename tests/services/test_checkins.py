"""Check-ins at once, and over many days against a model that knows nothing of how they are stored."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.checkins import AlreadyCheckedIn, recount
from bot.domain.days import ONE_DAY, local_day
from bot.domain.groups import Group
from bot.domain.members import Actor, Person
from bot.domain.points import Entry, Owner
from bot.domain.refusals import Refusal
from bot.services.audits import audit
from bot.services.checkins import BoughtFreeze, CheckedIn, CheckInService, MadeUp
from bot.services.groups import GroupService
from bot.services.points import PointsService
from storage.database import Database, EmbeddedDatabase
from tests.conftest import StoppedClock

ALICE = Person(1001, "Alice")
OPERATOR = Actor(9, "Olivia")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

_chat_ids, _update_ids = count(1), count(1)


async def new_group(database: Database, **texts: str) -> Group:
    groups = GroupService(database, StoppedClock(NOON))
    group = await groups.of_chat(-next(_chat_ids), "Hearth")
    for key, text in texts.items():
        group = await groups.set(group, key, text, OPERATOR, next(_update_ids))
    return group


async def balance_of(database: Database, group: Group, user_id: int = ALICE.id) -> int:
    return await database.read(lambda tx: tx.points.balance(Owner(group.wallet_id, user_id)))


async def test_of_five_check_ins_at_once_one_counts(database: Database) -> None:
    group, service = await new_group(database), CheckInService(database)

    done = await asyncio.gather(
        *(service.check_in(group, ALICE, NOON, update_id) for update_id in range(5)), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in done) == ["AlreadyCheckedIn"] * 4 + ["CheckedIn"]
    assert [one.values["streak"] for one in done if isinstance(one, AlreadyCheckedIn)] == [1] * 4
    assert await balance_of(database, group) == 10


async def test_of_fifty_members_at_once_none_is_lost(database: Database) -> None:
    group, service = await new_group(database, first_bonus="5", bonus_budget="5"), CheckInService(database)
    people = [Person(2000 + n, f"Member {n}") for n in range(50)]

    done = await asyncio.gather(*(service.check_in(group, person, NOON, person.id) for person in people))

    assert sorted(one.place for one in done) == list(range(1, 51))
    assert [one.bonus for one in sorted(done, key=lambda one: one.place)] == [5] + [0] * 49
    assert await database.read(lambda tx: tx.checkins.count_of(group.id, NOON.date())) == 50
    assert sum([await balance_of(database, group, person.id) for person in people]) == 505
    assert (await audit(database)).differences == []


async def test_five_freeze_cards_bought_at_once_do_not_exceed_the_limit_nor_the_balance(database: Database) -> None:
    group, service = await new_group(database, freeze_limit="3"), CheckInService(database)
    await PointsService(database, StoppedClock(NOON)).change(group, ALICE, 250, "gift", OPERATOR, next(_update_ids))

    done = await asyncio.gather(
        *(service.buy_freeze(group, ALICE, NOON, 100 + n) for n in range(5)), return_exceptions=True
    )

    assert sum(isinstance(one, BoughtFreeze) for one in done) == 2
    assert await balance_of(database, group) == 50


async def test_a_check_in_and_a_make_up_at_once_are_both_right(database: Database) -> None:
    group, service = await new_group(database, makeup_cost="0"), CheckInService(database)
    await service.check_in(group, ALICE, NOON, 1)
    later = NOON + 2 * ONE_DAY

    await asyncio.gather(
        service.check_in(group, ALICE, later, 2),
        service.make_up(group, ALICE, NOON.date() + ONE_DAY, later, 3),
    )

    days = await database.read(lambda tx: tx.checkins.since(group.id, ALICE.id, date(2026, 1, 1)))
    assert [day.streak for day in days] == [1, 2, 3]


@pytest.mark.parametrize(
    ("before", "after"),
    [("UTC", "Pacific/Kiritimati"), ("Pacific/Kiritimati", "Pacific/Midway"), ("Pacific/Midway", "UTC")],
)
async def test_a_repeated_update_is_known_after_a_change_of_zone(database: Database, before: str, after: str) -> None:
    group, service = await new_group(database, timezone=before), CheckInService(database)
    groups = GroupService(database, StoppedClock(NOON))
    first = await service.check_in(group, ALICE, NOON, 1)
    group = await groups.set(group, "timezone", after, OPERATOR, 2)
    second = await service.check_in(group, ALICE, NOON + 2 * ONE_DAY, 3)

    again = await service.check_in(group, ALICE, NOON, 1)

    assert (again.day, again.streak, again.reward) == (first.day, first.streak, first.reward)
    assert await balance_of(database, group) == first.reward + second.reward
    assert (await audit(database)).differences == []


# Many days against a naive model.

Action = Literal["check in", "repeat", "make up", "freeze", "miss", "zone"]


@dataclass(frozen=True)
class Step:
    """What happens after so many hours."""

    action: Action
    hours: int
    back: int = 1
    zone: str = "UTC"


ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Pacific/Midway"]
STEPS = st.builds(
    Step,
    st.sampled_from(["check in", "check in", "check in", "check in", "repeat", "make up", "freeze", "miss"]),
    st.sampled_from([0, 1, 12, 20, 24, 24, 24, 24, 30, 48, 72]),
    st.integers(0, 9),
)
STEPS_WITH_ZONES = STEPS | st.builds(Step, st.just("zone"), st.just(0), zone=st.sampled_from(ZONES))

DAILY, TIERS, MAKEUP_COST, FREEZE_COST, GIFT = 10, {3: 10, 5: 25}, 15, 20, 60


@dataclass
class Model:
    """A member as the rules describe them, in one zone: a calendar with a word on each day, and a purse."""

    joined: date
    points: int = 0
    calendar: dict[date, str] = field(default_factory=dict)
    cards: list[datetime] = field(default_factory=list)
    made_up_in: list[tuple[int, int]] = field(default_factory=list)

    def streak_on(self, day: date) -> int:
        """Counted backwards over the days that are done; frozen ones hold the chain and do not lengthen it."""
        length = 0
        while day in self.calendar:
            length += self.calendar[day] != "frozen"
            day -= ONE_DAY
        return length

    def reward(self, streak: int) -> int:
        return DAILY + TIERS.get((streak - 1) % max(TIERS) + 1, 0)

    def check_in(self, day: date) -> int | None:
        """The streak, or None when the day is done already."""
        if day in self.calendar:
            return None
        last = max(self.calendar, default=None)
        if last is not None:
            missed = [last + ONE_DAY * n for n in range(1, (day - last).days)]
            in_time = [at for at in self.cards if missed and at.date() <= missed[0]]
            if missed and len(missed) <= 2 and len(in_time) >= len(missed):
                self.calendar |= dict.fromkeys(missed, "frozen")
                del self.cards[: len(missed)]
        self.calendar[day] = "checked_in"
        streak = self.streak_on(day)
        self.points += self.reward(streak)
        return streak

    def make_up(self, wanted: date, today: date) -> bool:
        allowed = self.joined <= wanted < today and (today - wanted).days <= 7 and wanted not in self.calendar
        if not allowed or self.points < MAKEUP_COST or self.made_up_in.count((today.year, today.month)) >= 3:
            return False
        self.calendar[wanted] = "made_up"
        self.made_up_in.append((today.year, today.month))
        self.points -= MAKEUP_COST
        return True

    def buy_freeze(self, at: datetime) -> bool:
        if len(self.cards) >= 2 or self.points < FREEZE_COST:
            return False
        self.cards.append(at)
        self.points -= FREEZE_COST
        return True


@dataclass
class Playing:
    """Does the same to the product and to the model."""

    database: Database
    group: Group
    now: datetime = NOON
    updates: list[tuple[str, datetime, int, date | None]] = field(default_factory=list)

    @property
    def today(self) -> date:
        return local_day(self.now, self.group.settings.timezone, 0)

    async def do(
        self, what: str, at: datetime, update_id: int, wanted: date | None
    ) -> CheckedIn | MadeUp | BoughtFreeze | None:
        service = CheckInService(self.database)
        try:
            match what:
                case "check in":
                    return await service.check_in(self.group, ALICE, at, update_id)
                case "make up":
                    return await service.make_up(self.group, ALICE, wanted, at, update_id)
                case _:
                    return await service.buy_freeze(self.group, ALICE, at, update_id)
        except Refusal:
            return None

    async def anew(self, what: str, wanted: date | None = None) -> CheckedIn | MadeUp | BoughtFreeze | None:
        update = (what, self.now, next(_update_ids), wanted)
        done = await self.do(*update)
        if done is not None:  # what was refused may be granted another time
            self.updates.append(update)
        return done

    async def state(self) -> tuple[Any, ...]:
        owner = Owner(self.group.wallet_id, ALICE.id)
        return await self.database.read(
            lambda tx: (
                tx.points.balance(owner),
                tx.points.balance(owner, "freeze"),
                tx.checkins.since(self.group.id, ALICE.id, date(2026, 1, 1)),
            )
        )

    async def assert_sound(self) -> None:
        """What holds whatever happened: streaks follow from the rows, balances from the ledger."""
        balance, cards, days = await self.state()
        assert balance >= 0
        assert 0 <= cards <= 2
        assert [day.streak for day in days] == [day.streak for day in recount(None, days, 0)]
        assert (await self.database.read(lambda tx: tx.points.differences())) == []
        assert (await audit(self.database)).differences == []


async def play(database: Database, **texts: str) -> Playing:
    group = await new_group(
        database, checkin_points=str(DAILY), checkin_tiers="3:10 5:25", makeup_cost=str(MAKEUP_COST),
        freeze_cost=str(FREEZE_COST), **texts,
    )  # fmt: skip
    gift = Entry(Owner(group.wallet_id, ALICE.id), group.id, "points", GIFT, "operator:gift", NOON)

    def prepare(tx: Any) -> None:
        tx.members.seen(group.id, ALICE.id, NOON)
        tx.points.add(gift)

    await database.write(prepare)
    return Playing(database, group)


async def follows_the_model(database: Database, steps: list[Step]) -> None:
    playing, model = await play(database), Model(NOON.date(), points=GIFT)
    for step in steps:
        playing.now += timedelta(hours=step.hours)
        match step.action:
            case "check in":
                done, streak = await playing.anew("check in"), model.check_in(playing.today)
                assert (done.streak if isinstance(done, CheckedIn) else None) == streak
            case "make up":
                wanted = playing.today - ONE_DAY * step.back
                made_up = await playing.anew("make up", wanted)
                assert isinstance(made_up, MadeUp) == model.make_up(wanted, playing.today)
            case "freeze":
                assert isinstance(await playing.anew("freeze"), BoughtFreeze) == model.buy_freeze(playing.now)
            case "repeat" if playing.updates:
                before = await playing.state()
                await playing.do(*playing.updates[-1 - step.back % len(playing.updates)])
                assert await playing.state() == before
            case _:
                pass
        balance, cards, days = await playing.state()
        assert (balance, cards) == (model.points, len(model.cards))
        assert {day.day: day.kind for day in days} == model.calendar
        assert all(day.streak == model.streak_on(day.day) for day in days)
    await playing.assert_sound()


RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=40, suppress_health_check=RELAXED)
@given(steps=st.lists(STEPS, max_size=30))
async def test_any_course_of_days_is_as_the_rules_say(embedded: EmbeddedDatabase, steps: list[Step]) -> None:
    await follows_the_model(embedded, steps)


@settings(max_examples=10, suppress_health_check=RELAXED)
@given(steps=st.lists(STEPS, max_size=25))
async def test_any_course_of_days_is_as_the_rules_say_on_a_server(on_server: Database, steps: list[Step]) -> None:
    await follows_the_model(on_server, steps)


@settings(max_examples=40, suppress_health_check=RELAXED)
@given(steps=st.lists(STEPS_WITH_ZONES, max_size=30))
async def test_no_course_of_zones_pays_a_day_twice_or_loses_count(
    embedded: EmbeddedDatabase, steps: list[Step]
) -> None:
    playing = await play(embedded)
    groups = GroupService(embedded, StoppedClock(NOON))
    paid: list[CheckedIn] = []
    for step in steps:
        playing.now += timedelta(hours=step.hours)
        if step.action == "zone":
            playing.group = await groups.set(playing.group, "timezone", step.zone, OPERATOR, next(_update_ids))
        elif step.action == "check in":
            done = await playing.anew("check in")
            if isinstance(done, CheckedIn):
                paid.append(done)
        elif step.action == "repeat" and playing.updates:
            before = await playing.state()
            await playing.do(*playing.updates[-1 - step.back % len(playing.updates)])
            assert await playing.state() == before

    days = [done.day for done in paid]
    assert len(days) == len(set(days))
    balance, _, rows = await playing.state()
    assert balance == GIFT + sum(done.reward for done in paid)
    assert len(rows) == len(paid)
    await playing.assert_sound()


@settings(max_examples=25, suppress_health_check=RELAXED)
@given(order=st.permutations(range(6)), gaps=st.lists(st.integers(1, 3), min_size=6, max_size=6))
async def test_a_backlog_in_any_order_pays_each_day_once_and_heals_the_streak(
    embedded: EmbeddedDatabase, order: list[int], gaps: list[int]
) -> None:
    playing = await play(embedded)
    instants = [NOON + ONE_DAY * sum(gaps[:n]) for n in range(6)]
    for n in order:
        playing.now = instants[n]
        assert isinstance(await playing.anew("check in"), CheckedIn)
        assert not isinstance(await playing.anew("check in"), CheckedIn)

    _, _, days = await playing.state()
    assert [day.day for day in days] == [instant.date() for instant in instants]
    model = Model(NOON.date(), calendar={instant.date(): "checked_in" for instant in instants})
    assert [day.streak for day in days] == [model.streak_on(day.day) for day in days]
    await playing.assert_sound()


@pytest.mark.parametrize("setting", ["on", "off"])
async def test_a_shared_wallet_is_paid_once_by_each_group(database: Database, setting: str) -> None:
    one = await new_group(database, keep_points=setting)
    other = replace(await new_group(database), wallet_id=one.wallet_id)
    service = CheckInService(database)

    await service.check_in(one, ALICE, NOON, 1)
    done = await service.check_in(other, ALICE, NOON, 2)

    assert done.balance == 20
