"""Which day it is for a group."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


def local_day(at: datetime, zone: str, starts_at: int) -> date:
    """The calendar day of an instant in a zone, when a day begins at the hour `starts_at` (0 to 23).

    A day lasts from its `day_start` to the next one's: so one of 23 or 25 hours is one day, and none comes again when
    the clocks are put back.
    """
    day = at.astimezone(ZoneInfo(zone)).date()
    return day if at >= day_start(day, zone, starts_at) else day - ONE_DAY


def day_start(day: date, zone: str, starts_at: int) -> datetime:
    """The instant (UTC) at which a group's day begins; a time that a clock change skips moves past it (RFC 5545)."""
    local = datetime(day.year, day.month, day.day, starts_at, tzinfo=ZoneInfo(zone), fold=0)
    return local.astimezone(UTC)
