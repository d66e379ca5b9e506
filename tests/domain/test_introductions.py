"""What is a self-introduction, and when somebody is reminded of theirs."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.introductions import IntroductionRules, Verdict, is_too_late, remind_at, words_of

RULES = IntroductionRules(("#自我介绍", "#intro", "newbie"), 42, 10)
TEN = "0123456789"


@pytest.mark.parametrize(
    ("text", "topic", "verdict"),
    [
        ("hello", None, "none"),
        (TEN, None, "none"),
        (TEN, 7, "none"),
        (TEN, 42, "introduction"),
        (TEN[1:], 42, "none"),
        (f"#intro {TEN}", None, "introduction"),
        (f"{TEN}#INTRO", None, "introduction"),
        (f"#intro {TEN[1:]}   ", None, "short"),
        ("#intro #intro #intro", None, "short"),
        ("#intro", 42, "short"),
        (f"#introvert {TEN}", None, "none"),
        (f"＃自我介绍{TEN}", None, "introduction"),
        (f"a newbie {TEN}", None, "introduction"),
        (f"newbies {TEN}", None, "none"),
        (f"anewbie {TEN}", None, "none"),
    ],
)
def test_what_a_message_is(text: str, topic: int | None, verdict: Verdict) -> None:
    assert RULES.verdict(text, topic) == verdict


def test_without_a_topic_the_general_one_is_no_place_for_it() -> None:
    assert IntroductionRules(("#intro",), 0, 1).verdict(TEN, 0) == "none"


@pytest.mark.parametrize("text", ["", " ", "a", "x" * 33, "/intro", "1a 2b 3c 4d 5e 6f"])
def test_words_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(text)}\Z"):
        words_of(text)


def test_words_are_stored_folded_and_once() -> None:
    assert words_of("#Intro  ＃INTRO #自我介绍") == "#intro #自我介绍"


@given(st.text())
def test_no_words_upset_it(text: str) -> None:
    try:
        words = words_of(text)
    except ValueError:
        return
    assert words_of(words) == words
    assert IntroductionRules(tuple(words.split()), 0, 1).verdict(f"{words.split()[0]} {TEN}", None) == "introduction"


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_reminder_comes_within_the_hour_after_a_day(joined_at: datetime) -> None:
    due = remind_at(joined_at)

    assert timedelta(hours=24) <= due - joined_at < timedelta(hours=25)
    assert (due.minute, due.second, due.microsecond) == (0, 0, 0)
    assert not is_too_late(joined_at, due)
    assert is_too_late(joined_at, joined_at + timedelta(hours=48, seconds=1))
