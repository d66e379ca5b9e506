from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deliveries import PUNCTUAL, IfMissed, Missing, is_over

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("if_missed", "minutes_late", "is_newest", "verdict"),
    [
        (IfMissed(), 0, True, "send"),
        (IfMissed(), 5, True, "send"),
        (IfMissed(), 6, True, "skip"),
        (IfMissed("within", HALF_AN_HOUR), 30, True, "send"),
        (IfMissed("within", HALF_AN_HOUR), 31, True, "skip"),
        (IfMissed("next"), 60 * 24, True, "send"),
        (IfMissed("next"), 60 * 24, False, "skip"),
        (IfMissed("ask"), 60, True, "ask"),
        (IfMissed("ask"), 60, False, "skip"),
    ],
)
def test_a_missed_slot(if_missed: IfMissed, minutes_late: int, is_newest: bool, verdict: str) -> None:
    assert if_missed.verdict(timedelta(minutes=minutes_late), is_newest=is_newest) == verdict


@given(st.sampled_from(["skip", "within", "next", "ask"]), st.timedeltas(timedelta(0), PUNCTUAL), st.booleans())
def test_what_is_punctual_is_sent_whatever_the_policy(kind: Missing, late: timedelta, is_newest: bool) -> None:
    assert IfMissed(kind).verdict(late, is_newest=is_newest) == "send"


def test_a_question_is_over_with_the_day_of_the_group() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    asked = datetime(2026, 11, 22, 9, tzinfo=UTC)

    assert not is_over(asked, datetime(2026, 11, 22, 15, 59, tzinfo=UTC), shanghai)
    assert is_over(asked, datetime(2026, 11, 22, 16, tzinfo=UTC), shanghai)
