"""The FAQ: what an entry says, how texts are compared, and which entry answers a message."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import blake2b
from typing import Literal, get_args

Mode = Literal["exact", "contains", "word", "prefix", "regex", "fuzzy"]
"""How a keyword is found in a message: as all of it, anywhere, as whole words, at its start, by a pattern, nearly."""

MODES: tuple[Mode, ...] = get_args(Mode)

LONGEST_QUESTION = 500
"""Characters beyond which a message is no question to a FAQ."""

LONGEST_KEYWORD = 64
LONGEST_PATTERN = 200
LONGEST_ANSWER = 3500

LONGEST_CAPTION = 1000
"""Characters of an answer with a picture (Bot API: a caption has at most 1,024)."""

THRESHOLD = 80
"""Percent of likeness that a fuzzy keyword asks for, unless it says otherwise."""

VARIABLES = ("name", "group")
"""What `{{ … }}` in an answer may name: who asked, and where."""

OWN = "own:"
"""What the id of an entry begins with that a group has made for itself."""

_RANKS: dict[Mode, int] = {"exact": 3, "regex": 2, "prefix": 1, "word": 1, "contains": 1, "fuzzy": 0}

SPACELESS = "぀-ヿ㐀-䶿一-鿿豈-﫿𠀀-𲎯ก-๛ກ-ໟក-៿"
_HAS_SPACELESS = re.compile(f"[{SPACELESS}]")
_NOISE = re.compile(r"[\W_]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
# It begins with what is rare, so that the engine looks at nothing else.
_NEEDLESS_SPACE = re.compile(f" (?:(?<=[{SPACELESS}] )|(?=[{SPACELESS}]))")
_VARIABLE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_WITH_MODE = re.compile(
    rf"\s*(?:(?:({'|'.join(mode for mode in MODES)}))(?:(?<=fuzzy)\s+([5-9]\d|100))?)\s*[:：](.*\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_QUESTION = re.compile(
    r"[?？]|[吗嗎呢么不没沒]\s*[。！!~～]*\s*\Z|怎么|怎麼|怎样|怎樣|如何|咋|啥|多久|多少|多大|多长|多長|哪|[几幾][点點天号號个個件时時]"
    r"|什么时候|什麼時候|为什么|為什麼|能不能|可不可以|可否|行不行|好不好|会不会|會不會|要不要|有没有|有沒有|是不是|请问|請問|求助?[个個]"
    r"|\A\W*(?:how|hows|whats?|when|whens|wheres?|why|whos?|which|can|cant|could|do|does|did|is|isnt|are|will|would|should|any)\b"
    r"|\b(?:how (?:do|does|can|long|much|many|to)|(?:can|could|should|may) (?:i|we|you|u|someone|anyone)|do (?:you|u|i)"
    r"|are you|is (?:it|there|this)|where(?:'?s| is| do| can| are)|when (?:will|do|does|is|are|can)"
    r"|any(?:one|body) know|any idea)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Keyword:
    """One phrasing, as it was written; `threshold` is for fuzzy ones."""

    text: str
    mode: Mode
    threshold: int = THRESHOLD


@dataclass(frozen=True, slots=True)
class LinkButton:
    """A button under an answer that opens an address."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day, in the group's zone; one that ends before it starts goes over midnight."""

    start: time
    end: time

    def include(self, at: time) -> bool:
        """Whether a time of day is in it; the end is not."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture: a file of the playbooks directory by its path in there, or one of the platform's by its id."""

    path: str = ""
    file_id: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is asked and what is answered. `id` names it for good; answers are Telegram's HTML with variables.

    It is for `groups` (chat ids and titles) and for those with one of its `tags`; for every group if it names neither.
    `unless` are texts with which it keeps silent; `otherwise` is said outside its hours; `lifetime` and `cooldown` are
    seconds, None for the group's own; `topics` are the only ones in which it answers, if any are named.
    """

    id: str
    keywords: tuple[Keyword, ...]
    answers: tuple[str, ...]
    picks: Literal["turn", "random"] = "turn"
    priority: int = 0
    unless: tuple[str, ...] = ()
    groups: frozenset[str] = frozenset()
    hours: Hours | None = None
    otherwise: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    buttons: tuple[LinkButton, ...] = ()
    lifetime: int = 0
    cooldown: int | None = None
    tags: frozenset[str] = frozenset()
    topics: frozenset[int] = frozenset()
    photo: Photo | None = None
    is_private: bool = False
    hands_over: bool = False
    deletes_question: bool = False

    @property
    def is_own(self) -> bool:
        """Whether a group has made it for itself."""
        return self.id.startswith(OWN)

    @property
    def ref(self) -> str:
        """A short name for it, for a button or a link."""
        return ref_of(self.id)

    def is_for(self, chat_id: int, title: str, tags: Collection[str] = ()) -> bool:
        """Whether it may answer in a chat."""
        if not self.groups and not self.tags:
            return True
        return str(chat_id) in self.groups or title in self.groups or not self.tags.isdisjoint(tags)

    def answers_in(self, topic: int | None) -> bool:
        """Whether it may answer in a topic (None: outside of any)."""
        return not self.topics or topic in self.topics

    def answers_at(self, local: datetime) -> tuple[str, ...]:
        """What it may say at a local time: nothing before and after its days, `otherwise` outside its hours."""
        if self.valid_from is not None and local.date() < self.valid_from:
            return ()
        if self.is_over(local.date()):
            return ()
        if self.is_open_at(local):
            return self.answers
        return (self.otherwise,) if self.otherwise else ()

    def is_over(self, day: date) -> bool:
        """Whether its last day has passed."""
        return self.valid_until is not None and day > self.valid_until

    def is_open_at(self, local: datetime) -> bool:
        """Whether a local time is in its hours."""
        return self.hours is None or self.hours.include(local.time())


def ref_of(name: str) -> str:
    """A name of any length in 12 characters."""
    return blake2b(name.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Hit:
    """A keyword that was found in a message."""

    entry: Entry
    keyword: Keyword


def best_first(hits: Iterable[Hit]) -> list[Hit]:
    """One hit for each entry: by priority, then exact, regex, contains, fuzzy, then the longest keyword."""
    ordered = sorted(hits, key=_strength, reverse=True)
    return list({hit.entry.id: hit for hit in reversed(ordered)}.values())[::-1]


def rivals(ranked: Sequence[Hit]) -> Sequence[Hit]:
    """The hits between which it is unsure which entry answers; none where the best one is surely meant.

    These are patterns of several entries of one priority: that one is longer than another says nothing about what is
    meant, as it does of words.
    """
    first = ranked[0]
    alike = [hit for hit in ranked if hit.keyword.mode == "regex" and hit.entry.priority == first.entry.priority]
    return alike if first.keyword.mode == "regex" and len(alike) > 1 else []


def _strength(hit: Hit) -> tuple[int, int, int]:
    return hit.entry.priority, _RANKS[hit.keyword.mode], len(hit.keyword.text)


def normal(text: str, simplified: Callable[[str], str]) -> str:
    """A text as it is compared: width, case and script folded; punctuation and emoji count as spaces, what has no
    width as nothing.

    No space is kept beside a script that writes none. `simplified` turns Traditional characters into Simplified ones.
    """
    if text.isascii():
        return " ".join(_NOISE.sub(" ", text.lower().replace("'", "")).split())
    seen = text if text.isprintable() else _INVISIBLE.sub("", text)
    folded = simplified(unicodedata.normalize("NFKC", seen)).casefold().replace("'", "").replace("’", "")
    return _NEEDLESS_SPACE.sub("", _NOISE.sub(" ", folded).strip())


def default_mode(keyword: str) -> Mode:
    """Anywhere for a script without spaces, as whole words for one with them."""
    return "contains" if _HAS_SPACELESS.search(keyword) else "word"


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a part of a normal text ends where words end; a script without spaces has no words to cut."""
    return not (_joined(text, start) or _joined(text, end))


