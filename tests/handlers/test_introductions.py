"""Self-introductions as a group sees them."""

import asyncio

import pytest

from tests.conftest import StoppedClock
from tests.group import ALICE, ANONYMOUS_ADMIN, BOB, CAROL, OLIVIA, Group, Persona
from tests.handlers.test_checkins import points_of
from tests.handlers.test_lotteries import known

HOW = (
    "Write a message with #自我介绍 / #自我介紹 / #intro and at least 20 characters about you. "
    "It earns 10 points, once."
)
ABOUT_ME = "#intro I grow tea on a balcony in Basel."


async def turned_on(group: Group, *settings: str) -> None:
    for setting in ("introductions on", *settings):
        await group.says(OLIVIA, f"/settings {setting}")


async def test_the_first_introduction_earns_points_and_thanks_that_vanish(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await turned_on(group)

    assert await group.says(ALICE, ABOUT_ME) == "🤗 Nice to meet you, Alice! +10 points"
    clock.advance(seconds=1)
    assert await group.says(ALICE, ABOUT_ME) is None
    clock.advance(days=3)
    assert await group.says(ALICE, f"{ABOUT_ME} Still.") is None
    await group.hearthbot.sweep()

    assert not any("Nice to meet you" in said for said in group.said)
    assert await points_of(group, ALICE) == 10


async def test_nothing_of_it_happens_where_it_is_off(group: Group) -> None:
    await group.joins(BOB)
    assert await group.says(ALICE, ABOUT_ME) is None
    assert await group.says(ALICE, "/intro") == (
        "Introductions are switched off in this group. An operator turns them on with /settings introductions on."
    )
    assert await points_of(group, ALICE) == 0


async def test_turning_it_off_by_an_undo_holds_at_once(group: Group) -> None:
    await turned_on(group)
    await group.says(OLIVIA, "/audit undo 1")

    assert await group.says(ALICE, ABOUT_ME) is None
    await group.says(OLIVIA, "/audit undo 2")
    assert await group.says(ALICE, ABOUT_ME) is not None


async def test_a_short_one_is_asked_for_more(group: Group) -> None:
    await turned_on(group)

    assert await group.says(ALICE, "#INTRO hi all") == (
        "Tell us a little more about you: at least 20 characters beside the keyword."
    )
    assert await group.says(ALICE, ABOUT_ME) == "🤗 Nice to meet you, Alice! +10 points"


@pytest.mark.parametrize(
    "text",
    [
        "大家好！＃自我介绍 我在成都开了一家小茶馆，平时喜欢爬山和摄影。",
        "#自我介紹 我在台北開了一家小茶館，平時喜歡爬山和攝影，請多指教。",
        "Hello all, I am new here.\n#Intro",
    ],
)
async def test_the_words_in_any_width_case_and_place(group: Group, text: str) -> None:
    await turned_on(group)

    assert (await group.says(ALICE, text) or "").startswith("🤗")


@pytest.mark.parametrize("text", ["#introvert is what I am, and have always been", "my introduction will follow later"])
async def test_other_words_are_chatter(group: Group, text: str) -> None:
    await turned_on(group)

    assert await group.says(ALICE, text) is None


async def test_a_picture_with_a_caption_is_one_and_a_forward_is_none(group: Group) -> None:
    await turned_on(group)
    origin = {"type": "user", "date": 1_700_000_000, "sender_user": BOB.user}

    assert await group.says(ALICE, ABOUT_ME, forward_origin=origin) is None
    assert await group.says(ANONYMOUS_ADMIN, ABOUT_ME) is None
    assert (await group.says(ALICE, None, caption=ABOUT_ME) or "").startswith("🤗")


async def test_words_of_the_groups_own_and_no_points(group: Group) -> None:
    await turned_on(group, "intro_words 新人报道", "intro_points 0", "intro_length 5")

    assert await group.says(ALICE, ABOUT_ME) is None
    assert await group.says(ALICE, "新人报道，我是来自杭州的爱丽丝") == "🤗 Nice to meet you, Alice!"


async def test_in_the_topic_no_word_is_needed(group: Group) -> None:
    await turned_on(group, "intro_topic 42")
    topic = {"message_thread_id": 42, "is_topic_message": True}

    assert await group.says(ALICE, "I grow tea on a balcony in Basel.") is None
    assert await group.says(ALICE, "welcome!", **topic) is None
    assert (await group.says(ALICE, "I grow tea on a balcony in Basel.", **topic) or "").startswith("🤗")


async def test_operators_set_the_template_and_can_undo_it(group: Group) -> None:
    assert await group.says(BOB, "/intro Who are you?") == "Only this group's administrators can do that."
    assert await group.says(OLIVIA, "/intro Name:") == (
        "The template is set. Introductions are still off: /settings introductions on"
    )
    await turned_on(group)
    assert await group.says(BOB, "/intro") == f"👋 An introduction here looks like this:\n\nName:\n\n{HOW}"

    assert (
        await group.says(OLIVIA, "/intro Name & town:\nI like:") == "The template is set. /intro shows it to everyone."
    )
    assert (
        await group.says(BOB, "/intro") == f"👋 An introduction here looks like this:\n\nName & town:\nI like:\n\n{HOW}"
    )
    await group.says(OLIVIA, "/audit undo 3")
    assert "Name:\n\n" in (await group.says(BOB, "/intro") or "")
    await group.says(OLIVIA, "/audit undo 1")
    assert await group.says(BOB, "/intro") == HOW
    assert await group.says(OLIVIA, "/intro " + "x" * 2001) == "That is too long: 2001 characters, at most 2000."


async def test_the_template_can_be_taken_away(group: Group) -> None:
    await turned_on(group)
    await group.says(OLIVIA, "/intro I am … from …")

    assert (await group.says(OLIVIA, "/intro off") or "").startswith("The template is gone.")
    assert await group.says(ALICE, "/intro") == HOW

    await group.says(OLIVIA, "/audit undo 3")
    assert "I am … from …" in (await group.says(ALICE, "/intro") or "")


async def test_newcomers_of_an_hour_are_reminded_together_and_once(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await turned_on(group)
    for person in (ALICE, BOB, CAROL):
        clock.advance(minutes=5)
        await group.joins(person)
    await group.says(BOB, ABOUT_ME)
    clock.advance(hours=24)
    await group.hearthbot.looks_after_newcomers()
    assert not group.said[-1].startswith("👋")

    clock.advance(hours=1)
    await asyncio.gather(*(group.hearthbot.looks_after_newcomers() for _ in range(3)))
    clock.advance(hours=1)
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.looks_after_newcomers()

    assert [said for said in group.said if said.startswith("👋")] == [
        f"👋 Alice, Carol, we would like to know you! {HOW} /intro shows an example."
    ]


async def test_who_left_who_came_back_and_who_was_there_before_gets_no_reminder(
    group: Group, clock: StoppedClock
) -> None:
    await known(group, BOB)
    await turned_on(group)
    await group.joins(ALICE)
    await group.leaves(ALICE)
    await group.leaves(BOB)
    await group.joins(BOB)
    clock.advance(hours=26)

    await group.hearthbot.looks_after_newcomers()

    assert not any(said.startswith("👋") for said in group.said)


async def test_who_is_still_held_at_the_door_is_not_asked_to_speak(group: Group, clock: StoppedClock) -> None:
    await turned_on(group)
    await group.says(OLIVIA, "/settings name_check on")
    await group.joins(ALICE.called("AAA cheap loans"))
    clock.advance(hours=26)

    await group.hearthbot.looks_after_newcomers()

    assert not any("we would like to know you" in said for said in group.said)


async def test_the_day_begins_with_the_join_that_leads_in(group: Group, clock: StoppedClock) -> None:
    await turned_on(group)
    await group.says(OLIVIA, "/settings captcha button")
    await group.joins(ALICE)
    await group.leaves(ALICE)
    clock.advance(hours=23)
    await group.joins(ALICE)
    await group.presses(ALICE, "🙋 I am a person")

    clock.advance(hours=3)
    await group.hearthbot.looks_after_newcomers()
    assert not any("we would like to know you" in said for said in group.said)

    clock.advance(hours=22)
    await group.hearthbot.looks_after_newcomers()
    assert len([said for said in group.said if "we would like to know you" in said]) == 1


async def test_after_two_days_of_downtime_nobody_is_reminded(group: Group, clock: StoppedClock) -> None:
    await turned_on(group)
    await group.joins(ALICE)
    clock.advance(hours=40)
    await group.joins(BOB)
    clock.advance(hours=25)

    await group.hearthbot.looks_after_newcomers()

    assert [said.split(",")[0] for said in group.said if said.startswith("👋")] == ["👋 Bob"]


@pytest.mark.parametrize("setting", ["introductions off", "intro_reminder off"])
async def test_what_is_off_by_then_reminds_nobody(group: Group, clock: StoppedClock, setting: str) -> None:
    await turned_on(group)
    await group.joins(ALICE)
    await group.says(OLIVIA, f"/settings {setting}")
    clock.advance(hours=26)

    await group.hearthbot.looks_after_newcomers()

    assert not any(said.startswith("👋") for said in group.said)


async def test_a_crowd_is_not_mentioned_one_by_one(group: Group, clock: StoppedClock) -> None:
    await turned_on(group)
    for n in range(13):
        await group.joins(Persona(3000 + n, f"P{n}"))
    clock.advance(hours=25)

    await group.hearthbot.looks_after_newcomers()

    assert group.said[-1].startswith("👋 P0, P1, P2, P3, P4, P5, P6, P7, P8, P9 and 3 more, we would like to know you!")


async def test_a_repeated_introduction_after_a_kill_is_thanked_for_and_paid_once(group: Group) -> None:
    await turned_on(group)
    update = group.message(ALICE, ABOUT_ME)
    await group.hears(update)

    await group.hearthbot.engine.intake.handle(update)

    assert group.said[-1] == "🤗 Nice to meet you, Alice! +10 points"
    assert await points_of(group, ALICE) == 10


async def test_one_groups_introduction_is_not_anothers(group: Group) -> None:
    other = Group(group.hearthbot, -1001000000002, "Other")
    await turned_on(group)
    await group.says(ALICE, ABOUT_ME)

    assert await other.says(ALICE, ABOUT_ME) is None
    await turned_on(other)
    assert (await other.says(ALICE, ABOUT_ME) or "").startswith("🤗")
