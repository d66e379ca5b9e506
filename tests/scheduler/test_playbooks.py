from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.deliveries import IfMissed
from bot.domain.slots import Days
from bot.playbooks.model import Audience
from bot.playbooks.timetable import Timetable
from scheduler.judging import Verdict
from scheduler.performing import Impossible, NotSent, TooMany, Uncertain
from scheduler.playbooks import MOST_TRIES, Running
from tests.scheduler.conftest import Groups, NoHolidays, playbook, shown, step

MORNING = step("morning", "09:00", "Good morning")


async def test_every_group_is_greeted_at_nine_of_its_own_time(groups: Groups) -> None:
    await groups.found(-1, "London", timezone="Europe/London")
    await groups.found(-2, "Shanghai", timezone="Asia/Shanghai")
    groups.run(playbook(MORNING))

    assert await groups.until("2026-11-22T12:00") == ["01:00 Shanghai: Good morning", "09:00 London: Good morning"]


async def test_a_group_without_a_zone_lives_in_the_one_of_the_installation(groups: Groups) -> None:
    await groups.found(-1, "Nowhere")
    groups.run(playbook(MORNING))

    assert await groups.until("2026-11-22T12:00") == ["09:00 Nowhere: Good morning"]


async def test_a_playbook_may_keep_a_zone_of_its_own(groups: Groups) -> None:
    await groups.found(-1, "London", timezone="Europe/London")
    await groups.found(-2, "Shanghai", timezone="Asia/Shanghai")
    groups.run(playbook(MORNING, zone="Asia/Shanghai"))

    assert shown(await groups.until("2026-11-22T12:00")) == [
        "01:00 London: Good morning",
        "01:00 Shanghai: Good morning",
    ]


async def test_only_the_groups_that_are_meant_are_posted_to(groups: Groups) -> None:
    await groups.found(-1, "Shoes", tags="fashion vip")
    await groups.found(-2, "Tea", tags="food")
    await groups.found(-3, "Fans")
    groups.run(playbook(MORNING, audience=Audience(tags=frozenset({"fashion"}), names=frozenset({"Fans"}))))

    assert shown(await groups.until("2026-11-22T12:00")) == ["09:00 Fans: Good morning", "09:00 Shoes: Good morning"]


async def test_a_tag_is_a_word_not_a_part_of_one(groups: Groups) -> None:
    await groups.found(-1, "Shoes", tags="fashionable")
    groups.run(playbook(MORNING, audience=Audience(tags=frozenset({"fashion"}))))

    assert await groups.until("2026-11-22T12:00") == []


async def test_a_step_may_have_days_of_its_own_among_those_of_its_playbook(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    saturday, sunday = (Days(weekdays=frozenset({n})) for n in (5, 6))
    steps = [replace(step(name, "10:00", name), days=days) for name, days in {"Rest": sunday, "Shop": saturday}.items()]
    groups.run(playbook(MORNING, *steps, days=Days(weekdays=frozenset({5, 6}))))

    assert await groups.until("2026-11-22T12:00") == ["09:00 Fans: Good morning", "10:00 Fans: Rest"]


async def test_a_step_is_done_once_a_slot_however_often_it_rings(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("new", "10:00 16:00", "New today")))

    await groups.until("2026-11-22T10:05")
    await groups.database.write(lambda tx: tx.deliveries.ring(groups.clock.now, groups.clock.now - timedelta(hours=1)))
    assert await groups.until("2026-11-22T23:00") == ["16:00 Fans: New today"]


async def test_a_change_of_zone_after_a_post_does_not_bring_it_again(groups: Groups) -> None:
    await groups.found(-1, "Fans", timezone="Asia/Shanghai")
    groups.run(playbook(MORNING))
    assert await groups.until("2026-11-22T03:00") == ["01:00 Fans: Good morning"]

    await groups.found(-1, "Fans", timezone="Europe/London")

    assert await groups.until("2026-11-22T23:00") == []


async def test_the_actions_of_a_step_come_one_after_the_other_with_waits(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("new", "10:00", "New: a lamp", timedelta(minutes=10), "Would you buy it?")))

    assert await groups.until("2026-11-22T12:00") == ["10:00 Fans: New: a lamp", "10:10 Fans: Would you buy it?"]


async def test_after_a_restart_a_step_goes_on_where_it_was(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    new = playbook(step("new", "10:00", "New: a lamp", timedelta(minutes=10), "Would you buy it?"))
    groups.run(new)
    await groups.until("2026-11-22T10:05")
    groups.start()
    groups.run(new)

    assert await groups.until("2026-11-22T12:00") == ["10:10 Fans: Would you buy it?"]


async def test_a_greeting_is_not_sent_at_noon(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(MORNING, step("promo", "11:45", "Promo", if_missed=IfMissed("within", timedelta(minutes=30)))))
    groups.clock.set(datetime(2026, 11, 22, 12, tzinfo=UTC))

    assert await groups.until("2026-11-22T13:00") == ["12:00 Fans: Promo"]
    assert await groups.states() == ["morning 2026-11-22T09:00 skipped late", "promo 2026-11-22T11:45 sent"]


async def test_of_days_that_were_missed_the_last_one_is_made_up_for(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("draw", "20:00", "Draw", if_missed=IfMissed("next"))))
    groups.clock.set(datetime(2026, 11, 24, 23, tzinfo=UTC))

    assert await groups.until("2026-11-24T23:30") == ["23:00 Fans: Draw"]


