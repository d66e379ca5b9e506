"""The shipped library against questions that it does not contain word for word."""

from pathlib import Path

from bot.domain.faq import best_first
from bot.playbooks.faq import FaqFiles
from bot.services.faq_index import normal_form

HERE = Path(__file__).parent
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.7


def judged(language: str) -> tuple[float, float, list[str]]:
    """Precision, recall, and what went wrong, for the questions of one language and those that deserve no answer."""
    found = FaqFiles(HERE.parent.parent / "playbooks").look()
    assert found is not None
    right, answered, deserving, wrong = 0, 0, 0, list[str]()
    for line in (HERE / "faq_questions.txt").read_text("utf-8").splitlines():
        wanted, _, text = line.partition("|")
        is_chinese = any(character > "一" for character in text)
        if line.startswith("#") or is_chinese != (language == "zh"):
            continue
        hits = best_first(found[0].hits(normal_form(text)))
        said = hits[0].entry.id.replace(".yaml", "") if hits else "-"
        deserving += wanted != "-"
        answered += said != "-"
        right += said == wanted != "-"
        if said != wanted:
            wrong.append(f"{text}: {said}, not {wanted}")
    return right / answered, right / deserving, wrong


def test_the_library_rarely_answers_wrongly() -> None:
    for language in ("zh", "en"):
        precision, recall, wrong = judged(language)
        assert precision >= LEAST_PRECISION, wrong
        assert recall >= LEAST_RECALL, wrong


def test_every_entry_has_several_phrasings() -> None:
    found = FaqFiles(HERE.parent.parent / "playbooks").look()
    assert found is not None

    assert len(found[0].entries) >= 80
    assert all(len(entry.keywords) >= 2 for entry in found[0].entries.values())
