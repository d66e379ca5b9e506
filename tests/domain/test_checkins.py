from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.checkins import (
    CannotMakeUp,
    CheckIn,
    Extras,
    Kind,
    MakeUps,
    NothingToMakeUp,
    Rewards,
    current_streak,
    day_to_make_up,
    last_day_covered,
    missed_days,
    recount,
)
from bot.domain.days import ONE_DAY, local_day
from tests.domain.test_days import ZONES

MONDAY = date(2026, 11, 16)
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


@st.composite
def rewards(draw: st.DrawFn) -> Rewards:
    days = sorted(draw(st.sets(st.integers(2, 40), max_size=6)))
    after_last: Literal["cycle", "continue"] = draw(st.sampled_from(["cycle", "continue"]))
    tiers = tuple((day, draw(st.integers(1, 500))) for day in days)
    return Rewards(draw(st.integers(0, 100)), tiers, draw(st.integers(0, 600)), after_last)


@given(rewards(), st.integers(1, 500))
def test_a_reward_never_exceeds_the_cap_nor_falls_below_the_daily_points(rewards: Rewards, streak: int) -> None:
    assert min(rewards.daily, rewards.cap) <= rewards.reward(streak) <= rewards.cap


@given(rewards(), st.integers(0, 200))
def test_the_next_tier_is_the_first_day_that_pays_more_than_the_daily_points(rewards: Rewards, streak: int) -> None:
    uncapped = replace(rewards, cap=10**9)
    paying = [n for n in range(1, 41) if uncapped.reward(streak + n) > rewards.daily]

    assert rewards.days_to_next_tier(streak) == (paying[0] if paying else None)


def test_the_table_of_the_first_month() -> None:
    assert {day: Rewards().reward(day) for day in (1, 2, 3, 7, 14, 30)} == {1: 10, 2: 10, 3: 20, 7: 40, 14: 70, 30: 160}


def test_after_the_last_tier_the_table_starts_over_or_the_bonuses_are_over() -> None:
    over, on = Rewards(after_last="cycle"), Rewards(after_last="continue")

    assert [over.reward(day) for day in (31, 33, 60)] == [10, 20, 160]
    assert [on.reward(day) for day in (31, 33, 60)] == [10, 10, 10]
    assert (over.days_to_next_tier(30), on.days_to_next_tier(30)) == (3, None)


def test_without_tiers_every_day_pays_the_same() -> None:
    rewards = Rewards(tiers=())

    assert {rewards.reward(day) for day in range(1, 100)} == {10}
    assert rewards.days_to_next_tier(1) is None


@given(
    st.builds(Extras, st.integers(0, 50), st.integers(0, 50), st.integers(1, 20), st.integers(0, 200)),
    st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), max_size=20),
)
def test_the_bonuses_of_a_day_stay_within_its_budget(extras: Extras, check_ins: list[tuple[int, bool]]) -> None:
    spent = 0
    for user_id, is_first in check_ins:
        bonus = extras.bonus(f"1:2026-11-22:{user_id}", is_first, spent)
        assert 0 <= bonus <= extras.first * is_first + extras.lucky
        spent += bonus

    assert spent <= extras.budget


@given(st.text(), st.booleans(), st.integers(0, 300))
def test_the_same_check_in_has_the_same_luck_every_time(seed: str, is_first: bool, spent: int) -> None:
    extras = Extras(first=5, lucky=20, lucky_odds=2)

    assert extras.bonus(seed, is_first, spent) == extras.bonus(seed, is_first, spent)


def test_a_budget_that_was_lowered_below_what_is_spent_takes_nothing_back() -> None:
    assert Extras(first=5, budget=10).bonus("alice", is_first=True, spent=40) == 0


def test_one_in_lucky_odds_is_lucky() -> None:
    extras = Extras(lucky=1, lucky_odds=10)

    assert sum(extras.bonus(f"1:2026-11-22:{user}", False, 0) for user in range(10_000)) == pytest.approx(
        1_000, rel=0.1
    )


def test_the_first_of_the_day_gets_the_first_bonus_alone() -> None:
    extras = Extras(first=5)

    assert (extras.bonus("alice", True, 0), extras.bonus("bob", False, 0)) == (5, 0)


