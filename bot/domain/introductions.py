"""Self-introductions: what is one, and when somebody is reminded of theirs."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from bot.domain.refusals import Refusal

Verdict = Literal["none", "short", "introduction"]
"""What a message is: nothing of the kind, one that is too short, or an introduction."""

LONGEST_TEMPLATE = 2_000
"""Characters of a group's template."""

MOST_MENTIONED = 10
"""Newcomers that one reminder mentions; of the others it says how many they are."""

MOST_WORDS = 5
"""Words that a group can have for introductions."""

_REMINDED_AFTER = timedelta(hours=24)
_TOO_LATE_AFTER = timedelta(hours=48)
_HOUR = timedelta(hours=1)


class IntroductionsOff(Refusal):
    """The group has not turned introductions on."""

    text = "intro.off"


class TemplateTooLong(Refusal):
    """The template would not fit a message with all that stands around it."""

    text = "intro.too_long"


@dataclass(frozen=True, slots=True)
class IntroductionRules:
    """What makes a message an introduction: one of the words in it, or the topic (0: none); and enough characters."""

    words: tuple[str, ...]
    topic: int
    length: int

    def verdict(self, text: str, topic: int | None) -> Verdict:
        """What a message is. In the topic a short one is talk; one with a word means to be an introduction."""
        told, said = _pattern(self.words).subn(" ", _folded(text))
        is_long = len(" ".join(told.split())) >= self.length
        if said or (self.topic and topic == self.topic and is_long):
            return "introduction" if is_long else "short"
        return "none"


def words_of(text: str) -> str:
    """The words as they are stored: folded, each once. Raises `ValueError`."""
    words = list(dict.fromkeys(_folded(text).split()))
    if not 1 <= len(words) <= MOST_WORDS or any(not 2 <= len(word) <= 32 or word.startswith("/") for word in words):
        raise ValueError(text)
    return " ".join(words)


def remind_at(joined_at: datetime) -> datetime:
    """A day after the join, at the next full hour, so that those who came within one hour are reminded together."""
    due = joined_at + _REMINDED_AFTER
    whole = due.replace(minute=0, second=0, microsecond=0)
    return whole if whole == due else whole + _HOUR


def is_too_late(joined_at: datetime, now: datetime) -> bool:
    """Whether a reminder would come out of the blue, after a downtime."""
    return now - joined_at > _TOO_LATE_AFTER


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds the words: in a script with spaces whole ones, so that #introvert is no #intro."""
    return re.compile("|".join(_edge(word[0], "<!") + re.escape(word) + _edge(word[-1], "!") for word in words))


def _edge(letter: str, look: str) -> str:
    return f"(?{look}[a-z0-9_])" if letter.isascii() and letter.isalnum() else ""
