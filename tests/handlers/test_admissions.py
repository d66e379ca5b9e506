"""Newcomers at the door, as a group sees them."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.captchas import parse_question
from tests.conftest import StoppedClock
from tests.group import (
    ALICE,
    ANONYMOUS_ADMIN,
    BOB,
    CAROL,
    OLIVIA,
    OWNER,
    Group,
    Persona,
    PrivateChat,
    Refused,
    Unreachable,
)

AD = Persona(2001, "AAA cheap loans")


async def asks(group: Group, **settings: str) -> None:
    for key, value in settings.items():
        await group.says(OLIVIA, f"/settings {key} {value}")
    for (chat_id, message_id), message in list(group.telegram.messages.items()):
        if chat_id == group.chat_id and message["from"]["id"] != OLIVIA.id:
            del group.telegram.messages[chat_id, message_id]


def is_muted(group: Group, person: Persona) -> bool:
    return (group.chat_id, person.id) in group.telegram.muted


def is_gone(group: Group, person: Persona) -> bool:
    return (group.chat_id, person.id) in group.telegram.gone


def is_banned(group: Group, person: Persona) -> bool:
    return (group.chat_id, person.id) in group.telegram.banned


def right_sum(asked: str) -> str:
    line = asked.splitlines()[1]
    a, b = (int(word) for word in line.removeprefix("How much is ").partition("?")[0].split(" + "))
    return str(a + b)


async def test_nothing_is_asked_until_an_operator_wants_it(group: Group) -> None:
    assert await group.joins(ALICE) is None
    assert group.telegram.muted == {}
    assert group.telegram.made("restrictChatMember") == []


async def test_a_newcomer_presses_the_button_and_may_write(group_on_either: Group) -> None:
    group = group_on_either
    await asks(group, captcha="button")

    assert await group.joins(ALICE) == (
        "👋 Alice, good to have you here!\n"
        "Please press the button, so that we know that you are a person.\n"
        "You have 2 minutes for it."
    )
    assert is_muted(group, ALICE)
    assert await group.presses(BOB, "🙋 I am a person") == "This is for somebody else, or it is done already."
    assert await group.presses(ALICE, "🙋 I am a person") == "🎉 Welcome to Hearth!"

    assert not is_muted(group, ALICE)
    assert group.said == []


async def test_the_right_sum_is_asked_for_and_three_wrong_ones_end_it(group: Group) -> None:
    await asks(group, captcha="sum")
    asked = await group.joins(ALICE) or ""
    right = right_sum(asked)
    assert len(group.buttons) == 6
    wrong = next(button for button in group.buttons if button != right)

    assert await group.presses(ALICE, wrong) == "That is not right. You may try 2 times more."
    assert await group.presses(ALICE, wrong) == "That is not right. You may try once more."
    assert is_muted(group, ALICE)
    assert await group.presses(ALICE, wrong) == "That is not right. You may come back and try again."

    assert is_gone(group, ALICE)
    assert not is_banned(group, ALICE)
    assert group.said == []
    await group.leaves(ALICE)
    asked = await group.joins(ALICE) or ""
    assert await group.presses(ALICE, right_sum(asked)) == "🎉 Welcome to Hearth!"


async def test_an_operator_asks_a_question_of_their_own(group: Group) -> None:
    assert await group.says(OLIVIA, "/captcha question Our bread is made of? = Rye | Sand | +Wheat") == (
        "Newcomers are asked: Our bread is made of? Right: Rye, Wheat. "
        "It counts once you choose /settings captcha question."
    )
    await asks(group, captcha="question")
    assert await group.says(OLIVIA, "/captcha question Our bread is made of? = Rye | Sand | +Wheat") == (
        "Newcomers are asked: Our bread is made of? Right: Rye, Wheat."
    )
    asked = await group.joins(ALICE) or ""

    assert asked.splitlines()[1] == "Please press the right answer: Our bread is made of?"
    assert sorted(group.buttons) == ["Rye", "Sand", "Wheat"]
    assert await group.presses(ALICE, "Sand") == "That is not right. You may try 2 times more."
    assert await group.presses(ALICE, "Wheat") == "🎉 Welcome to Hearth!"


async def test_without_a_question_newcomers_get_a_sum(group: Group) -> None:
    await asks(group, captcha="question")
    assert "How much is" in (await group.joins(ALICE) or "")
    assert await group.says(OLIVIA, "/captcha question none") == (
        "There is no question of your own any more. Where one is chosen, newcomers get a sum."
    )


@pytest.mark.parametrize("written", ["What?", "What? = yes", "What? = yes | ", "What? = yes | Yes", " = a | b"])
async def test_a_question_that_makes_no_sense_is_refused(group: Group, written: str) -> None:
    answer = await group.says(OLIVIA, f"/captcha question {written}") or ""

    assert "Our bread is made of? = Rye | Sand | Snow" in answer
    assert await group.says(ALICE, "/captcha question A? = b | c") == "Only this group's administrators can do that."


async def test_who_takes_too_long_is_sent_away_and_may_come_again(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await asks(group, captcha="button", captcha_seconds="60")
    await group.joins(ALICE)
    clock.advance(seconds=59)
    await group.hearthbot.sees_to_newcomers()
    assert not is_gone(group, ALICE)

    clock.advance(seconds=1)
    await group.hearthbot.sees_to_newcomers()
    await group.hearthbot.sees_to_newcomers()

    assert is_gone(group, ALICE)
    assert not is_banned(group, ALICE)
    assert len(group.telegram.made("unbanChatMember")) == 1
    assert group.said == []
    await group.leaves(ALICE)
    assert "Alice" in (await group.joins(ALICE) or "")


async def test_who_takes_too_long_may_stay_without_a_voice_until_an_operator_decides(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await asks(group, captcha="button", captcha_seconds="60", captcha_late="mute")
    for person in (ALICE, BOB):
        await group.joins(person)
    clock.advance(seconds=60)
    for _ in range(2):
        await group.hearthbot.sees_to_newcomers()
        await group.hearthbot.sweep()

    assert group.said == [], "the captcha is gone"
    for person in (ALICE, BOB):
        assert is_muted(group, person)
        assert not is_gone(group, person)
    assert (
        await group.says(OLIVIA, "/captcha list") == "🚪 At the door\n• Alice (@alice): captcha\n• Bob (@bob): captcha"
    )
    await group.says(OLIVIA, "/captcha pass @alice")
    await group.says(OLIVIA, "/captcha kick @bob")
    assert not is_muted(group, ALICE)
    assert is_gone(group, BOB)
    assert not is_banned(group, BOB)


async def test_whom_the_bot_sends_away_is_in_the_log_and_a_crowd_is_one_line(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await asks(group, captcha="sum")
    raiders = [Persona(3000 + n, f"<Raider{n}>") for n in range(12)]
    for raider in raiders:
        await group.joins(raider)
    wrong = next(button for button in group.buttons if button != right_sum(group.said[-1]))
    for _ in range(3):
        await group.presses(raiders[11], wrong)
    clock.advance(minutes=2)
    await group.hearthbot.sees_to_newcomers()
    await group.hearthbot.sees_to_newcomers()

    log = (await group.says(OLIVIA, "/audit") or "").splitlines()[1:]
    done = [line.split("Hearthbot: ", 1)[1] for line in log if "Hearthbot: " in line]
    ending = " sent away at the door: no right answer, or none in time"
    assert sorted(done) == sorted(
        [f"<Raider{n}>{ending}" for n in range(3)] + [f"<Raider11>, <Raider3>, <Raider4>, 6 more{ending}"]
    )
    assert group.buttons == ["↩ #1"], "there is nothing to undo: they may come again"
    number = next(line for line in log if "more" in line).split()[0].removeprefix("#")
    assert "cannot be undone" in (await group.says(OLIVIA, f"/audit undo {number}") or "")


async def test_challenges_are_forgotten_once_nobody_waits_for_them(
    group_on_either: Group, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, admissions = group_on_either, group_on_either.hearthbot.engine.doorkeeper.admissions
    monkeypatch.setattr("bot.services.admissions.AT_ONCE", 2)
    await asks(group, captcha="button", name_check="on")
    people = [Persona(3000 + n, f"N{n}") for n in range(3)]
    for person in people:
        await group.joins(person)
        await group.presses(person, "🙋 I am a person")
    await group.joins(AD)

    async def challenges() -> int:
        count = "SELECT count(*) FROM challenges"
        return int(await group.hearthbot.database.read(lambda tx: tx.connection.exec_driver_sql(count).scalar_one()))

    clock.advance(days=2)
    await admissions.forget_old()
    assert await challenges() == 4
    clock.advance(seconds=1)
    await admissions.forget_old()
    assert await challenges() == 1

    assert await group.presses(OLIVIA, "Let in") == "Let in."
    await admissions.forget_old()
    assert await challenges() == 0
    await group.leaves(people[0])
    assert await group.joins(people[0]) is None, "a pass is remembered all the same"


async def test_a_pass_is_remembered(group: Group) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    await group.presses(ALICE, "🙋 I am a person")
    await group.leaves(ALICE)

    assert await group.joins(ALICE) is None
    assert not is_muted(group, ALICE)


async def test_five_presses_at_once_and_the_end_of_the_time_come_to_one_result(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await asks(group, captcha="button")
    await group.joins(ALICE)
    [message] = group.shown
    data = message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    clock.advance(seconds=120)

    presses = [group.press(ALICE, data, message) for _ in range(5)]
    await asyncio.gather(*(group.hearthbot.takes(press) for press in presses), group.hearthbot.sees_to_newcomers())
    await group.hearthbot.sees_to_newcomers()

    lifted = any("true" in call.params["permissions"] for call in group.telegram.made("restrictChatMember"))
    kicked = len(group.telegram.made("unbanChatMember"))
    assert (lifted, kicked) in {(True, 0), (False, 1)}
    assert is_gone(group, ALICE) is not lifted
    assert not is_muted(group, ALICE)
    assert group.said == []


async def test_the_same_updates_twice_change_nothing(group_on_either: Group) -> None:
    group = group_on_either
    await asks(group, captcha="sum")
    join = group.change(ALICE, "left", "member", by=ALICE)
    await group.hearthbot.takes(join)
    await group.hearthbot.engine.intake.handle(join)  # as after a kill before it was marked
    assert len(group.said) == 1

    [message] = group.shown
    wrong = next(place for place, button in enumerate(group.buttons) if button != right_sum(message["text"]))
    data = message["reply_markup"]["inline_keyboard"][wrong // 3][wrong % 3]["callback_data"]
    press = group.press(ALICE, data, message)
    for _ in range(4):
        await group.hearthbot.engine.intake.handle(press)

    assert await group.sends_back(ALICE, data, message) == "That is not right. You may try once more."


async def test_what_was_decided_before_a_kill_is_done_after_it(group: Group) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    group.telegram.fails("getChatMember", Unreachable("gone"))
    await group.presses(ALICE, "🙋 I am a person")
    assert is_muted(group, ALICE)

    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.sees_to_newcomers()

    assert not is_muted(group, ALICE)


async def test_nobody_is_sent_away_who_was_never_asked(group: Group, clock: StoppedClock) -> None:
    await asks(group, captcha="button")
    group.telegram.fails("restrictChatMember", Unreachable("gone"))
    await group.joins(ALICE)
    assert group.said == []

    clock.advance(hours=1)
    await group.hearthbot.sees_to_newcomers()
    assert len(group.said) == 1
    assert is_muted(group, ALICE)
    assert not is_gone(group, ALICE)
    clock.advance(minutes=2)
    await group.hearthbot.sees_to_newcomers()
    assert is_gone(group, ALICE)


async def test_after_a_day_off_who_has_answered_meanwhile_is_in(group: Group, clock: StoppedClock) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    clock.advance(days=1)
    await group.hearthbot.restart()
    await group.hearthbot.sees_to_newcomers()

    assert await group.presses(ALICE, "🙋 I am a person") == "🎉 Welcome to Hearth!"
    assert not is_muted(group, ALICE)


async def test_who_came_during_a_day_off_is_left_alone(group: Group, clock: StoppedClock) -> None:
    await asks(group, captcha="button")
    join = group.change(ALICE, "left", "member", by=ALICE)
    clock.advance(days=1)

    assert await group.hears(join) is None
    assert not is_muted(group, ALICE)


async def test_a_raid_shares_one_message(group: Group, clock: StoppedClock) -> None:
    await asks(group, captcha="sum")
    raiders = [Persona(3000 + n, f"Raider{n}") for n in range(12)]
    for raider in raiders:
        await group.joins(raider)

    assert len(group.said) == 4
    assert group.telegram.made("editMessageText") == [], "edits count against the platform's limit as messages do"
    assert group.said[-1].startswith("👋 Good to have you here, all who have just joined!")
    right, shared = right_sum(group.said[-1]), group.shown[-1]
    for raider in raiders[3:]:
        assert await group.presses(raider, right, shared) == "🎉 Welcome to Hearth!"
    assert len(group.said) == 3
    assert not any(is_muted(group, raider) for raider in raiders[3:])

    clock.advance(seconds=121)
    await group.hearthbot.sees_to_newcomers()
    assert group.said == []
    assert all(is_gone(group, raider) for raider in raiders[:3])


async def test_without_the_right_nobody_is_locked_out_and_operators_are_told_once(group: Group) -> None:
    await asks(group, captcha="button")
    group.telegram.rights_missing.add("can_restrict_members")
    await group.joins(ALICE)
    await group.joins(BOB)

    assert len(group.said) == 1
    assert group.said[0].startswith("⚠️ I cannot hold newcomers at the door")
    assert group.telegram.muted == {}


async def test_a_right_that_is_lost_meanwhile_is_asked_for_and_the_newcomer_gets_in_later(
    group: Group, clock: StoppedClock
) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    group.telegram.rights_missing.add("can_restrict_members")
    await group.presses(ALICE, "🙋 I am a person")
    assert is_muted(group, ALICE)
    assert [said[:2] for said in group.said] == ["⚠️"]

    group.telegram.rights_missing.clear()
    clock.advance(minutes=1)
    await group.hearthbot.sees_to_newcomers()
    assert not is_muted(group, ALICE)


async def test_who_cannot_be_asked_is_let_in(group: Group) -> None:
    await asks(group, captcha="button")
    group.telegram.fails("sendMessage", Refused(400, "Bad Request: TOPIC_CLOSED"))
    await group.joins(ALICE)

    assert not is_muted(group, ALICE)


@pytest.mark.parametrize("bringer", [OLIVIA, OWNER, ANONYMOUS_ADMIN])
async def test_whom_an_operator_adds_is_spared_unless_the_group_wants_otherwise(group: Group, bringer: Persona) -> None:
    await asks(group, captcha="button")
    assert await group.joins(ALICE, by=bringer) is None
    assert "Carol" in (await group.joins(CAROL, by=BOB) or "")

    await asks(group, captcha_added="on")
    assert "Bob" in (await group.joins(BOB, by=bringer) or "")


async def test_owners_are_never_asked(group: Group) -> None:
    await asks(group, captcha="button")
    assert await group.joins(OWNER) is None


async def test_who_leaves_takes_the_message_along_and_is_asked_again(group: Group, clock: StoppedClock) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    await group.leaves(ALICE)
    await group.hearthbot.sweep()
    assert group.said == []
    clock.advance(minutes=5)
    await group.hearthbot.sees_to_newcomers()
    assert group.telegram.made("unbanChatMember") == []

    await group.joins(ALICE)
    assert await group.presses(ALICE, "🙋 I am a person") == "🎉 Welcome to Hearth!"


async def test_who_left_before_the_captcha_was_turned_off_may_write_when_they_come_back(group: Group) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    await group.leaves(ALICE)
    await asks(group, captcha="off")
    assert is_muted(group, ALICE)

    await group.hears(group.change(ALICE, "left", "restricted", by=ALICE))
    assert not is_muted(group, ALICE)


async def test_a_ban_by_an_operator_stands(group: Group, clock: StoppedClock) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    await group.hears(group.change(ALICE, "restricted", "kicked"))
    clock.advance(minutes=5)
    await group.hearthbot.sees_to_newcomers()
    await group.hearthbot.sweep()

    assert is_banned(group, ALICE)
    assert group.said == []


async def test_a_ban_of_which_the_bot_has_not_heard_yet_stands_too(group: Group, clock: StoppedClock) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    group.telegram.banned.add((group.chat_id, ALICE.id))
    clock.advance(minutes=5)
    await group.hearthbot.sees_to_newcomers()

    assert is_banned(group, ALICE)


async def test_whom_an_administrator_lets_speak_by_hand_is_in(group: Group, clock: StoppedClock) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    group.telegram.muted.clear()
    await group.hears(group.change(ALICE, "restricted", "member"))
    clock.advance(minutes=5)
    await group.hearthbot.sees_to_newcomers()
    await group.hearthbot.sweep()

    assert not is_gone(group, ALICE)
    assert group.said == []


async def test_a_mute_that_was_there_before_stays(group: Group) -> None:
    await asks(group, captcha="button")
    group.telegram.muted[group.chat_id, ALICE.id] = 0

    assert await group.hears(group.change(ALICE, "left", "restricted", by=ALICE)) is None
    assert is_muted(group, ALICE)


@pytest.mark.parametrize("let_in", ["the captcha", "an operator"])
async def test_a_mute_goes_on_behind_the_door(group: Group, clock: StoppedClock, let_in: str) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    assert "muted for 1 day" in (await group.says(OLIVIA, "/mute @alice 1d rude in private") or "")

    if let_in == "the captcha":
        assert await group.presses(ALICE, "🙋 I am a person") == "🎉 Welcome to Hearth!"
    else:
        assert await group.says(OLIVIA, "/captcha pass @alice") == "Alice is in."

    assert group.telegram.muted[group.chat_id, ALICE.id] == (clock() + timedelta(days=1)).timestamp()
    await group.says(OLIVIA, "/unmute @alice")
    assert not is_muted(group, ALICE)


async def test_an_operator_lets_somebody_in_or_sends_them_away(group: Group) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    await group.joins(BOB)
    assert await group.says(OLIVIA, "/captcha") == "🚪 At the door\n• Alice (@alice): captcha\n• Bob (@bob): captcha"

    assert await group.says(OLIVIA, "/captcha pass @alice") == "Alice is in."
    assert await group.says(OLIVIA, "/captcha kick @bob") == "Bob was sent away."

    assert not is_muted(group, ALICE)
    assert is_gone(group, BOB)
    assert await group.says(OLIVIA, "/captcha list") == "Nobody is at the door."
    assert await group.says(OLIVIA, "/captcha pass @alice") == "Nobody is waiting for that any more."
    assert await group.says(ALICE, "/captcha pass @bob") == "Only this group's administrators can do that."
    assert "/captcha pass @NAME" in (await group.says(OLIVIA, "/captcha nonsense") or "")
    log = await group.says(OLIVIA, "/audit") or ""
    assert "Olivia: Alice let in" in log
    assert "Olivia: Bob sent away" in log


async def test_the_rules_are_agreed_to_after_the_captcha_in_the_same_message(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/setrules Be kind.")
    await asks(group, captcha="button", rules_agree="on")
    await group.joins(ALICE)
    assert group.buttons == ["🙋 I am a person"]

    assert await group.presses(ALICE, "🙋 I am a person") == "Right! Now please agree to the rules."
    assert group.said == [
        "👋 Alice, good to have you here!\nPlease read the rules of Hearth and agree to them: then you are in."
    ]
    assert is_muted(group, ALICE)
    clock.advance(hours=23)
    await group.hearthbot.sees_to_newcomers()
    assert await group.presses(ALICE, "📜 Rules") is None
    assert group.telegram.ephemeral == [(ALICE.id, "📜 Rules of Hearth\n\nBe kind.")]
    assert await group.presses(BOB, "✅ I agree") == "This is for somebody else, or it is done already."
    assert await group.presses(ALICE, "✅ I agree") == "🎉 Welcome to Hearth!"

    assert not is_muted(group, ALICE)
    assert group.said == []
    await group.leaves(ALICE)
    assert await group.joins(ALICE) is None


async def test_who_does_not_agree_within_a_day_is_sent_away(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/setrules Be kind.")
    await asks(group, rules_agree="on")
    assert "agree" in (await group.joins(ALICE) or "")
    clock.advance(days=1)
    await group.hearthbot.sees_to_newcomers()

    assert is_gone(group, ALICE)
    assert group.said == []


async def test_rules_that_nobody_wrote_need_no_agreement(group: Group) -> None:
    await asks(group, rules_agree="on")
    assert await group.joins(ALICE) is None


async def test_a_crowd_agrees_below_its_own_message(group: Group) -> None:
    await group.says(OLIVIA, "/setrules Be kind.")
    await asks(group, captcha="button", rules_agree="on")
    for n in range(3):
        await group.joins(Persona(3000 + n, f"Raider{n}"))
    await group.joins(ALICE)

    assert await group.presses(ALICE, "✅ I agree") == "One thing after the other: please answer first."
    assert await group.presses(ALICE, "🙋 I am a person") == "Right! Now please agree to the rules."
    assert await group.presses(ALICE, "✅ I agree") == "🎉 Welcome to Hearth!"


async def test_a_name_like_an_advertisement_is_held_until_an_operator_decides(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await asks(group, name_check="on")
    assert await group.joins(BOB) is None
    assert await group.joins(AD) == (
        "🔎 AAA cheap loans: this name looks like an advertisement. "
        "Who is called so may not write until an administrator decides."
    )
    assert is_muted(group, AD)
    clock.advance(days=3)
    await group.hearthbot.sees_to_newcomers()
    assert not is_gone(group, AD)

    assert await group.presses(AD, "Let in") == "Only this group's administrators can do that."
    assert await group.presses(OLIVIA, "Let in") == "Let in."

    assert not is_muted(group, AD)
    assert group.said == []
    await group.leaves(AD)
    assert await group.joins(AD) is None


async def test_a_removal_can_be_undone(group: Group) -> None:
    await asks(group, name_check="on", name_patterns="casino | 代购")
    await group.joins(Persona(2002, "Grand Casino"))
    casino = Persona(2002, "Grand Casino")
    notice = group.shown[-1]
    assert await group.presses(OLIVIA, "Remove") == "Sent away."
    assert is_banned(group, casino)
    assert await group.presses(OLIVIA, "Remove", notice) == "Nobody is waiting for that any more."
    log = await group.says(OLIVIA, "/audit") or ""
    assert "Hearthbot: Grand Casino held" in log
    assert "Olivia: Grand Casino sent away" in log

    assert await group.presses(OLIVIA, group.buttons[0]) == "Change #4 is undone."
    await group.hearthbot.sees_to_newcomers()

    assert not is_banned(group, casino)
    assert await group.joins(casino) is None


async def test_many_names_at_once_share_a_notice(group: Group) -> None:
    await asks(group, name_check="on")
    for n in range(20):
        await group.joins(Persona(2100 + n, f"AAA loans {n}"))

    assert len(group.said) == 4
    assert "AAA loans 3, AAA loans 4, AAA loans 5" in group.said[-1]
    assert len(group.telegram.made("editMessageText")) < 10, "edits count against the platform's limit as messages do"
    assert await group.presses(OLIVIA, "Remove") == "17 newcomers sent away."
    assert len(group.said) == 3


async def test_a_raid_is_locked_out_until_an_operator_decides(group: Group, clock: StoppedClock) -> None:
    await asks(group, raid_joins="3", raid_lock="on")
    raiders = [Persona(3000 + n, f"R{n}") for n in range(10)]
    for raider in raiders:
        await group.joins(raider)

    assert [is_muted(group, raider) for raider in raiders] == [False] * 3 + [True] * 7
    notices = [m for m in group.shown if "came with a crowd" in m["text"]]
    assert len(notices) == 4, "three alone, one for all the others"
    assert "R6, R7, R8, R9: who has such a name, or came with a crowd, may not write" in notices[-1]["text"]

    assert await group.presses(OLIVIA, "Remove", notices[-1]) == "4 newcomers sent away."
    assert await group.presses(OLIVIA, "Let in", notices[0]) == "Let in."
    assert [is_banned(group, raider) for raider in raiders] == [False] * 6 + [True] * 4
    assert not is_muted(group, raiders[3])
    assert "Hearthbot: R6, R7, R8, 1 more held: the name, a request to join, or a raid" in (
        await group.says(OLIVIA, "/audit") or ""
    )
    assert "↩ #7" in group.buttons
    assert "↩ #6" not in group.buttons, "what the bot has held, a press below the notice decides about"

    clock.advance(minutes=2)
    await group.hearthbot.ring()
    await group.joins(ALICE)
    assert not is_muted(group, ALICE)


async def test_another_groups_notice_is_not_ours(group: Group) -> None:
    await asks(group, name_check="on")
    await group.joins(AD)
    data = group.shown[-1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    other = Group(group.hearthbot, -1001000000002, "Other")

    assert await other.sends_back(OLIVIA, data) == "Nobody is waiting for that any more."
    assert is_muted(group, AD)


@pytest.mark.parametrize(
    "data", ["captcha:9:0", "captcha:x:0", "captcha:", "agree:", "agree:77", "admit:5:in", "admit:"]
)
async def test_buttons_that_nobody_made_change_nothing(group: Group, data: str) -> None:
    assert await group.sends_back(OLIVIA, data) in {
        "This is for somebody else, or it is done already.",
        "Nobody is waiting for that any more.",
    }


# Requests to join.


async def test_requests_are_nobodys_business_until_an_operator_wants_it(group: Group) -> None:
    await group.hears(group.request(ALICE))
    assert (group.chat_id, ALICE.id) in group.telegram.requests


async def test_requests_are_approved_at_once(group: Group) -> None:
    await asks(group, join_requests="approve", name_check="on")
    await group.hears(group.request(ALICE))
    assert len(group.telegram.made("approveChatJoinRequest")) == 1

    assert "AAA cheap loans would like to join Hearth" in (await group.hears(group.request(AD)) or "")
    assert await group.presses(OLIVIA, "Decline") == "Sent away."
    assert len(group.telegram.made("declineChatJoinRequest")) == 1


async def test_who_asks_to_join_answers_in_private(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/setrules Be kind.")
    await asks(group, join_requests="captcha", captcha="sum", rules_agree="on")
    chat = PrivateChat.of(ALICE, group.hearthbot)
    asked = await chat.hears(group.request(ALICE)) or ""
    assert asked.startswith("👋 You asked to join Hearth.\nHow much is ")
    assert group.said == []

    assert await chat.presses(ALICE, right_sum(asked)) == "Right! Now please agree to the rules."
    assert chat.said[-1] == (
        "👋 You asked to join Hearth.\nBe kind.\nPlease read the rules of Hearth and agree to them: then you are in."
    )
    assert await chat.presses(ALICE, "✅ I agree") == "🎉 Welcome to Hearth!"

    assert len(group.telegram.made("approveChatJoinRequest")) == 1
    assert chat.said == []
    assert await group.joins(ALICE) is None
    assert not is_muted(group, ALICE)


async def test_a_request_without_an_answer_is_declined(group: Group, clock: StoppedClock) -> None:
    await asks(group, join_requests="captcha", captcha_seconds="3600")
    chat = PrivateChat.of(ALICE, group.hearthbot)
    await chat.hears(group.request(ALICE))
    assert chat.buttons == ["🙋 I am a person"]
    clock.advance(minutes=5)
    await group.hearthbot.sees_to_newcomers()

    assert len(group.telegram.made("declineChatJoinRequest")) == 1
    await group.hearthbot.sweep()
    assert chat.said == []
    await chat.hears(group.request(ALICE))
    await chat.presses(ALICE, "🙋 I am a person")
    assert len(group.telegram.made("approveChatJoinRequest")) == 1


async def test_who_cannot_be_written_to_is_for_operators_to_decide_about(group: Group) -> None:
    await asks(group, join_requests="captcha")
    request = group.request(ALICE)
    group.telegram.fails("sendMessage", Refused(403, "Forbidden: bot can't initiate conversation with a user"))

    assert await group.hears(request) == "🚪 Alice would like to join Hearth. An administrator decides."


async def test_operators_decide_about_requests_and_the_first_press_counts(group: Group) -> None:
    await asks(group, join_requests="operators", captcha="button")
    await group.hears(group.request(ALICE))
    notice = group.shown[-1]

    assert await group.presses(BOB, "Approve") == "Only this group's administrators can do that."
    assert await group.presses(OLIVIA, "Approve") == "Let in."
    assert await group.presses(OWNER, "Decline", notice) == "Nobody is waiting for that any more."

    assert len(group.telegram.made("approveChatJoinRequest")) == 1
    assert group.telegram.made("declineChatJoinRequest") == []
    assert group.said == []
    assert await group.joins(ALICE) is None


@pytest.mark.parametrize(("command", "method"), [("pass", "approve"), ("kick", "decline")])
@pytest.mark.parametrize("called", ["@alice", "@1001"])
async def test_who_asks_to_join_is_decided_about_by_name_too(
    group: Group, command: str, method: str, called: str
) -> None:
    await asks(group, join_requests="operators")
    await group.hears(group.request(ALICE))
    assert await group.says(OLIVIA, "/captcha list") == "🚪 At the door\n• Alice (@alice): an administrator decides"

    await group.says(OLIVIA, f"/captcha {command} {called}")

    assert len(group.telegram.made(f"{method}ChatJoinRequest")) == 1
    assert await group.says(OLIVIA, f"/captcha {command} {called}") == (
        f"I know no member {called[1:]} here. Answer one of their messages with the command instead."
    )


async def test_a_crowd_at_the_door_fits_the_list(group: Group) -> None:
    await asks(group, captcha="button", raid_joins="0")
    for n in range(45):
        await group.joins(Persona(2000 + n, "😀" * 40))

    listed = (await group.says(OLIVIA, "/captcha list") or "").splitlines()

    assert listed[1] == "• " + "😀" * 31 + "… (@2000): captcha"
    assert (len(listed), listed[-1]) == (42, "5 more")


async def test_whom_an_administrator_approved_elsewhere_is_in(group: Group) -> None:
    await asks(group, join_requests="operators")
    await group.hears(group.request(ALICE))
    assert await group.joins(ALICE) is None
    await group.hearthbot.sweep()

    assert group.said == []
    assert not is_muted(group, ALICE)


async def test_a_captcha_goes_on_after_the_group_became_a_supergroup(group: Group) -> None:
    await asks(group, captcha="button")
    await group.joins(ALICE)
    [message] = group.shown
    group.telegram.muted[-1001000000099, ALICE.id] = 0
    await group.migrates()
    moved = dict(message, chat=group.chat)

    assert await group.presses(ALICE, "🙋 I am a person", moved) == "🎉 Welcome to Hearth!"
    assert not is_muted(group, ALICE)
    await group.leaves(ALICE)
    assert await group.joins(ALICE) is None


def test_the_example_of_a_question_is_one() -> None:
    assert parse_question("Our bread is made of? = Rye | Sand | Snow") is not None