def rows(days: dict[date, Kind], zone: str = "UTC") -> list[CheckIn]:
    return [
        CheckIn(day, datetime(day.year, day.month, day.day, 12, tzinfo=UTC), zone, days[day]) for day in sorted(days)
    ]


KINDS: list[Kind] = ["checked_in", "made_up", "frozen"]
histories = st.dictionaries(st.integers(0, 25), st.sampled_from(KINDS), max_size=18).map(
    lambda days: {MONDAY + ONE_DAY * n: kind for n, kind in days.items()}
)


def walked(days: dict[date, Kind], last: date) -> int:
    """The streak of a day by walking back from it over the calendar."""
    length = 0
    while last in days:
        length += days[last] != "frozen"
        last -= ONE_DAY
    return length


@given(histories)
def test_a_recounted_streak_is_the_days_walked_back_without_a_gap(days: dict[date, Kind]) -> None:
    counted = recount(None, rows(days), 0)

    assert {c.day: c.streak for c in counted} == {day: walked(days, day) for day in days}


@given(histories, st.integers(0, 18))
def test_recounting_from_any_row_on_gives_what_recounting_all_of_them_gives(days: dict[date, Kind], cut: int) -> None:
    counted = recount(None, rows(days), 0)
    earlier = counted[cut - 1] if 0 < cut <= len(counted) else None
    later = counted[cut:] if earlier else counted

    assert recount(earlier, [replace(c, streak=99) for c in later], 0) == later


@given(histories, st.integers(0, 30))
def test_the_current_streak_is_that_of_the_last_row_until_a_whole_day_was_missed(
    days: dict[date, Kind], ahead: int
) -> None:
    assume(days)
    last = recount(None, rows(days), 0)[-1]
    today = max(days) + ONE_DAY * ahead

    assert current_streak(last, today, "UTC", 0) == (last.streak if ahead <= 1 else 0)
    assert missed_days(last, today, "UTC", 0) == [last.day + ONE_DAY * n for n in range(1, ahead)]


def test_who_never_checked_in_has_no_streak() -> None:
    assert current_streak(None, MONDAY, "UTC", 0) == 0


def test_a_message_from_before_the_last_check_in_breaks_nothing() -> None:
    last = CheckIn(MONDAY, NOON, "UTC", streak=4)

    assert missed_days(last, MONDAY - ONE_DAY * 3, "UTC", 0) == []
    assert current_streak(last, MONDAY - ONE_DAY * 3, "UTC", 0) == 4


# The rule of a changed zone. A check-in covers the later of two days: the one on its row, and the one that its instant
# has in the present zone. Hence:
# 1. no day is counted twice, neither by the dates of the rows nor by what the present zone calls them;
# 2. the streak goes on if either the row's date or the present zone finds no day missed in between;
# 3. so who misses no day of the new zone keeps the streak, whichever zone the group had before. After a jump
#    west the first days may be covered already: at most two, as the zones of the earth are up to 26 hours apart.

zones = st.sampled_from(ZONES)
hours = st.integers(0, 23)


def check_in(days: Sequence[CheckIn], at: datetime, zone: str, starts_at: int) -> list[CheckIn]:
    """What a check-in at an instant adds to a history, as the use case does it."""
    today = local_day(at, zone, starts_at)
    if days and today <= last_day_covered(days[-1], zone, starts_at):
        return list(days)
    return [*days, *recount(days[-1] if days else None, [CheckIn(today, at, zone)], starts_at)]


@given(hours, st.lists(st.tuples(st.integers(0, 72 * 60), zones), min_size=1, max_size=12))
@example(0, [(0, "Pacific/Kiritimati"), (1, "Pacific/Pago_Pago"), (1, "Pacific/Kiritimati")])
def test_no_change_of_zones_gives_a_day_twice(starts_at: int, tries: list[tuple[int, str]]) -> None:
    at, history = NOON, list[CheckIn]()
    for minutes, zone in tries:
        at += timedelta(minutes=minutes)
        *earlier, last = check_in(history, at, zone, starts_at)
        if len(earlier) == len(history):
            assert all(before.day < last.day for before in earlier)
            assert all(local_day(before.at, zone, starts_at) < last.day for before in earlier)
        history = [*earlier, last]


