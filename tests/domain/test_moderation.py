"""What offences cost, and how operators write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.moderation import (
    Pace,
    Rules,
    Step,
    parse_allowed,
    parse_ladder,
    parse_pace,
    seconds_of,
    span_of,
    step_at,
)
from bot.domain.settings import WrongSetting, check_setting, settings_from


@pytest.mark.parametrize(
    ("span", "seconds"), [("1m", 60), ("90m", 5_400), ("1h", 3_600), ("2d", 172_800), ("52w", 31_449_600)]
)
def test_how_long_a_mute_lasts(span: str, seconds: int) -> None:
    assert seconds_of(span) == seconds


@pytest.mark.parametrize("span", ["", "h", "0h", "-1h", "1", "1s", "1.5h", "1 h", "366d", "53w", "99999m", "１h"])
def test_what_is_no_time(span: str) -> None:
    with pytest.raises(WrongSetting):
        check_setting("ladder", f"mute:{span}")


@given(st.integers(1, 9999), st.sampled_from("mhdw"))
def test_a_time_is_said_as_it_lasts(number: int, unit: str) -> None:
    try:
        seconds = seconds_of(f"{number}{unit}")
    except ValueError:
        return
    again, of_unit = span_of(seconds)
    assert seconds_of(f"{again}{of_unit}") == seconds
    assert again <= number


def test_the_steps_of_a_ladder() -> None:
    ladder = parse_ladder("delete WARN mute:1h kick ban")

    assert ladder == (Step("delete"), Step("warn"), Step("mute", 3_600), Step("kick"), Step("ban"))
    assert [step_at(ladder, number).action for number in (1, 3, 5, 6, 100)] == ["delete", "mute", "ban", "ban", "ban"]


@pytest.mark.parametrize("text", ["", "mute", "mute:", "warn:1h", "shout", "mute:5", "warn " * 11, "warn, kick"])
def test_what_is_no_ladder(text: str) -> None:
    with pytest.raises(WrongSetting):
        check_setting("ladder", text)


@pytest.mark.parametrize(
    ("text", "pace"), [("off", None), ("OFF", None), ("5/10", Pace(5, 10)), ("2/3600", Pace(2, 3_600))]
)
def test_a_pace(text: str, pace: Pace | None) -> None:
    assert parse_pace(text) == pace


@pytest.mark.parametrize("text", ["", "5", "1/10", "51/10", "5/0", "5/3601", "5 / 10", "5/10/15", "on"])
def test_what_is_no_pace(text: str) -> None:
    with pytest.raises(WrongSetting):
        check_setting("flood", text)


def test_what_is_always_allowed() -> None:
    assert parse_allowed("none") == frozenset()
    assert parse_allowed("Example.com, www.hearth.shop @Hearth_News") == {"example.com", "hearth.shop", "@hearth_news"}
    assert parse_allowed("https://www.example.com/ t.me/Hearth_News") == {"example.com", "@hearth_news"}


@pytest.mark.parametrize("text", ["", "com", "https://com", "@ab", "a b", "example.com/x", "x.de " * 51])
def test_what_can_not_be_allowed(text: str) -> None:
    with pytest.raises(WrongSetting):
        check_setting("links_allowed", text)


def test_every_rule_is_off_at_first() -> None:
    settings = settings_from({}, {})

    assert settings.moderation == Rules()
    assert not settings.moderation.is_any_on
    assert settings.steps == (Step("warn"), Step("mute", 3_600), Step("kick"))


@pytest.mark.parametrize(
    ("key", "value"), [("links", "invites"), ("forwards", "all"), ("flood", "5/10"), ("repeats", "3/60")]
)
def test_each_rule_is_turned_on_by_itself(key: str, value: str) -> None:
    assert settings_from({key: check_setting(key, value)}, {}).moderation.is_any_on
