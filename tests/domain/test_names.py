import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.names import LONGEST_NAME, display_name, isolated


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("Alice", None, "Alice"),
        ("Alice", "Liddell", "Alice Liddell"),
        ("  Alice ", "  Liddell\n", "Alice Liddell"),
        ("小明", "王", "小明 王"),
        ("شهرزاد", None, "شهرزاد"),
        ("<b>Bob</b> & Co", None, "<b>Bob</b> & Co"),
        ("🔥", None, "🔥"),
        ("👨‍👩‍👧", None, "👨‍👩‍👧"),
        ("می‌خواهم", None, "می‌خواهم"),
        ("Line\none\ttwo\x00\x07three", None, "Line one twothree"),
        ("evil\u202egnp.exe", None, "evilgnp.exe"),
        ("\u2066Al\u200bi\ufeffce\u2069\u200f", None, "Alice"),
        ("lone\ud800 surrogate\udfff", None, "lone surrogate"),
        ("private \ue000use", None, "private use"),
    ],
)
def test_a_name_is_shown_without_what_is_invisible_or_turns_the_text_around(
    first: str, last: str | None, shown: str
) -> None:
    assert display_name(first, last, 7) == shown


@pytest.mark.parametrize(
    "first",
    [
        "",
        " ",
        "\u200b",
        "\u200d",
        "\u2060\ufeff",
        "\u3164",
        "\u2800",
        "\u115f\u1160",
        "\uffa0",
        "\u00ad",
        "\ue000",
        "\u0301",
    ],
)
def test_a_name_that_shows_nothing_becomes_the_id(first: str) -> None:
    assert display_name(first, None, 42) == "#42"


def test_a_name_is_cut_at_its_longest() -> None:
    assert display_name("x" * 32, None, 7) == "x" * 32
    assert display_name("x" * 4096, "y" * 4096, 7) == "x" * 31 + "…"


@given(st.text(st.characters(exclude_categories=())), st.none() | st.text())
def test_any_name_is_one_short_line_that_shows_something(first: str, last: str | None) -> None:
    name = display_name(first, last, 42)

    assert 1 <= len(name) <= LONGEST_NAME
    assert name == " ".join(name.split())
    assert any(unicodedata.category(c)[0] in "LNPS" for c in name)
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} or c in "\u202a\u202b\u202d\u202e" for c in name)
    name.encode()


def test_a_name_in_right_to_left_letters_is_isolated_from_its_sentence() -> None:
    assert isolated("שרה 5") == "\u2068שרה 5\u2069"
    assert isolated("Alice 小明") == "Alice 小明"
