"""Captchas: what is asked, and which answers are right."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.captchas import MOST_ALONE, arranged, is_crowd, is_right, make_captcha, parse_question

NUMBERS = st.integers(0, 2**64 - 1)


@given(NUMBERS)
def test_a_sum_has_one_right_answer_among_six_that_differ(number: int) -> None:
    captcha = make_captcha("sum", None, number)
    a, b = captcha.question.split(" + ")

    [right] = [place for place in range(6) if is_right(captcha, place)]
    assert captcha.answers[right] == str(int(a) + int(b))
    assert len(set(captcha.answers)) == 6
    assert all(int(answer) > 0 for answer in captcha.answers)


@given(NUMBERS)
def test_a_question_keeps_its_right_answers_wherever_they_stand(number: int) -> None:
    captcha = make_captcha("question", parse_question("Bread? = Rye | Sand | +Wheat | Snow"), number)

    right = {answer for place, answer in enumerate(captcha.answers) if is_right(captcha, place)}
    assert (captcha.question, right, set(captcha.answers) - right) == ("Bread?", {"Rye", "Wheat"}, {"Sand", "Snow"})


def test_a_question_that_is_missing_becomes_a_sum() -> None:
    assert make_captcha("question", None, 7) == make_captcha("sum", None, 7)


def test_pressing_a_button_is_right() -> None:
    captcha = make_captcha("button", None, 7)

    assert (captcha.question, captcha.answers) == ("", ())
    assert is_right(captcha, 0)
    assert not is_right(captcha, 1)


@given(st.lists(st.integers(), unique=True, max_size=5))
def test_every_order_is_chosen_by_one_number(items: list[int]) -> None:
    orders = {arranged(items, number) for number in range(math.factorial(len(items)))}

    assert len(orders) == math.factorial(len(items))
    assert all(sorted(order) == sorted(items) for order in orders)


@pytest.mark.parametrize(
    ("written", "text", "right", "wrong"),
    [
        ("Bread? = Rye | Sand", "Bread?", ("Rye",), ("Sand",)),
        ("1 + 1 = 2 = yes | no", "1 + 1 = 2", ("yes",), ("no",)),
        ("茶? = 绿茶 | +红茶 | 水", "茶?", ("绿茶", "红茶"), ("水",)),
        ("A? = +1 | -1", "A?", ("+1",), ("-1",)),
    ],
)
def test_a_question_as_an_operator_writes_it(
    written: str, text: str, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    question = parse_question(written)

    assert question is not None
    assert (question.text, question.right, question.wrong) == (text, right, wrong)
    assert parse_question(str(question)) == question


def test_none_is_no_question() -> None:
    assert parse_question("None") is None


@pytest.mark.parametrize(
    "written",
    [
        "", "Bread?", "Bread? = Rye", "Bread? = Rye | ", " = Rye | Sand", "Bread? = Rye | rye", "Bread? = | Sand",
        "Bread? = Rye | +Wheat", "Bread? = a | b | c | d | e | f | g", f"{'x' * 201} = a | b", f"B? = {'x' * 41} | b",
        "Bread? = Rye | +",
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense(written: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        parse_question(written)


@given(st.text(max_size=80))
def test_whatever_is_written_is_a_question_or_refused(written: str) -> None:
    try:
        question = parse_question(written)
    except ValueError:
        return
    assert question is None or (question.right and question.wrong)


def test_a_few_are_no_crowd() -> None:
    assert not is_crowd(MOST_ALONE - 1)
    assert is_crowd(MOST_ALONE)
