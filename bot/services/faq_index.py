"""The FAQ's index: every keyword of thousands is looked for at once, in time that grows with the message alone.

It is built once, away from the event loop, and never changes; a new one takes its place.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2
from ahocorasick_rs import AhoCorasick, Implementation
from opencc import OpenCC
from rapidfuzz import fuzz, process

from bot.domain.faq import (
    LONGEST_KEYWORD,
    LONGEST_PATTERN,
    Entry,
    Hit,
    Keyword,
    default_mode,
    normal,
    stands_alone,
)
from bot.domain.faq_suggestions import Suggestion, SuggestionIndex, suggest

MOST_FUZZY = 500
"""Fuzzy keywords of one index: each is compared by itself."""

LONGEST_FUZZY = 48
"""Characters of a message beyond which nothing in it is nearly a keyword."""

_MEMORY_OF_PATTERN = 1 << 20

Target = tuple[Entry, Keyword]


class KeywordError(ValueError):
    """A keyword that cannot be looked for; the text says why."""


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters as Simplified ones."""
    return str(_converter().convert(text))


@lru_cache(maxsize=16)  # the FAQ, moderation, and the handler look at the same message one after the other
def normal_form(text: str) -> str:
    """A text as it is compared (see `bot.domain.faq.normal`)."""
    return normal(text, simplified)


def key_of(keyword: Keyword) -> str:
    """What a keyword is when it is compared with another one: its normal form; a pattern as it stands."""
    return f"regex:{keyword.text}" if keyword.mode == "regex" else normal_form(keyword.text)


def check_keyword(keyword: Keyword) -> None:
    """Raises `KeywordError` for a keyword that would find nothing, or too much."""
    if keyword.mode == "regex":
        _check_pattern(keyword.text)
        return
    length = len(normal_form(keyword.text))
    least = 1 if keyword.mode in {"exact", "word"} else 2
    if not least <= length <= LONGEST_KEYWORD:
        raise KeywordError(f"needs {least} to {LONGEST_KEYWORD} letters or digits")


def _check_pattern(pattern: str) -> None:
    if len(pattern) > LONGEST_PATTERN:
        raise KeywordError(f"a pattern has at most {LONGEST_PATTERN} characters")
    try:
        compiled = re2.compile(simplified(pattern), _options())
    except re2.error as error:
        raise KeywordError(f"no pattern that RE2 understands: {_said(error)}") from None
    if compiled.search("") is not None:
        raise KeywordError("this pattern fits every message")


def _said(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY_OF_PATTERN
    return options


@dataclass(slots=True)
class FaqIndex:
    """Finds the entries of which a keyword is in a message."""

    entries: dict[str, Entry] = field(default_factory=dict)
    _inside: AhoCorasick | None = None
    _inside_targets: list[Target] = field(default_factory=list)
    _exact: dict[str, tuple[Target, ...]] = field(default_factory=dict)
    _patterns: Any = None
    _pattern_targets: list[Target] = field(default_factory=list)
    _fuzzy: list[str] = field(default_factory=list)
    _fuzzy_targets: list[Target] = field(default_factory=list)
    _unless: dict[str, tuple[str, ...]] = field(default_factory=dict)
    suggestions: SuggestionIndex = field(default_factory=SuggestionIndex)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "FaqIndex":
        """The index of entries whose keywords were checked; of two with the same id, the later one."""
        index = cls({entry.id: entry for entry in entries})
        index.suggestions = SuggestionIndex.of(index.entries.values(), normal_form)
        inside: list[str] = []
        for entry in index.entries.values():
            if entry.unless:
                index._unless[entry.id] = tuple(normal_form(text) for text in entry.unless)
            for keyword in entry.keywords:
                index._add(entry, keyword, inside)
        if inside:
            index._inside = AhoCorasick(inside, implementation=Implementation.ContiguousNFA, store_patterns=False)
        if index._pattern_targets:
            index._patterns = (
                re2.Filter()
            )  # tries a pattern where its fixed parts are found: 5x as fast as a set of 700
            for _, keyword in index._pattern_targets:
                index._patterns.Add(simplified(keyword.text), _options())
            index._patterns.Compile()
        return index

    def _add(self, entry: Entry, keyword: Keyword, inside: list[str]) -> None:
        target = (entry, keyword)
        match keyword.mode:
            case "regex":
                self._pattern_targets.append(target)
            case "fuzzy":
                self._fuzzy.append(normal_form(keyword.text))
                self._fuzzy_targets.append(target)
            case "exact":
                text = normal_form(keyword.text)
                self._exact[text] = (*self._exact.get(text, ()), target)
            case _:
                inside.append(normal_form(keyword.text))
                self._inside_targets.append(target)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def hits(self, text: str) -> list[Hit]:
        """Every keyword that is found in a text (in its normal form), but of no entry that is not about it."""
        found = [*self._found_exactly(text), *self._found_inside(text), *self._found_by_pattern(text)]
        found += self._found_nearly(text)
        return [Hit(*target) for target in found if not self._is_silent(target[0], text)]

    def suggested(self, text: str, fits: Callable[[Entry], bool] = lambda entry: True) -> list[Suggestion]:
        """What a question (in its normal form) may mean, but of no entry that is not about it."""
        return [one for one in suggest(text, self.suggestions, fits) if not self._is_silent(one.entry, text)]

    def _found_exactly(self, text: str) -> Sequence[Target]:
        return self._exact.get(text, ())

    def _found_inside(self, text: str) -> Iterator[Target]:
        if self._inside is None:
            return
        for number, start, end in self._inside.find_matches_as_indexes(text, overlapping=True):
            target = self._inside_targets[number]
            mode = target[1].mode
            if mode == "contains" or (stands_alone(text, start, end) and (mode == "word" or start == 0)):
                yield target

    def _found_by_pattern(self, text: str) -> Iterator[Target]:
        if self._patterns is not None:
            for number in self._patterns.Match(text) or ():
                yield self._pattern_targets[number]

    def _found_nearly(self, text: str) -> Iterator[Target]:
        if not self._fuzzy or len(text) > LONGEST_FUZZY:
            return
        for part in _parts(text):
            for _, score, number in process.extract(part, self._fuzzy, scorer=fuzz.ratio, score_cutoff=60, limit=5):
                target = self._fuzzy_targets[number]
                if score >= target[1].threshold:
                    yield target

    def _is_silent(self, entry: Entry, text: str) -> bool:
        return any(_is_in(unwanted, text) for unwanted in self._unless.get(entry.id, ()))


def _is_in(part: str, text: str) -> bool:
    """Whether a text holds another: anywhere, or as whole words, as its script asks for."""
    start = text.find(part)
    while start >= 0:
        if default_mode(part) == "contains" or stands_alone(text, start, start + len(part)):
            return True
        start = text.find(part, start + 1)
    return False


def _parts(text: str) -> set[str]:
    """The text, and every run of up to three of its words."""
    words = text.split()
    runs = (" ".join(words[n : n + count]) for count in (1, 2, 3) for n in range(len(words) - count + 1))
    return {text, *runs}
