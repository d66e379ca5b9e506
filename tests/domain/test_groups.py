from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.groups import Group, NoSuchGroup, group_named
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


OTHER = replace(GROUP, id=2, chat_id=-1002, title="Other house")


@pytest.mark.parametrize(("wanted", "found"), [("-1001", GROUP), ("other HOUSE", OTHER), ("Tea house", GROUP)])
def test_a_group_is_meant_by_its_chat_id_or_its_title(wanted: str, found: Group) -> None:
    assert group_named([GROUP, OTHER], wanted) is found


def test_an_unknown_group_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NoSuchGroup, match=r"no group is called 'Nowhere'; known: -1001 \(Tea house\), -1002 \(Other"):
        group_named([GROUP, OTHER], "Nowhere")
    with pytest.raises(NoSuchGroup, match=r"several groups are called 'tea house'; known: -1001 \(.*\), -1003 \(.*\)$"):
        group_named([GROUP, OTHER, replace(GROUP, chat_id=-1003)], "tea house")
    with pytest.raises(NoSuchGroup, match="known: none"):
        group_named(list[Group](), "Nowhere")
