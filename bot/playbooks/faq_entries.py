"""What a FAQ file says, as entries; whatever cannot stand is noted as a mistake."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from bot.domain.faq import (
    LONGEST_ANSWER,
    LONGEST_CAPTION,
    MODES,
    THRESHOLD,
    VARIABLES,
    Entry,
    Hours,
    Keyword,
    LinkButton,
    Photo,
    parse_keyword,
    variables_of,
)
from bot.domain.faq_written import OF_PLATFORM
from bot.playbooks.telegram_html import wrong_html
from bot.services.faq_index import KeywordError, check_keyword, normal_form
from bot.yaml_places import Keys, Place, one_of, whole

_ENTRY_KEYS = (
    "name", "keywords", "unless", "answers", "pick", "priority", "hours", "otherwise", "from", "until", "buttons",
    "delete_after", "cooldown", "topics", "photo", "private", "hand_over", "delete_question", "groups", "tags",
)  # fmt: skip
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")

LARGEST_PICTURE = 10_000_000
"""Bytes (Bot API, sendPhoto)."""

MOST_BUTTONS = 10
LONGEST_ADDRESS = 2_000

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry, its name, and where its file has it and says whom it is for."""

    entry: Entry
    name: str
    place: Place
    scope: Place


def entries_of(document: Place, playbooks: Path, priority: int = 0) -> Iterator[Placed]:
    """The entries of a file; none may be used when the file turns out to have mistakes.

    Pictures are looked for in the playbooks directory; `priority` is that of entries which name none.
    """
    top = document.keys("groups", "tags", "entries", needed=["entries"])
    reader = _EntryReader(Path(document.source).name, playbooks.resolve(), priority, *_scope(top))
    if "entries" in top:
        yield from map(reader.placed, top["entries"].drained())


@dataclass(frozen=True, slots=True)
class _EntryReader:
    """Reads the entries of one file, whose names are all different unless they are for different groups."""

    file: str
    playbooks: Path
    usual_priority: int
    groups: frozenset[str]
    tags: frozenset[str]
    _lines: dict[str, int] = field(default_factory=dict)

    def placed(self, place: Place) -> Placed:
        keys = place.keys(*_ENTRY_KEYS, needed=("name", "keywords"))
        scope = next((keys[name] for name in ("groups", "tags") if name in keys), place)
        name = keys["name"].node.value if "name" in keys else ""
        return Placed(self._entry(place, keys), str(name).strip(), place, scope)

    def _entry(self, place: Place, keys: Keys) -> Entry:
        groups, tags = _scope(keys) if "groups" in keys or "tags" in keys else (self.groups, self.tags)
        own_scope = sorted(groups | tags) if (groups, tags) != (self.groups, self.tags) else []
        name = keys.read("name", lambda name: self._name(name, own_scope)) or ""
        priority = keys.read("priority", whole(-100, 100))
        entry = Entry(
            id=":".join([self.file, name, *own_scope]),
            keywords=keys.each("keywords", _keyword),
            answers=keys.each("answers", _html) or ("",),
            picks=keys.read("pick", one_of({"turn": "turn", "random": "random"})) or "turn",
            priority=self.usual_priority if priority is None else priority,
            unless=keys.each("unless", _unwanted),
            groups=groups,
            tags=tags,
            hours=keys.read("hours", _hours),
            otherwise=keys.read("otherwise", _html),
            valid_from=keys.read("from", Place.day),
            valid_until=keys.read("until", Place.day),
            buttons=keys.each("buttons", _button),
            lifetime=keys.read("delete_after", whole(1, 172_000)) or 0,
            cooldown=keys.read("cooldown", whole(0, 86_400)),
            topics=frozenset(keys.each("topics", whole(1, 999_999_999))),
            photo=keys.read("photo", self._photo),
            is_private=keys.read("private", Place.flag) or False,
            hands_over=keys.read("hand_over", Place.flag) or False,
            deletes_question=keys.read("delete_question", Place.flag) or False,
        )
        _check_together(entry, keys, place)
        return entry

    def _name(self, place: Place, own_scope: Sequence[str]) -> str | None:
        name = place.text()
        if name is None:
            return None
        key = ":".join([name, *own_scope])
        if key in self._lines:
            place.mistake(f"the name `{name}` is taken, on line {self._lines[key]}")
        else:
            self._lines[key] = place.line
        return name

    def _photo(self, place: Place) -> Photo | None:
        path = place.text()
        if path is None:
            return None
        if path.startswith(OF_PLATFORM):
            return Photo(file_id=path.removeprefix(OF_PLATFORM))
        picture = (self.playbooks / path).resolve()
        if not picture.is_relative_to(self.playbooks):
            place.mistake("a picture must be in the playbooks directory, such as media/sizes.jpg")
        elif not picture.is_file():
            place.mistake(f"there is no file `{path[:80]}` in the playbooks directory")
        elif picture.suffix.lower() not in _PICTURES:
            place.mistake(f"a picture is one of {', '.join(_PICTURES)}")
        elif not 0 < picture.stat().st_size <= LARGEST_PICTURE:
            place.mistake(f"a picture has 1 to {LARGEST_PICTURE} bytes")
        return Photo(path=path)


