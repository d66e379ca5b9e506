from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.checkins import CheckInRules
from bot.domain.introductions import IntroductionRules
from bot.domain.invites import InviteRules
from bot.domain.settings import OPTIONS, GroupSettings, UnknownSetting, WrongSetting, check_setting, settings_from

DEFAULTS = settings_from({}, {})
OFFERED = [
    (key, text) for key, option in OPTIONS.items() for text in {option.default, *option.choices, option.example} - {""}
]

wrong_texts = st.text(max_size=80) | st.integers(-10, 10**12).map(str)


def test_there_is_a_typed_value_for_every_option_and_the_other_way_round() -> None:
    assert [field.name for field in fields(GroupSettings)] == list(OPTIONS)


@pytest.mark.parametrize(("key", "text"), sorted(OFFERED))
def test_what_the_panel_offers_is_stored_applied_and_shown_as_it_was_offered(key: str, text: str) -> None:
    stored = check_setting(key, text)
    settings = settings_from({key: stored}, {})

    assert getattr(settings, key) == OPTIONS[key].parse(text)
    assert settings.text_of(key) == text


@pytest.mark.parametrize(
    ("key", "text", "shown"),
    [
        ("timezone", "asia/SHANGHAI", "Asia/Shanghai"),
        ("language", "ZH-hant", "zh-Hant"),
        ("checkin", "OFF", "off"),
        ("checkin_tiers", "NONE", "none"),
        ("checkin_tiers", "  3:10 \n 7:30 ", "3:10 7:30"),
        ("checkin_reply", "Merged", "merged"),
        ("checkin_points", "007", "7"),
        ("day_starts_at", "23", "23"),
        ("tags", "Fashion VIP fashion", "fashion vip"),
        ("tags", "#Fashion, vip、时尚", "fashion vip 时尚"),
    ],
)
def test_a_value_in_another_spelling_is_shown_in_its_own(key: str, text: str, shown: str) -> None:
    settings = settings_from({key: check_setting(key, text)}, {})

    assert settings.text_of(key) == shown


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("language", "klingon"),
        ("timezone", "Mars/Phobos"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "CET+1"),
        ("day_starts_at", "24"),
        ("day_starts_at", "-1"),
        ("day_starts_at", "٣"),
        ("checkin", "yes"),
        ("checkin_points", "10001"),
        ("checkin_points", "9" * 20),
        ("checkin_points", "1.5"),
        ("checkin_tiers", ""),
        ("checkin_tiers", "3"),
        ("checkin_tiers", "3:"),
        ("checkin_tiers", "1:10"),
        ("checkin_tiers", "3:0"),
        ("checkin_tiers", "7:30 3:10"),
        ("checkin_tiers", "3:10 3:20"),
        ("checkin_tiers", " ".join(f"{day}:1" for day in range(2, 15))),
        ("lucky_odds", "0"),
        ("tags", ""),
        ("tags", ","),
        ("tags", "x" * 33),
        ("faq_topics", "a"),
        ("faq_topics", ""),
    ],
)
def test_a_wrong_value_is_refused_with_right_ones(key: str, text: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        check_setting(key, text)

    assert refused.value.values["key"] == key
    assert refused.value.values["value"] == text[:60]
    for example in str(refused.value.values["example"]).split(" | "):
        check_setting(key, example)


@given(st.sampled_from(list(OPTIONS)), wrong_texts)
def test_any_text_is_either_refused_or_applies_as_it_is_stored(key: str, text: str) -> None:
    try:
        stored = check_setting(key, text)
    except WrongSetting:
        return

    settings = settings_from({key: stored}, {})
    shown = settings.text_of(key)
    assert settings_from({key: shown}, {}) == settings
    assert check_setting(key, stored) == stored


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("time_zone", "timezone"),
        ("colour" * 20, "language, timezone, day_starts_at"),
    ],
)
def test_an_unknown_key_is_refused_with_those_that_may_be_meant(key: str, keys: str) -> None:
    with pytest.raises(UnknownSetting) as refused:
        check_setting(key, "blue")

    assert refused.value.values == {"key": key[:40], "keys": keys}


def test_what_the_group_has_set_goes_before_the_installation_and_that_before_the_option() -> None:
    settings = settings_from({"timezone": "Asia/Tokyo"}, {"timezone": "Europe/Berlin", "language": "zh"})

    assert (settings.timezone, settings.language, settings.checkin_points) == ("Asia/Tokyo", "zh", 10)


def test_a_stored_value_that_is_no_longer_valid_counts_as_not_stored() -> None:
    stored = {"timezone": "Mars/Phobos", "checkin_points": "lots", "unheard_of": "1"}
    settings = settings_from(stored, {"checkin_points": "20"})

    assert (settings.timezone, settings.checkin_points) == ("UTC", 20)
    assert [settings.text_of(key) for key in ("timezone", "checkin_points")] == ["UTC", "20"]


def test_without_any_setting_the_rules_of_check_ins_are_their_own_defaults() -> None:
    assert DEFAULTS.checkin_rules == CheckInRules()


def test_the_rules_of_invites_and_introductions_are_the_settings() -> None:
    assert DEFAULTS.invite_rules == InviteRules(days=1, needs="speaking", points=0, daily_cap=10)
    assert DEFAULTS.introduction_rules == IntroductionRules(("#自我介绍", "#自我介紹", "#intro"), topic=0, length=20)


def test_quiet_hours_are_read_from_their_text() -> None:
    quiet = settings_from({"quiet_hours": "23:00-08:00"}, {}).quiet

    assert quiet is not None
    assert (quiet.start.hour, quiet.end.hour) == (23, 8)
    assert DEFAULTS.quiet is None
