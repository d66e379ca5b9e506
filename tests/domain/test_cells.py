import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cells import as_meant, harmless, literal

TEXTS = st.text(max_size=6) | st.text(alphabet="'=+-@\t\r\n＝a", max_size=6)


@given(TEXTS)
def test_a_cell_means_what_was_put_into_it(text: str) -> None:
    assert as_meant(harmless(text)) == text
    assert as_meant(literal(text)) == text


@given(TEXTS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert harmless(text)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} or not text


@pytest.mark.parametrize("text", ["'tis", "a=b", "", "'"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert (harmless(text), literal(text), as_meant(text)) == (text, text, text)


def test_text_cells_need_no_mark_unless_they_seem_to_have_one() -> None:
    assert (literal("=1"), literal("'=1")) == ("=1", "''=1")