def _check_together(entry: Entry, keys: Keys, place: Place) -> None:
    """What no key can tell alone."""
    if "answers" not in keys and "photo" not in keys:
        place.mistake("`answers` is missing")
    for name in ("keywords", "answers"):
        if name in keys and keys[name].is_list() and not keys[name].items():
            keys[name].mistake("this is empty; write at least one")
    if len(entry.buttons) > MOST_BUTTONS:
        keys["buttons"].mistake(f"an answer has at most {MOST_BUTTONS} buttons, this has {len(entry.buttons)}")
    if "otherwise" in keys and "hours" not in keys:
        keys["otherwise"].mistake("`otherwise` is said outside `hours`, which are missing")
    if entry.valid_from and entry.valid_until and entry.valid_from > entry.valid_until:
        keys["until"].mistake("`until` is before `from`")
    longest = max(map(len, (*entry.answers, entry.otherwise or "")), default=0)
    if entry.photo is not None and longest > LONGEST_CAPTION:
        keys["photo"].mistake(f"with a picture an answer has at most {LONGEST_CAPTION} characters, not {longest}")
    if entry.deletes_question and not entry.lifetime:
        keys["delete_question"].mistake("`delete_question` happens after `delete_after` seconds, which are missing")


def _scope(keys: Keys) -> tuple[frozenset[str], frozenset[str]]:
    groups = keys.read("groups", _groups) or frozenset()
    return groups, frozenset(tag.casefold() for tag in keys.each("tags", Place.text))


def _groups(place: Place) -> frozenset[str]:
    if place.is_scalar("all"):
        return frozenset()
    before = len(place.mistakes)
    groups = frozenset(place.each(Place.text))
    if not groups and len(place.mistakes) == before:
        place.mistake("no group is named; write titles or chat ids, or `groups: all`")
    return groups


def _keyword(place: Place) -> Keyword | None:
    keyword = _keyword_with_mode(place) if place.is_mapping() else _written_keyword(place)
    if keyword is None:
        return None
    if "\n" in keyword.text:
        place.mistake("a keyword is one line")
        return None
    try:
        check_keyword(keyword)
    except KeywordError as error:
        place.mistake(f"keyword `{keyword.text[:40]}`: {error}")
        return None
    return keyword


def _written_keyword(place: Place) -> Keyword | None:
    text = place.text()
    return parse_keyword(text) if text is not None else None


def _keyword_with_mode(place: Place) -> Keyword | None:
    keys = place.keys(*MODES, "threshold")
    modes = [mode for mode in MODES if mode in keys]
    if len(modes) != 1:
        place.mistake(f"a keyword has one of {', '.join(MODES)}")
        return None
    if "threshold" in keys and modes[0] != "fuzzy":
        keys["threshold"].mistake("`threshold` is for fuzzy keywords")
    text = keys[modes[0]].text()
    threshold = keys.read("threshold", whole(50, 100)) or THRESHOLD
    return Keyword(text, modes[0], threshold) if text is not None else None


def _unwanted(place: Place) -> str | None:
    text = place.text()
    if text is not None and "\n" in text:
        place.mistake("this must be one line")
    elif text is not None and not normal_form(text):
        place.mistake("this has no letter and no digit")
    return text


def _html(place: Place) -> str | None:
    text = place.text()
    if text is None:
        return None
    if len(text) > LONGEST_ANSWER:
        place.mistake(f"an answer has at most {LONGEST_ANSWER} characters, this has {len(text)}")
    for name in sorted(variables_of(text) - set(VARIABLES)):
        place.mistake(f"unknown variable `{name}`; known are {', '.join(VARIABLES)}")
    wrong = wrong_html(text)
    if wrong:
        place.mistake(wrong)
    return text


def _button(place: Place) -> LinkButton | None:
    keys = place.keys("text", "url", needed=("text", "url"))
    text, url = keys.read("text", Place.text), keys.read("url", _address)
    return LinkButton(" ".join(text.split())[:64].strip(), url) if text and url else None


def _address(place: Place) -> str | None:
    url = place.text()
    if url is not None and not re.fullmatch(r"(https?|tg)://\S+", url):
        place.mistake("`url` must be an address such as https://example.org")
    elif url is not None and len(url) > LONGEST_ADDRESS:
        place.mistake(f"`url` has at most {LONGEST_ADDRESS} characters, this has {len(url)}")
    return url


def _hours(place: Place) -> Hours | None:
    text = place.text()
    found = _HOURS.fullmatch(text) if text is not None else None
    if found is None:
        if text is not None:
            place.mistake("`hours` must be like 09:00-18:00")
        return None
    first, first_minute, last, last_minute = map(int, found.groups())
    return Hours(time(first, first_minute), time(last, last_minute))
