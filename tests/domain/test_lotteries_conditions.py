"""What it takes to enter a lottery, and what is looked at again at the closing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lotteries import Prize, Terms, terms_of
from bot.domain.lotteries_conditions import (
    Banned,
    CaptchaNeeded,
    Channel,
    CheckInFirst,
    Conditions,
    LevelTooLow,
    NotInChannel,
    Standing,
    TooFewInvites,
    TooNew,
    TooQuiet,
    WonLately,
    may_win,
    require_standing,
)
from bot.domain.lotteries_terms import WrongNumber, parse_terms
from bot.domain.refusals import Refusal

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NEWS = Channel(-100, "@hearth_news")
ALL = Conditions(days=7, check_in=True, messages=20, level=2, invited=3, channel=NEWS, cooldown=30, captcha=True)
FIT = Standing(
    status="member", joined_at=NOW - timedelta(days=7), messages=20, earned=50, won_at=NOW - timedelta(days=30),
    has_checked_in=True, is_in_channel=True, valid_invites=3, has_passed_captcha=True,
)  # fmt: skip


def test_who_meets_all_conditions_may_enter_and_win() -> None:
    require_standing(ALL, FIT, NOW)
    assert may_win(ALL, FIT, NOW)
    require_standing(Conditions(), Standing(), NOW)


@pytest.mark.parametrize(
    ("lacking", "refusal", "values"),
    [
        ({"joined_at": NOW - timedelta(days=5)}, TooNew, {"n": 2}),
        ({"joined_at": None}, TooNew, {"n": 7}),
        ({"messages": 13}, TooQuiet, {"n": 7}),
        ({"earned": 49}, LevelTooLow, {"level": 2, "own": 1}),
        ({"has_checked_in": False}, CheckInFirst, {}),
    ],
)
def test_what_only_grows_is_asked_for_at_the_entry(
    lacking: dict[str, object], refusal: type[Refusal], values: dict[str, object]
) -> None:
    standing = replace(FIT, **lacking)  # type: ignore[arg-type]

    with pytest.raises(refusal) as refused:
        require_standing(ALL, standing, NOW)
    assert refused.value.values == values
    assert may_win(ALL, standing, NOW)


@pytest.mark.parametrize(
    ("lacking", "refusal", "values"),
    [
        ({"is_banned": True}, Banned, {}),
        ({"has_passed_captcha": False}, CaptchaNeeded, {}),
        ({"won_at": NOW - timedelta(days=29, hours=23)}, WonLately, {"n": 1}),
        ({"won_at": NOW}, WonLately, {"n": 30}),
        ({"valid_invites": 1}, TooFewInvites, {"n": 2}),
        ({"is_in_channel": False}, NotInChannel, {"channel": "@hearth_news"}),
    ],
)
def test_what_may_change_is_looked_at_again(
    lacking: dict[str, object], refusal: type[Refusal], values: dict[str, object]
) -> None:
    standing = replace(FIT, **lacking)  # type: ignore[arg-type]

    with pytest.raises(refusal) as refused:
        require_standing(ALL, standing, NOW)
    assert refused.value.values == values
    assert not may_win(ALL, standing, NOW)


def test_a_win_keeps_nobody_out_where_that_is_not_asked_for() -> None:
    require_standing(Conditions(), Standing(won_at=NOW), NOW)

    assert may_win(Conditions(), Standing(won_at=NOW), NOW)


@given(
    st.builds(
        Conditions, st.integers(0, 9), st.booleans(), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9),
        st.none() | st.just(NEWS), st.integers(0, 9), st.booleans(),
    )
)  # fmt: skip
def test_the_rules_tell_the_conditions(conditions: Conditions) -> None:
    terms = Terms([Prize("Tea", 1)], conditions=conditions)

    assert terms_of(terms.rules(1, "", NOW)).conditions == conditions


def test_they_are_written_in_any_order_after_the_prizes() -> None:
    written = (
        "Tea x1 cooldown 30d channel @hearth_news level 2 days 7 until 20:00 captcha checkin invited 3 messages 20"
    )

    assert parse_terms(written, NOW, "UTC").conditions == replace(ALL, channel=Channel(0, "@hearth_news"))


@pytest.mark.parametrize(
    "wrong",
    ["days soon", "days 0", "days 3651", "messages x", "level 1001", "invited -1", "cooldown 0d"],
)  # fmt: skip
def test_what_is_no_number_is_refused(wrong: str) -> None:
    with pytest.raises(WrongNumber):
        parse_terms(f"Tea x1 {wrong}", NOW, "UTC")
