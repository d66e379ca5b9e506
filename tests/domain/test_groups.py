from bot.domain.groups import Group
from bot.domain.settings import settings_from


def test_a_group_lives_in_the_zone_and_has_the_tags_that_are_set() -> None:
    settings = settings_from({"timezone": "Asia/Tokyo", "tags": "fashion vip"}, {})
    group = Group(1, -1001, "Tea house", 1, "", True, settings)

    assert (group.zone.key, group.tags) == ("Asia/Tokyo", ("fashion", "vip"))
