"""From post to post, as the sandbox's page lets a day play."""

from bot.app import next_post
from tests.conftest import StoppedClock
from tests.group import Group
from tests.handlers.test_playbook_reload import files, group, settings

__all__ = ["files", "group", "settings"]


async def test_the_clock_goes_from_post_to_post(group: Group, clock: StoppedClock) -> None:
    seen = []
    for _ in range(4):
        at = await next_post(group.hearthbot.engine)
        assert at is not None
        clock.set(at)
        before = len(group.said)
        await group.hearthbot.plays()
        clock.advance(seconds=1)  # groups have their turn one after the other
        await group.hearthbot.plays()
        seen.append((f"{at:%d %H:%M}", group.said[before:]))

    assert seen == [
        ("22 09:30", ["Good morning!"]),
        ("22 12:00", ["Lunch"]),
        ("22 12:30", ["Back again"]),
        ("23 09:30", ["Good morning!"]),
    ]
