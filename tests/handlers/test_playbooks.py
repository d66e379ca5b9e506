import asyncio
from datetime import timedelta
from textwrap import dedent

import pytest

from tests.conftest import StoppedClock
from tests.group import ALICE, OLIVIA, OWNER, Group
from tests.handlers.conftest import Playbooks

DAY = """
    name: A day
    description: Greeting and promotion.
    steps:
      - id: morning
        at: "09:30"
        do:
          - send: Good morning, {{ group.title }}!
      - id: promo
        at: "20:30"
        only_if: [{silent_for: 30m}, {promos_today: {under: 3}}]
        do:
          - send: {text: Only tonight, promo: true}
"""
NEWCOMERS = """
    name: Newcomers
    timezone: Asia/Shanghai
    days: weekdays
    quiet_hours: "22:30-08:00"
    steps:
      - id: hello
        on: member_joined
        do:
          - send: "Hello {{ member.name }}"
      - id: weekly
        cron: "0 9 * * mon"
        if_missed: ask
        do:
          - poll: {question: "Did you like it?", options: ["Yes", "No"]}
          - wait: 10m
          - award: {points: 5, to: checked_in}
"""


@pytest.fixture(autouse=True)
def day(playbooks: Playbooks) -> None:
    playbooks.write("day.yaml", DAY)


async def plays_until(group: Group, clock: StoppedClock, hours: float) -> list[str]:
    """What is posted while time goes by, with a ring every half hour."""
    before = len(group.said)
    end = clock.now + timedelta(hours=hours)
    while clock.now <= end:
        await group.hearthbot.plays()
        clock.advance(seconds=1)  # groups have their turn one after the other
        await group.hearthbot.plays()
        clock.advance(minutes=30, seconds=-1)
    return group.said[before:]


async def orders(group: Group, text: str) -> str:
    """What an operator is answered to what makes a playbook post as well."""
    before = len(group.said)
    await group.hearthbot.takes(group.message(OLIVIA, text))
    await group.hearthbot.plays()
    return group.said[before]


async def test_operators_see_what_runs_and_what_comes_next(group: Group) -> None:
    assert await group.says(OLIVIA, "/playbook list") == ("📋 Playbooks of this group\n1. A day · next: 09:30 morning")


async def test_times_are_those_of_the_group(group: Group) -> None:
    await group.says(OLIVIA, "/settings timezone Asia/Shanghai")

    assert await group.says(OLIVIA, "/playbook") == "📋 Playbooks of this group\n1. A day · next: 20:30 promo"


async def test_what_is_meant_for_other_groups_is_not_shown(group: Group, playbooks: Playbooks) -> None:
    playbooks.write("day.yaml", DAY + "    groups: {tags: [vip]}\n")
    await group.says(OLIVIA, "/playbook reload")

    assert "No playbook runs in this group" in str(await group.says(OLIVIA, "/playbook list"))
    await group.says(OLIVIA, "/settings tags vip")
    assert "1. A day" in str(await group.says(OLIVIA, "/playbook list"))


async def test_members_steer_nothing(group: Group) -> None:
    assert await group.says(ALICE, "/playbook pause A day") == "Only this group's administrators can do that."
    assert "paused" not in str(await group.says(OLIVIA, "/playbook list"))


async def test_a_playbook_is_told_in_words(group: Group, playbooks: Playbooks) -> None:
    playbooks.write("newcomers.yaml", NEWCOMERS)
    await group.says(OLIVIA, "/playbook reload")

    assert await group.says(OLIVIA, "/playbook show newc") == dedent("""\
        📖 Newcomers
        Days: Mon, Tue, Wed, Thu, Fri
        Quiet hours: 22:30-08:00

        hello · when somebody joins
        　→ posts “Hello {{ member.name }}”

        weekly · 01:00 (Mon)
        　→ asks “Did you like it?”
        　→ waits 10m
        　→ gives 5 points to all who have checked in today
        　if missed: I ask you""")
    assert await group.says(OLIVIA, "/playbook show 1") == dedent("""\
        📖 A day
        Greeting and promotion.

        morning · 09:30
        　→ posts “Good morning, {{ group.title }}!”

        promo · 20:30
        　only if nobody has spoken for 30m, < 3 promotions today
        　→ posts “Only tonight” (promotion)
        　if missed: up to 30m later""")


