from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.joins import SAME_JOIN, Join, is_calm, is_raid, is_same_join

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EARLIER = Join(11, 5001, NOW, is_first=True, is_raid=False)


def test_news_of_about_the_same_time_is_of_the_same_join() -> None:
    for apart in (timedelta(0), SECOND, -SECOND, SAME_JOIN):
        assert is_same_join(EARLIER, NOW + apart, left_at=None)
    assert not is_same_join(EARLIER, NOW + SAME_JOIN + SECOND, left_at=None)


def test_who_left_in_between_joins_again() -> None:
    assert not is_same_join(EARLIER, NOW + 2 * SECOND, left_at=NOW + SECOND)
    assert not is_same_join(EARLIER, NOW, left_at=NOW)


def test_a_leave_before_the_one_or_after_the_other_news_separates_nothing() -> None:
    assert is_same_join(EARLIER, NOW + SECOND, left_at=NOW - SECOND)
    assert is_same_join(EARLIER, NOW + SECOND, left_at=NOW + 2 * SECOND)


@pytest.mark.parametrize(
    ("joined", "limit", "is_under_way", "expected"),
    [
        (20, 20, False, False),
        (21, 20, False, True),
        (11, 20, True, True),
        (10, 20, True, False),
        (1000, 0, False, False),
        (1000, 0, True, False),
    ],
)
def test_a_raid_begins_above_the_limit_and_goes_on_until_it_is_calm(
    joined: int, limit: int, is_under_way: bool, expected: bool
) -> None:
    assert is_raid(joined, limit, is_under_way=is_under_way) == expected


def test_it_is_calm_at_half_the_limit_and_without_one() -> None:
    assert [is_calm(joined, 20) for joined in (0, 10, 11)] == [True, True, False]
    assert is_calm(1000, 0)
