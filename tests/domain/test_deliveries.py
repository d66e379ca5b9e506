from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deliveries import PUNCTUAL, IfMissed, Missing, is_over

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("if_missed", "minutes_late", "is_newest", "note"),
    [
        (IfMissed(), 0, True, ""),
        (IfMissed(), 5, True, ""),
        (IfMissed(), 6, True, "late"),
        (IfMissed("within", HALF_AN_HOUR), 30, True, ""),
        (IfMissed("within", HALF_AN_HOUR), 31, True, "late"),
        (IfMissed("next"), 60 * 24, True, ""),
        (IfMissed("next"), 60 * 24, False, "late"),
        (IfMissed("ask"), 60, True, "asked"),
        (IfMissed("ask"), 60, False, "late"),
    ],
)
def test_a_missed_slot(if_missed: IfMissed, minutes_late: int, is_newest: bool, note: str) -> None:
    assert if_missed.note(timedelta(minutes=minutes_late), is_newest=is_newest) == note


@given(st.sampled_from(["skip", "within", "next", "ask"]), st.timedeltas(timedelta(0), PUNCTUAL), st.booleans())
def test_what_is_punctual_is_sent_whatever_the_policy(kind: Missing, late: timedelta, is_newest: bool) -> None:
    assert IfMissed(kind).note(late, is_newest=is_newest) == ""


def test_a_question_is_over_with_the_day_of_the_group() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    asked = datetime(2026, 11, 22, 9, tzinfo=UTC)

    assert not is_over(asked, datetime(2026, 11, 22, 15, 59, tzinfo=UTC), shanghai)
    assert is_over(asked, datetime(2026, 11, 22, 16, tzinfo=UTC), shanghai)
