"""Which entries a question may mean when none was found in it: "did you mean".

A question and the entries' phrasings are compared by their terms: three letters of a word, so that typos and endings
matter little, and one or two characters of a script without spaces. A term counts the more, the fewer entries have it.
"""

import math
import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from zlib import crc32

from bot.domain.faq import SPACELESS, Entry, Keyword

MOST_SUGGESTIONS = 3

LEAST_SCORE = 0.55
"""Likeness, from 0 to 1, below which nothing is suggested: chosen so that chatter is rarely bothered (docs/faq.md)."""

LEAST_OF_BEST = 0.6
"""Part of the best one's score that another suggestion has at least."""

LEAST_KNOWN = ((math.sqrt(1 + 8 * LEAST_SCORE) - 1) / 2) ** 2
"""Part of a question without which no entry reaches that score, however alike the rest is."""

MOST_LOOKED_AT = 1_000
"""Occurrences of terms that one question looks at, rarest terms first: its cost does not grow with the entries."""

MOST_COMPARED = 50
"""Entries that one question is compared with: those that know most of its rare terms."""

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
    didnt isnt hasnt havent wasnt wont arent ive whens hows find found make makes made go goes going see look now
    still already really very too also all only one ones other same thing things something anything
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry that a question may mean, by which of its phrasings, and how alike they are, from 0 to 1."""

    entry: Entry
    keyword: Keyword
    score: float


Term = tuple[float, int]
"""What a known term weighs, and its place among the terms of an index."""


@dataclass(slots=True)
class SuggestionIndex:
    """The phrasings of entries by their terms, in a few flat arrays. Built once, and never changed.

    A phrasing is a number, an entry's in one run. A term is a number of 32 bits: that two have the same one is so rare
    that it does not matter. A pattern is no phrasing, but the words it holds are its entry's.
    """

    _entries: list[Entry] = field(default_factory=list)
    _firsts: "array[int]" = field(default_factory=lambda: array("I", [0]))  # of an entry, its first phrasing
    _owners: "array[int]" = field(default_factory=lambda: array("I"))  # of a phrasing, its entry
    _sizes: "array[float]" = field(default_factory=lambda: array("f"))  # of a phrasing, what its terms weigh
    _terms: "array[int]" = field(default_factory=lambda: array("I"))  # in ascending order
    _shift: int = 32  # what a term is shifted by, to find the part of the terms in which it is: a handful
    _parts: "array[int]" = field(default_factory=lambda: array("I", [0, 0]))  # where each part starts
    _weights: "array[float]" = field(default_factory=lambda: array("f"))  # of a term
    _starts: "array[int]" = field(default_factory=lambda: array("I", [0]))  # of a term, its first place
    _places: "array[int]" = field(default_factory=lambda: array("I"))  # the phrasings of one term after the other's

    @classmethod
    def of(cls, entries: Iterable[Entry], normal_form: Callable[[str], str]) -> "SuggestionIndex":
        """The index of entries; `normal_form` folds a phrasing as questions are folded."""
        index = cls([entry for entry in entries if any(keyword.mode != "regex" for keyword in entry.keywords)])
        # Sorted in many small parts: one big one would take ten times the memory, and keep the loop waiting.
        parts = [array("Q") for _ in range(1 << 8)]
        for owner, entry in enumerate(index._entries):
            for keyword in entry.keywords:
                for term in _numbers(_terms_of(keyword, normal_form)):
                    parts[term >> 24].append(term << 32 | len(index._owners))
                index._owners.append(owner)
            index._firsts.append(len(index._owners))
        index._sizes.frombytes(bytes(index._sizes.itemsize * len(index._owners)))
        for part in parts:
            for term, places in groupby(sorted(part), key=lambda place: place >> 32):
                index._append(term, [place & 0xFFFFFFFF for place in places])
        bits = max(len(index._terms).bit_length() - 3, 0)
        index._shift = 32 - bits
        index._parts = array("I", (bisect_left(index._terms, n << index._shift) for n in range((1 << bits) + 1)))
        return index

    def _append(self, term: int, phrasings: Sequence[int]) -> None:
        weight = math.log1p(len(self._entries) / len({self._owners[number] for number in phrasings}))
        for number in phrasings:
            self._sizes[number] += weight
        self._terms.append(term)
        self._weights.append(weight)
        self._places.extend(phrasings)
        self._starts.append(len(self._places))

    def suggest(self, question: str, fits: Callable[[Entry], bool]) -> Sequence[Suggestion]:
        """All entries that are like enough to a question, the likeliest first."""
        asked, spare, known = self._known(question)
        found = []
        for owner in self._candidates(spare, known):
            shared = self._shared(owner, spare, known)
            if shared and fits(self._entries[owner]):
                found.append(self._compared(owner, asked, shared))
        return sorted((one for one in found if one.score >= LEAST_SCORE), key=lambda one: (-one.score, one.entry.id))

    def _known(self, question: str) -> tuple[float, float, Sequence[Term]]:
        """What a question's terms weigh together, what an entry may do without of the known ones, and these, the
        weightiest first.

        A term that no entry has weighs as much as the rarest. Where too little is known, nothing is.
        """
        terms, parts, shift, weights = self._terms, self._parts, self._shift, self._weights
        unknown, asked, left = math.log1p(len(self._entries)), 0.0, 0.0
        known = []
        for term in _numbers(terms_in(question)):
            part = term >> shift
            end = parts[part + 1]
            place = bisect_left(terms, term, parts[part], end)
            if place < end and terms[place] == term:
                weight = weights[place]
                known.append((weight, place))
                left += weight
            else:
                asked += unknown
        asked += left
        spare = left - LEAST_KNOWN * asked
        if spare < 0:
            return asked, spare, ()
        known.sort(reverse=True)
        return asked, spare, known

    def _candidates(self, spare: float, known: Sequence[Term]) -> Sequence[int]:
        """The entries that may know enough of a question: those that have one of its rare terms."""
        owners, starts, missing, looked_at = self._owners, self._starts, 0.0, 0
        found: dict[int, float] = {}
        for weight, term in known:
            start, end = starts[term], starts[term + 1]
            looked_at += end - start
            if missing > spare or looked_at > MOST_LOOKED_AT:
                break  # who has none of the terms so far cannot know enough any more, or it would cost too much
            missing += weight
            for owner in {owners[number] for number in self._places[start:end]}:
                found[owner] = found.get(owner, 0.0) + weight
        return sorted(found, key=found.__getitem__, reverse=True)[:MOST_COMPARED]

    def _shared(self, owner: int, spare: float, known: Sequence[Term]) -> Sequence[tuple[float, Sequence[int]]]:
        """The terms that an entry shares with a question, with the phrasings that have them; none if too few."""
        first, last = self._firsts[owner], self._firsts[owner + 1]
        shared = []
        for weight, term in known:
            end = self._starts[term + 1]
            start = bisect_left(self._places, first, self._starts[term], end)
            phrasings = self._places[start : bisect_left(self._places, last, start, end)]
            if phrasings:
                shared.append((weight, phrasings))
            else:
                spare -= weight
                if spare < 0:
                    return ()
        return shared

    def _compared(self, owner: int, asked: float, shared: Sequence[tuple[float, Sequence[int]]]) -> Suggestion:
        """How much of a question an entry knows, and how alike its closest phrasing is (the cosine of the two)."""
        by_phrasing = defaultdict[int, float](float)
        for weight, phrasings in shared:
            for number in phrasings:
                by_phrasing[number] += weight
        entry, first = self._entries[owner], self._firsts[owner]
        likeness, number = max(
            (by_phrasing[first + n] / math.sqrt(asked * (self._sizes[first + n] or 1)), -n)
            for n, keyword in enumerate(entry.keywords)
            if keyword.mode != "regex"
        )
        share = sum(weight for weight, _ in shared) / asked
        return Suggestion(entry, entry.keywords[-number], (share + likeness) / 2)


def suggest(
    question: str, index: SuggestionIndex, fits: Callable[[Entry], bool] = lambda entry: True
) -> Sequence[Suggestion]:
    """At most three entries that a question (in its normal form) may mean, the likeliest first; none when unsure.

    The score is the mean of two: how much of the question the entry knows, and how alike its closest phrasing is.
    `fits` tells the entries that may be suggested at all, such as those of the question's group.
    """
    found = index.suggest(question, fits)
    return [one for one in found[:MOST_SUGGESTIONS] if one.score >= found[0].score * LEAST_OF_BEST]


def _numbers(terms: Iterable[str]) -> set[int]:
    return {crc32(term.encode()) for term in terms}


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
