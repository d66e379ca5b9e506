from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.slots import CronTimes, Days, QuietHours, Times, instant_of, slots_between

NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")
SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)
MORNING = Times((time(9),))


class ChinaOf2026:
    """The National Day of 2026: seven days off, and a Saturday of work in exchange."""

    def is_workday(self, country: str, day: date) -> bool:
        assert country == "CN"
        return day == date(2026, 10, 10) or (day.weekday() < 5 and not self.is_holiday(country, day))

    def is_holiday(self, country: str, day: date) -> bool:
        assert country == "CN"
        return date(2026, 10, 1) <= day <= date(2026, 10, 7)

    def festivals(self, day: date) -> frozenset[str]:
        return frozenset({"mid_autumn"}) if day == date(2026, 9, 25) else frozenset()


CHINA = ChinaOf2026()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(times: Times | CronTimes, after: str, until: str, zone: ZoneInfo, days: Days | None = None) -> list[str]:
    found = slots_between(times, days or Days(), utc(after), utc(until), zone, CHINA)
    return [f"{slot.key} {slot.at:%d %H:%M}" for slot in found]


def test_nine_in_the_morning_is_another_instant_in_every_zone() -> None:
    assert slots(MORNING, "2026-11-22T00:00", "2026-11-22T23:59", SHANGHAI) == ["2026-11-22T09:00 22 01:00"]
    assert slots(MORNING, "2026-11-22T00:00", "2026-11-22T23:59", NEW_YORK) == ["2026-11-22T09:00 22 14:00"]


def test_the_first_instant_is_past_and_the_last_one_is_due() -> None:
    assert slots(MORNING, "2026-11-22T01:00", "2026-11-23T01:00", SHANGHAI) == ["2026-11-23T09:00 23 01:00"]


def test_a_time_that_does_not_exist_comes_at_the_next_minute_that_does() -> None:
    two_thirty = Times((time(2, 30),))
    assert slots(two_thirty, "2026-03-08T00:00", "2026-03-09T00:00", NEW_YORK) == ["2026-03-08T02:30 08 07:00"]
    assert utc("2026-03-08T07:00").astimezone(NEW_YORK).time() == time(3)


def test_a_time_that_comes_twice_counts_once_at_first() -> None:
    one_thirty = Times((time(1, 30),))
    assert slots(one_thirty, "2026-11-01T00:00", "2026-11-02T00:00", NEW_YORK) == ["2026-11-01T01:30 01 05:30"]


def test_a_midnight_that_clocks_skip_belongs_to_its_day_all_the_same() -> None:
    # In Cairo, clocks go from 24 April 2026 0:00 to 1:00.
    cairo = ZoneInfo("Africa/Cairo")
    found = slots(Times((time(0),)), "2026-04-22T12:00", "2026-04-25T12:00", cairo)
    assert found == ["2026-04-23T00:00 22 22:00", "2026-04-24T00:00 23 22:00", "2026-04-25T00:00 24 21:00"]


@given(st.sampled_from(sorted(available_timezones())), st.dates(date(2000, 1, 1), date(2035, 1, 1)), st.times())
def test_every_local_time_has_one_instant_and_later_times_never_come_earlier(zone: str, day: date, at: time) -> None:
    info = ZoneInfo(zone)
    local = datetime.combine(day, at.replace(second=0, microsecond=0))
    instant = instant_of(local, info)
    shown = instant.astimezone(info).replace(tzinfo=None)
    assert shown >= local
    # Where clocks show another time than the one asked for, the minute before shows one that is earlier than it.
    assert shown == local or (instant - timedelta(minutes=1)).astimezone(info).replace(tzinfo=None) < local
    assert instant_of(local + timedelta(minutes=1), info) >= instant


@given(st.sampled_from(["America/New_York", "Asia/Shanghai", "Africa/Cairo", "Australia/Lord_Howe"]),
       st.integers(0, 1_000_000).map(lambda minute: utc("2025-01-01") + timedelta(minutes=minute)),
       st.lists(st.integers(0, 3000), min_size=1, max_size=8))  # fmt: skip
