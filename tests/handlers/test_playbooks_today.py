"""`/playbook today`: what was, what comes, and what became of it, in the group's time."""

from datetime import UTC, datetime

import pytest

from tests.conftest import StoppedClock
from tests.group import ALICE, OLIVIA, Group, PrivateChat, Refused, Unreachable
from tests.handlers.conftest import Playbooks

DAY = """
    name: A day
    steps:
      - id: morning
        at: "09:30"
        do:
          - send: Good morning, {{ group.title }}!
      - id: new
        at: "10:00"
        do:
          - send: New today
          - wait: 3h
          - send: Would you buy it?
      - id: promo
        at: "20:30"
        only_if: [{silent_for: 30m}]
        do:
          - send: {text: Only tonight, promo: true}
      - id: thanks
        after: {step: promo, delay: 15m}
        do:
          - send: Thank you
      - id: anybody
        on: {silent: 3h}
        do:
          - send: Anybody there?
"""


@pytest.fixture(autouse=True)
def day(playbooks: Playbooks) -> None:
    playbooks.write("day.yaml", DAY)


async def plays_at(group: Group, clock: StoppedClock, *times: str) -> None:
    """Rings at these times of the day (UTC)."""
    for one in times:
        clock.set(datetime.fromisoformat(f"2026-11-22T{one}:01").replace(tzinfo=UTC))
        await group.hearthbot.plays()


async def says(group: Group, text: str) -> list[str]:
    return str(await group.says(OLIVIA, text)).split("\n")


async def test_the_day_is_shown_with_what_was_and_what_comes(group: Group, clock: StoppedClock) -> None:
    await says(group, "/audit")
    await plays_at(group, clock, "09:30", "10:00")

    assert await says(group, "/playbook today") == [
        "📅 Playbooks of Nov 22, 2026, 10:00 (UTC)",
        "✅ 09:30 morning · A day: sent",
        "⏳ 10:00 new · A day: under way, goes on at 13:00",
        "🕐 20:30 promo · A day: to come, only if nobody has spoken for 30m",
        "",
        "Whenever it happens",
        "⚡ thanks · A day: 15m after promo",
        "⚡ anybody · A day: when nobody has spoken for 3h",
    ]
    (link,) = [entity["url"] for entity in group.shown[-1]["entities"]]
    assert link == f"https://t.me/c/1000000001/{group.shown[-3]['message_id']}"


async def test_the_day_is_that_of_the_group(group: Group) -> None:
    await group.says(OLIVIA, "/settings timezone Asia/Shanghai")

    assert (await says(group, "/playbook today"))[:2] == [
        "📅 Playbooks of Nov 22, 2026, 17:00 (Asia/Shanghai)",
        "🕐 20:30 promo · A day: to come, only if nobody has spoken for 30m",
    ]


async def test_a_day_is_told_in_private_as_well(group: Group) -> None:
    await group.says(OLIVIA, "/checkin")
    private = PrivateChat.of(OLIVIA, group.hearthbot)

    assert "09:30 morning" in str(await private.says(OLIVIA, "/playbook today"))
    assert "Only this group's administrators" in str(await group.says(ALICE, "/playbook today"))


async def test_what_did_not_come_says_why(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/playbook skip A day promo")
    group.telegram.fails("sendMessage", Unreachable("read timeout"))
    await plays_at(group, clock, "09:30")
    group.telegram.fails("sendMessage", Refused(400, "Bad Request: message is too long"))
    await plays_at(group, clock, "10:00")

    assert (await says(group, "/playbook today"))[1:4] == [
        "❔ 09:30 morning · A day: nobody knows whether it arrived",
        "❌ 10:00 new · A day: failed: Telegram server says - Bad Request: message is too long",
        "⏭ 20:30 promo · A day: left out by an operator",
    ]


async def test_a_pause_and_quiet_hours_are_foreseen(group: Group) -> None:
    await group.says(OLIVIA, "/settings quiet_hours 20:00-20:45")
    assert "🌙 20:30 promo · A day: waits until 20:45" in await says(group, "/playbook today")
    await group.says(OLIVIA, "/settings quiet_hours 20:00-22:00")
    assert "🌙 20:30 promo · A day: will be left out: quiet hours until 22:00" in await says(group, "/playbook today")

    await group.says(OLIVIA, "/playbook pause A day until 18:00")

    lines = await says(group, "/playbook today")
    assert "⏸ 09:30 morning · A day: will be left out: the playbook is paused until 2026-11-22 18:00" in lines
    assert "🌙 20:30 promo · A day: will be left out: quiet hours until 22:00" in lines


async def test_what_waits_from_the_evening_before_is_shown(
    group: Group, clock: StoppedClock, playbooks: Playbooks
) -> None:
    playbooks.write("day.yaml", 'name: Late\nsteps: [{id: late, at: "23:00", if_missed: next, do: [{send: Late}]}]')
    await group.says(OLIVIA, "/settings quiet_hours 22:00-08:00")
    await plays_at(group, clock, "22:59", "23:00")
    clock.advance(hours=3)

    assert "⏳ 2026-11-22 23:00 late · Late: waits until 08:00" in await says(group, "/playbook today")


async def test_a_hundred_steps_have_pages_and_the_first_shown_is_that_of_now(
    group: Group, playbooks: Playbooks
) -> None:
    long = "x" * 58
    steps = "".join(
        f'  - {{id: {long}-{n}, at: "{8 + n // 12:02}:{n % 12 * 5:02}", only_if: [{{tag: [{"t" * 30}]}}], '
        "do: [{send: Hello}]}\n"
        for n in range(100)
    )
    playbooks.write("day.yaml", f"name: {'N' * 64}\nsteps:\n{steps}")
    await group.hearthbot.plays()

    lines = await says(group, "/playbook today")
    assert len(lines) == 13
    assert f"09:05 {long}-13" in lines[1]
    await group.presses(OLIVIA, "›")
    assert f"10:05 {long}-25" in group.said[-1]
    assert await group.presses(OLIVIA, "‹") is None
    assert f"09:05 {long}-13" in group.said[-1]


async def test_where_nothing_runs_the_day_says_so(group: Group, playbooks: Playbooks) -> None:
    (playbooks.root / "day.yaml").unlink()
    await group.hearthbot.plays()

    assert (await says(group, "/playbook today"))[1:] == ["No playbook runs here, and none has today."]
    assert "/playbook today" in str(await group.says(OLIVIA, "/playbook today now"))
