"""Moderation: what is an offence, and what follows from it. Every rule is off until an operator turns it on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.domain.refusals import Refusal

Rule = Literal["words", "links", "forwards", "repeats", "flood", "operator"]
"""What an offence is against; `operator` is an operator's own judgement."""

Action = Literal["delete", "warn", "mute", "kick", "ban"]
"""What follows from an offence; its messages are deleted in any case. A kick lets one come back, a ban does not."""

BACKLOG = timedelta(minutes=10)
"""The age from which a message is no offence any more: it was written while the bot was away."""

LONGEST_LADDER = 10
LONGEST_SPAN = 365 * 86_400
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"([1-9][0-9]{0,3})([mhdw])")
_PACE = re.compile(r"([0-9]{1,2})/([0-9]{1,4})")
_ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?(?:(?:t|telegram)\.me/(?P<name>\w+)|(?P<host>[^/]+))/?")
_ALLOWED = re.compile(r"@\w{3,32}|(?:[\w-]+\.)+[\w-]{2,}")


class WrongSpan(Refusal):
    """No length of time that a mute may have."""

    text = "moderation.wrong_span"


class NotAgainstOperators(Refusal):
    """Operators are not moderated."""

    text = "moderation.not_operators"


class NotAgainstBots(Refusal):
    """Bots, channels and anonymous administrators are not members."""

    text = "moderation.not_bots"


class NotAgainstAbsent(Refusal):
    """The person has left, or was removed."""

    text = "moderation.not_absent"


class NothingToForgive(Refusal):
    """The member has no offence that counts."""

    text = "moderation.nothing_to_forgive"


class TooManyWords(Refusal):
    """The group has as many forbidden words as it may."""

    text = "moderation.too_many_words"


class WrongWord(Refusal):
    """Too short or too long to be forbidden."""

    text = "moderation.wrong_word"


class UnknownWord(Refusal):
    """The word is not forbidden."""

    text = "moderation.unknown_word"


def seconds_of(span: str) -> int:
    """The seconds of `30m`, `1h`, `2d` or `1w`, at most a year. Raises `ValueError`."""
    match = _SPAN.fullmatch(span)
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not 0 < seconds <= LONGEST_SPAN:
        raise ValueError(span)
    return seconds


def span_of(seconds: int) -> tuple[int, str]:
    """Seconds of `seconds_of` as a number and the longest unit of which it is a whole number."""
    unit = next(unit for unit in "wdhm" if seconds % _SECONDS[unit] == 0)
    return seconds // _SECONDS[unit], unit


@dataclass(frozen=True, slots=True)
class Step:
    """What an offence costs; `seconds` is how long a mute lasts."""

    action: Action
    seconds: int = 0


def parse_ladder(text: str) -> tuple[Step, ...]:
    """The steps of `warn mute:1h kick`: the first offence costs the first one. Raises `ValueError`."""
    steps = tuple(_step(word) for word in text.casefold().split())
    if not 1 <= len(steps) <= LONGEST_LADDER:
        raise ValueError(text)
    return steps


def _step(word: str) -> Step:
    match word.partition(":"):
        case "mute", ":", span:
            return Step("mute", seconds_of(span))
        case ("delete" | "warn" | "kick" | "ban") as action, "", "":
            return Step(action)
    raise ValueError(word)


def step_at(ladder: Sequence[Step], number: int) -> Step:
    """What a member's offence number so many costs; after the last step that one is repeated."""
    return ladder[min(number, len(ladder)) - 1]


@dataclass(frozen=True, slots=True)
class Pace:
    """So many messages within so many seconds."""

    messages: int
    seconds: int


def parse_pace(text: str) -> Pace | None:
    """`5/10` for five messages in ten seconds; None for `off`. Raises `ValueError`."""
    if text.casefold() == "off":
        return None
    match = _PACE.fullmatch(text)
    pace = Pace(int(match[1]), int(match[2])) if match else Pace(0, 0)
    if not (2 <= pace.messages <= 50 and 1 <= pace.seconds <= 3_600):
        raise ValueError(text)
    return pace


def parse_allowed(text: str) -> frozenset[str]:
    """The domains and @NAMES of a list, also as one copies an address, or `none`. Raises `ValueError`."""
    if text.casefold() == "none":
        return frozenset()
    addresses = [_ADDRESS.fullmatch(word.strip(",")) for word in text.casefold().split()]
    words = [f"@{address['name']}" if address["name"] else address["host"] for address in addresses if address]
    if not 0 < len(words) == len(addresses) <= 50 or not all(_ALLOWED.fullmatch(word) for word in words):
        raise ValueError(text)
    return frozenset(words)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a group's operators have turned on, but for forbidden words."""

    links: Literal["off", "invites", "all"] = "off"
    allowed: frozenset[str] = frozenset()
    forwards: Literal["off", "channels", "all"] = "off"
    flood: Pace | None = None
    repeats: Pace | None = None

    @property
    def is_any_on(self) -> bool:
        """Whether there is anything to look for."""
        return self.links != "off" or self.forwards != "off" or self.flood is not None or self.repeats is not None

    @property
    def longest_pace(self) -> int:
        """Seconds beyond which no message counts."""
        return max(pace.seconds if pace is not None else 0 for pace in (self.flood, self.repeats))


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What looks like an offence; whether it is one depends on who said it.

    `key` names the offence in its group for good, so that all messages of an album or a burst are one, and so is the
    same message again. `names` are @NAMES that are an offence only if one of them is a chat's.
    """

    rule: Rule
    key: str
    message_ids: tuple[int, ...]
    at: int
    names: tuple[str, ...] = ()
