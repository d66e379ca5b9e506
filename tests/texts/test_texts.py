"""How values come into a text."""

from datetime import date
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bot.domain.locales import LOCALES
from bot.domain.refusals import Part
from bot.texts import Texts, load_texts
from tests.group import read

TEXTS = load_texts()
ISOLATE, POP = "\u2068", "\u2069"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.sampled_from(LOCALES))
def test_a_value_is_escaped_exactly_once(value: str, locale: str) -> None:
    said = TEXTS.say(locale, "groups.chosen", group=value)
    around = TEXTS.say(locale, "groups.chosen", group="@@@@")

    assert read(said).replace(ISOLATE, "").replace(POP, "") == read(around).replace("@@@@", value).replace(
        ISOLATE, ""
    ).replace(POP, "")


@given(st.text(max_size=30))
def test_a_sentence_within_a_sentence_is_not_escaped_again(name: str) -> None:
    line = TEXTS.say("en", "top.line", rank="1.", name=name, amount="1")

    assert TEXTS.say("en", "audit.struck", line=line) == Markup("<s>") + line + Markup("</s>")


@pytest.mark.parametrize("value", ["{n}", "{0}", "{group!r}", "{group.__class__}", "{{", "}", "%s", "\\1"])
def test_a_value_is_no_template(value: str) -> None:
    assert value in unescape(TEXTS.say("en", "groups.chosen", group=value))


@pytest.mark.parametrize("name", ["شهرزاد", "דוד", "Ali علي", "٣"])
def test_a_right_to_left_name_is_isolated(name: str) -> None:
    assert f"{ISOLATE}{name}{POP}" in TEXTS.say("en", "me.title", name=name)


@pytest.mark.parametrize("name", ["Alice", "小明", "Ж", "3"])
def test_any_other_name_is_not(name: str) -> None:
    assert TEXTS.say("en", "me.title", name=name) == f"<b>{name}</b>"


@pytest.mark.parametrize(
    ("locale", "n", "said"),
    [
        ("en", 0, "0 points"), ("en", 1, "1 point"), ("en", 2, "2 points"), ("en", -1, "-1 points"),
        ("zh", 1, "1 积分"), ("zh-Hant", 2, "2 積分"),
    ],
)  # fmt: skip
def test_plurals(locale: str, n: int, said: str) -> None:
    assert TEXTS.say(locale, "points.amount", n=n) == said


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "Nov 2, 2026"), ("zh", "2026年11月2日"), ("zh-Hant", "2026年11月2日")]
)
def test_dates_are_written_as_the_language_does(locale: str, said: str) -> None:
    assert said in TEXTS.say(locale, "makeup.not_that_day", day=date(2026, 11, 2), days=7)


def test_a_part_is_said_in_the_language_around_it() -> None:
    values = {"streak": 1, "next": Part("checkin.already_next", 2)}

    assert "Next bonus in 2 days." in TEXTS.say("en", "checkin.already", **values)
    assert "2" in TEXTS.say("zh", "checkin.already", **values)
    assert "bonus" not in TEXTS.say("zh", "checkin.already", **values)


def test_a_part_without_a_number_is_a_plain_text() -> None:
    assert "<code>/me</code>" in TEXTS.say("en", "usage.wrong", usage=Part("usage.me"))


@pytest.mark.parametrize("locale", LOCALES)
def test_an_unknown_key_is_an_error(locale: str) -> None:
    with pytest.raises(KeyError, match="no such text"):
        TEXTS.say(locale, "no such text")
    with pytest.raises(KeyError, match="no such text"):
        TEXTS.say(locale, "no such text", n=2)


def test_a_missing_value_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(KeyError):
        TEXTS.say("en", "groups.chosen")


def test_the_catalogues_are_read_once() -> None:
    assert load_texts() is load_texts()
    assert isinstance(load_texts(), Texts)
