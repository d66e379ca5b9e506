"""The numbers of lotteries, as people and buttons write them."""

from bot.domain.lotteries import UnknownLottery


def number_or_none(text: str) -> int | None:
    """The number, unless none was written. Raises `UnknownLottery`."""
    return number_of(text) if text else None


def number_of(text: str) -> int:
    """The number. Raises `UnknownLottery`."""
    text = text.removeprefix("#")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise UnknownLottery
    return int(text)
