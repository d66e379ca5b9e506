from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.welcomes import (
    LONGEST_CAPTION,
    LONGEST_TEXT,
    MOST_BUTTONS,
    MOST_VARIANTS,
    VARIABLES,
    Chosen,
    Media,
    WelcomeText,
    WelcomeTooLong,
    WrongButton,
    WrongVariable,
    check,
    choose,
    filled,
    slot_for,
    together,
    variables_of,
    variants,
)

SHOP = ("Shop", "https://example.org/a?b=c&d=e")
PICTURE = Media("photo", "AgAC")


def bodies(written: str) -> list[str]:
    return [written[part.start : part.end] for part in variants(written)]


def test_lines_of_dashes_separate_variants() -> None:
    assert bodies("Hello\n---\nHi\nthere\n-----\n\nHey\n") == ["Hello", "Hi\nthere", "Hey"]
    assert bodies("Hello\n—-\nHi") == ["Hello", "Hi"], "as a phone writes three dashes"
    assert bodies("one -- two\n-- \nthree --- four") == ["one -- two\n-- \nthree --- four"]
    assert bodies("---\n\n---") == []


def test_the_last_lines_are_buttons() -> None:
    (part,) = variants("Hello\n\n[Shop](https://example.org/a?b=c&d=e)\n[Help](tg://resolve?domain=x)\n")
    assert (part.start, part.end) == (0, 5)
    assert part.buttons == (SHOP, ("Help", "tg://resolve?domain=x"))


def test_a_link_in_between_is_text() -> None:
    written = "See [Shop](https://example.org) first\n[a](b)\nthen talk"
    assert bodies(written) == [written]


def test_buttons_alone_are_a_variant_too() -> None:
    (part,) = variants("[Shop](https://example.org)")
    assert part.start == part.end
    assert len(part.buttons) == 1


@pytest.mark.parametrize(
    "line", ["[Shop](example.org)", "[Shop](https://localhost)", "[Shop]()", "[Shop](https://a b.c)"]
)
def test_what_looks_like_a_button_and_is_none_is_refused(line: str) -> None:
    with pytest.raises(WrongButton) as refused:
        variants(f"Hello\n{line}")
    assert refused.value.values["line"] == line


def test_there_are_not_too_many_buttons() -> None:
    button = "[Shop](https://example.org)"
    assert len(variants("\n".join([button] * MOST_BUTTONS))[0].buttons) == MOST_BUTTONS
    with pytest.raises(WrongButton):
        variants("\n".join([button] * (MOST_BUTTONS + 1)))


_WORDS = st.text("ab <&", max_size=12).map(str.strip)
_BUTTONS = st.lists(st.just(SHOP), max_size=3)


@given(st.lists(st.tuples(_WORDS, _BUTTONS).filter(any), max_size=4))
def test_what_is_put_together_comes_apart_again(parts: list[tuple[str, list[tuple[str, str]]]]) -> None:
    written = together(parts)
    assert [(written[p.start : p.end], list(p.buttons)) for p in variants(written)] == parts


@given(st.text("ab\n-—[](){} https://x.y", max_size=80))
def test_no_text_is_lost_or_said_twice(written: str) -> None:
    try:
        parts = variants(written)
    except WrongButton:
        return
    places = list(chain.from_iterable((part.start, part.end) for part in parts))
    assert places == sorted(places)
    assert all(0 <= place <= len(written) for place in places)


def test_unknown_variables_are_refused_with_the_right_names() -> None:
    check("Hello {name}, {{ mention }} of {group} ({count}) by {inviter}: {rules} {points} {} { x }", has_media=False)
    with pytest.raises(WrongVariable) as refused:
        check("Hello {frist_name}", has_media=False)
    assert refused.value.values == {
        "name": "frist_name", "names": "{name}, {mention}, {group}, {count}, {inviter}, {rules}, {points}"
    }  # fmt: skip


def test_too_long_a_text_is_refused_sooner_below_a_picture() -> None:
    check("x" * LONGEST_TEXT, has_media=False)
    check("x" * LONGEST_CAPTION, has_media=True)
    check("x" * LONGEST_TEXT + "\n---\nHi", has_media=False)
    for written, has_media in (
        ("x" * (LONGEST_TEXT + 1), False),
        ("x" * (LONGEST_CAPTION + 1), True),
        ("\n---\n".join("x" * (MOST_VARIANTS + 1)), False),
        ("\n---\n".join(["x" * 2_500] * 2), False),
    ):
        with pytest.raises(WelcomeTooLong):
            check(written, has_media=has_media)


def test_nothing_written_is_fine() -> None:
    check("", has_media=True)
    assert choose(WelcomeText("", PICTURE), 1) == Chosen("", PICTURE, ())


def test_variables_are_filled_in() -> None:
    assert filled("{name}, {{ group }}, {}", lambda name: f"<{name}>") == "<name>, <group>, {}"
    assert variables_of("{b} {{a}} {b}") == ["b", "a", "b"]
    assert set(VARIABLES) >= {"name", "mention", "group", "count", "inviter", "rules"}


def test_every_variant_has_its_turn_and_the_same_seed_chooses_the_same() -> None:
    text = WelcomeText("Hello\n[A &amp; B](https://example.org/?a=1&amp;b=2)\n---\nHi\n---\nHey", PICTURE)
    chosen = [choose(text, seed) for seed in range(60)]
    assert chosen == [choose(text, seed) for seed in range(60)]
    assert {one.html for one in chosen} == {"Hello", "Hi", "Hey"}
    hello = next(one for one in chosen if one.html == "Hello")
    assert hello == Chosen("Hello", PICTURE, (("A & B", "https://example.org/?a=1&b=2"),))


@pytest.mark.parametrize(
    ("languages", "slots", "expected"),
    [
        ({"zh-hans"}, {"zh", "text"}, "zh"),
        ({"zh-tw"}, {"zh", "text"}, "text"),
        ({"zh-hans", "en"}, {"zh", "en", "text"}, "text"),
        ({None}, {"zh", "en"}, "en"),
        ({"fr"}, {"zh"}, None),
        ({"zh-hans", "de"}, {"en", "zh"}, "en"),
        (set(), {"gift", "back"}, None),
    ],
)
def test_people_of_one_language_are_greeted_in_it(languages: set[str | None], slots: set[str], expected: str) -> None:
    assert slot_for(languages, "en", dict.fromkeys(slots, WelcomeText("Hi"))) == expected
