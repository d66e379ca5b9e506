from hypothesis import given
from hypothesis import strategies as st

from bot.domain.shortening import short, short_line


@given(st.text(max_size=30), st.integers(1, 20))
def test_a_text_is_whole_or_ends_with_an_ellipsis_and_never_too_long(text: str, longest: int) -> None:
    shown = short(text, longest)

    assert len(shown) <= longest
    assert shown == text or text.startswith(shown.removesuffix("…"))
    assert (shown == text) is (len(text) <= longest or text == shown)


def test_what_fits_exactly_is_not_cut() -> None:
    assert [short("tea house", n) for n in (9, 8)] == ["tea house", "tea hou…"]


def test_a_line_has_single_spaces_before_it_is_cut() -> None:
    assert short_line(" tea\n\t house ", 9) == "tea house"
