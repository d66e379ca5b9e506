"""What "did you mean" costs, for a question that no entry answered: 10,000 entries against 1,000, and memory."""

import asyncio
import random
from collections.abc import Sequence

import psutil

from benchmarks.faq_quality import LANGUAGES, library, questions
from benchmarks.measuring import Finding, Side, at_most, cost_of, in_turns, report
from bot.domain.faq import Entry, Keyword
from bot.domain.faq_suggestions import SuggestionIndex, suggest
from bot.services.faq_index import normal_form

MANY, SOME = 10_000, 1_000
PHRASINGS = 5


async def measure() -> list[Finding]:
    """Questions of both languages, against entries whose phrasings are made of the shipped library's."""
    entries = _entries(MANY)
    asked = [normal_form(text) for language in LANGUAGES for _, text in questions(language, "held out")]
    process = psutil.Process()
    before = process.memory_info().rss
    many = SuggestionIndex.of(entries, normal_form)
    megabytes = (process.memory_info().rss - before) / 2**20
    some = SuggestionIndex.of(entries[:SOME], normal_form)
    turns = await in_turns({"10,000 entries": _ask(many, asked), "1,000 entries": _ask(some, asked)})
    return [
        at_most(
            3,
            "suggestions for a question that nothing answers, 10,000 entries vs 1,000",
            turns.cpu_ratio("10,000 entries", "1,000 entries"),
            f"{turns.cpu('10,000 entries')} vs {turns.cpu('1,000 entries')}",
        ),
        Finding(
            f"memory of the suggestions' index of 10,000 entries with {PHRASINGS} phrasings each, entries aside",
            f"{megabytes:.1f} MB",
            "< 20 MB",
            megabytes < 20,
        ),
    ]


def _entries(count: int) -> list[Entry]:
    rng = random.Random(1)
    words = [k.text for entry in library().entries.values() for k in entry.keywords if k.mode != "regex"]
    phrasings = ((" ".join(rng.sample(words, 2)) for _ in range(PHRASINGS)) for _ in range(count))
    return [Entry(f"e{n}", tuple(Keyword(k, "word") for k in texts), ("answer",)) for n, texts in enumerate(phrasings)]


def _ask(index: SuggestionIndex, texts: Sequence[str]) -> Side:
    async def ask() -> None:
        for text in texts:
            suggest(text, index)

    return lambda: cost_of(len(texts), ask())


if __name__ == "__main__":
    report(asyncio.run(measure()))