async def test_what_was_never_taken_is_tried_again(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(MORNING))
    groups.failures.append(NotSent("Too Many Requests", timedelta(seconds=40)))

    assert await groups.until("2026-11-22T12:00") == ["09:00 Fans: Good morning"]


async def test_what_may_have_been_taken_is_not_sent_again(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("morning", "09:00", "Good morning", "Check in!")))
    groups.failures.append(Uncertain("read timeout"))

    assert await groups.until("2026-11-22T12:00") == ["09:00 Fans: Check in!"]
    assert await groups.states() == ["morning 2026-11-22T09:00 unknown"]


async def test_what_is_refused_ends_the_step(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("morning", "09:00", "Good morning", "Check in!")))
    groups.failures.append(Impossible("kicked", "gone"))

    assert await groups.until("2026-11-22T12:00") == []
    assert await groups.states() == ["morning 2026-11-22T09:00 failed gone"]


async def test_a_step_that_was_taken_out_of_the_file_is_not_finished(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("new", "10:00", "New: a lamp", timedelta(minutes=10), "Would you buy it?")))
    await groups.until("2026-11-22T10:05")
    groups.run(playbook(MORNING))

    assert await groups.until("2026-11-22T12:00") == []
    assert await groups.states() == ["new 2026-11-22T10:00 skipped removed"]


async def test_a_clock_that_is_put_back_posts_nothing_twice(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(MORNING))
    await groups.until("2026-11-22T09:30")
    groups.clock.set(datetime(2026, 11, 22, 8, tzinfo=UTC))

    assert await groups.until("2026-11-22T12:00") == []


async def test_after_a_clock_was_far_ahead_the_day_goes_on(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.clock.set(datetime(2027, 11, 22, tzinfo=UTC))
    await groups.runner.ring()
    groups.clock.set(datetime(2026, 11, 22, 8, tzinfo=UTC))
    groups.run(playbook(MORNING))

    assert await groups.until("2026-11-22T12:00") == ["09:00 Fans: Good morning"]


async def test_what_was_queued_before_a_day_off_is_as_late_as_any_other(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    asks = step("would-you", "09:00", "New: a lamp", timedelta(minutes=10), "Would you buy it?")
    draws = step("draw", "09:00", "Enter!", timedelta(minutes=10), "Drawn", if_missed=IfMissed("next"))
    day = playbook(asks, draws)
    groups.run(day)
    await groups.until("2026-11-22T09:05")
    groups.start()
    groups.run(day)
    groups.clock.set(datetime(2026, 11, 23, 7, tzinfo=UTC))

    assert await groups.until("2026-11-23T07:30") == ["07:00 Fans: Drawn"]
    assert await groups.states() == ["would-you 2026-11-22T09:00 skipped late", "draw 2026-11-22T09:00 sent"]


async def test_a_long_line_is_no_reason_to_drop_what_stands_in_it(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("morning", "09:00", "Good morning")))
    groups.clock.set(datetime(2026, 11, 22, 9, tzinfo=UTC))
    groups.runner.lanes.run(_does_nothing)
    await groups.runner.ring()
    for minute in range(1, 21):
        groups.clock.set(datetime(2026, 11, 22, 9, minute, tzinfo=UTC))
        await groups.runner.ring()
    groups.runner.lanes.run(groups.runner.drain)

    assert await groups.until("2026-11-22T12:00") == ["09:20 Fans: Good morning"]


async def _does_nothing(_group_id: int) -> None:
    return None


async def test_what_the_platform_wants_later_keeps_its_place_before_what_came_after_it(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("first", "09:00", "First"), step("second", "09:01", "Second")))
    groups.failures += [TooMany("Too Many Requests", timedelta(seconds=90))] * 3

    assert await groups.until("2026-11-22T12:00") == ["09:15 Fans: First", "09:15 Fans: Second"]