@given(zones, zones, hours, st.integers(0, 23), st.integers(1, 10), st.integers(0, 400))
@example("Pacific/Kiritimati", "Pacific/Pago_Pago", 0, 12, 3, 0)
@example("Pacific/Pago_Pago", "Pacific/Kiritimati", 0, 12, 3, 0)
@example("Pacific/Pago_Pago", "Pacific/Kiritimati", 0, 23, 3, 100)
def test_a_change_of_zone_never_breaks_the_streak_of_who_misses_no_day_of_the_new_zone(
    before: str, after: str, starts_at: int, hour: int, days_before: int, day_of_year: int
) -> None:
    mornings = [NOON + ONE_DAY * day_of_year + timedelta(hours=hour) + ONE_DAY * n for n in range(days_before + 5)]
    days_there = [local_day(at, after, starts_at) for at in mornings]
    assume(all(b - a == ONE_DAY for a, b in pairwise(days_there)))

    history = list[CheckIn]()
    for at in mornings[:days_before]:
        history = check_in(history, at, before, starts_at)
    until_change = len(history)
    for at in mornings[days_before:]:
        history = check_in(history, at, after, starts_at)

    streaks = [c.streak for c in history[until_change - 1 :]]
    assert streaks == [streaks[0] + n for n in range(len(streaks))]
    assert len(history) - until_change >= 3


@given(zones, zones, hours, st.integers(0, 3 * 24 * 60))
def test_the_streak_goes_on_if_either_zone_finds_the_two_days_next_to_each_other(
    before: str, after: str, starts_at: int, minutes: int
) -> None:
    last = CheckIn(local_day(NOON, before, starts_at), NOON, before, streak=7)
    now = NOON + timedelta(minutes=minutes)
    today = local_day(now, after, starts_at)
    gaps = [today - last.day, today - local_day(NOON, after, starts_at)]

    assert (current_streak(last, today, after, starts_at) == 7) == (min(gaps) <= ONE_DAY)


def test_a_day_that_was_made_up_or_frozen_is_its_own_date_in_every_zone() -> None:
    made_up = CheckIn(MONDAY, NOON, "Pacific/Pago_Pago", "made_up")

    assert last_day_covered(made_up, "Pacific/Kiritimati", 0) == MONDAY


@given(
    st.none() | st.integers(-10, 2),
    st.sets(st.integers(-10, 2), max_size=6),
    st.integers(-12, 1),
    st.builds(MakeUps, st.integers(0, 12)),
)
def test_a_make_up_is_for_a_missed_day_of_the_past_within_the_window_and_since_joining(
    wanted: int | None, taken: set[int], joined: int, rules: MakeUps
) -> None:
    def day(n: int) -> date:
        return MONDAY + ONE_DAY * n

    allowed = [n for n in range(-1, -rules.days - 1, -1) if n >= joined and n not in taken]
    arguments = ({day(n) for n in taken}, MONDAY, day(joined), rules)

    if wanted is None and allowed:
        assert day_to_make_up(None, *arguments) == day(allowed[0])
    elif wanted in allowed and wanted is not None:
        assert day_to_make_up(day(wanted), *arguments) == day(wanted)
    else:
        with pytest.raises(NothingToMakeUp if wanted is None else CannotMakeUp):
            day_to_make_up(None if wanted is None else day(wanted), *arguments)


def test_a_make_up_is_for_the_wanted_day_or_else_for_the_latest_missed_one() -> None:
    arguments = ({MONDAY - ONE_DAY}, MONDAY, MONDAY - ONE_DAY * 300, MakeUps(days=7))

    assert day_to_make_up(MONDAY - ONE_DAY * 7, *arguments) == MONDAY - ONE_DAY * 7
    assert day_to_make_up(None, *arguments) == MONDAY - ONE_DAY * 2


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (MONDAY, "today"),
        (MONDAY + ONE_DAY, "the future"),
        (MONDAY - ONE_DAY * 4, "before joining"),
        (MONDAY - ONE_DAY * 2, "taken"),
        (MONDAY - ONE_DAY * 8, "beyond the window"),
    ],
)
def test_what_a_make_up_is_refused_for(wanted: date, why: str) -> None:
    joined = MONDAY - ONE_DAY * (3 if why == "before joining" else 300)

    with pytest.raises(CannotMakeUp) as refused:
        day_to_make_up(wanted, {MONDAY - ONE_DAY * 2}, MONDAY, joined, MakeUps(days=7))

    assert refused.value.values == {"day": wanted, "days": 7}
