import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.numbers import whole_number


@given(st.integers(0, 10**18 - 1))
def test_digits_are_a_number(number: int) -> None:
    assert whole_number(str(number)) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1.5", "1_0", "٣", "²", "one", "1" * 19])
def test_anything_else_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_a_number_may_have_to_be_short() -> None:
    assert [whole_number(text, 2) for text in ("07", "007")] == [7, None]
