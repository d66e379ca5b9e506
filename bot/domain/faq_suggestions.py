"""Which entries a question may mean when none was found in it: "did you mean".

A question and the entries' phrasings are compared by their terms: three letters of a word, so that typos and endings
matter little, and one or two characters of a script without spaces. A term counts the more, the fewer entries have it.
"""

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.domain.faq import SPACELESS, Entry, Keyword

MOST_SUGGESTIONS = 3

LEAST_SCORE = 0.55
"""Likeness, from 0 to 1, below which nothing is suggested: chosen so that chatter is rarely bothered (docs/faq.md)."""

LEAST_OF_BEST = 0.6
"""Part of the best one's score that another suggestion has at least."""

MOST_LOOKED_AT = 1_000
"""Occurrences of terms that one question looks at, rarest terms first: its cost does not grow with the entries."""

_WORD = re.compile(rf"[{SPACELESS}]+|[^\s{SPACELESS}]+")
_IS_SPACELESS = re.compile(f"[{SPACELESS}]")
_NO_WORD = re.compile(r"\\[a-zA-Z]|\{[^}]*\}|\[[^\]]*\]|[\W_]+")
_FILLERS = re.compile(
    "请问|麻烦|谢谢|老板|店家|店长|亲们?|大家|我们|你们|他们|咱们|是不是|能不能|可不可以|可以|能否|有没有|怎么办|怎么样?|如何|咋"
    "|为什么|为啥|什么(?!时)|啥(?!时)|一下|这个|那个|这件|的话|[的了吗嘛呢啊呀吧哦么么我你他她它您是有在就都也还会要能想不没]"
)
_FILLER_WORDS = frozenset(
    """
    a an the i im me my mine we us our you u ur your it its this that these those they them is are am was were be been
    do does did have has had having can could will would should may might to of in on at for from with by and or but
    so if please pls hi hey hello thanks guys how what whats where wheres when who which why any some there here got
    get just anyone someone know not no dont cant doesnt come comes coming take takes need want about as than then
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry that a question may mean, by which of its phrasings, and how alike they are, from 0 to 1."""

    entry: Entry
    keyword: Keyword
    score: float


@dataclass(slots=True)
class SuggestionIndex:
    """The phrasings of entries by their terms. Built once, and never changed.

    A pattern is no phrasing, but the words it holds are its entry's.
    """

    _entries: list[Entry] = field(default_factory=list)
    _keywords: list[Keyword] = field(default_factory=list)
    _owners: "array[int]" = field(default_factory=lambda: array("I"))
    _sizes: "array[float]" = field(default_factory=lambda: array("d"))
    _places: dict[str, "array[int]"] = field(default_factory=dict)
    _weights: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry], normal_form: Callable[[str], str]) -> "SuggestionIndex":
        """The index of entries; `normal_form` folds a phrasing as questions are folded."""
        index = cls([entry for entry in entries if any(keyword.mode != "regex" for keyword in entry.keywords)])
        places: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        for owner, entry in enumerate(index._entries):
            for keyword in entry.keywords:
                for term in _terms_of(keyword, normal_form):
                    places[term].append(len(index._keywords))
                index._keywords.append(keyword)
                index._owners.append(owner)
        index._places = dict(places)
        index._sizes = array("d", bytes(8 * len(index._keywords)))
        for term, numbers in index._places.items():
            having = len({index._owners[number] for number in numbers})
            index._weights[term] = weight = math.log1p(len(index._entries) / having)
            for number in numbers:
                index._sizes[number] += weight
        return index

    def weight(self, terms: Iterable[str]) -> float:
        """What terms count for together; one that no entry has counts as much as the rarest."""
        unknown = math.log1p(len(self._entries))
        return sum(self._weights.get(term, unknown) for term in terms)

    def compare(self, terms: Iterable[str]) -> tuple[dict[int, float], dict[int, float]]:
        """The weight that terms share with entries as wholes, and with phrasings, by number; the rarest terms first."""
        entries, phrasings = defaultdict[int, float](float), defaultdict[int, float](float)
        looked_at = 0
        for term in sorted(self._places.keys() & terms, key=lambda term: (len(self._places[term]), term)):
            numbers, weight, last = self._places[term], self._weights[term], -1
            looked_at += len(numbers)
            if looked_at > MOST_LOOKED_AT:
                break
            for number in numbers:
                phrasings[number] += weight
                if self._owners[number] != last:
                    last = self._owners[number]
                    entries[last] += weight
        return entries, phrasings

    def closest(self, phrasings: dict[int, float], asked: float) -> dict[int, tuple[float, Keyword]]:
        """For each entry the phrasing that is most alike, and how much (the cosine of the two)."""
        best: dict[int, tuple[float, Keyword]] = {}
        for number, shared in phrasings.items():
            owner, keyword = self._owners[number], self._keywords[number]
            likeness = shared / math.sqrt(asked * self._sizes[number])
            if keyword.mode != "regex" and (owner not in best or likeness > best[owner][0]):
                best[owner] = likeness, keyword
        return best

    def entry(self, number: int) -> Entry:
        """An entry by the number that it has here."""
        return self._entries[number]


def suggest(
    question: str, index: SuggestionIndex, fits: Callable[[Entry], bool] = lambda entry: True
) -> Sequence[Suggestion]:
    """At most three entries that a question (in its normal form) may mean, the likeliest first; none when unsure.

    The score is the mean of two: how much of the question the entry knows, and how alike its closest phrasing is.
    `fits` tells the entries that may be suggested at all, such as those of the question's group.
    """
    terms = terms_in(question)
    asked = index.weight(terms)
    entries, phrasings = index.compare(terms)
    found = []
    for number, (likeness, keyword) in index.closest(phrasings, asked).items():
        score = (entries[number] / asked + likeness) / 2
        entry = index.entry(number)
        if score >= LEAST_SCORE and fits(entry):
            found.append(Suggestion(entry, keyword, score))
    found.sort(key=lambda one: (-one.score, one.entry.id))
    return [one for one in found[:MOST_SUGGESTIONS] if one.score >= found[0].score * LEAST_OF_BEST]


def _terms_of(keyword: Keyword, normal_form: Callable[[str], str]) -> frozenset[str]:
    if keyword.mode != "regex":
        return terms_in(normal_form(keyword.text))
    words = {normal_form(word) for word in _NO_WORD.split(keyword.text)}
    return frozenset[str]().union(*map(terms_in, words))


def terms_in(text: str) -> frozenset[str]:
    """The terms of a normal text, words that every question may have left out."""
    terms = set[str]()
    for word in _WORD.findall(text):
        if _IS_SPACELESS.match(word):
            for part in _FILLERS.split(word):
                terms.update(part, map("".join, pairwise(part)))
        elif word not in _FILLER_WORDS:
            padded = f"^{word}$"
            terms.update(padded[n : n + 3] for n in range(len(padded) - 2))
    return frozenset(terms)
