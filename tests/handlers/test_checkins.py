"""What members see of the daily check-in."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.days import local_day
from tests.conftest import StoppedClock
from tests.group import (
    ALICE,
    ANONYMOUS_ADMIN,
    BOB,
    CHANNEL,
    LINKED_CHANNEL,
    OLIVIA,
    OTHER_BOT,
    Call,
    Flood,
    Group,
    Hearthbot,
    Json,
    Persona,
    Refused,
    Unreachable,
)

ALREADY = "You have checked in today already. Streak: 1. Next bonus in 2 days."
FIRST = "✅ Alice, day 1! +10 points, 10 in all.\nNext bonus in 2 days."


async def points_of(group: Group, person: Persona = ALICE) -> int:
    shown = await group.says(person, "/me")
    assert shown is not None
    return int(shown.split("💰 ")[1].split()[0])


async def streak_of(group: Group, person: Persona = ALICE) -> int:
    shown = await group.says(person, "/me")
    assert shown is not None
    return int(shown.split("Streak: ")[1].split()[0])


async def days(group: Group, clock: StoppedClock, number: int, person: Persona = ALICE) -> None:
    """Checks in on so many days in a row, the last of them today, and goes on to tomorrow."""
    for _ in range(number):
        assert "Alice, day" in (await group.says(person, "/checkin") or "")
        clock.advance(days=1)


async def test_a_day_in_the_group(group_on_either: Group) -> None:
    group = group_on_either
    assert await group.says(ALICE, "/checkin") == FIRST
    assert await group.says(ALICE, "/checkin") == ALREADY
    assert await group.says(BOB, "/checkin") == "✅ Bob, day 1! +10 points, 10 in all.\nNext bonus in 2 days."
    assert await group.says(BOB, "good morning") is None


async def test_a_week_of_check_ins_pays_its_tiers(group: Group, clock: StoppedClock) -> None:
    answers = []
    for _ in range(7):
        answers.append(await group.says(ALICE, "签到"))
        clock.advance(days=1)

    assert [answer and answer.splitlines()[0] for answer in answers] == [
        "✅ Alice, day 1! +10 points, 10 in all.",
        "✅ Alice, day 2! +10 points, 20 in all.",
        "✅ Alice, day 3! +20 points, 40 in all.",
        "✅ Alice, day 4! +10 points, 50 in all.",
        "✅ Alice, day 5! +10 points, 60 in all.",
        "✅ Alice, day 6! +10 points, 70 in all.",
        "✅ Alice, day 7! +40 points, 110 in all.",
    ]
    assert answers[1] is not None
    assert answers[1].splitlines()[1] == "Next bonus tomorrow."
    assert answers[6] is not None
    assert answers[6].splitlines()[1] == "Next bonus in 7 days."


async def test_a_missed_day_starts_over(group: Group, clock: StoppedClock) -> None:
    await days(group, clock, 2)
    clock.advance(days=1)

    assert await group.says(ALICE, "/checkin") == "✅ Alice, day 1! +10 points, 30 in all.\nNext bonus in 2 days."


@pytest.mark.parametrize("wish", ["/checkin", "/CheckIn", "/checkin@hearth_bot", "/checkin@Hearth_Bot now", "签到",
                                  "打卡", "簽到", "签到！", " 打卡 ", "check in", "Check In!",
                                  "ＣＨＥＣＫ ＩＮ", "签到✅"])  # fmt: skip
async def test_ways_to_ask_for_it(group: Group, wish: str) -> None:
    assert await group.says(ALICE, wish) == FIRST


@pytest.mark.parametrize(
    "chatter",
    ["今天签到了吗", "签到 签到", "did you check in", "/checkin@another_bot", "/checkinnow", "checkin!", "", "/",
     "//checkin", "/ checkin", "say /checkin", "签" * 4096, "check in" + " " * 4088],
)  # fmt: skip
async def test_what_is_no_wish(group: Group, chatter: str) -> None:
    assert await group.says(ALICE, chatter) is None
    assert await points_of(group) == 0


async def test_a_caption_is_as_good_as_a_text(group: Group) -> None:
    assert await group.says(ALICE, None, caption="签到") == FIRST


async def test_forwarded_edited_and_automatic_messages_ask_for_nothing(group: Group) -> None:
    origin = {"type": "user", "date": 1_700_000_000, "sender_user": BOB.user}

    assert await group.says(ALICE, "/checkin", forward_origin=origin) is None
    assert await group.edits(ALICE, "/checkin") is None
    assert await group.says(ALICE, "签到", via_bot=OTHER_BOT.user) is None
    assert await group.says(LINKED_CHANNEL, "签到") is None
    assert await group.says(ALICE, None, dice={"emoji": "🎲", "value": 1}) is None
    assert await points_of(group) == 0


@pytest.mark.parametrize("speaker", [ANONYMOUS_ADMIN, CHANNEL])
@pytest.mark.parametrize("wish", ["/checkin", "/makeup", "/freeze", "/me"])
async def test_points_belong_to_people(group: Group, speaker: Persona, wish: str) -> None:
    answer = await group.says(speaker, wish)

    assert answer == "Points belong to people: please speak as yourself, not as a channel or an anonymous admin."


async def test_what_other_bots_say_is_not_answered(group: Group) -> None:
    for wish in ("/checkin", "签到", "/me", "/help"):
        assert await group.says(OTHER_BOT, wish) is None


async def test_a_member_who_also_speaks_as_a_channel_has_one_wallet(group: Group) -> None:
    as_channel = Persona(ALICE.id, "Alice", speaks_as="channel")

    assert await group.says(ALICE, "/checkin") == FIRST
    assert "speak as yourself" in (await group.says(as_channel, "/checkin") or "")
    assert await group.says(ALICE, "/checkin") == ALREADY


async def test_a_button_checks_in_whoever_presses_it(group: Group) -> None:
    assert await group.sends_back(ALICE, "checkin") == FIRST
    assert await group.sends_back(ALICE, "checkin") == ALREADY
    assert group.said == [], "a pop-up is seen by nobody else"


async def test_a_bot_that_presses_is_told_that_points_belong_to_people(group: Group) -> None:
    assert "Points belong to people" in (await group.sends_back(OTHER_BOT, "checkin") or "")


async def test_of_five_presses_at_the_same_instant_one_pays_and_all_are_answered(group_on_either: Group) -> None:
    group = group_on_either
    presses = [group.press(ALICE, "checkin") for _ in range(5)]

    await asyncio.gather(*(group.hearthbot.takes(press) for press in presses))

    pop_ups = [group.telegram.pop_ups[press["callback_query"]["id"]] for press in presses]
    assert sorted(pop_ups, key=str) == sorted([FIRST, *[ALREADY] * 4])
    assert await points_of(group) == 10


async def test_five_messages_in_one_batch_pay_once(group_on_either: Group) -> None:
    group = group_on_either
    await group.hearthbot.takes(*(group.message(ALICE, "/checkin") for _ in range(5)))

    assert group.said == [FIRST, *[ALREADY] * 4]
    assert await points_of(group) == 10


async def test_the_same_update_again_changes_nothing(group_on_either: Group) -> None:
    group = group_on_either
    update = group.message(ALICE, "/checkin")

    assert await group.hears(update, update) == FIRST
    assert await group.hears(update) is None
    await group.hearthbot.restart()
    assert await group.hears(update) is None
    await group.hearthbot.restart(after="a kill")
    assert await group.hears(update) is None
    assert await points_of(group) == 10


async def test_what_was_taken_in_before_a_kill_is_done_after_it_and_once(group_on_either: Group) -> None:
    group = group_on_either
    hearthbot = group.hearthbot
    updates = [group.message(person, "/checkin") for person in (ALICE, BOB)]
    await hearthbot.engine.intake.take(updates)

    await hearthbot.restart(after="a kill")

    assert await points_of(group) == await points_of(group, BOB) == 10
    await hearthbot.takes(*updates)
    assert await points_of(group) == await points_of(group, BOB) == 10


async def test_a_kill_between_the_award_and_the_answer_pays_once_and_answers(group: Group) -> None:
    hearthbot, answering = group.hearthbot, asyncio.Event()

    async def die(call: Call) -> None:
        if call.method == "sendMessage":
            answering.set()
            await asyncio.Event().wait()

    group.telegram.before = die
    await hearthbot.engine.intake.take([group.message(ALICE, "/checkin")])
    await answering.wait()
    group.telegram.before = None

    await hearthbot.restart(after="a kill")

    assert group.said == [FIRST]
    assert await points_of(group) == 10


async def test_it_is_said_only_after_it_was_committed(group: Group) -> None:
    seen = []

    async def look(call: Call) -> None:
        if call.method == "sendMessage":
            seen.append(await group.hearthbot.database.read(lambda tx: tx.points.totals()))

    group.telegram.before = look
    await group.says(ALICE, "/checkin")

    assert seen == [(1, 1)]


@pytest.mark.parametrize(
    "failure",
    [
        Refused(403, "Forbidden: bot was kicked from the supergroup chat"),
        Refused(400, "Bad Request: not enough rights to send text messages to the chat"),
        Refused(500, "Internal Server Error"),
        Unreachable("connection reset"),
        Flood(3600),
    ],
    ids=lambda failure: str(failure),
)
async def test_an_answer_that_cannot_be_sent_undoes_nothing(group: Group, failure: Exception) -> None:
    group.telegram.fails("sendMessage", failure)

    assert await group.says(ALICE, "/checkin") == FIRST  # tried, and refused
    assert group.said == []
    assert await group.says(ALICE, "/checkin") == ALREADY
    assert await points_of(group) == 10


async def test_an_answer_to_a_message_that_is_gone_is_said_all_the_same(group: Group) -> None:
    update = group.message(ALICE, "/checkin")
    del group.telegram.messages[group.chat_id, update["message"]["message_id"]]

    await group.hears(update)

    assert group.said == [FIRST]


async def test_it_answers_in_the_topic_of_the_question(group: Group) -> None:
    await group.says(ALICE, "/checkin", message_thread_id=77, is_topic_message=True)

    assert group.shown[-1]["message_thread_id"] == 77
    assert group.shown[-1]["reply_to_message"]["text"] == "/checkin"


async def test_a_backlog_counts_for_the_days_of_its_messages(group: Group, clock: StoppedClock) -> None:
    now = clock()
    backlog = [group.message(ALICE, "/checkin", at=now + timedelta(hours=hours)) for hours in (0, 24, 25, 48)]
    clock.advance(days=5)

    await group.hearthbot.takes(*backlog)

    assert [answer.splitlines()[0] for answer in group.said] == [
        "✅ Alice, day 1! +10 points, 10 in all.",
        "✅ Alice, day 2! +10 points, 20 in all.",
        "You have checked in today already. Streak: 2. Next bonus tomorrow.",
        "✅ Alice, day 3! +20 points, 40 in all.",
    ]


async def test_a_message_of_yesterday_that_comes_late_heals_the_streak(group: Group, clock: StoppedClock) -> None:
    await days(group, clock, 1)
    late = group.message(ALICE, "/checkin")
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")

    await group.hears(late)

    assert await streak_of(group) == 3
    assert await points_of(group) == 30


async def test_a_message_of_yesterday_that_comes_late_pays_yesterday_once(group: Group, clock: StoppedClock) -> None:
    late = [group.message(ALICE, "/checkin") for _ in range(2)]
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")

    await group.hearthbot.takes(*late)

    assert await points_of(group) == 20


# Days, zones and hours.


async def test_the_day_is_the_groups_own(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/settings timezone Asia/Shanghai")
    clock.set(datetime(2026, 11, 22, 15, 59, tzinfo=UTC))
    assert await group.says(ALICE, "/checkin") == FIRST
    clock.set(datetime(2026, 11, 22, 16, 0, tzinfo=UTC))  # midnight in Shanghai

    assert "day 2" in (await group.says(ALICE, "/checkin") or "")


async def test_what_happens_before_the_cut_off_hour_counts_for_the_day_before(
    group: Group, clock: StoppedClock
) -> None:
    await group.says(OLIVIA, "/settings day_starts_at 4")
    assert await group.says(ALICE, "/checkin") == FIRST
    clock.set(datetime(2026, 11, 23, 3, 59, 59, tzinfo=UTC))
    assert await group.says(ALICE, "/checkin") == ALREADY
    clock.set(datetime(2026, 11, 23, 4, tzinfo=UTC))

    assert "day 2" in (await group.says(ALICE, "/checkin") or "")


@pytest.mark.parametrize(
    ("around", "hours"), [(datetime(2026, 3, 29, tzinfo=UTC), 23), (datetime(2026, 10, 25, tzinfo=UTC), 25)]
)
async def test_a_day_of_23_or_25_hours_is_one_day(
    group: Group, clock: StoppedClock, around: datetime, hours: int
) -> None:
    await group.says(OLIVIA, "/settings timezone Europe/Berlin")
    clock.set(around - timedelta(hours=6))
    paid, answers = [], 0
    for _ in range(4 * 24):
        answer = await group.says(ALICE, "/checkin") or ""
        answers += 1
        if "+" in answer:
            paid.append(local_day(clock(), "Europe/Berlin", 0))
        clock.advance(hours=1)

    assert len(paid) == len(set(paid)) == 5
    assert answers == 96
    assert await streak_of(group) == 5
    midnight = datetime(around.year, around.month, around.day, tzinfo=UTC)
    assert hours in {23, 25}
    assert local_day(midnight, "Europe/Berlin", 0) == around.date()


@pytest.mark.parametrize(
    ("before", "after"),
    [("Asia/Shanghai", "America/New_York"), ("America/New_York", "Asia/Shanghai"),
     ("Pacific/Kiritimati", "Pacific/Midway"),
     ("UTC", "Asia/Kolkata")],
)  # fmt: skip
@pytest.mark.parametrize("hour", [0, 5, 11, 17, 23])
async def test_a_change_of_zone_gives_no_day_twice_and_breaks_no_streak(
    group: Group, clock: StoppedClock, before: str, after: str, hour: int
) -> None:
    await group.says(OLIVIA, f"/settings timezone {before}")
    clock.set(datetime(2026, 11, 20, hour, tzinfo=UTC))
    await days(group, clock, 2)
    clock.advance(days=-1)
    paid = await points_of(group)

    await group.says(OLIVIA, f"/settings timezone {after}")
    first = await group.says(ALICE, "/checkin") or ""
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")

    streak = await streak_of(group)
    assert streak in ({4, 5} if "✅" in first else {4, 3}), "going on, whether or not the same instant was a new day"
    assert await points_of(group) > paid


async def test_going_west_right_after_a_check_in_does_not_pay_the_day_again(group: Group) -> None:
    await group.says(OLIVIA, "/settings timezone Asia/Shanghai")
    await group.says(ALICE, "/checkin")
    await group.says(OLIVIA, "/settings timezone America/New_York")

    assert await group.says(ALICE, "/checkin") == ALREADY
    assert await points_of(group) == 10


# Make-up and freeze cards.


async def give(group: Group, what: str, person: Persona = ALICE) -> None:
    answer = await group.says(
        OLIVIA, f"/points give {what} for the test", answering=group.message(person, "hello")["message"]
    )
    assert answer is not None
    assert "gets" in answer


async def test_a_missed_day_is_made_up_for_with_points(group: Group, clock: StoppedClock) -> None:
    await give(group, "100")
    await days(group, clock, 2)
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")

    answer = await group.says(ALICE, "/makeup")

    assert answer == ("🩹 Alice, Nov 24, 2026 is made up for (50 points). Your streak is 4 days now; 80 points left.")
    assert await streak_of(group) == 4


async def test_a_card_is_used_before_points(group: Group, clock: StoppedClock) -> None:
    await give(group, "1 makeup")
    await days(group, clock, 1)
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")

    answer = await group.says(ALICE, "补签")

    assert answer == "🩹 Alice, Nov 23, 2026 is made up for (one card). Your streak is 3 days now; 20 points left."
    assert "cards" not in (await group.says(ALICE, "/me") or "")


async def test_a_healed_streak_pays_no_bonus_of_the_past_unless_the_group_wants_it(
    group: Group, clock: StoppedClock
) -> None:
    await give(group, "2 makeup")
    await days(group, clock, 2)
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")
    assert await points_of(group) == 30
    await group.says(ALICE, "/makeup")
    assert await points_of(group) == 30

    await give(group, "2 makeup", BOB)
    await group.says(OLIVIA, "/settings makeup_pays on")
    clock.advance(days=1)
    await group.says(BOB, "/checkin")
    clock.advance(days=2)
    await group.says(BOB, "/checkin")
    answer = await group.says(BOB, "/makeup")

    assert answer is not None
    assert "A bonus of 20 points" in answer  # the healed day's 10, and the 10 more of what is now a third day
    assert await points_of(group, BOB) == 40


async def test_the_same_make_up_again_changes_nothing(group: Group, clock: StoppedClock) -> None:
    await give(group, "200")
    await days(group, clock, 1)
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")
    update = group.message(ALICE, "/makeup")

    await group.hears(update, update)
    await group.hearthbot.restart()
    await group.hears(update)

    assert await points_of(group) == 200 + 20 - 50


@pytest.mark.parametrize(
    "day", ["2026-11-29", "2026-11-30", "2026-11-21", "2026-11-15", "yesterday", "2026-02-30", "9" * 20, "11-24"]
)
async def test_days_that_cannot_be_made_up_for(group: Group, clock: StoppedClock, day: str) -> None:
    await give(group, "500")
    await days(group, clock, 1)  # joined on the 22nd
    clock.set(datetime(2026, 11, 29, 9, tzinfo=UTC))

    answer = await group.says(ALICE, f"/makeup {day}")

    assert answer is not None
    assert "cannot be made up for: write a missed day as YYYY-MM-DD" in answer
    assert await points_of(group) == 510


async def test_a_day_before_the_join_cannot_be_made_up_for(group: Group) -> None:
    await group.joins(ALICE)
    await give(group, "500")

    assert await group.says(ALICE, "/makeup") == "You missed no day in the last 7 days that could be made up for."


async def test_the_day_a_member_joined_can_be_made_up_for(group: Group, clock: StoppedClock) -> None:
    await group.joins(ALICE)
    await give(group, "500")
    clock.advance(days=1)

    assert "Nov 22, 2026 is made up for" in (await group.says(ALICE, "/makeup") or "")


async def test_there_are_so_many_make_ups_in_a_month(group: Group, clock: StoppedClock) -> None:
    await group.joins(ALICE)
    await give(group, "500")
    clock.advance(days=6)
    for _ in range(3):
        assert "is made up for" in (await group.says(ALICE, "/makeup") or "")

    assert await group.says(ALICE, "/makeup") == "That was all for this month: 3 make-ups at most."
    clock.set(datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert "is made up for" in (await group.says(ALICE, "/makeup") or "")


async def test_make_ups_can_be_switched_off(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/settings makeup_days 0")
    await group.joins(ALICE)
    await give(group, "500")
    clock.advance(days=3)

    assert "made up for" in (await group.says(ALICE, "/makeup") or "")
    assert await points_of(group) == 500


async def test_a_make_up_nobody_can_pay_for_changes_nothing(group: Group, clock: StoppedClock) -> None:
    await days(group, clock, 1)
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")

    assert await group.says(ALICE, "/makeup") == "Not enough: 50 needed, 20 there."
    assert await streak_of(group) == 1


async def test_a_freeze_card_keeps_the_streak_over_a_missed_day(group: Group, clock: StoppedClock) -> None:
    await give(group, "200")
    await days(group, clock, 2)
    clock.advance(days=-1)
    bought = await group.says(ALICE, "/freeze")
    clock.advance(days=2)

    answer = await group.says(ALICE, "/checkin")

    assert bought is not None
    assert bought.startswith("❄️ You hold 1 freeze card now. It cost 100 points; 120 left.")
    assert answer == (
        "✅ Alice, day 3! +20 points, 140 in all.\n❄️ A freeze card kept your streak over the missed day.\n"
        "Next bonus in 4 days."
    )
    assert "Freeze" not in (await group.says(ALICE, "/me") or "")


async def test_one_card_does_not_keep_a_streak_over_two_days(group: Group, clock: StoppedClock) -> None:
    await give(group, "1 freeze")
    await days(group, clock, 2)
    clock.advance(days=2)

    assert "day 1!" in (await group.says(ALICE, "/checkin") or "")
    assert "Freeze cards: 1" in (await group.says(ALICE, "/me") or ""), "what does not help is not used up"


async def test_two_cards_keep_a_streak_over_two_days(group: Group, clock: StoppedClock) -> None:
    await give(group, "2 freeze")
    await days(group, clock, 2)
    clock.advance(days=2)

    assert "2 freeze cards kept your streak" in (await group.says(ALICE, "/checkin") or "")
    assert await streak_of(group) == 3


async def test_a_card_bought_after_the_missed_day_comes_too_late(group: Group, clock: StoppedClock) -> None:
    await give(group, "200")
    await days(group, clock, 2)
    clock.advance(days=1)
    await group.says(ALICE, "/freeze")

    assert "day 1!" in (await group.says(ALICE, "/checkin") or "")


async def test_a_repeated_check_in_uses_no_second_card(group: Group, clock: StoppedClock) -> None:
    await give(group, "2 freeze")
    await days(group, clock, 2)
    clock.advance(days=1)
    update = group.message(ALICE, "/checkin")

    await group.hears(update, update)
    await group.hearthbot.restart(after="a kill")
    await group.hears(update)

    assert "Freeze cards: 1" in (await group.says(ALICE, "/me") or "")


async def test_one_can_hold_so_many_freeze_cards(group: Group) -> None:
    await give(group, "1000")
    for _ in range(2):
        await group.says(ALICE, "/freeze")

    assert await group.says(ALICE, "/freeze") == "You hold 2 freeze cards; 2 is the most."
    assert await points_of(group) == 800


async def test_the_same_purchase_again_buys_once(group: Group) -> None:
    await give(group, "1000")
    update = group.message(ALICE, "/freeze")

    await group.hears(update, update)
    await group.hearthbot.restart()
    await group.hears(update)

    assert await points_of(group) == 900


# Bonuses.


async def test_the_first_of_a_day_gets_a_bonus_within_the_budget(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/settings first_bonus 5")
    answer = await group.says(ALICE, "/checkin")
    assert answer == (
        "✅ Alice, day 1! +15 points, 15 in all.\n🍀 A bonus of 5 points is in it.\nNext bonus in 2 days."
    )
    assert "+10 points" in (await group.says(BOB, "/checkin") or "")

    await group.says(OLIVIA, "/settings bonus_budget 3")
    clock.advance(days=1)
    assert "A bonus of 3 points" in (await group.says(BOB, "/checkin") or "")


async def test_luck_is_limited_by_the_days_budget_and_the_same_again_after_a_restart(group: Group) -> None:
    await group.says(OLIVIA, "/settings lucky_bonus 20")
    await group.says(OLIVIA, "/settings lucky_odds 1")
    await group.says(OLIVIA, "/settings bonus_budget 50")

    members = [Persona(2000 + n, f"Member {n}") for n in range(4)]
    rewards = []
    for member in members:
        answer = await group.says(member, "/checkin") or ""
        rewards.append(int(answer.split("+")[1].split()[0]))

    assert rewards == [30, 30, 20, 10]


# The answer.


async def test_a_reaction_alone(group: Group) -> None:
    await group.says(OLIVIA, "/settings checkin_reply reaction")
    update = group.message(ALICE, "/checkin")

    assert await group.hears(update) is None
    assert group.telegram.reactions == {(group.chat_id, update["message"]["message_id"]): ["🔥"]}
    assert await points_of(group) == 10


async def test_a_reaction_that_is_refused_undoes_nothing(group: Group) -> None:
    await group.says(OLIVIA, "/settings checkin_reply reaction")
    group.telegram.fails("setMessageReaction", Refused(400, "Bad Request: REACTION_INVALID"))

    assert await group.says(ALICE, "/checkin") is None
    assert await points_of(group) == 10


async def test_answers_disappear_after_a_while(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/settings checkin_reply_lifetime 300")
    await group.says(ALICE, "/checkin")
    shown = group.said

    clock.advance(seconds=299)
    await group.hearthbot.sweep()
    assert group.said == shown
    clock.advance(seconds=1)
    await group.hearthbot.sweep()
    assert FIRST not in group.said


async def test_the_group_can_switch_it_off(group: Group) -> None:
    await group.says(OLIVIA, "/settings checkin off")

    for wish in ("/checkin", "签到", "/makeup", "/freeze"):
        assert await group.says(ALICE, wish) == "Check-in is switched off in this group."
    assert await group.sends_back(ALICE, "checkin") == "Check-in is switched off in this group."
    assert await points_of(group) == 0


async def test_daily_points_of_zero_still_count_the_day(group: Group) -> None:
    await group.says(OLIVIA, "/settings checkin_points 0")

    assert await group.says(ALICE, "/checkin") == ("✅ Alice, day 1! +0 points, 0 in all.\nNext bonus in 2 days.")
    assert "already" in (await group.says(ALICE, "/checkin") or "")


# Names.


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("<b>Eve</b>", None, "<b>Eve</b>"),
        ("Tom & Jerry", "'\"", "Tom & Jerry '\""),
        ("{n}", "{balance}", "{n} {balance}"),
        ("%s", "\\1", "%s \\1"),
        ("شهرزاد", None, "\u2068شهرزاد\u2069"),
        ("\u202eevE", None, "evE"),
        ("A\u200b\u200bB", None, "AB"),
        ("\u200b", "\u3164", "#1001"),
        ("Z" * 64, "Y" * 64, "Z" * 31 + "…"),
        ("two\nlines", None, "two lines"),
    ],
)  # fmt: skip
async def test_a_name_cannot_break_the_sentence(group: Group, first: str, last: str | None, shown: str) -> None:
    person = ALICE.called(first, last)

    assert await group.says(person, "/checkin") == (f"✅ {shown}, day 1! +10 points, 10 in all.\nNext bonus in 2 days.")
    assert shown in (await group.says(person, "/me") or "")
    assert shown in (await group.says(person, "/top") or "")


# Leaving and coming back.


async def test_who_leaves_and_comes_back_keeps_points_unless_the_group_wants_otherwise(group: Group) -> None:
    await group.says(ALICE, "/checkin")
    await group.leaves(ALICE)
    await group.joins(ALICE)
    assert await points_of(group) == 10
    assert await group.says(ALICE, "/checkin") == ALREADY

    await group.says(OLIVIA, "/settings keep_points off")
    leaving: Json = group.change(ALICE, "member", "left")
    await group.hears(leaving, leaving)
    await group.joins(ALICE)
    assert await points_of(group) == 0
    assert await group.says(ALICE, "/checkin") == ALREADY, "leaving and coming back must not pay the day again"


async def test_groups_keep_their_wallets_apart(hearthbot: Hearthbot) -> None:
    one, other = Group(hearthbot), Group(hearthbot, -1001000000002, "Other")

    await one.says(ALICE, "/checkin")

    assert await points_of(one) == 10
    assert await points_of(other) == 0
    assert await other.says(ALICE, "/checkin") == FIRST
