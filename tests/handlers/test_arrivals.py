"""What a join leads to: first the door, then the welcome, once."""

import pytest

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, OTHER_BOT, Group, Persona, PrivateChat, Refused
from tests.handlers.test_admissions import AD, asks, is_muted, right_sum
from tests.handlers.test_checkins import points_of
from tests.handlers.test_welcomes import greeted, welcomes

PRESS = "🙋 I am a person"
LINK = {"invite_link": "https://t.me/+abc", "creator": OLIVIA.user, "creates_join_request": True,
        "is_primary": False, "is_revoked": False, "name": "Flyer"}  # fmt: skip


async def that_welcomes(group: Group) -> Group:
    """A group that greets newcomers, with a gift for those who are new."""
    await group.says(OLIVIA, "/welcome Hello {name}!")
    await group.says(OLIVIA, "/welcome gift Tea for {name}.")
    return group


@pytest.fixture
async def welcoming(group: Group) -> Group:
    return await that_welcomes(group)


@pytest.mark.parametrize("captcha", ["off", "button"])
async def test_every_join_is_greeted_once_and_the_first_one_has_the_gift(
    group_on_either: Group, clock: StoppedClock, captcha: str
) -> None:
    group = await that_welcomes(group_on_either)
    await asks(group, captcha=captcha)
    await group.joins(ALICE)
    if captcha == "button":
        assert await greeted(group) != "Hello Alice!\n\nTea for Alice.", "before the captcha nobody is greeted"
        assert await group.presses(ALICE, PRESS) == "🎉 Welcome to Hearth!"
    assert await greeted(group) == "Hello Alice!\n\nTea for Alice."

    clock.advance(minutes=2)
    await group.hearthbot.sees_to_newcomers()
    await group.leaves(ALICE)
    assert await greeted(group, ALICE) == "Hello Alice!"
    assert len(welcomes(group)) == 1


async def test_those_who_pass_together_are_greeted_together(welcoming: Group) -> None:
    await asks(welcoming, captcha="button")
    for person in (ALICE, BOB):
        await welcoming.joins(person)
    for message, person in zip(list(welcoming.shown), (ALICE, BOB), strict=True):
        await welcoming.presses(person, PRESS, message)

    assert await greeted(welcoming) == "Hello Alice, Bob!\n\nTea for Alice, Bob."


async def test_whom_an_administrator_lets_speak_by_hand_is_greeted_at_once(welcoming: Group) -> None:
    await asks(welcoming, captcha="button")
    await welcoming.joins(ALICE)
    welcoming.telegram.muted.clear()
    await welcoming.hears(welcoming.change(ALICE, "restricted", "member"))

    assert await greeted(welcoming) == "Hello Alice!\n\nTea for Alice."


async def test_an_old_captcha_lets_nobody_be_greeted_twice(welcoming: Group, clock: StoppedClock) -> None:
    await asks(welcoming, captcha="button")
    await welcoming.joins(ALICE)
    await welcoming.leaves(ALICE)
    await asks(welcoming, captcha="off")
    assert await greeted(welcoming, ALICE) == "Hello Alice!\n\nTea for Alice."
    welcomed = len(welcoming.telegram.made("sendMessage"))

    await welcoming.hears(welcoming.change(ALICE, "member", "restricted"))
    await welcoming.hears(welcoming.change(ALICE, "restricted", "member"))
    clock.advance(minutes=4)
    await welcoming.hearthbot.sees_to_newcomers()
    await greeted(welcoming)

    assert len(welcoming.telegram.made("sendMessage")) == welcomed


async def test_who_agrees_to_the_rules_is_greeted(welcoming: Group) -> None:
    await welcoming.says(OLIVIA, "/setrules Be kind.")
    await asks(welcoming, captcha="button", rules_agree="on")
    await welcoming.joins(ALICE)
    await welcoming.presses(ALICE, PRESS)
    await welcoming.hearthbot.greet()
    assert "Please read the rules" in welcomes(welcoming)[-1]

    await welcoming.presses(ALICE, "✅ I agree")
    assert await greeted(welcoming) == "Hello Alice!\n\nTea for Alice."
    assert welcoming.buttons == ["✅ Check in", "📜 Rules"]


