"""How well the shipped FAQ library answers labelled questions: `python -m benchmarks.faq_quality [--misses]`."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from bot.domain.faq import best_first, is_question
from bot.domain.faq_suggestions import SuggestionIndex, suggest
from bot.playbooks.faq import FaqFiles
from bot.services.faq_index import FaqIndex, normal_form

ROOT = Path(__file__).parent.parent
LANGUAGES = ("en", "zh")
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Question:
    """A message, and the entry that should answer it, or `NOTHING`."""

    wanted: str
    text: str

    @property
    def is_held_out(self) -> bool:
        """Whether it is of the half that nobody looks at while keywords and thresholds are chosen."""
        return crc32(self.text.encode()) % 2 == 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What the bot did with a question: the entry that answered, or else what it suggested."""

    question: Question
    said: str
    suggested: Sequence[str]

    @property
    def deserves(self) -> bool:
        """Whether there is an entry for it."""
        return self.question.wanted != NOTHING

    @property
    def is_right(self) -> bool:
        """Whether the right entry answered."""
        return self.deserves and self.said == self.question.wanted

    @property
    def is_hinted(self) -> bool:
        """Whether the right entry is among the suggestions."""
        return self.question.wanted in self.suggested

    @property
    def is_miss(self) -> bool:
        """Whether anything about it could be better."""
        return not (self.is_right or self.is_hinted) if self.deserves else bool(self.suggested or self.said != NOTHING)

    def __str__(self) -> str:
        did = self.said if self.said != NOTHING else f"suggests {', '.join(self.suggested) or 'nothing'}"
        return f"{self.question.wanted} | {self.question.text} | {did}"


@dataclass(frozen=True, slots=True)
class Quality:
    """The judgements of a set of questions, counted."""

    judged: Sequence[Judged]

    def ratio(self, of: str, among: str) -> tuple[int, int]:
        """How many have one quality among those that have another: `deserving`, `answered` and so on."""
        chosen = [one for one in self.judged if _has(one, among)]
        return sum(_has(one, of) for one in chosen), len(chosen)

    @property
    def precision(self) -> float:
        """Right answers of all answers."""
        right, answered = self.ratio("right", "answered")
        return right / answered

    @property
    def recall(self) -> float:
        """Right answers of all questions that deserve one."""
        right, deserving = self.ratio("right", "deserving")
        return right / deserving


def _has(one: Judged, quality: str) -> bool:
    match quality:
        case "right":
            return one.is_right
        case "hinted":
            return one.is_hinted
        case "answered":
            return one.said != NOTHING
        case "suggested":
            return bool(one.suggested)
        case "deserving":
            return one.deserves
        case "unanswered":
            return one.deserves and one.said == NOTHING
        case _:
            return not one.deserves


def questions(language: str) -> Iterator[Question]:
    """The labelled questions of a language."""
    path = ROOT / "tests" / "playbooks" / f"faq_questions_{language}.txt"
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            wanted, _, text = line.partition("|")
            yield Question(wanted, text)


def library() -> FaqIndex:
    """What is shipped, both languages together, as a group gets it."""
    found = FaqFiles(ROOT / "playbooks").look()
    if found is None or found[1]:
        raise SystemExit(f"the library has mistakes: {found and found[1]}")
    return found[0]


def judge(index: FaqIndex, suggestions: SuggestionIndex, question: Question) -> Judged:
    """What the bot does with a question."""
    asked = normal_form(question.text)
    hits = best_first(index.hits(asked))
    if hits:
        return Judged(question, _topic(hits[0].entry.id), ())
    hinted = suggest(asked, suggestions) if is_question(question.text) else ()
    return Judged(question, NOTHING, [_topic(one.entry.id) for one in hinted])


def _topic(entry_id: str) -> str:
    return entry_id.partition(":")[2]


def qualities(language: str) -> dict[bool, Quality]:
    """The quality on the development half (False) and on the held-out half (True)."""
    index = library()
    suggestions = SuggestionIndex.of(index.entries.values(), normal_form)
    judged = [judge(index, suggestions, question) for question in questions(language)]
    return {half: Quality([one for one in judged if one.question.is_held_out == half]) for half in (False, True)}


def main() -> None:
    """Prints the table, and with `--misses` what went wrong in the development half."""
    print(
        "| questions | right of all answers | right of all that deserve one | right one among the suggestions, of the"
    )
    print("| | (precision) | (recall) | unanswered | suggestions for what deserves nothing |")
    for language in LANGUAGES:
        for held_out, quality in qualities(language).items():
            rows = [("right", "answered"), ("right", "deserving"), ("hinted", "unanswered"), ("suggested", "nothing")]
            shown = " | ".join(_percent(*quality.ratio(*row)) for row in rows)
            print(f"| {language}, {'held out' if held_out else 'development'} ({len(quality.judged)}) | {shown} |")
            if "--misses" in sys.argv and not held_out:
                print(*[f"    {one}" for one in quality.judged if one.is_miss], sep="\n")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % ({part} of {whole})" if whole else "-"


if __name__ == "__main__":
    main()
