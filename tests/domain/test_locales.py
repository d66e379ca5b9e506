import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.locales import LOCALES, closest, written_in


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("EN_us", "en"),
        ("zh", "zh"),
        ("zh-hans", "zh"),
        ("zh-CN", "zh"),
        ("zh-SG", "zh"),
        ("zh-Hans-HK", "zh"),
        ("zh-hant", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh_hk", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("yue", "zh-Hant"),
        ("yue-HK", "zh-Hant"),
        ("yue-Hans", "zh"),
    ],
)
def test_a_tag_in_any_spelling_is_said_in_the_closest_language_we_speak(tag: str, locale: str) -> None:
    assert closest([tag], default="nobody's") == locale


@pytest.mark.parametrize("tag", [None, "", "-", "_", "fr", "hant", "x-zh", "english", "zhh", "😀", "tw"])
def test_a_tag_we_do_not_speak_leaves_the_default(tag: str | None) -> None:
    assert closest([tag], default="zh") == "zh"


def test_the_first_wanted_language_that_we_speak_counts() -> None:
    assert closest([None, "fr", "zh-TW", "en"], default="en") == "zh-Hant"
    assert closest([], default="zh") == "zh"


@given(st.lists(st.none() | st.text()), st.sampled_from(LOCALES))
def test_whatever_is_wanted_we_say_it_in_a_language_we_speak(wanted: list[str | None], default: str) -> None:
    assert closest(wanted, default) in LOCALES


@pytest.mark.parametrize(
    ("text", "default", "language"),
    [
        ("Good morning, it is", "zh", "en"),
        ("早安！今天是", "en", "zh"),
        ("早安！Hearth", "zh-Hant", "zh-Hant"),
        ("☀️ , 10:00!", "zh", "zh"),
        ("", "en", "en"),
    ],
)
def test_days_are_written_as_the_text_around_them(text: str, default: str, language: str) -> None:
    assert written_in(text, default) == language
