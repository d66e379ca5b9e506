"""Which entries a question may mean when none was found in it: "did you mean".

A question and the entries' phrasings are compared by their terms: three letters of a word, so that typos and endings
matter little, and two characters of a script without spaces. A term counts the more, the fewer phrasings have it.
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

LEAST_SCORE = 0.3
"""Likeness, from 0 to 1, below which nothing is suggested."""

LEAST_OF_BEST = 0.6
"""Part of the best one's score that another suggestion has at least."""

MOST_LOOKED_AT = 3_000
"""Occurrences of terms that one question looks at, rarest terms first: its cost does not grow with the entries."""

_WORD = re.compile(rf"[{SPACELESS}]+|[^\s{SPACELESS}]+")
_IS_SPACELESS = re.compile(f"[{SPACELESS}]")
_FILLERS = re.compile(
    "请问|麻烦|谢谢|老板|店家|店长|亲们?|大家|我们|你们|他们|咱们|是不是|能不能|可不可以|可以|能否|有没有|怎么办|怎么样?|如何|咋"
    "|什么(?!时)|啥(?!时)|一下|这个|那个|这件|的话|[的了吗嘛呢啊呀吧哦么么我你他她它您是有在就都也还会要能想不没]"
)
_FILLER_WORDS = frozenset(
    """
    a an the i im me my mine we us our you u ur your it its this that these those they them is are am was were be been
    do does did have has had having can could will would should may might to of in on at for from with by and or but
    so if please pls hi hey hello thanks guys how what whats where wheres when who which why any some there here got
    get just anyone someone know not no dont cant doesnt
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
    """The phrasings of entries by their terms; patterns have none. Built once, and never changed."""

    _phrasings: list[tuple[Entry, Keyword]] = field(default_factory=list)
    _weights: "array[float]" = field(default_factory=lambda: array("f"))
    _places: dict[str, "array[int]"] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry], normal_form: Callable[[str], str]) -> "SuggestionIndex":
        """The index of entries; `normal_form` folds a phrasing as questions are folded."""
        index = cls()
        places: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        terms_of = []
        for entry in entries:
            for keyword in entry.keywords:
                terms = terms_in(normal_form(keyword.text)) if keyword.mode != "regex" else frozenset()
                if terms:
                    for term in terms:
                        places[term].append(len(index._phrasings))
                    index._phrasings.append((entry, keyword))
                    terms_of.append(terms)
        index._places = dict(places)
        index._weights = array("f", (index.weight(terms) for terms in terms_of))
        return index

    def weight(self, terms: Iterable[str]) -> float:
        """What terms count for together: each the logarithm of how rare it is; one that no phrasing has is rarest."""
        return sum(math.log1p(len(self._phrasings) / max(1, len(self._places.get(term, ())))) for term in terms)

    def shared(self, terms: Iterable[str]) -> dict[int, float]:
        """The weight that phrasings share with terms, of the rarest of them."""
        known = sorted((term for term in terms if term in self._places), key=lambda term: len(self._places[term]))
        shared: defaultdict[int, float] = defaultdict(float)
        looked_at = 0
        for term in known:
            looked_at += len(self._places[term])
            if looked_at > MOST_LOOKED_AT:
                break
            weight = self.weight([term])
            for number in self._places[term]:
                shared[number] += weight
        return shared


def suggest(
    question: str, index: SuggestionIndex, fits: Callable[[Entry], bool] = lambda entry: True
) -> Sequence[Suggestion]:
    """At most three entries that a question (in its normal form) may mean, the likeliest first; none when unsure.

    `fits` tells the entries that may be suggested at all, such as those of the question's group.
    """
    terms = terms_in(question)
    asked = index.weight(terms)
    best: dict[str, Suggestion] = {}
    for number, shared in index.shared(terms).items():
        score = shared / math.sqrt(asked * index._weights[number])
        entry, keyword = index._phrasings[number]
        known = best.get(entry.id)
        if score >= LEAST_SCORE and (known is None or score > known.score) and fits(entry):
            best[entry.id] = Suggestion(entry, keyword, score)
    ranked = sorted(best.values(), key=lambda found: (-found.score, found.entry.id))[:MOST_SUGGESTIONS]
    return [found for found in ranked if found.score >= ranked[0].score * LEAST_OF_BEST]


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
