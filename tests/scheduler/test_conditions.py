from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.members import Person
from scheduler.performing import NotSent
from tests.scheduler.conftest import Groups


def only_if(condition: str) -> str:
    return f"""
    steps:
      - id: promo
        at: "12:00"
        only_if: [{condition}]
        do: [{{send: Promo}}]
    """


@pytest.mark.parametrize(
    ("condition", "spoken_at", "is_posted"),
    [
        ("{silent_for: 30m}", "2026-11-22T11:30", True),
        ("{silent_for: 30m}", "2026-11-22T11:31", False),
        ("{silent_for: 30m}", None, True),
        ("{active_within: 30m}", "2026-11-22T11:31", True),
        ("{active_within: 30m}", "2026-11-22T11:29", False),
        ("{active_within: 30m}", None, False),
    ],
)
async def test_a_step_may_ask_whether_the_group_is_talking(
    groups: Groups, condition: str, spoken_at: str | None, is_posted: bool
) -> None:
    await groups.found(-1, "Fans")
    groups.runs(only_if(condition))
    if spoken_at:
        await groups.says(-1, spoken_at)

    assert await groups.until("2026-11-22T13:00") == (["12:00 Fans: Promo"] if is_posted else [])
    assert await groups.states() == [f"promo 2026-11-22T12:00 {'sent' if is_posted else 'skipped condition'}"]


