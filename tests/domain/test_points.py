from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.levels import level_of
from bot.domain.points import LARGEST_AMOUNT, Entry, NotAnAmount, Owner, amount_of


@given(st.integers(1, LARGEST_AMOUNT))
def test_an_amount_is_a_whole_number_from_one_to_the_largest(amount: int) -> None:
    assert amount_of(str(amount)) == amount


@pytest.mark.parametrize(
    "word",
    [
        "",
        "0",
        "-5",
        "+5",
        "1.5",
        "1,000",
        "ten",
        "1000001",
        "9" * 20,
        "٣",
        "５",
        "²",
        "0x10",
        " 5",
        "1e3",
        "0000000005",
    ],
)
def test_what_is_no_amount_is_refused_with_the_largest(word: str) -> None:
    with pytest.raises(NotAnAmount) as refused:
        amount_of(word)

    assert refused.value.values == {"word": word, "largest": LARGEST_AMOUNT}


def test_a_refusal_quotes_no_more_than_the_beginning_of_a_long_word() -> None:
    with pytest.raises(NotAnAmount) as refused:
        amount_of("9" * 4096)

    assert refused.value.values["word"] == "9" * 40


def test_a_refusal_names_the_sentence_that_tells_why() -> None:
    with pytest.raises(NotAnAmount, match=r"^points\.not_an_amount$"):
        amount_of("many")


@given(st.integers(0, 10**12))
def test_a_level_lasts_until_the_points_to_the_next_one_are_earned(earned: int) -> None:
    level = level_of(earned)

    assert level.to_next >= 1
    assert level_of(earned + level.to_next - 1).number == level.number
    assert level_of(earned + level.to_next).number == level.number + 1


def test_levels_come_ever_slower() -> None:
    assert [level_of(earned).number for earned in (0, 49, 50, 149, 150, 299, 300)] == [1, 1, 2, 2, 3, 3, 4]
    assert level_of(-5) == level_of(0)


def test_what_is_given_counts_as_earned_and_what_is_taken_does_not_lower_it() -> None:
    entry = Entry(Owner(1, 1001), 1, "points", 25, "gift", datetime(2026, 1, 1, tzinfo=UTC))

    assert entry.adds_to_earned == 25
    assert replace(entry, amount=-25).adds_to_earned == 0
    assert replace(entry, amount=-25, earned=-25).adds_to_earned == -25
