"""Whether a playbook's lottery could be opened, asked when its file is read."""

from collections.abc import Set
from datetime import UTC, datetime

from bot.domain.lotteries_terms import parse_terms
from bot.domain.refusals import Refusal
from bot.domain.usage import WrongUse
from bot.texts import load_texts


def wrong_terms(terms: str, taken: Set[str] = frozenset()) -> str | None:
    """What is wrong with the terms of a lottery, in English; `taken` are words that cannot be its keyword."""
    try:
        parse_terms(terms, datetime.now(UTC), "UTC", taken)
    except WrongUse:
        return "these are no terms of a lottery, such as `A lamp x1, A mug x3 until 20:00`"
    except Refusal as error:
        say = load_texts().bound("en")
        return str(say(error.text, **error.values).striptags())
    return None
