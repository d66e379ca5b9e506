"""Countries' holidays and workdays, and the festivals of the lunar calendar."""

from datetime import date
from functools import cache
from typing import Any

from bot.domain.slots import FESTIVALS

_LUNAR = dict(
    zip(
        FESTIVALS,
        ("除夕", "春节", "元宵节", "端午节", "七夕节", "中元节", "中秋节", "重阳节", "腊八节"),
        strict=True,
    )
)
# Of these the library knows the date alone, by the lunar month and day.
_BY_DATE = {(7, 15): "ghost"}


class Holidays:
    """What `holidays` knows of countries, and lunar-python of the lunar year; both load when first asked."""

    def is_workday(self, country: str, day: date) -> bool:
        """Whether people work: China's weekends that are swapped for a holiday are workdays."""
        return bool(_country(country, day.year).is_working_day(day))

    def is_holiday(self, country: str, day: date) -> bool:
        """Whether a day is a public holiday."""
        return day in _country(country, day.year)

    def festivals(self, day: date) -> frozenset[str]:
        """The lunar festivals of a day."""
        return _festivals(day)


@cache
def _country(country: str, year: int) -> Any:
    import holidays

    return holidays.country_holidays(country, years=year)


@cache
def _festivals(day: date) -> frozenset[str]:
    from lunar_python import Solar

    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    named = {*lunar.getFestivals(), *lunar.getOtherFestivals()}
    found = {name for name, chinese in _LUNAR.items() if chinese in named}
    return frozenset(found | ({_BY_DATE[key]} if (key := (lunar.getMonth(), lunar.getDay())) in _BY_DATE else set()))
