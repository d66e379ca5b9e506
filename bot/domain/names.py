"""What a person is called in a text."""

import unicodedata

from bot.domain.shortening import short

LONGEST_NAME = 32
"""Characters of a name that are shown; the rest becomes an ellipsis."""

# Bidirectional controls would turn the rest of the sentence around; zero-width ones make two names look alike.
_KEPT_FORMAT_CHARACTERS = frozenset("\u200c\u200d")
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_ISOLATE, _POP = "\u2068", "\u2069"


def display_name(first: str, last: str | None, user_id: int) -> str:
    """One printable line of at most `LONGEST_NAME` characters; `#id` for a person whose name shows nothing."""
    visible = "".join(c if _is_visible(c) else " " if c.isspace() else "" for c in f"{first} {last or ''}")
    name = " ".join(visible.split())
    if not any(unicodedata.category(c)[0] in "LNPS" and c not in _BLANK_LETTERS for c in name):
        return f"#{user_id}"
    return short(name, LONGEST_NAME)


def isolated(name: str) -> str:
    """The name in Unicode isolates if it has right-to-left letters, so that it cannot reorder its sentence (UAX #9)."""
    if any(unicodedata.bidirectional(c) in {"R", "AL", "AN"} for c in name):
        return f"{_ISOLATE}{name}{_POP}"
    return name


def _is_visible(c: str) -> bool:
    return c in _KEPT_FORMAT_CHARACTERS or not (
        c.isspace() or unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
