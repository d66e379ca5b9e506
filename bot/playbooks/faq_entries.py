"""What a FAQ file says, as entries; whatever cannot stand is noted as a mistake."""

import re
from collections.abc import Iterator
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
from bot.playbooks.telegram_html import wrong_html
from bot.playbooks.yaml_places import Keys, Place, one_of, whole
from bot.services.faq_index import KeywordError, check_keyword, normal_form

_ENTRY_KEYS = (
    "name", "keywords", "unless", "answers", "pick", "priority", "hours", "otherwise", "from", "until", "buttons",
    "delete_after", "cooldown", "topics", "photo", "private", "hand_over", "delete_question",
)  # fmt: skip
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")

LARGEST_PICTURE = 10_000_000
"""Bytes (Bot API, sendPhoto)."""

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]\d|2[0-3]):([0-5]\d)")


def entries_of(document: Place) -> Iterator[Entry]:
    """The entries of a file; none may be used when the file turns out to have mistakes."""
    top = document.keys("groups", "tags", "entries", needed=["entries"])
    groups = top.read("groups", _groups) or frozenset()
    tags = frozenset(tag.casefold() for tag in top.each("tags", Place.text))
    reader = _EntryReader(Path(document.source), groups, tags)
    if "entries" in top:
        yield from map(reader.entry, top["entries"].drained())


@dataclass(frozen=True, slots=True)
class _EntryReader:
    """Reads the entries of one file, whose names are all different."""

    file: Path
    groups: frozenset[str]
    tags: frozenset[str]
    _lines: dict[str, int] = field(default_factory=dict)

    def entry(self, place: Place) -> Entry:
        keys = place.keys(*_ENTRY_KEYS, needed=("name", "keywords", "answers"))
        entry = Entry(
            id=f"{self.file.name}:{keys.read('name', self._name)}",
            keywords=keys.each("keywords", _keyword),
            answers=keys.each("answers", _html),
            picks=keys.read("pick", one_of({"turn": "turn", "random": "random"})) or "turn",
            priority=keys.read("priority", whole(-100, 100)) or 0,
            unless=keys.each("unless", _unwanted),
            groups=self.groups,
            tags=self.tags,
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
        _check_together(entry, keys)
        return entry

    def _name(self, place: Place) -> str | None:
        name = place.text()
        if name in self._lines:
            place.mistake(f"the name `{name}` is taken, on line {self._lines[name]}")
        elif name is not None:
            self._lines[name] = place.line
        return name

    def _photo(self, place: Place) -> Photo | None:
        path = place.text()
        if path is None:
            return None
        playbooks = self.file.resolve().parent.parent
        picture = (playbooks / path).resolve()
        if not picture.is_relative_to(playbooks):
            place.mistake("a picture must be in the playbooks directory, such as media/sizes.jpg")
        elif not picture.is_file():
            place.mistake(f"there is no file `{path[:80]}` in the playbooks directory")
        elif picture.suffix.lower() not in _PICTURES:
            place.mistake(f"a picture is one of {', '.join(_PICTURES)}")
        elif not 0 < picture.stat().st_size <= LARGEST_PICTURE:
            place.mistake(f"a picture has 1 to {LARGEST_PICTURE} bytes")
        return Photo(path=path)


def _check_together(entry: Entry, keys: Keys) -> None:
    """What no key can tell alone."""
    if "otherwise" in keys and "hours" not in keys:
        keys["otherwise"].mistake("`otherwise` is said outside `hours`, which are missing")
    if entry.valid_from and entry.valid_until and entry.valid_from > entry.valid_until:
        keys["until"].mistake("`until` is before `from`")
    longest = max(map(len, (*entry.answers, entry.otherwise or "")), default=0)
    if entry.photo is not None and longest > LONGEST_CAPTION:
        keys["photo"].mistake(f"with a picture an answer has at most {LONGEST_CAPTION} characters, not {longest}")
    if entry.deletes_question and not entry.lifetime:
        keys["delete_question"].mistake("`delete_question` happens after `delete_after` seconds, which are missing")


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
    if text is not None and not normal_form(text):
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
    return LinkButton(text[:64], url) if text and url else None


def _address(place: Place) -> str | None:
    url = place.text()
    if url is not None and not re.fullmatch(r"(https?|tg)://\S+", url):
        place.mistake("`url` must be an address such as https://example.org")
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