async def test_a_playbook_that_cannot_be_read_at_present_loses_nothing_that_waits(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    new = playbook(step("new", "10:00", "New: a lamp", timedelta(minutes=10), "Would you buy it?"))
    groups.run(new)
    await groups.until("2026-11-22T10:05")
    running = groups.runner.running
    groups.runner.running = Running({}, Timetable((), "UTC", NoHolidays()), is_whole=False)
    assert await groups.until("2026-11-22T10:12") == []
    groups.runner.running = running

    assert await groups.until("2026-11-22T12:00") == ["10:15 Fans: Would you buy it?"]


async def test_what_waits_of_a_step_that_is_gone_is_cancelled_at_once(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(MORNING, step("new", "10:00", "New: a lamp", timedelta(minutes=10), "Would you buy it?")))
    await groups.until("2026-11-22T10:05")

    assert await groups.deliveries.cancel_removed({("day", "morning")}) == 1
    assert await groups.states() == ["morning 2026-11-22T09:00 sent", "new 2026-11-22T10:00 skipped removed"]


async def test_of_two_senders_in_a_group_one_has_its_turn(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("first", "09:00", "First"), step("second", "09:00", "Second")))
    groups.clock.set(datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC))
    await groups.deliveries.ring(groups.runner.running.timetable.due)

    mine = await groups.deliveries.claim(1)

    assert mine is not None
    assert await groups.deliveries.claim(1) is None


async def test_who_was_frozen_finds_that_somebody_else_went_on(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("morning", "09:00", "Good morning", "Check in!")))
    groups.clock.set(datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC))
    await groups.deliveries.ring(groups.runner.running.timetable.due)
    frozen = await groups.deliveries.claim(1)
    assert frozen is not None
    groups.clock.set(datetime(2026, 11, 22, 9, 4, tzinfo=UTC))

    assert await groups.until("2026-11-22T09:04") == ["09:04 Fans: Check in!"]
    await groups.deliveries.go_on(frozen, 2, posted=[77])

    assert await groups.states() == ["morning 2026-11-22T09:00 unknown"]


async def test_after_a_kill_what_was_being_sent_is_known_at_once(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("morning", "09:00", "Good morning", "Check in!")))
    groups.clock.set(datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC))
    await groups.deliveries.ring(groups.runner.running.timetable.due)
    await groups.deliveries.claim(1)

    await groups.deliveries.resume()

    is_alone = groups.database.is_embedded  # on a server it may be another process that is sending
    assert await groups.until("2026-11-22T09:01") == (["09:00 Fans: Check in!"] if is_alone else [])


async def test_a_mistake_of_our_own_ends_a_post_at_once_and_says_so(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.clock.set(EVE)
    groups.run(playbook(step("morning", "09:00", "Good morning", "Check in!"), step("later", "09:00", "Later")))
    groups.failures.append(KeyError("a mistake of ours"))

    assert await groups.until("2026-11-22T09:01") == ["09:00 Fans: Later"]
    assert await groups.states() == ["morning 2026-11-22T09:00 failed error", "later 2026-11-22T09:00 sent"]


async def test_what_carries_a_promise_is_tried_again_after_a_mistake_of_our_own(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.clock.set(EVE)
    groups.runs(OPENS_A_LOTTERY)
    groups.failures.append(KeyError("a mistake of ours"))

    assert await groups.until("2026-11-22T09:01") == ["09:00 Fans: Enter!"]
    assert await groups.states() == ["draw 2026-11-22T09:00 sent"]


async def test_a_mistake_of_our_own_that_stays_is_given_up(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.clock.set(EVE)
    groups.runs(OPENS_A_LOTTERY)
    groups.failures += [KeyError("a mistake of ours")] * 20

    assert await groups.until("2026-11-22T12:00") == []
    assert await groups.states() == ["draw 2026-11-22T09:00 failed error"]
    assert len(groups.failures) == 20 - MOST_TRIES - 1


async def test_a_mistake_before_a_post_does_not_make_it_unknown(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    await groups.found(-1, "Fans")
    groups.clock.set(EVE)
    groups.run(playbook(MORNING))
    failures: list[Exception] = [KeyError("a mistake of ours")]
    facts = groups.runner.judge.verdict

    async def verdict(*asked: Any) -> Verdict:
        if failures:
            raise failures.pop()
        return await facts(*asked)

    monkeypatch.setattr(groups.runner, "judge", SimpleNamespace(verdict=verdict))

    assert await groups.until("2026-11-22T09:01") == ["09:00 Fans: Good morning"]
    assert await groups.states() == ["morning 2026-11-22T09:00 sent"]


EVE = datetime(2026, 11, 22, 8, 55, tzinfo=UTC)
OPENS_A_LOTTERY = """
steps:
  - id: draw
    at: "09:00"
    if_missed: next
    do:
      - open_lottery: Tea x1 until 21:30
      - send: Enter!
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("今天是{{ weekday }}，{{ today }}", "今天是星期日，2026年11月22日"),
        ("{% if checkins_today %}Good{% endif %}<b>It is</b> {{ weekday }}", "<b>It is</b> Sunday"),
        ("☀️ <b>{{ weekday }}</b>", "☀️ <b>星期日</b>"),
    ],
)
async def test_a_day_is_written_in_the_language_of_its_text(groups: Groups, text: str, said: str) -> None:
    await groups.found(-1, "Fans", language="en" if text.startswith("今") else "zh")
    groups.runs(f"""
steps:
  - id: morning
    at: "09:00"
    do: [{{send: "{text}"}}]
""")

    assert await groups.until("2026-11-22T09:01") == [f"09:00 Fans: {said}"]