async def test_a_held_name_that_is_let_in_is_greeted(welcoming: Group) -> None:
    await asks(welcoming, name_check="on")
    await welcoming.joins(AD)
    await welcoming.presses(OLIVIA, "Let in")

    assert await greeted(welcoming) == "Hello AAA cheap loans!\n\nTea for AAA cheap loans."


async def test_whom_an_operator_lets_in_by_command_is_greeted_and_who_is_sent_away_is_not(welcoming: Group) -> None:
    await asks(welcoming, captcha="button")
    for person in (ALICE, BOB):
        await welcoming.joins(person)
    await welcoming.says(OLIVIA, "/captcha pass @alice")
    await welcoming.says(OLIVIA, "/captcha kick @bob")

    assert await greeted(welcoming) == "Hello Alice!\n\nTea for Alice."


@pytest.mark.parametrize("how", [{"via_join_request": True}, {"invite_link": LINK}])
async def test_whose_request_the_bot_approved_is_greeted_as_one_who_came_alone(
    welcoming: Group, how: dict[str, object]
) -> None:
    group, me = welcoming, Persona(424242, "Hearthbot", is_bot=True)
    await asks(group, join_requests="captcha", welcome_added="off")
    chat = PrivateChat.of(ALICE, group.hearthbot)
    await chat.hears(group.request(ALICE))
    await chat.presses(ALICE, PRESS)
    await group.hearthbot.greet()
    assert welcomes(group) == [], "who is not in yet is not greeted"

    await group.joins(ALICE, by=me, **how)
    assert await greeted(group) == "Hello Alice!\n\nTea for Alice."


async def test_whom_a_bot_approved_by_a_link_still_has_the_captcha_before_them(welcoming: Group) -> None:
    await asks(welcoming, captcha="button")
    await welcoming.joins(ALICE, by=OTHER_BOT, invite_link=LINK)

    assert is_muted(welcoming, ALICE)


async def test_who_passes_while_a_raid_is_under_way_is_not_greeted(welcoming: Group) -> None:
    await asks(welcoming, captcha="button", raid_joins="2")
    for n in range(3):
        await welcoming.joins(Persona(7001 + n, f"N{n}"))
    await welcoming.presses(Persona(7003, "N2"), PRESS)

    await welcoming.hearthbot.greet()
    assert not any("Hello" in said for said in welcomes(welcoming))


async def test_what_was_lost_in_a_kill_after_the_captcha_is_greeted_after_it(welcoming: Group) -> None:
    await asks(welcoming, captcha="button")
    await welcoming.joins(ALICE)
    welcoming.telegram.fails("getChatMember", Refused(500, "Internal Server Error"))
    await welcoming.presses(ALICE, PRESS)
    await welcoming.hearthbot.restart(after="a kill")
    await welcoming.hearthbot.sees_to_newcomers()

    assert await greeted(welcoming) == "Hello Alice!\n\nTea for Alice."


@pytest.mark.parametrize("ends", ["wrong answers", "no answer", "leaves", "an operator"])
async def test_who_passes_only_when_they_come_again_is_new_then(
    group_on_either: Group, clock: StoppedClock, ends: str
) -> None:
    group = await that_welcomes(group_on_either)
    await asks(group, captcha="sum", captcha_tries="1")
    right = right_sum(await group.joins(ALICE) or "")
    match ends:
        case "wrong answers":
            await group.presses(ALICE, next(button for button in group.buttons if button != right))
        case "no answer":
            clock.advance(minutes=10)
            await group.hearthbot.sees_to_newcomers()
        case "an operator":
            await group.says(OLIVIA, "/captcha kick @alice")
    await group.leaves(ALICE)
    await group.hearthbot.restart()
    assert not any("Hello" in said for said in welcomes(group))

    clock.advance(minutes=1)
    await group.presses(ALICE, right_sum(await group.joins(ALICE) or ""))
    assert await greeted(group) == "Hello Alice!\n\nTea for Alice."
    clock.advance(minutes=2)
    await group.leaves(ALICE)
    assert await greeted(group, ALICE) == "Hello Alice!", "the gift is given once"


