"""What members do sets off steps of playbooks, by the whole way from the update to the post."""

from math import inf
from pathlib import Path

import pytest

from bot.playbooks.calendars import Holidays
from bot.playbooks.playbook_files import PlaybookReader
from bot.playbooks.timetable import Timetable
from scheduler.pace import Limits
from scheduler.playbooks import Running
from tests.group import ALICE, BOB, OLIVIA, Group

PLAYBOOK = """
name: Events
steps:
  - id: price
    on: {message: [price]}
    do: [{send: "{{ member.name }}, everything is 10 today."}]
  - id: first
    on: {checked_in: {streak: 1}}
    do: [{award: {points: 5}}, {send: "A first day for {{ member.name }}!"}]
  - id: new
    on: member_joined
    do: [{send: "Here is {{ member.name }}!"}]
  - id: lamp
    on: {message: [lamp]}
    do: [{open_lottery: A lamp x1 until 20:00}]
"""


@pytest.fixture
async def open_group(group: Group, tmp_path: Path) -> Group:
    """A group in which the playbook runs."""
    path = tmp_path / "events.yaml"
    path.write_text(PLAYBOOK)
    playbook = PlaybookReader(tmp_path).read(path).playbook
    assert playbook is not None
    runner = group.hearthbot.engine.playbook_runner
    runner.pace.limits = Limits(inf, inf, 10**6)  # posts would give way to answers, for a second
    runner.running = Running({playbook.name: playbook}, Timetable([playbook], "UTC", Holidays()))
    await group.says(OLIVIA, "/help")
    runner.lanes.run(runner.drain)
    await runner.ring()
    return group


async def heard(group: Group) -> list[str]:
    """What the bot has said by the time that the playbook's lane is idle again."""
    lanes = group.hearthbot.engine.playbook_runner.lanes
    await lanes.idle()  # type: ignore[attr-defined]
    return group.said


async def test_a_word_sets_a_step_off_and_other_chatter_none(open_group: Group) -> None:
    await open_group.says(BOB, "nice weather")
    await open_group.says(BOB, "What is the price?")

    assert [line for line in await heard(open_group) if "10 today" in line] == ["Bob, everything is 10 today."]


async def test_a_check_in_is_answered_and_followed_by_its_step(open_group: Group) -> None:
    await open_group.says(ALICE, "/checkin")

    assert "A first day for Alice!" in await heard(open_group)
    assert "15" in str(await open_group.says(ALICE, "/me"))


async def test_a_newcomer_is_followed_by_the_step(open_group: Group) -> None:
    await open_group.joins(BOB)

    assert "Here is Bob!" in await heard(open_group)


async def test_a_playbook_opens_a_lottery_as_operators_do(open_group: Group) -> None:
    await open_group.says(BOB, "lamp")

    assert any("A lamp" in line for line in await heard(open_group))
    assert "A lamp" in str(await open_group.says(BOB, "/lottery list"))
