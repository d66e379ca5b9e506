"""The numbers of lotteries, as people and buttons write them."""

from bot.domain.lotteries import UnknownLottery
from bot.domain.numbers import whole_number


def number_or_none(text: str) -> int | None:
    """The number, unless none was written. Raises `UnknownLottery`."""
    return number_of(text) if text else None


def number_of(text: str) -> int:
    """The number. Raises `UnknownLottery`."""
    number = whole_number(text.removeprefix("#"))
    if number is None:
        raise UnknownLottery
    return number
