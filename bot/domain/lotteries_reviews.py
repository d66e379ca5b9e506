"""Entrants of a lottery who may be one person, or a farm: signs for operators to look at, which decide nothing.

The platform tells no account's age. A sign alone is weak, since many are called alike and many join at once; what
counts is how many hold of the same members.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from bot.domain.refusals import Refusal

Sign = Literal["name", "username", "inviter", "at_once", "captcha", "silent"]

AT_ONCE = timedelta(minutes=1)
"""Those joined at once of whom each came so soon after another."""

BURST = timedelta(minutes=10)
"""Those came in one burst of whom each came so soon after another."""

FEWEST_OF_INVITER = 3
"""From how many on those who came in one burst by one inviter, and have written nothing, are a sign."""

SHORTEST_STEM = 3
"""Letters that usernames must have in common: there are many like `a1`."""

_DIGITS = re.compile(r"\d+")
_NO_LETTER = re.compile(r"[\W\d_]+")
_REPEATED = re.compile(r"(.)\1+")


class PrivateChatClosed(Refusal):
    """The group must not read who is suspected, and whoever asks has no private chat with the bot."""

    text = "lottery.review_closed"


@dataclass(frozen=True, slots=True)
class Suspect:
    """An entrant, and what is known of them; `joined_at` is the latest join that was seen."""

    user_id: int
    name: str
    username: str | None = None
    joined_at: datetime | None = None
    inviter_id: int | None = None
    is_silent: bool = False
    lacks_captcha: bool = False


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """Entrants, and all signs that hold of them together."""

    suspects: tuple[Suspect, ...]
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What there is to look at, most signs first; and of how many entrants, of whom so many wrote nothing."""

    groups: Sequence[Lookalikes]
    entrants: int
    silent: int
    lacking_captcha: int


@dataclass(frozen=True, slots=True)
class _Keys:
    """What two suspects have in common if they are alike; None is alike to nothing."""

    suspect: Suspect
    name: str | None
    stem: str | None


def reviewed(suspects: Sequence[Suspect], normal_form: Callable[[str], str]) -> Review:
    """The groups of those who may belong together. `normal_form` folds a name as the FAQ's questions are folded."""
    known = {one.user_id: _Keys(one, name_key(one.name, normal_form), stem_of(one.username)) for one in suspects}
    found = set(_groups(list(known.values())))
    groups = [_looked_at([known[user_id] for user_id in sorted(ids)]) for ids in found]
    return Review(
        _telling(sorted(groups, key=_rank)),
        entrants=len(known),
        silent=sum(one.is_silent for one in suspects),
        lacking_captcha=sum(one.lacks_captcha for one in suspects),
    )


def name_key(name: str, normal_form: Callable[[str], str]) -> str | None:
    """What names have in common that are the same or nearly so: the letters of their words, in whatever order.

    Digits, emoji and repeated letters do not count, unless hardly anything is left; None for a name that shows nothing.
    """
    folded = normal_form(name) or "".join(name.split())
    words = _REPEATED.sub(r"\1", _NO_LETTER.sub(" ", folded)).split()
    return " ".join(sorted(words)) if sum(map(len, words)) > 1 else folded or None


def stem_of(username: str | None) -> str | None:
    """A username without its digits, if there is enough of it."""
    stem = _DIGITS.sub("", username or "").lower()
    return stem if len(stem.replace("_", "")) >= SHORTEST_STEM else None


def _groups(known: Sequence[_Keys]) -> Iterator[frozenset[int]]:
    """Those whom one sign brings together."""
    for alike in (*_by_key(known, lambda one: one.name), *_by_key(known, lambda one: one.stem)):
        yield _ids(alike)
        yield from (_ids(burst) for burst in _bursts(alike, AT_ONCE) if len(burst) > 1)
    silent = [one for one in known if one.suspect.is_silent]
    for brought in _by_key(silent, lambda one: one.suspect.inviter_id):
        yield from (_ids(burst) for burst in _bursts(brought, BURST) if len(burst) >= FEWEST_OF_INVITER)
    yield from (_ids(burst) for burst in _bursts(silent, AT_ONCE) if len(burst) > 1)
    lacking = [one for one in known if one.suspect.lacks_captcha]
    yield from (_ids(burst) for burst in _bursts(lacking, AT_ONCE) if len(burst) > 1)


def _by_key(known: Iterable[_Keys], key_of: Callable[[_Keys], Hashable]) -> Iterator[list[_Keys]]:
    alike = defaultdict[Hashable, list[_Keys]](list)
    for one in known:
        alike[key_of(one)].append(one)
    return (members for key, members in alike.items() if key is not None and len(members) > 1)


def _bursts(known: Iterable[_Keys], pause: timedelta) -> Iterator[list[_Keys]]:
    """Those who joined one soon after the other."""
    joined = sorted((one.suspect.joined_at, one.suspect.user_id, one) for one in known if one.suspect.joined_at)
    burst: list[_Keys] = []
    for at, _, one in joined:
        if burst and at - (burst[-1].suspect.joined_at or at) > pause:
            yield burst
            burst = []
        burst.append(one)
    if burst:
        yield burst


def _looked_at(group: Sequence[_Keys]) -> Lookalikes:
    """All signs that hold of everybody in a group."""
    suspects = tuple(one.suspect for one in group)
    is_silent = all(one.is_silent for one in suspects)
    holds: dict[Sign, bool] = {
        "name": _is_shared({one.name for one in group}),
        "username": _is_shared({one.stem for one in group}),
        "inviter": is_silent
        and len(group) >= FEWEST_OF_INVITER
        and _is_shared({one.inviter_id for one in suspects})
        and _came_within(suspects, BURST),
        "at_once": _came_within(suspects, AT_ONCE),
        "captcha": all(one.lacks_captcha for one in suspects),
        "silent": is_silent,
    }
    return Lookalikes(suspects, tuple(sign for sign, does in holds.items() if does))


def _telling(ranked: Sequence[Lookalikes]) -> list[Lookalikes]:
    """Without the groups that add nobody to one before them."""
    told, groups_of = list[Lookalikes](), defaultdict[Suspect, list[set[Suspect]]](list)
    for group in ranked:
        everybody = set(group.suspects)
        if not any(everybody <= before for before in groups_of[group.suspects[0]]):
            told.append(group)
            for one in everybody:
                groups_of[one].append(everybody)
    return told


def _is_shared(keys: set[str | None] | set[int | None]) -> bool:
    return len(keys) == 1 and None not in keys


def _came_within(suspects: Sequence[Suspect], pause: timedelta) -> bool:
    joined = [one.joined_at for one in suspects if one.joined_at]
    return len(joined) == len(suspects) and all(b - a <= pause for a, b in pairwise(sorted(joined)))


def _rank(group: Lookalikes) -> tuple[int, int, list[int]]:
    return -len(group.signs), -len(group.suspects), [one.user_id for one in group.suspects]


def _ids(group: Iterable[_Keys]) -> frozenset[int]:
    return frozenset(one.suspect.user_id for one in group)
