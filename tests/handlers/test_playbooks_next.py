"""From post to post, as the sandbox's page lets a day play."""

import pytest

from bot.app import next_post, sandbox_engine
from bot.sandbox.world import default_world
from bot.settings import Settings
from storage.database import EmbeddedDatabase
from tests.conftest import StoppedClock
from tests.group import ALICE, Group
from tests.handlers.conftest import Playbooks
from tests.handlers.test_playbook_reload import DAY


@pytest.fixture(autouse=True)
def day(playbooks: Playbooks) -> None:
    playbooks.write("day.yaml", DAY)


async def test_the_clock_goes_from_post_to_post(group: Group, clock: StoppedClock) -> None:
    await group.adds_the_bot()
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


async def test_it_stops_for_newcomers_days_and_for_silences(
    group: Group, clock: StoppedClock, playbooks: Playbooks
) -> None:
    playbooks.write(
        "newcomers.yaml",
        """
        name: Newcomers
        steps:
          - {id: second, on: {member_joined: {days: 1, at: "10:30"}}, do: [send: "And, {{ member.name }}?"]}
          - {id: hush, on: {silent: 25h}, do: [send: Anybody?]}
        """,
    )
    await group.hearthbot.engine.playbooks.follow()
    await group.adds_the_bot()
    await group.joins(ALICE)
    await group.says(ALICE, "Hello!")
    await group.hearthbot.write_activity()
    before = len(group.said)
    for _ in range(7):
        at = await next_post(group.hearthbot.engine)
        assert at is not None
        clock.set(at)
        await group.hearthbot.plays()
        clock.advance(seconds=1)
        await group.hearthbot.plays()

    assert f"{clock():%d %H:%M}" == "23 10:30"
    assert group.said[before:] == ["Good morning!", "Lunch", "Back again", "Good morning!", "Anybody?", "And, Alice?"]


async def test_a_minute_of_the_sandboxs_clock_is_over_when_the_clock_is_moved_on(
    settings: Settings, embedded: EmbeddedDatabase
) -> None:
    world = default_world()
    engine = sandbox_engine(settings, embedded, world)
    engine.pace.note(1, engine.pace.limits.group_per_minute)
    assert engine.pace.pause(1) > 50

    world.clock.advance(3600)
    assert engine.pace.pause(1) == 0