async def test_when_a_group_last_spoke_survives_a_restart(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    await groups.says(-1, "2026-11-22T11:45")
    await groups.activity.flush()
    groups.start()
    groups.runs(only_if("{silent_for: 30m}"))

    assert await groups.until("2026-11-22T13:00") == []


async def test_a_group_that_talks_silences_no_other_one(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    await groups.found(-2, "Tea")
    groups.runs(only_if("{silent_for: 30m}"))
    await groups.says(-1, "2026-11-22T11:45")

    assert await groups.until("2026-11-22T13:00") == ["12:00 Tea: Promo"]


async def test_a_step_may_wait_until_its_last_post_has_moved_up(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(
        """
        steps:
          - id: tips
            at: ["10:00", "12:00", "14:00"]
            only_if: [{messages_since_post: {at_least: 2}}]
            do: [{send: Tip}]
        """
    )
    await groups.says(-1, "2026-11-22T08:00")
    await groups.says(-1, "2026-11-22T08:01")
    assert await groups.until("2026-11-22T11:00") == ["10:00 Fans: Tip"]

    await groups.says(-1, "2026-11-22T11:00")
    assert await groups.until("2026-11-22T13:00") == []

    await groups.says(-1, "2026-11-22T13:00")
    assert await groups.until("2026-11-22T15:00") == ["14:00 Fans: Tip"]


@pytest.mark.parametrize(
    ("condition", "is_posted"),
    [
        ("{tag: vip}", True),
        ("{tag: [fashion, food]}", False),
        ("{weekday: sun}", True),
        ("{weekday: [mon, sat]}", False),
        ("{members: {at_least: 1}}", False),
        ("{members: {under: 1}}", True),
        ("no_live_lottery", True),
        ("{tag: vip}, {weekday: mon}", False),
    ],
)
async def test_a_step_may_ask_what_group_and_day_it_is(groups: Groups, condition: str, is_posted: bool) -> None:
    await groups.found(-1, "Fans", tags="vip")
    groups.runs(only_if(condition))

    assert await groups.until("2026-11-22T13:00") == (["12:00 Fans: Promo"] if is_posted else [])


async def test_a_chance_is_the_same_after_a_restart_and_about_as_often_as_it_says(groups: Groups) -> None:
    for number in range(1, 41):
        await groups.found(-number, f"Group {number}")
    groups.runs(only_if("{chance: 30}"))
    groups.failures += [NotSent("lost", timedelta(minutes=1))] * 40
    assert await groups.until("2026-11-22T12:00:30") == []
    tried = 40 - len(groups.failures)
    assert 4 <= tried <= 20

    groups.failures.clear()
    groups.start()
    groups.runs(only_if("{chance: 30}"))

    assert len(await groups.until("2026-11-22T13:00")) == tried


async def test_nothing_interrupts_a_lottery(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(
        """
        steps:
          - id: draw
            at: "11:00"
            do: [{open_lottery: "A lamp x1 until 20:00"}]
          - id: promo
            at: "12:00"
            only_if: [no_live_lottery]
            do: [{send: Promo}]
        """
    )

    assert await groups.until("2026-11-22T13:00") == []


def promo(at: str, condition: str = "") -> str:
    return f"""
    steps:
      - id: promo
        at: "{at}"
        only_if: [{condition}]
        do: [{{send: {{text: Promo, promo: true}}}}]
    """


async def test_all_playbooks_share_the_promotions_of_a_day(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    under_two = "{promos_today: {under: 2}}"
    groups.runs(promo("10:00"), promo("11:00", under_two), promo("12:00", under_two))

    assert await groups.until("2026-11-22T13:00") == ["10:00 Fans: Promo", "11:00 Fans: Promo"]
    assert await groups.until("2026-11-23T10:30") == ["10:00 Fans: Promo"]


async def test_a_playbook_posts_no_more_promotions_a_day_than_its_budget(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(
        """
        promo_budget: 1
        steps:
          - id: promo
            at: "12:00"
            do: [{send: {text: Promo, promo: true}}]
          - id: again
            after: {step: promo, delay: 1h}
            do: [{send: {text: Promo again, promo: true}}]
        """,
        promo("10:00"),
    )

    assert await groups.until("2026-11-22T14:00") == ["10:00 Fans: Promo", "12:00 Fans: Promo"]


async def test_nobody_is_woken_at_night(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(
        """
        quiet_hours: "22:30-08:00"
        steps:
          - id: lamp
            on: member_joined
            if_missed: next
            do: [{send: Lamp}]
          - id: tea
            on: member_joined
            do: [{send: Tea}]
        """
    )
    await groups.until("2026-11-22T23:00")
    await groups.joins(-1, Person(11, "Alice"))

    assert await groups.until("2026-11-23T09:00") == ["08:00 Fans: Lamp"]
    assert await groups.states() == ["lamp join:11 sent", "tea join:11 skipped quiet"]


async def test_a_greeting_that_the_platform_did_not_take_for_hours_is_not_sent_at_noon(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(
        """
        steps:
          - id: morning
            at: "09:00"
            do: [{send: Good morning}]
        """
    )
    groups.failures.append(NotSent("Too Many Requests", timedelta(hours=3)))

    assert await groups.until("2026-11-22T13:00") == []
    assert await groups.states() == ["morning 2026-11-22T09:00 skipped late"]


def new_then_game(of_new: str = "", of_game: str = "") -> str:
    return f"""
    steps:
      - {{id: new, at: "10:00", {of_new} do: [{{send: "New: a lamp"}}]}}
      - {{id: game, after: {{step: new, delay: 15m}}, {of_game} do: [{{send: Guess its price}}]}}
    """


async def test_a_step_comes_after_another_one_once(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(new_then_game())

    assert await groups.until("2026-11-22T12:00") == ["10:00 Fans: New: a lamp", "10:15 Fans: Guess its price"]


async def test_nothing_comes_after_what_was_not_sent(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(new_then_game(of_new="only_if: [{tag: vip}],"))

    assert await groups.until("2026-11-22T12:00") == []


async def test_what_comes_after_survives_a_day_off_as_its_step_says(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    written = new_then_game(of_game="if_missed: next,")
    groups.runs(written)
    await groups.until("2026-11-22T10:05")
    groups.start()
    groups.runs(written)
    groups.clock.set(datetime(2026, 11, 22, 18, tzinfo=UTC))

    assert await groups.until("2026-11-22T19:00") == ["18:00 Fans: Guess its price"]