def _joined(text: str, place: int) -> bool:
    if not 0 < place < len(text):
        return False
    left, right = text[place - 1], text[place]
    return left != " " and right != " " and not (_HAS_SPACELESS.match(left) or _HAS_SPACELESS.match(right))


def is_question(text: str) -> bool:
    """Whether a message looks like a question that a FAQ could answer."""
    return len(text) <= LONGEST_QUESTION and _QUESTION.search(text) is not None


def variables_of(answer: str) -> set[str]:
    """The names between `{{` and `}}`."""
    return set(_VARIABLE.findall(answer))


def filled(answer: str, value_of: Callable[[str], str]) -> str:
    """An answer with its variables replaced."""
    return _VARIABLE.sub(lambda found: value_of(found[1]), answer)


def parse_keyword(written: str) -> Keyword:
    """`MODE:TEXT`, `fuzzy PERCENT:TEXT`, or the text alone for the mode that its script asks for."""
    found = _WITH_MODE.fullmatch(written)
    if found is None:
        return Keyword(written, default_mode(written))
    mode = next(known for known in MODES if known == found[1].casefold())
    return Keyword(found[3].strip(), mode, int(found[2] or THRESHOLD))


def written_keyword(keyword: Keyword) -> str:
    """The shortest text that `parse_keyword` reads as this keyword."""
    if parse_keyword(keyword.text) == keyword:
        return keyword.text
    percent = f" {keyword.threshold}" if keyword.threshold != THRESHOLD else ""
    return f"{keyword.mode}{percent}:{keyword.text}"
