"""What operators write: the entries of their own group, and the questions that nobody answered."""

import re
from dataclasses import dataclass, replace

from bot.domain.faq import OWN, Entry, Keyword, parse_keyword, ref_of
from bot.domain.refusals import Refusal

OWN_PRIORITY = 10
"""Of the entries that a group has made for itself, which so go before those of files, whose priority is 0."""

MOST_PHRASINGS = 50

_MARKS = frozenset({"+person", "+private"})
_LIKE_A_MARK = re.compile(r"\+[a-z]{3,}.*", re.IGNORECASE | re.ASCII)
_SEPARATOR = re.compile(r"\s[=＝]\s|[=＝]")


class UnknownEntry(Refusal):
    """The group has no entry with this keyword."""

    text = "faq.unknown"


class UnknownMissed(Refusal):
    """The question is no longer on the list: somebody has answered or dismissed it."""

    text = "faq.missed_gone"


class NothingHeard(Refusal):
    """The group keeps no texts to try an answer on."""

    text = "faq.nothing_heard"


class WrongKeyword(Refusal):
    """Too short or too long."""

    text = "faq.wrong_keyword"


class UnknownMark(Refusal):
    """Written like a mark, but none: a keyword of that name would let the answer be said where it must not."""

    text = "faq.unknown_mark"


class WrongPattern(Refusal):
    """A regular expression that the engine does not take."""

    text = "faq.wrong_pattern"


class TooManyPhrasings(Refusal):
    """One answer has more keywords than it may."""

    text = "faq.too_many_phrasings"


class WrongAnswer(Refusal):
    """Too long, or it names a variable that there is not."""

    text = "faq.wrong_answer"


class TooManyEntries(Refusal):
    """The group has as many entries as it may."""

    text = "faq.too_many"


def own_id(key: str) -> str:
    """The id of a group's own entry with this key."""
    return f"{OWN}{key}"


def own_key(entry: Entry) -> str:
    """The key of a group's own entry: the normal form of its first keyword."""
    return entry.id.removeprefix(OWN)


def with_keyword(entry: Entry, keyword: Keyword) -> Entry:
    """The same entry with one more phrasing."""
    return entry if keyword in entry.keywords else replace(entry, keywords=(*entry.keywords, keyword))


def own_about(entry: Entry, keyword: Keyword, key: str) -> Entry:
    """A group's own entry that answers the same as one from a file, but to one keyword alone.

    The file's goes on to answer all that it is about.
    """
    return replace(
        entry, id=own_id(key), keywords=(keyword,), unless=(), priority=OWN_PRIORITY, groups=frozenset(),
        tags=frozenset(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Addition:
    """What an operator wants to add: keywords, texts it is not about, the answer, and what is special about it."""

    keywords: tuple[Keyword, ...]
    unless: tuple[str, ...]
    answer: str
    is_private: bool = False
    hands_over: bool = False


def parse_addition(words: str, *, needs_answer: bool = True) -> Addition | None:
    """`KEYWORD | KEYWORD | -NOT THIS | +person | +private = ANSWER`; None if it is not so.

    An equals sign between spaces separates before one without them, so that a pattern may hold one. A picture needs no
    words: without `needs_answer` the equals sign may be missing. Raises `UnknownMark`.
    """
    separator = re.search(r"\s[=＝]\s", words) or _SEPARATOR.search(words)
    if separator is None and needs_answer:
        return None
    end = separator.start() if separator else len(words)
    phrases = [" ".join(phrase.split()) for phrase in _phrases(words[:end])]
    marks = {phrase.casefold() for phrase in phrases if phrase.casefold() in _MARKS}
    plain = [phrase for phrase in phrases if phrase and phrase.casefold() not in _MARKS and phrase != "-"]
    for phrase in plain:
        if _LIKE_A_MARK.fullmatch(phrase):
            raise UnknownMark(mark=phrase[:64])
    keywords = tuple(parse_keyword(phrase) for phrase in plain if not phrase.startswith("-"))
    unless = tuple(phrase[1:].strip() for phrase in plain if phrase.startswith("-"))
    answer = words[separator.end() :].strip() if separator else ""
    if not keywords or (needs_answer and not answer):
        return None
    return Addition(keywords, unless, answer, is_private="+private" in marks, hands_over="+person" in marks)


def _phrases(words: str) -> list[str]:
    """What stands between the bars; one inside the parentheses of a pattern is the pattern's own."""
    phrases: list[str] = []
    for part in words.split("|"):
        if phrases and _is_open(phrases[-1]):
            phrases[-1] += f"|{part}"
        else:
            phrases.append(part)
    return phrases


def _is_open(phrase: str) -> bool:
    keyword = parse_keyword(phrase)
    plain = re.sub(r"\\.", "", keyword.text)
    return keyword.mode == "regex" and plain.count("(") > plain.count(")")


@dataclass(frozen=True, slots=True)
class Missed:
    """A question without an answer: its normal form, its latest wording, and how often it was asked."""

    key: str
    question: str
    asked: int

    @property
    def ref(self) -> str:
        """A short name for it, for a button."""
        return ref_of(self.key)
