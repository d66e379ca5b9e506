from datetime import UTC, date, datetime, timedelta

from bot.domain.groups import Group
from bot.domain.settings import settings_from

SETTINGS = {"timezone": "Asia/Tokyo", "day_starts_at": "4", "tags": "fashion vip"}
GROUP = Group(1, -1001, "Tea house", 1, "", True, settings_from(SETTINGS, {}))


def test_a_group_lives_in_the_zone_and_has_the_tags_that_are_set() -> None:
    assert (GROUP.zone.key, GROUP.tags) == ("Asia/Tokyo", ("fashion", "vip"))


def test_a_group_counts_its_days_in_its_zone_from_the_hour_that_is_set() -> None:
    four_in_tokyo = datetime(2026, 11, 21, 19, tzinfo=UTC)

    assert GROUP.start_of(date(2026, 11, 22)) == four_in_tokyo
    assert GROUP.day_of(four_in_tokyo) == date(2026, 11, 22)
    assert GROUP.day_of(four_in_tokyo - timedelta(seconds=1)) == date(2026, 11, 21)