async def test_a_long_playbook_has_pages(group: Group, playbooks: Playbooks) -> None:
    steps = "".join(f'  - {{id: s{n}, at: "1{n}:00", do: [{{send: Hello}}]}}\n' for n in range(10))
    playbooks.write("day.yaml", f"name: Long\nsteps:\n{steps}")
    await group.says(OLIVIA, "/playbook reload")

    assert "s7" in str(await group.says(OLIVIA, "/playbook show Long"))
    assert "s8" not in group.said[-1]
    await group.presses(OLIVIA, "›")
    assert "s8" in group.said[-1]
    await group.presses(OLIVIA, "‹")
    assert "s0" in group.said[-1]


async def test_who_writes_a_name_wrong_is_told_what_there_is(group: Group, playbooks: Playbooks) -> None:
    playbooks.write("night.yaml", DAY.replace("A day", "A night"))
    await group.says(OLIVIA, "/playbook reload")

    assert await group.says(OLIVIA, "/playbook show A dya") == (
        "There is no playbook “A dya” here. Did you mean “A day”?"
    )
    assert await group.says(OLIVIA, "/playbook show xyz") == (
        "There is no playbook “xyz” here. There are: A day, A night"
    )
    assert await group.says(OLIVIA, "/playbook pause A") == (
        "“A” may be any of these; write a little more: A day, A night"
    )
    assert await orders(group, "/playbook run A day mornin") == "“morning” of “A day” comes now."
    assert await group.says(OLIVIA, "/playbook run A day mornign") == (
        "“A day” has no step “mornign”. Did you mean “morning”?"
    )
    assert await group.says(OLIVIA, "/playbook run A day xyz") == ("“A day” has no step “xyz”. It has: morning, promo")


@pytest.mark.parametrize("wrong", ["show", "pause", "run A", "skip", "dance", "list all", "reload now"])
async def test_wrong_use_is_answered_with_the_right_one(group: Group, wrong: str) -> None:
    assert "/playbook pause NAME" in str(await group.says(OLIVIA, f"/playbook {wrong}"))


