from datetime import UTC, datetime

import pytest

from bot.domain.members import Person
from bot.services.happenings import Nobody
from tests.scheduler.conftest import Groups

ALICE, BOB = Person(11, "Alice <3"), Person(12, "Bob")


def on(event: str, *actions: str, more: str = "") -> str:
    lines = "\n".join(f"      - {action}" for action in actions)
    return f"""
steps:
  - id: event
    on: {event}
{more}
    do:
{lines}
"""


async def test_a_newcomer_is_greeted_at_once_and_by_name(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(on("member_joined", 'send: "Welcome, {{ member.name }}!"'))
    groups.clock.set(datetime(2026, 11, 22, 9, 3, tzinfo=UTC))
    await groups.joins(-1, ALICE)
    await groups.lanes.idle()

    assert groups.posts == ["09:03 Fans: Welcome, Alice &lt;3!"]
    assert await groups.states() == ["event join:11 sent"]


async def test_neither_who_comes_back_nor_who_came_long_ago_is_greeted(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(on("member_joined", "send: Welcome"))
    await groups.until("2026-11-22T09:00")
    await groups.joins(-1, BOB, at="2026-11-22T08:00")
    await groups.joins(-1, ALICE)
    await groups.until("2026-11-22T09:30")
    await groups.leaves(-1, ALICE)
    await groups.until("2026-11-22T10:00")
    await groups.joins(-1, ALICE)

    assert await groups.until("2026-11-22T11:00") == []


async def test_a_raid_is_met_with_silence(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(on("member_joined", "send: Welcome"))
    await groups.until("2026-11-22T09:00")
    for number in range(30):
        await groups.joins(-1, Person(100 + number, "Bot"))

    assert len(await groups.until("2026-11-22T11:00")) <= 20


async def test_an_event_of_a_group_that_is_not_meant_posts_nothing(groups: Groups) -> None:
    await groups.found(-1, "Fans", tags="vip")
    await groups.found(-2, "Tea")
    groups.runs("groups: {tags: [vip]}\n" + on("member_joined", "send: Welcome"))
    await groups.joins(-1, ALICE)
    await groups.joins(-2, ALICE)

    assert await groups.until("2026-11-22T01:00") == ["00:00 Fans: Welcome"]


async def test_an_event_on_a_day_that_is_not_meant_posts_nothing(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs("days: weekdays\n" + on("member_joined", "send: Welcome"))
    await groups.joins(-1, ALICE)  # on a Sunday

    assert await groups.until("2026-11-22T01:00") == []


LATER = on(
    "{member_joined: {days: 3, at: '10:00'}}", 'send: "{{ member.name }}, three days!"', more="    if_missed: next"
)


async def test_three_days_later_a_newcomer_hears_more(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(LATER)
    await groups.until("2026-11-22T23:00")
    await groups.joins(-1, ALICE)
    await groups.until("2026-11-23T08:00")
    await groups.joins(-1, BOB)

    assert await groups.until("2026-11-25T12:00") == ["10:00 Fans: Alice &lt;3, three days!"]
    assert await groups.until("2026-11-26T12:00") == ["10:00 Fans: Bob, three days!"]


async def test_who_has_left_meanwhile_hears_nothing(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(LATER)
    await groups.joins(-1, ALICE)
    await groups.leaves(-1, ALICE)

    assert await groups.until("2026-11-26T12:00") == []


async def test_the_third_day_of_a_newcomer_survives_a_day_off(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(LATER)
    await groups.joins(-1, ALICE)
    await groups.until("2026-11-24T12:00")
    groups.start()
    groups.runs(LATER)
    groups.clock.set(datetime(2026, 11, 26, 8, tzinfo=UTC))

    assert await groups.until("2026-11-26T12:00") == ["08:00 Fans: Alice &lt;3, three days!"]
    assert await groups.states() == ["event join:11 sent"]


async def test_a_streak_is_celebrated_and_paid_once(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(on("{checked_in: {streak: 2}}", 'send: "{{ member.name }}: {{ streak }} days"', "award: {points: 50}"))
    await groups.checks_in(-1, BOB)
    await groups.until("2026-11-22T23:00")
    groups.clock.set(datetime(2026, 11, 23, 9, tzinfo=UTC))
    await groups.checks_in(-1, BOB)
    await groups.checks_in(-1, ALICE)

    assert await groups.until("2026-11-23T10:00") == ["09:00 Fans: Bob: 2 days"]
    group = await groups.group(-1)
    log = await groups.database.read(lambda tx: tx.points.log(group.wallet_id, BOB.id, 10))
    assert [line.amount for line in log if line.reason.startswith("playbook:")] == [50]


async def test_a_streak_of_a_killed_process_is_celebrated_after_the_restart(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    playbook = on("{checked_in: {streak: 1}}", "send: Well done")
    groups.runs(playbook)
    groups.happenings.wake = lambda _group_id: None  # the process is killed before its lane looks
    await groups.checks_in(-1, BOB)
    groups.start()
    groups.runs(playbook)

    assert await groups.until("2026-11-22T00:05") == ["00:00 Fans: Well done"]


SILENCE = on("{silent: 3h}", "send: Anybody there?")


async def test_a_silent_group_is_woken_once_a_silence(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    await groups.found(-2, "Nobody has ever spoken here")
    groups.runs(SILENCE)
    await groups.until("2026-11-22T09:00")
    await groups.says(-1, "2026-11-22T09:00")
    await groups.activity.flush()

    assert await groups.until("2026-11-22T20:00") == ["12:00 Fans: Anybody there?"]

    await groups.says(-1, "2026-11-22T20:01")
    await groups.activity.flush()
    assert await groups.until("2026-11-23T20:00") == ["23:05 Fans: Anybody there?"]


async def test_a_group_that_speaks_at_the_last_moment_is_left_alone(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(SILENCE)
    await groups.says(-1, "2026-11-22T00:00")
    await groups.activity.flush()
    await groups.until("2026-11-22T02:59")
    await groups.says(-1, "2026-11-22T02:59")  # not yet written

    assert await groups.until("2026-11-22T05:00") == []


async def test_a_silence_at_night_is_kept(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs('quiet_hours: "22:30-08:00"\n' + SILENCE)
    await groups.says(-1, "2026-11-22T21:00")
    await groups.activity.flush()

    assert await groups.until("2026-11-23T12:00") == []


async def test_what_was_said_while_the_bot_was_away_comes_in_before_it_speaks_of_silence(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(SILENCE)
    await groups.says(-1, "2026-11-22T09:00")
    await groups.activity.flush()
    await groups.until("2026-11-22T11:00")
    groups.start()
    groups.runs(SILENCE)
    groups.clock.set(datetime(2026, 11, 22, 12, 1, tzinfo=UTC))
    await groups.runner.ring()
    await groups.lanes.idle()
    assert groups.posts == []
    await groups.says(-1, "2026-11-22T11:30")

    assert await groups.until("2026-11-22T14:00") == []


async def test_a_word_sets_a_step_off_at_most_every_ten_minutes(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(on("{message: [price, 多少钱]}", 'send: "Ask {{ member.name }}!"'))
    await groups.writes(-1, BOB, "What is the PRICE?")
    assert await groups.until("2026-11-22T00:00") == ["00:00 Fans: Ask Bob!"]

    groups.clock.set(datetime(2026, 11, 22, 0, 9, tzinfo=UTC))
    await groups.writes(-1, ALICE, "这个多少钱啊")
    assert await groups.until("2026-11-22T00:09") == []

    groups.clock.set(datetime(2026, 11, 22, 0, 10, tzinfo=UTC))
    await groups.writes(-1, ALICE, "這個多少錢啊")
    assert await groups.until("2026-11-22T00:30") == ["00:10 Fans: Ask Alice &lt;3!"]


async def test_the_same_message_again_sets_nothing_off_again(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(on("{message: [price]}", "send: Cheap"))
    await groups.writes(-1, BOB, "price", update_id=77)
    await groups.until("2026-11-22T01:00")
    await groups.writes(-1, BOB, "price", update_id=77)

    assert await groups.until("2026-11-22T02:00") == []


@pytest.mark.parametrize("text", ["priceless", "I know", ""])
async def test_other_words_concern_nobody(groups: Groups, text: str) -> None:
    await groups.found(-1, "Fans")
    groups.runs(on("{message: [price]}", "send: Cheap"))

    await groups.service.load()

    assert groups.happenings.hears(-1, "price?")
    assert not groups.happenings.hears(-1, text)
    assert not groups.happenings.hears(-2, "price")


async def test_members_are_counted_to_a_milestone_once(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(on("{milestone: {members: 2}}", 'send: "{{ milestone }} members!"'))
    await groups.joins(-1, ALICE)
    await groups.joins(-1, BOB)
    await groups.leaves(-1, BOB)
    assert await groups.until("2026-11-22T01:00") == ["00:00 Fans: 2 members!"]

    await groups.joins(-1, Person(13, "Carol"))
    assert await groups.until("2026-11-22T02:00") == []


async def test_a_group_that_was_larger_before_celebrates_nothing(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    for number in range(5):
        await groups.joins(-1, Person(20 + number, "Old"))
    groups.clock.set(datetime(2026, 11, 23, 0, 1, tzinfo=UTC))
    groups.runs(on("{milestone: {members: 2}}", "send: Two!"))
    await groups.joins(-1, ALICE)

    assert await groups.until("2026-11-23T01:00") == []


MILESTONES = """
steps:
  - {id: two, on: {milestone: {members: 2}}, do: [{send: Two!}]}
  - {id: five, on: {milestone: {members: 5}}, do: [{send: Five!}]}
  - {id: many, on: {milestone: {members: 50}}, do: [{send: Many!}]}
"""


async def test_a_milestone_that_many_jumped_over_is_celebrated_once_and_smaller_ones_are_not(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(MILESTONES)
    await groups.until("2026-11-22T09:00")
    listening, groups.happenings.listening = groups.happenings.listening, Nobody  # the bot is away
    for number in range(8):
        await groups.joins(-1, Person(20 + number, "One of many"))
    groups.happenings.listening = listening
    await groups.until("2026-11-22T12:00")
    await groups.joins(-1, ALICE, at="2026-11-22T11:00")
    assert await groups.until("2026-11-22T13:00") == ["12:05 Fans: Five!"]

    await groups.joins(-1, BOB)
    assert await groups.until("2026-11-22T14:00") == []


async def test_messages_are_counted_to_a_milestone_once(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(on("{milestone: {messages: 3}}", 'send: "{{ milestone }} messages!"'))
    for minute in (1, 2):
        await groups.says(-1, f"2026-11-22T00:0{minute}")
    await groups.activity.flush()
    assert await groups.until("2026-11-22T00:30") == []

    for minute in (31, 32, 33):
        await groups.says(-1, f"2026-11-22T00:{minute}")
    await groups.activity.flush()
    assert len(await groups.until("2026-11-22T01:00")) == 1
    await groups.says(-1, "2026-11-22T01:01")
    await groups.activity.flush()
    assert await groups.until("2026-11-22T02:00") == []