async def test_who_gets_in_without_a_captcha_after_failing_one_is_new_once(
    welcoming: Group, clock: StoppedClock
) -> None:
    await asks(welcoming, captcha="button")
    await welcoming.joins(ALICE)
    await welcoming.says(OLIVIA, "/captcha kick @alice")
    await welcoming.leaves(ALICE)
    await welcoming.says(OLIVIA, "/settings captcha off")
    clock.advance(minutes=2)
    assert await greeted(welcoming, ALICE) == "Hello Alice!\n\nTea for Alice."

    await welcoming.leaves(ALICE)
    clock.advance(minutes=2)
    assert await greeted(welcoming, ALICE) == "Hello Alice!"


async def test_a_member_of_old_who_fails_and_comes_again_is_not_new(welcoming: Group, clock: StoppedClock) -> None:
    await greeted(welcoming, ALICE)
    await welcoming.leaves(ALICE)
    await asks(welcoming, captcha="button")
    for _ in range(2):
        clock.advance(minutes=2)
        await welcoming.joins(ALICE)
        await welcoming.leaves(ALICE)
    clock.advance(minutes=2)
    await welcoming.joins(ALICE)
    await welcoming.presses(ALICE, PRESS)

    assert await greeted(welcoming) == "Hello Alice!"


# The points for a first join.


async def test_points_for_joining_are_for_those_who_pass_the_captcha(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await asks(group, captcha="sum", captcha_tries="1", join_points="15")
    right = right_sum(await group.joins(ALICE) or "")
    await group.presses(ALICE, next(button for button in group.buttons if button != right))
    await group.leaves(ALICE)
    assert await group.says(OLIVIA, "/points log @alice") == "Latest entries"

    clock.advance(minutes=1)
    right = right_sum(await group.joins(ALICE) or "")
    group.telegram.fails("getChatMember", Refused(500, "Internal Server Error"))
    await group.presses(ALICE, right)
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.sees_to_newcomers()
    clock.advance(minutes=2)
    await group.leaves(ALICE)
    await group.joins(ALICE)

    assert await points_of(group) == 15


async def test_whom_nobody_can_ask_is_greeted_and_has_the_points(welcoming: Group) -> None:
    await asks(welcoming, captcha="button", join_points="15")
    welcoming.telegram.fails("sendMessage", Refused(400, "Bad Request: TOPIC_CLOSED"))
    await welcoming.joins(ALICE)

    assert await greeted(welcoming) == "Hello Alice!\n\nTea for Alice."
    assert await points_of(welcoming) == 15


# The rules below the welcome.


async def test_the_welcome_has_a_button_that_shows_the_rules_to_whoever_presses_it(welcoming: Group) -> None:
    await greeted(welcoming, ALICE)
    assert welcoming.buttons == ["✅ Check in"]

    await welcoming.says(OLIVIA, "/setrules Be kind.")
    await welcoming.says(OLIVIA, "/welcome Hello {name}!\n[Shop](https://example.org)")
    await greeted(welcoming, BOB)
    rows = welcoming.shown[-1]["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [["Shop"], ["✅ Check in", "📜 Rules"]]
    assert await welcoming.presses(BOB, "📜 Rules") is None
    assert welcoming.telegram.ephemeral == [(BOB.id, "📜 Rules of Hearth\n\nBe kind.")]

    await welcoming.says(OLIVIA, "/settings welcome_checkin off")
    await greeted(welcoming, Persona(1010, "Dora"))
    assert welcoming.buttons == ["Shop", "📜 Rules"]


async def test_the_rules_of_a_welcome_fit_where_no_message_for_one_is_known(welcoming: Group) -> None:
    await welcoming.says(OLIVIA, "/setrules Be kind.")
    await greeted(welcoming, ALICE)
    welcoming.telegram.fails("sendMessage", Refused(400, "Bad Request: ephemeral messages are not available"))

    assert await welcoming.presses(ALICE, "📜 Rules") == "📜 Rules of Hearth\n\nBe kind."