async def test_a_paused_playbook_posts_nothing(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    assert await group.says(OLIVIA, "/playbook pause A day") == ("⏸ “A day” is paused. /playbook resume lets it go on.")
    assert await group.says(OLIVIA, "/playbook list") == "📋 Playbooks of this group\n1. A day · ⏸ paused"

    assert await plays_until(group, clock, 3) == []
    await group.says(OLIVIA, "/playbook resume 1")
    assert await plays_until(group, clock, 24) == ["Only tonight", "Good morning, Hearth!"]


async def test_a_pause_for_today_is_over_tomorrow(group: Group, clock: StoppedClock) -> None:
    assert await group.says(OLIVIA, "/playbook pause A day today") == (
        "⏸ “A day” is paused until 2026-11-23 00:00. /playbook resume lets it go on."
    )

    assert await plays_until(group, clock, 26) == ["Good morning, Hearth!"]


async def test_a_pause_ends_where_the_operator_said(group: Group, clock: StoppedClock) -> None:
    assert "until 2026-11-24 00:00" in str(await group.says(OLIVIA, "/playbook pause A day until 2026-11-24"))
    assert "no time to come" in str(await group.says(OLIVIA, "/playbook pause A day until 2026-11-01"))

    assert await plays_until(group, clock, 30) == []


async def test_a_pause_outlives_a_restart(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/playbook pause A day")
    await group.hearthbot.restart(after="a kill")

    assert await plays_until(group, clock, 3) == []


async def test_a_pause_is_of_one_group(group: Group, clock: StoppedClock) -> None:
    other = Group(group.hearthbot, -1001000000002, "Kiln")
    await other.adds_the_bot()
    await group.says(OLIVIA, "/playbook pause A day")

    await plays_until(group, clock, 1)
    assert other.said[-1] == "Good morning, Kiln!"


async def test_owners_pause_a_playbook_everywhere(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    assert await group.says(OLIVIA, "/playbook pause A day everywhere") == (
        "Only the owners of this installation can do that: it concerns several groups."
    )
    assert "paused everywhere until" in str(await group.says(OWNER, "/playbook pause A day everywhere today"))
    assert await plays_until(group, clock, 1) == []

    assert "only they can let it go on" in str(await group.says(OLIVIA, "/playbook resume A day"))
    assert "only the owners" in str(await group.says(OLIVIA, "/playbook resume A day everywhere")).lower()
    assert "goes on everywhere" in str(await group.says(OWNER, "/playbook resume A day everywhere"))
    assert await group.says(OWNER, "/playbook resume A day everywhere") == "“A day” is not paused."


async def test_a_pause_can_be_undone_and_so_can_its_end(group: Group) -> None:
    await group.says(OLIVIA, "/playbook pause A day today")
    await group.says(OLIVIA, "/playbook resume A day")
    assert await group.says(OLIVIA, "/playbook resume A day") == "“A day” is not paused."

    await group.says(OLIVIA, "/audit undo 2")
    assert "paused until 2026-11-23 00:00" in str(await group.says(OLIVIA, "/playbook list"))
    await group.says(OLIVIA, "/audit undo 1")
    assert "next:" in str(await group.says(OLIVIA, "/playbook list"))
    assert "cannot be undone" in str(await group.says(OLIVIA, "/audit undo 3"))


async def test_a_step_can_be_run_now_whatever_its_conditions(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/playbook pause A day")
    order = group.message(OLIVIA, "/playbook run A day promo")

    await asyncio.gather(*(group.hearthbot.engine.intake.take([order]) for _ in range(5)))
    await group.hearthbot.settle()
    await group.hearthbot.plays()
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.takes(order)
    await group.hearthbot.plays()

    assert [said for said in group.said if said == "Only tonight"] == ["Only tonight"]


async def test_a_step_of_an_event_runs_as_if_it_were_about_the_operator(group: Group, playbooks: Playbooks) -> None:
    playbooks.write("newcomers.yaml", NEWCOMERS)
    await group.says(OLIVIA, "/playbook reload")
    await orders(group, "/playbook run Newcomers hello")

    assert group.said[-1] == "Hello Olivia"


async def test_a_step_can_be_left_out_once(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    order = group.message(OLIVIA, "/playbook skip A day morning")
    await asyncio.gather(*(group.hearthbot.engine.intake.take([order]) for _ in range(5)))
    await group.hearthbot.settle()
    assert group.said[-1] == "“morning” of “A day” is left out at 2026-11-22 09:30. /audit can undo it until then."

    assert await plays_until(group, clock, 24) == ["Only tonight"]
    assert await plays_until(group, clock, 2) == ["Good morning, Hearth!"]


async def test_another_skip_leaves_the_next_time_out_and_an_undo_takes_it_back(
    group: Group, clock: StoppedClock
) -> None:
    await group.says(OLIVIA, "/playbook skip A day morning")
    assert "2026-11-23 09:30" in str(await group.says(OLIVIA, "/playbook skip A day morning"))
    assert await group.says(OLIVIA, "/audit undo 1") == "Change #1 is undone."

    assert await plays_until(group, clock, 1) == ["Good morning, Hearth!"]
    assert "cannot be undone" in str(await group.says(OLIVIA, "/audit undo 1"))


async def test_what_waits_for_an_event_cannot_be_left_out(group: Group, playbooks: Playbooks) -> None:
    playbooks.write("newcomers.yaml", NEWCOMERS)
    await group.says(OLIVIA, "/playbook reload")

    assert "no set time" in str(await group.says(OLIVIA, "/playbook skip Newcomers hello"))


async def test_files_are_read_on_demand_and_mistakes_are_named_by_their_place(
    group: Group, playbooks: Playbooks
) -> None:
    assert await group.says(OLIVIA, "/playbook reload") == (
        "No file has changed since they were last read.\n1 playbook runs."
    )
    playbooks.write("newcomers.yaml", NEWCOMERS)
    assert await group.says(OLIVIA, "/playbook reload") == (
        "Read again: newcomers.yaml\nNew: Newcomers\n2 playbooks run."
    )
    playbooks.write("day.yaml", 'name: A day\nsteps:\n  - id: morning\n    att: "09:00"\n    do: [{send: Hi}]\n')
    answer = str(await group.says(OLIVIA, "/playbook reload"))

    assert answer.splitlines()[0] == "Read again: day.yaml"
    assert "day.yaml:4:5: " in answer
    assert str(playbooks.root) not in answer
    assert "day.yaml:4:5: " in str(await group.says(OLIVIA, "/playbook list"))
    assert "1. A day" in group.said[-1]


async def test_everything_that_was_steered_is_in_the_log(group: Group) -> None:
    for order in ("pause A day", "resume A day", "run A day promo", "skip A day morning"):
        await orders(group, f"/playbook {order}")
    await group.says(OWNER, "/playbook pause A day everywhere")

    lines = str(await group.says(OLIVIA, "/audit")).splitlines()[1:]
    assert [line.partition("Olivia")[2] or line.partition("Otto")[2] for line in lines] == [
        ": paused the playbook A day everywhere",
        ": left morning of A day out (2026-11-22T09:30)",
        ": ran promo of A day",
        ": let the playbook A day go on",
        ": paused the playbook A day",
    ]


async def test_in_the_quiet_hours_of_a_group_no_playbook_posts(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/settings quiet_hours 20:00-09:31")
    assert await plays_until(group, clock, 24) == []

    await orders(group, "/playbook run A day promo")
    assert group.said[-1] == "Only tonight"
