"""Reads when a playbook runs: days, times, cron lines, periods, durations."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from difflib import get_close_matches
from zoneinfo import available_timezones

from bot.domain.numbers import whole_number
from bot.domain.slots import FESTIVALS, CronTimes, Days, QuietHours, Times
from bot.playbooks.templates import suggestion
from bot.yaml_places import Keys, Place

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

COUNTRIES = ("CN", "HK", "TW", "MO", "SG", "MY", "JP", "KR", "US", "GB", "DE", "FR", "CA", "AU")
"""Countries whose holidays and workdays a playbook may name."""

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_RANGE = re.compile(r"(\d{4}-\d\d-\d\d)\s*(?:\.\.|~|至)\s*(\d{4}-\d\d-\d\d)")
_COUNTRY = re.compile(r"(workdays|holidays) ([A-Z]{2})")
_CRON_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def duration(least: timedelta, most: timedelta) -> Callable[[Place], timedelta | None]:
    """A reader of durations such as `45s`, `10m`, `1h30m`, `2d`."""

    def read(place: Place) -> timedelta | None:
        text = place.text()
        if text is None:
            return None
        parts = re.findall(r"(\d{1,6})([dhms])", text)
        found = timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))
        if "".join(number + unit for number, unit in parts) != text.replace(" ", ""):
            place.mistake(f"a duration is like 10m, 2h or 1h30m, not `{text[:40]}`")
            return None
        if not least <= found <= most:
            place.mistake(f"must be from {spelled(least)} to {spelled(most)}, not `{text[:40]}`")
            return None
        return found

    return read


def spelled(length: timedelta) -> str:
    """A duration as it is written."""
    seconds, words = int(length.total_seconds()), ""
    for unit, size in _UNITS.items():
        words += f"{seconds // size}{unit}" if seconds >= size else ""
        seconds %= size
    return words or "0s"


def time_of_day(place: Place) -> time | None:
    """A time such as `09:00`."""
    text = place.text()
    found = _TIME.fullmatch(text or "")
    if found is None:
        if text is not None:
            place.mistake(f"a time is like 09:00, not `{text[:40]}`")
        return None
    return time(int(found[1]), int(found[2]))


def times_of_day(place: Place) -> Times | None:
    """One time or a list of them."""
    found = place.one_or_some(time_of_day)
    if len(set(found)) < len(found):
        place.mistake("the same time is here twice; keep one")
    return Times(tuple(sorted(set(found)))) if found else None


def hours(place: Place) -> QuietHours | None:
    """Hours such as `22:30-08:00`, which may span midnight."""
    text = place.text()
    found = re.fullmatch(rf"{_TIME.pattern}\s*[-–]\s*{_TIME.pattern}", text or "")
    if found is None:
        if text is not None:
            place.mistake(f"hours are like 22:30-08:00, not `{text[:40]}`")
        return None
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if start == end:
        place.mistake("hours that end when they start are none; take them out, or change one")
    return QuietHours(start, end)


def every(place: Place) -> Times | None:
    """A period such as `2h`, from midnight on, or `{period: 2h, between: 09:00-21:00}`."""
    keys = place.keys("period", "between", needed=["period"]) if place.is_mapping() else Keys({"period": place})
    period = keys.read("period", duration(timedelta(minutes=5), timedelta(days=1)))
    between = keys.read("between", hours)
    if period is None:
        return None
    if timedelta(days=1) % period:
        keys["period"].mistake("a period must divide a day, such as 15m, 1h, 2h, 3h, 4h, 6h, 8h, 12h")
        return None
    minutes = range(0, 24 * 60, int(period.total_seconds()) // 60)
    found = tuple(time(n // 60, n % 60) for n in minutes if between is None or time(n // 60, n % 60) in between)
    if not found:
        place.mistake("no time of the period is between these hours")
    return Times(found) if found else None


def cron(place: Place) -> CronTimes | None:
    """A cron line: minute, hour, day of the month, month, weekday (`mon` to `sun`, or 0 to 7 from Sunday)."""
    text = place.text()
    if text is None:
        return None
    fields = text.lower().split()
    if len(fields) != len(_CRON_FIELDS):
        place.mistake(f"a cron line has five fields (minute hour day month weekday), this has {len(fields)}")
        return None
    sets = [_cron_field(place, word, *limits) for word, limits in zip(fields, _CRON_FIELDS, strict=True)]
    if None in sets:
        return None
    minutes, hours_, days, months, weekdays = (one or frozenset() for one in sets)
    times = tuple(time(hour, minute) for hour in sorted(hours_) for minute in sorted(minutes))
    if len(times) > 24 * 12:
        place.mistake("this runs more often than every five minutes")
        return None
    is_either_day = not (fields[2].startswith("*") or fields[4].startswith("*"))
    return CronTimes(times, days, months, frozenset((day - 1) % 7 for day in weekdays), is_either_day)


def _cron_field(place: Place, word: str, name: str, least: int, most: int) -> frozenset[int] | None:
    found: set[int] = set()
    for part in word.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = least if span == "*" else _cron_value(first, name)
        end = most if span == "*" or (step and not last) else _cron_value(last or first, name)
        is_right = start is not None and end is not None and least <= start <= end <= most
        if not is_right or (step and not whole_number(step)):
            place.mistake(f"`{word[:40]}` is not a {name} of a cron line ({least} to {most})")
            return None
        assert start is not None and end is not None  # noqa: PT018, S101 - is_right
        found |= set(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def _cron_value(word: str, name: str) -> int | None:
    number = whole_number(word, 2)
    if number is not None:
        return number
    if name == "weekday" and word in WEEKDAYS:
        return WEEKDAYS.index(word) + 1
    return _MONTHS.index(word) + 1 if name == "month" and word in _MONTHS else None


def zone(place: Place) -> str | None:
    """An IANA name; None for `group`."""
    text = place.text()
    if text is None or text == "group":
        return None
    if text not in available_timezones():
        names = {name.casefold(): name for name in available_timezones()}
        close = get_close_matches(text.casefold(), names, n=1, cutoff=0.8)
        hint = f"did you mean `{names[close[0]]}`?" if close else "write `group`, or a name such as Asia/Shanghai"
        place.mistake(f"`{text[:40]}` is no time zone; {hint}")
        return None
    return text


def days(place: Place) -> Days:
    """`daily`, `weekdays`, `weekends`, `workdays CN`, `holidays CN`, a weekday, date, range or festival; or a list."""
    found = Days()
    for word in place.one_or_some(lambda word: word):
        found = _with_day(found, word)
    return found


def _with_day(found: Days, place: Place) -> Days:
    text = place.text()
    if text is None:
        return found
    named: dict[str, frozenset[int]] = {
        "daily": frozenset(range(7)),
        "weekdays": frozenset(range(5)),
        "weekends": frozenset({5, 6}),
        **{name: frozenset({number}) for number, name in enumerate(WEEKDAYS)},
    }
    country = _COUNTRY.fullmatch(text)
    if text.lower() in named:
        return replace(found, weekdays=found.weekdays | named[text.lower()])
    if country and country[2] in COUNTRIES:
        return _of_country(found, country[1], country[2])
    if text in FESTIVALS:
        return replace(found, festivals=found.festivals | {text})
    if dates := date_range(text):
        return replace(found, ranges=(*found.ranges, dates))
    if _RANGE.fullmatch(text):
        place.mistake(f"`{text[:40]}` is no range of days: is each a date, and the first the earlier one?")
        return found
    known = (*named, "workdays CN", "holidays CN", *FESTIVALS, "2026-01-31", "2026-01-31..2026-02-06")
    place.mistake(f"`{text[:40]}` names no days{suggestion(text, known)}")
    return found


def _of_country(found: Days, kind: str, country: str) -> Days:
    if kind == "workdays":
        return replace(found, workdays=found.workdays | {country})
    return replace(found, holidays=found.holidays | {country})


def date_range(text: str) -> tuple[date, date] | None:
    """A date, or the first and last one of a range."""
    found = _RANGE.fullmatch(text)
    first, last = (found[1], found[2]) if found else (text, text)
    try:
        dates = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    return dates if len(first) == 10 and dates[0] <= dates[1] else None


def except_days(place: Place) -> tuple[date, date] | None:
    """A date or range on which nothing runs."""
    text = place.text()
    dates = date_range(text) if text else None
    if text and dates is None:
        place.mistake(f"must be a date or a range such as 2026-01-31 or 2026-01-31..2026-02-06, not `{text[:40]}`")
    return dates