def test_however_often_it_rings_every_slot_comes_once(zone: str, start: datetime, minutes: list[int]) -> None:
    info, times = ZoneInfo(zone), Times((time(0), time(2, 15), time(9), time(23, 59)))
    rings = [start]
    for step in minutes:
        rings.append(rings[-1] + timedelta(minutes=step))
    piecewise = [
        slot for after, until in pairwise(rings) for slot in slots_between(times, Days(), after, until, info, CHINA)
    ]
    assert piecewise == slots_between(times, Days(), start, rings[-1], info, CHINA)
    assert len({slot.key for slot in piecewise}) == len(piecewise)


@pytest.mark.parametrize(
    ("days", "day", "runs"),
    [
        (Days(), SUNDAY, True),
        (Days(weekdays=frozenset(range(5))), SUNDAY, False),
        (Days(weekdays=frozenset(range(5))), MONDAY, True),
        (Days(workdays=frozenset({"CN"})), date(2026, 10, 1), False),
        (Days(workdays=frozenset({"CN"})), date(2026, 10, 10), True),
        (Days(holidays=frozenset({"CN"})), date(2026, 10, 1), True),
        (Days(holidays=frozenset({"CN"})), date(2026, 10, 10), False),
        (Days(festivals=frozenset({"mid_autumn"})), date(2026, 9, 25), True),
        (Days(festivals=frozenset({"mid_autumn"})), date(2026, 9, 26), False),
        (Days(ranges=((SUNDAY, SUNDAY),)), SUNDAY, True),
        (Days(ranges=((SUNDAY, SUNDAY),)), MONDAY, False),
        (Days(never=((SUNDAY, SUNDAY),)), SUNDAY, False),
        (Days(first=MONDAY), SUNDAY, False),
        (Days(last=SUNDAY), MONDAY, False),
        (Days(first=SUNDAY, last=SUNDAY), SUNDAY, True),
    ],
)
def test_days(days: Days, day: date, runs: bool) -> None:
    assert days.include(day, CHINA) is runs


def test_a_cron_line_names_days_of_the_month_or_of_the_week() -> None:
    every_month, every_day, every_weekday = frozenset(range(1, 13)), frozenset(range(1, 32)), frozenset(range(7))
    mondays = CronTimes((time(9),), every_day, every_month, frozenset({0}), is_either_day=False)
    assert (mondays.of_day(MONDAY), mondays.of_day(SUNDAY)) == ((time(9),), ())
    either = CronTimes((time(9),), frozenset({22}), every_month, frozenset({0}), is_either_day=True)
    assert (either.of_day(MONDAY), either.of_day(SUNDAY)) == ((time(9),), (time(9),))
    july = CronTimes((time(9),), every_day, frozenset({7}), every_weekday, is_either_day=False)
    assert july.of_day(SUNDAY) == ()


def test_quiet_hours_may_span_midnight() -> None:
    night, siesta = QuietHours(time(22, 30), time(8)), QuietHours(time(13), time(15))
    assert [at in night for at in (time(22, 29), time(22, 30), time(3), time(8))] == [False, True, True, False]
    assert [at in siesta for at in (time(12, 59), time(13), time(15))] == [False, True, False]


def test_after_quiet_hours_comes_their_end() -> None:
    night = QuietHours(time(22, 30), time(8))
    assert night.end_after(utc("2026-11-22T15:00"), SHANGHAI) == utc("2026-11-23T00:00")  # 23:00 there
    assert night.end_after(utc("2026-11-22T20:00"), SHANGHAI) == utc("2026-11-23T00:00")  # 04:00 there
    assert night.end_after(utc("2026-11-22T04:00"), SHANGHAI) == utc("2026-11-22T04:00")  # noon there


def test_days_that_are_not_named_have_no_slots() -> None:
    mondays = Days(weekdays=frozenset({0}))
    assert slots(MORNING, "2026-11-20T00:00", "2026-11-24T23:59", SHANGHAI, mondays) == ["2026-11-23T09:00 23 01:00"]


def test_slots_are_in_the_order_in_which_they_come() -> None:
    times = Times((time(10), time(9)))
    found = slots(times, "2026-11-22T00:00", "2026-11-22T23:00", SHANGHAI)
    assert found == ["2026-11-22T09:00 22 01:00", "2026-11-22T10:00 22 02:00"]
