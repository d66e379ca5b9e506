"""How well the shipped FAQ library answers labelled questions: `python -m benchmarks.faq_quality [--misses]`."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from itertools import product
from pathlib import Path

from bot.domain.faq import best_first, is_question, rivals
from bot.domain.faq_suggestions import MOST_SUGGESTIONS
from bot.playbooks.faq import FaqFiles
from bot.services.faq_index import FaqIndex, normal_form

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "playbooks" / "faq_questions"
LANGUAGES = ("en", "zh")
NOTHING = "-"


SETS = ("known", "held out")
"""Those that the entries were written and the thresholds chosen with, and those that were written last."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A message, the entry that should answer it, the one that did (or `NOTHING`), and else the entries suggested."""

    wanted: str
    text: str
    said: str
    suggested: Sequence[str]

    @property
    def is_fine(self) -> bool:
        """Whether the right entry answered or was suggested, or nothing was where nothing should be."""
        return (self.wanted == self.said and not self.suggested) or self.wanted in self.suggested

    def __str__(self) -> str:
        did = self.said if self.said != NOTHING else f"suggests {', '.join(self.suggested) or 'nothing'}"
        return f"{self.wanted} | {self.text} | {did}"


@dataclass(frozen=True, slots=True)
class Quality:
    """What came of a set of questions, as parts of wholes."""

    right_of_answers: tuple[int, int]
    right_of_deserving: tuple[int, int]
    hinted_of_unanswered: tuple[int, int]
    bothered_of_undeserving: tuple[int, int]

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> "Quality":
        """The counts of judgements."""
        deserving = [one for one in judged if one.wanted != NOTHING]
        unanswered = [one for one in deserving if one.said == NOTHING]
        undeserving = [one for one in judged if one.wanted == NOTHING]
        right = sum(one.said == one.wanted for one in deserving)
        return cls(
            (right, sum(one.said != NOTHING for one in judged)),
            (right, len(deserving)),
            (sum(one.wanted in one.suggested for one in unanswered), len(unanswered)),
            (sum(bool(one.suggested) for one in undeserving), len(undeserving)),
        )

    @property
    def precision(self) -> float:
        """Right answers of all answers."""
        return self.right_of_answers[0] / self.right_of_answers[1]

    @property
    def recall(self) -> float:
        """Right answers of all messages that deserve one."""
        return self.right_of_deserving[0] / self.right_of_deserving[1]


def questions(language: str, chosen: str) -> Iterator[tuple[str, str]]:
    """The labels and messages of one of the sets of a language."""
    name = f"{language}-known.txt" if chosen == "known" else f"{language}.txt"
    for line in (QUESTIONS / name).read_text("utf-8").splitlines():
        wanted, _, text = line.partition("|")
        if not line.startswith("#"):
            yield wanted, text


@cache
def library() -> FaqIndex:
    """What is shipped, both languages together, as a group gets it."""
    found = FaqFiles(ROOT / "playbooks").look()
    if found is None or found[1]:
        raise SystemExit(f"the library has mistakes: {found and found[1]}")
    return found[0]


@cache
def judged(language: str, chosen: str) -> list[Judged]:
    """What the bot does with each question of a set."""
    index = library()
    return [_judge(index, wanted, text) for wanted, text in questions(language, chosen)]


def _judge(index: FaqIndex, wanted: str, text: str) -> Judged:
    asked = normal_form(text)
    hits = best_first(index.hits(asked))
    if hits and rivals(hits):
        return Judged(
            wanted, text, NOTHING, list(dict.fromkeys(_topic(hit.entry.id) for hit in rivals(hits)[:MOST_SUGGESTIONS]))
        )
    if hits:
        return Judged(wanted, text, _topic(hits[0].entry.id), ())
    hinted = index.suggested(asked) if is_question(text) else ()
    return Judged(wanted, text, NOTHING, [_topic(one.entry.id) for one in hinted])


def _topic(entry_id: str) -> str:
    return entry_id.partition(":")[2]


def main() -> None:
    """Prints the table; with `--misses` also what went wrong, but not in what is held out."""
    print(
        "| questions | right of all answers | right of all that deserve one | right one suggested, of the unanswered "
        "| suggestions for what deserves nothing |"
    )
    print("|---|---|---|---|---|")
    for language, chosen in product(LANGUAGES, SETS):
        found = judged(language, chosen)
        counts = " | ".join(_percent(*pair) for pair in astuple(Quality.of(found)))
        print(f"| {language}, {chosen} ({len(found)}) | {counts} |")
        if "--misses" in sys.argv and chosen != "held out":
            print(*(f"    {one}" for one in found if not one.is_fine), sep="\n")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % ({part} of {whole})" if whole else "-"


if __name__ == "__main__":
    main()
