"""Message entities: UTF-16 offsets, what the platform finds in a text by itself, and how it tidies both."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.sandbox.wire import Json

# These are taken literally: nothing is looked for inside them.
LITERAL = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji"})
MERGEABLE = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
OUTERMOST_FIRST = ("blockquote", "expandable_blockquote", "pre", "code", "text_link", "text_mention")

_COMMAND = r"(?<![\w/@<>#.&])/(?P<bot_command>\w{1,64}(?:@\w{3,32})?)(?![\w@/])"
_MENTION = r"(?<![\w/@.])@(?P<mention>[A-Za-z0-9_]{3,32})(?!\w)"
_HASHTAG = r"(?<![\w#&/])#(?P<hashtag>(?=\w*[^\W\d_])\w{1,256})"
_EMAIL = r"(?<![\w.@])(?P<email>[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24})(?!\w)"
_URL = (
    r"(?<![\w@/])(?P<url>(?:https?|ftp|tg|ton|tonsite)://[^\s<>\"«»“”]+"
    r"|(?:[A-Za-z0-9-]+\.)+(?:com|org|net|me|io|dev|cn|ru|uk|app|co|info)\b(?:[/?#:][^\s<>\"«»“”]*)?)"
)
_FOUND = re.compile("|".join((_EMAIL, _URL, _COMMAND, _MENTION, _HASHTAG)), re.ASCII)
_FOUND_HASHTAG = re.compile(_HASHTAG)
_SPACES = " \n\t\r\v\f"
_CONTROL = dict.fromkeys([*range(9), *range(11, 13), *range(14, 32)], " ") | {13: None}


def utf16_length(text: str) -> int:
    """The length as the Bot API counts: an emoji is two."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def piece(text: str, entity: Json) -> str:
    """What an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    start = 2 * entity["offset"]
    return raw[start : start + 2 * entity["length"]].decode("utf-16-le", "replace")


def find(text: str) -> list[Json]:
    """Commands, mentions, links, addresses and hashtags in a text."""
    if not any(sign in text for sign in "/@#."):
        return []
    found = list(_matches(_FOUND, text))
    taken = [(entity["offset"], end(entity)) for entity in found]
    hashtags = (
        tag for tag in _matches(_FOUND_HASHTAG, text) if not any(a < end(tag) and tag["offset"] < b for a, b in taken)
    )
    return sorted([*found, *hashtags], key=lambda entity: entity["offset"])


def end(entity: Json) -> int:
    """The offset after an entity."""
    return int(entity["offset"] + entity["length"])


def tidy(text: str, entities: Iterable[Json]) -> tuple[str, list[Json]]:
    """Text and entities as the platform keeps them: trimmed, clean, links and commands found, in order."""
    text = text.translate(_CONTROL)
    given = _merge(entity for entity in entities if entity["length"] > 0)
    text, given = _trim(text, given)
    literal = [entity for entity in given if entity["type"] in LITERAL]
    found = [entity for entity in find(text) if not any(_overlap(entity, other) for other in literal)]
    known = {(entity["type"], entity["offset"], entity["length"]) for entity in given}
    fresh = [entity for entity in found if (entity["type"], entity["offset"], entity["length"]) not in known]
    return text, sorted([*given, *fresh], key=_order)


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Json]:
    is_plain = text.isascii()
    for match in pattern.finditer(text):
        covered = match.group()
        if match.lastgroup == "url":
            covered = covered.rstrip(".,:;!?'\")")
        offset = match.start() if is_plain else utf16_length(text[: match.start()])
        yield {"type": match.lastgroup, "offset": offset, "length": utf16_length(covered)}


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Blanks go at the end, and at the beginning as far as nothing there is marked up."""
    text = text.rstrip(_SPACES)
    length = utf16_length(text)
    first = min((entity["offset"] for entity in entities), default=length)
    blank = min(len(text) - len(text.lstrip(_SPACES)), first)
    shifted = (_clip(entity, blank, length) for entity in entities)
    text = text[blank:]
    return text, [entity for entity in shifted if entity["length"] > 0 and _says_something(text, entity)]


def _clip(entity: Json, blank: int, length: int) -> Json:
    return {**entity, "offset": entity["offset"] - blank, "length": min(end(entity), length) - entity["offset"]}


def _says_something(text: str, entity: Json) -> bool:
    return entity["type"] in ("pre", "code") or bool(piece(text, entity).strip(_SPACES))


def _merge(entities: Iterable[Json]) -> list[Json]:
    """Neighbours of the same kind are one: `<b>a</b><b>b</b>` is a single bold entity."""
    merged: list[Json] = []
    ordered = sorted(entities, key=lambda entity: (entity["type"], entity["offset"]))
    for kind, same in groupby(ordered, key=lambda entity: entity["type"]):
        runs: list[Json] = []
        for entity in same:
            if kind in MERGEABLE and runs and entity["offset"] <= end(runs[-1]):
                runs[-1] = runs[-1] | {"length": max(end(runs[-1]), end(entity)) - runs[-1]["offset"]}
            else:
                runs.append(entity)
        merged.extend(runs)
    return sorted(merged, key=_order)


def _order(entity: Json) -> tuple[int, int, int]:
    kind = entity["type"]
    rank = OUTERMOST_FIRST.index(kind) if kind in OUTERMOST_FIRST else len(OUTERMOST_FIRST)
    return entity["offset"], -entity["length"], rank


def _overlap(one: Json, other: Json) -> bool:
    return bool(one["offset"] < end(other) and other["offset"] < end(one))
