"""The shipped library against what members write; `python -m benchmarks.faq_quality` prints the figures."""

from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.faq_quality import LANGUAGES, NOTHING, SETS, Quality, judged, library, questions
from bot.services.faq_index import normal_form

FILES = Path(__file__).parent.parent.parent / "playbooks" / "faq"
LEAST_PRECISION = 0.95
LEAST_RECALL = {"known": 0.95, "held out": 0.8}
MOST_BOTHERED = 0.1


@pytest.mark.parametrize("chosen", SETS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_are_right_and_chatter_is_left_alone(language: str, chosen: str) -> None:
    found = judged(language, chosen)
    quality = Quality.of(found)
    misses = [str(one) for one in found if not one.is_fine]

    assert quality.precision >= LEAST_PRECISION, misses
    assert quality.recall >= LEAST_RECALL[chosen], misses
    bothered, undeserving = quality.bothered_of_undeserving
    assert bothered <= MOST_BOTHERED * undeserving, misses


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_questions_are_many_and_strange_to_the_entries(language: str) -> None:
    asked = [question for chosen in SETS for question in questions(language, chosen)]
    keywords = {normal_form(k.text) for entry in library().entries.values() for k in entry.keywords}

    assert len(asked) >= 200
    assert len({text for _, text in asked}) == len(asked)
    assert all(
        sum(w == NOTHING for w, _ in questions(language, c)) >= len(list(questions(language, c))) * 0.3 for c in SETS
    )
    assert [text for _, text in asked if normal_form(text) in keywords] == []
    names = {entry_id.removeprefix(f"shop-{language}.yaml:") for entry_id in library().entries}
    assert {wanted for wanted, _ in asked} - names == {NOTHING}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_has_several_phrasings_and_answers_in_the_demo_group_alone(language: str) -> None:
    entries = [entry for entry in library().entries.values() if entry.id.startswith(f"shop-{language}.yaml:")]

    assert len(entries) >= 40
    assert [entry.id for entry in entries if len(entry.keywords) < 3] == []
    assert {entry.groups for entry in entries} == {frozenset({"围炉小店 · Hearth Shop"})}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_in_an_answer_is_marked_for_editing(language: str) -> None:
    lines = (FILES / f"shop-{language}.yaml").read_text("utf-8").splitlines()
    answers = [line for before, line in pairwise(lines) if before == "    answers:"]

    assert len(answers) >= 40
    assert [line for line in answers if any(map(str.isdigit, line)) and "# edit: " not in line] == []
