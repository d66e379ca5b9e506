"""A person, please."""

import asyncio
from typing import Any

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CAROL, OLIVIA, OWNER, Group, Hearthbot, Persona, PrivateChat


async def with_person(group: Group) -> None:
    await group.says(OLIVIA, "/faq add 人工 | talk to a person | +person = I've called somebody.")


def calls(group: Group) -> list[str]:
    return [text for text in group.said if text.startswith("🙋")]


async def asks(group: Group, person: Persona = ALICE, **fields: Any) -> list[str]:
    before = len(group.said)
    await group.hearthbot.takes(group.message(person, "can I talk to a person?", **fields))
    return group.said[before:]


async def test_operators_are_called_with_a_link_and_one_takes_it(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await with_person(group)

    call, answer = await asks(group)
    question = group.telegram.made("sendMessage")[-1].params["reply_parameters"]
    assert call.splitlines()[0] == "🙋 Alice would like to talk to a person. Olivia"
    assert call.splitlines()[1].startswith("https://t.me/c/1000000001/")
    assert call.rpartition("/")[2] in question
    assert answer == "I've called somebody."
    assert await group.presses(BOB, "I'll take it") == "Only this group's administrators can do that."
    assert await group.presses(OLIVIA, "I'll take it") == "Olivia takes care of it."
    assert "✅ Olivia takes care of Alice." in "\n".join(group.said)
    clock.advance(minutes=15)
    await group.hearthbot.call_again()
    assert calls(group) == []
    assert await asks(group) == ["Olivia takes care of it."]


async def test_where_nobody_can_be_called_nobody_says_so(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await with_person(group)
    await group.demotes(OLIVIA)
    nobody = "I can't reach anybody right now. Your question is noted; I'll call somebody as soon as I can."

    asked = group.message(ALICE, "can I talk to a person?")
    await group.hearthbot.takes(asked)
    call, answer = group.said[-2:]
    assert (call.splitlines()[0].strip(), answer) == ("🙋 Alice would like to talk to a person.", nobody)
    clock.advance(seconds=10)
    assert await asks(group) == [nobody]

    clock.advance(minutes=10)
    await group.hearthbot.call_again()
    assert len(calls(group)) == 1
    await group.promotes(OLIVIA)
    clock.advance(minutes=11)
    await group.hearthbot.call_again()
    assert [call.splitlines()[0].strip() for call in calls(group)][1:] == [
        "🙋 Alice would like to talk to a person. Olivia"
    ]


async def test_nobody_is_called_twice_for_one_member(group: Group, clock: StoppedClock) -> None:
    await with_person(group)
    await asks(group)
    clock.advance(seconds=10)

    assert await asks(group) == ["Somebody has been called already and will see your message, too."]
    assert len(calls(group)) == 1
    assert len(await asks(group, BOB)) == 2, "another member is another question"


async def test_who_wants_a_person_is_heard_whatever_they_were_told_before(group: Group, clock: StoppedClock) -> None:
    await with_person(group)
    await group.says(OLIVIA, "/faq add shipping = Two days.")
    await group.says(ALICE, "shipping?")

    assert (await asks(group))[-1] == "I've called somebody."
    assert await group.says(ALICE, "can I talk to a person?") is None, "the same member waits a little"
    clock.advance(seconds=5)
    assert len(await asks(group)) == 1


async def test_one_that_nobody_takes_is_called_three_times(group: Group, clock: StoppedClock) -> None:
    await with_person(group)
    await asks(group)
    for _ in range(5):
        clock.advance(minutes=10)
        await asyncio.gather(group.hearthbot.call_again(), group.hearthbot.call_again())

    assert [call.splitlines()[0] for call in calls(group)] == [
        "🙋 Alice would like to talk to a person. Olivia",
        "🙋 Alice is still waiting for a person. Olivia",
        "🙋 Alice is still waiting for a person. Olivia",
    ]


async def test_whoever_is_on_duty_is_called_alone(group_on_either: Group) -> None:
    group = group_on_either
    await group.promotes(BOB)
    await with_person(group)
    assert await group.says(OLIVIA, "/duty") == "Nobody is on duty: I'd call all administrators. /duty on"
    assert await group.says(BOB, "/duty on") == "Bob is on duty: I'll call you when a member wants a person."
    assert await group.says(OLIVIA, "/duty") == "On duty: Bob"
    assert (await asks(group))[0].splitlines()[0].endswith("Bob")

    assert await group.says(BOB, "/duty off") == "Bob is off duty. Thank you!"
    call = (await asks(group, OWNER))[0].splitlines()[0]
    assert "Olivia" in call
    assert "Bob" in call


async def test_an_owner_on_duty_is_called_without_being_an_administrator(group_on_either: Group) -> None:
    group = group_on_either
    await with_person(group)
    await group.says(OWNER, "/duty on")

    call = (await asks(group))[0].splitlines()[0]
    assert call == "🙋 Alice would like to talk to a person. Otto"


async def test_who_is_no_longer_an_operator_is_off_duty(group: Group) -> None:
    await group.promotes(BOB)
    await group.says(BOB, "/duty on")
    await group.demotes(BOB)

    assert await group.says(OLIVIA, "/duty") == "Nobody is on duty: I'd call all administrators. /duty on"
    assert await group.says(ALICE, "/duty on") == "Only this group's administrators can do that."
    assert (await group.says(OLIVIA, "/duty later") or "").startswith("That is not how it is written. /duty on")


async def test_the_same_update_calls_once_also_after_a_kill(group: Group) -> None:
    await with_person(group)
    question = group.message(ALICE, "人工！")
    await group.hearthbot.takes(question, question)
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.takes(question)

    assert len(calls(group)) == 1


async def test_a_question_in_private_calls_in_the_group(group: Group, hearthbot: Hearthbot) -> None:
    await with_person(group)
    await group.joins(ALICE)
    private = PrivateChat.of(ALICE, hearthbot)

    assert await private.says(ALICE, "can I talk to a person") == "I've called somebody."
    assert calls(group)[-1] == "🙋 Alice would like to talk to a person. Olivia"
    sent = next(call for call in group.telegram.made("sendMessage") if call.text == calls(group)[-1])
    assert '<a href="tg://user?id=1001">Alice</a>' in sent.params["text"]
    await group.presses(OLIVIA, "I'll take it")
    edited = group.telegram.made("editMessageText")[-1]
    assert edited.text == "✅ Olivia takes care of Alice."
    assert '<a href="tg://user?id=1001">Alice</a>' in edited.params["text"]


IN_TOPIC: dict[str, Any] = {"message_thread_id": 7, "is_topic_message": True}


async def test_calls_stand_in_the_topic_of_the_question_also_the_second(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await with_person(group)
    call, answer = await asks(group, **IN_TOPIC)
    clock.advance(minutes=10)
    await group.hearthbot.restart()
    await group.hearthbot.call_again()

    assert [message.get("message_thread_id") for message in group.shown[-3:]] == [7, 7, 7]
    assert [call, answer, group.said[-1].splitlines()[0]] == [
        *group.said[-3:-1],
        "🙋 Alice is still waiting for a person. Olivia",
    ]


async def test_a_call_from_a_topic_that_is_closed_is_made_outside_of_it(group: Group) -> None:
    await with_person(group)
    group.telegram.topics_closed.add(7)

    await group.hearthbot.takes(group.message(ALICE, "can I talk to a person?", **IN_TOPIC))
    assert ["message_thread_id" in message for message in group.shown if message["text"].startswith("🙋")] == [False]


async def test_who_comes_on_duty_or_goes_off_it_is_known_to_the_next_call(group: Group, clock: StoppedClock) -> None:
    await group.promotes(BOB)
    await with_person(group)
    await group.says(BOB, "/duty on")
    await group.says(BOB, "/duty on")
    assert (await asks(group))[0].splitlines()[0].endswith("person. Bob")

    await group.says(BOB, "/duty off")
    await group.says(OLIVIA, "/duty on")
    assert await group.says(BOB, "/duty") == "On duty: Olivia"
    clock.advance(minutes=10)
    await group.hearthbot.call_again()
    assert group.said[-1].splitlines()[0] == "🙋 Alice is still waiting for a person. Olivia"

    await group.demotes(OLIVIA)
    assert (await asks(group, CAROL))[0].splitlines()[0].endswith("person. Bob"), "who is no operator is not called"
    assert await group.says(BOB, "/duty") == "Nobody is on duty: I'd call all administrators. /duty on"


async def test_two_who_take_it_at_once_are_told_who_was_first(group_on_either: Group) -> None:
    group = group_on_either
    await group.promotes(BOB)
    await with_person(group)
    await asks(group)
    call = next(message for message in group.shown if message["text"].startswith("🙋"))
    data = call["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    await group.hearthbot.takes(*(group.press(person, data, call) for person in (BOB, OLIVIA, OLIVIA)))

    assert set(group.telegram.pop_ups.values()) == {"Bob takes care of it."}
    assert "✅ Bob takes care of Alice." in "\n".join(group.said)
    assert await group.sends_back(OLIVIA, "person_taken:99", call) == (
        "That was long ago; there is nothing to take over any more."
    )
