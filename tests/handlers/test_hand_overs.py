"""A person, please."""

import asyncio

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, OWNER, Group, Hearthbot, PrivateChat


async def with_person(group: Group) -> None:
    await group.says(OLIVIA, "/faq add 人工 | talk to a person | +person = I've called somebody.")


def calls(group: Group) -> list[str]:
    return [text for text in group.said if text.startswith("🙋")]


async def asks(group: Group, person: object = ALICE) -> list[str]:
    before = len(group.said)
    await group.hearthbot.takes(group.message(person, "can I talk to a person?"))  # type: ignore[arg-type]
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


async def test_nobody_is_called_twice_for_one_member(group: Group, clock: StoppedClock) -> None:
    await with_person(group)
    await asks(group)
    clock.advance(seconds=10)

    assert await asks(group) == ["Somebody has been called already and will see your message, too."]
    assert len(calls(group)) == 1
    assert len(await asks(group, BOB)) == 2, "another member is another question"


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
    assert calls(group)[-1].endswith(f"tg://user?id={ALICE.id}")
