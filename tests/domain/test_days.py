from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.days import ONE_DAY, day_start, local_day

# Each with a rule of its own: half-hour and two-hour changes, changes at midnight, far sides of the date line.
ZONES = [
    "Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/New_York", "America/Nuuk", "America/Santiago",
    "America/St_Johns", "Antarctica/Troll", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu", "Asia/Shanghai",
    "Atlantic/Azores", "Australia/Lord_Howe", "Europe/Berlin", "Europe/London", "NZ-CHAT", "Pacific/Auckland",
    "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC",
]  # fmt: skip
zones = st.sampled_from(ZONES)
hours = st.integers(0, 23)
instants = st.datetimes(datetime(2013, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2013, 1, 2), date(2036, 12, 30))


def days_with_a_clock_change() -> list[tuple[str, date]]:
    """The days of 2026 and 2027 on whose noon the zone's offset is not what it was a noon before."""
    found = []
    for zone in map(ZoneInfo, ZONES):
        noons = [datetime(2026, 1, 1, 12, tzinfo=zone) + ONE_DAY * n for n in range(730)]
        found += [(zone.key, b.date()) for a, b in pairwise(noons) if a.utcoffset() != b.utcoffset()]
    return found


CLOCK_CHANGES = days_with_a_clock_change()


@given(zones, hours, instants)
def test_every_instant_is_within_the_day_that_it_belongs_to(zone: str, starts_at: int, at: datetime) -> None:
    day = local_day(at, zone, starts_at)

    assert day_start(day, zone, starts_at) <= at < day_start(day + ONE_DAY, zone, starts_at)


@given(zones, hours, days)
def test_a_day_starts_at_the_first_instant_that_belongs_to_it(zone: str, starts_at: int, day: date) -> None:
    start = day_start(day, zone, starts_at)

    assert local_day(start, zone, starts_at) == day
    assert local_day(start - timedelta(microseconds=1), zone, starts_at) == day - ONE_DAY


@pytest.mark.parametrize(("zone", "day"), CLOCK_CHANGES, ids=str)
def test_no_day_comes_again_nor_is_left_out_when_the_clocks_change(zone: str, day: date) -> None:
    midday = datetime.combine(day, time(12), UTC)
    around = [midday + timedelta(minutes=15 * n) for n in range(-4 * 40, 4 * 40)]

    for starts_at in range(24):
        steps = {b - a for a, b in pairwise(local_day(at, zone, starts_at) for at in around)}
        assert steps == {timedelta(0), ONE_DAY}


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/Santiago", date(2026, 9, 6), 23),
        ("America/Havana", date(2026, 11, 1), 25),
        ("Asia/Beirut", date(2026, 3, 29), 23),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Antarctica/Troll", date(2026, 10, 25), 26),
        ("Asia/Shanghai", date(2026, 3, 29), 24),
    ],
)
def test_a_day_of_any_length_is_one_day(zone: str, day: date, length: float) -> None:
    assert day_start(day + ONE_DAY, zone, 0) - day_start(day, zone, 0) == timedelta(hours=length)
    assert local_day(day_start(day, zone, 0) + timedelta(hours=length, microseconds=-1), zone, 0) == day


def test_before_the_hour_at_which_a_day_begins_it_is_still_yesterday() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")

    assert local_day(datetime(2026, 11, 22, 3, 59, 59, tzinfo=shanghai), "Asia/Shanghai", 4) == date(2026, 11, 21)
    assert local_day(datetime(2026, 11, 22, 4, tzinfo=shanghai), "Asia/Shanghai", 4) == date(2026, 11, 22)


def test_a_start_that_the_clocks_skip_is_moved_past_the_gap() -> None:
    assert day_start(date(2026, 3, 29), "Europe/Berlin", 2) == datetime(2026, 3, 29, 1, tzinfo=UTC)  # 03:00 there


def test_a_start_that_comes_twice_is_the_first_of_the_two() -> None:
    assert day_start(date(2026, 10, 25), "Europe/Berlin", 2) == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_a_day_that_a_zone_left_out_altogether_belongs_to_no_instant() -> None:
    samoa = "Pacific/Apia"  # went from 29 to 31 December 2011 at midnight
    midnight = datetime(2011, 12, 30, 10, tzinfo=UTC)

    assert local_day(midnight - timedelta(seconds=1), samoa, 0) == date(2011, 12, 29)
    assert local_day(midnight, samoa, 0) == date(2011, 12, 31)
    assert day_start(date(2011, 12, 30), samoa, 0) == day_start(date(2011, 12, 31), samoa, 0) == midnight
