"""What operators are asked about playbooks: once, privately where that is possible, and answered once."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.domain.deliveries import QuestionOver
from bot.domain.members import Actor
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, OWNER, Group, PrivateChat, Unreachable
from tests.handlers.conftest import Playbooks

DAY = """
    name: A day
    steps:
      - id: report
        at: ["10:00", "18:00"]
        if_missed: ask
        do:
          - send: The week
      - id: offer
        at: "10:30"
        if_missed: ask
        do:
          - send: Only today
      - id: evening
        at: "20:00"
        do:
          - send: Good evening
      - id: thanks
        after: {step: evening, delay: 10m}
        do:
          - send: Thank you
"""
MISSED = "❓ report of “A day” was to come at 10:00, and I was not there."
HINT = "Administrators decide, today. Without an answer it stays as it is."
OVER = "This was decided, or its day is over. /playbook today shows what became of it."
UNKNOWN = (
    "❔ Nobody knows whether evening of “A day”, 20:00, has arrived: Telegram did not answer. Please look.\n" + HINT
)


@pytest.fixture(autouse=True)
def day(playbooks: Playbooks) -> None:
    playbooks.write("day.yaml", DAY)


async def plays_at(group: Group, clock: StoppedClock, *times: str, day: int = 22) -> None:
    """Rings at these times of the day (UTC); between two of them nobody was there."""
    for one in times:
        clock.set(datetime.fromisoformat(f"2026-11-{day}T{one}:01").replace(tzinfo=UTC))
        await group.hearthbot.plays()
        await group.hearthbot.asks()


async def misses_the_report(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/audit")
    await plays_at(group, clock, "09:58", "10:20")


async def does_not_hear_of_the_evening(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/audit")
    await plays_at(group, clock, "19:59")
    group.telegram.fails("sendMessage", Unreachable("read timeout"))
    await plays_at(group, clock, "20:00")


async def opens_private(group: Group, *people: object) -> list[PrivateChat]:
    chats = [PrivateChat.of(person, group.hearthbot) for person in people]  # type: ignore[arg-type]
    for chat, person in zip(chats, people, strict=True):
        await chat.says(person, "/help")  # type: ignore[arg-type]
    return chats


async def test_operators_are_asked_once_about_what_was_missed(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await misses_the_report(group, clock)
    await plays_at(group, clock, "10:21")
    assert group.said[1:] == [f"{MISSED}\n{HINT}"]
    assert group.buttons == ["Send it now", "Leave it out"]

    assert await group.presses(ALICE, "Send it now") == "Only this group's administrators can do that."
    assert await group.presses(OLIVIA, "Send it now") == "Olivia: “report” of “A day” comes now."
    await plays_at(group, clock, "10:22")

    assert group.said[1:] == ["Olivia: “report” of “A day” comes now.", "The week"]
    assert "let report of A day come after all (2026-11-22T10:00)" in str(await group.says(OLIVIA, "/audit"))


async def test_what_is_left_out_does_not_come(group: Group, clock: StoppedClock) -> None:
    await misses_the_report(group, clock)

    assert await group.presses(OLIVIA, "Leave it out") == "Olivia: “report” of “A day” is left out."
    await plays_at(group, clock, "10:22")
    assert "The week" not in group.said
    assert "⏭ 10:00 report · A day: left out by an operator" in str(await group.says(OLIVIA, "/playbook today"))


async def test_who_has_written_in_private_is_asked_there(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/checkin")
    olivias, ottos = await opens_private(group, OLIVIA, OWNER)
    before = len(group.said)
    await plays_at(group, clock, "09:58", "10:20")
    assert group.said[before:] == []
    assert olivias.said[-1] == ottos.said[-1] == f"Hearth: {MISSED}\n{HINT}"

    assert await ottos.presses(OWNER, "Send it now") == "Otto: “report” of “A day” comes now."
    await plays_at(group, clock, "10:22")
    assert group.said[before:] == ["The week"]
    assert await olivias.presses(OLIVIA, "Send it now") == OVER
    assert olivias.said[-1] == OVER
    await plays_at(group, clock, "10:23")
    assert group.said[before:] == ["The week"]


async def test_where_all_have_blocked_the_bot_the_group_is_asked(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/checkin")
    (olivias,) = await opens_private(group, OLIVIA)
    await olivias.hears(olivias.change(None, "member", "kicked"))

    await plays_at(group, clock, "09:58", "10:20")
    assert group.said[-1] == f"{MISSED}\n{HINT}"


async def test_of_five_who_decide_at_once_one_does(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await misses_the_report(group, clock)
    engine = group.hearthbot.engine
    here = await engine.groups.known(group.chat_id)
    assert here is not None

    async def decides(number: int) -> bool:
        try:
            await engine.playbook_questions.answer(here, 1, "now", Actor(number, "x"), 9000 + number, lambda *_: {})
        except QuestionOver:
            return False
        return True

    assert sum(await asyncio.gather(*(decides(number) for number in range(5)))) == 1
    await plays_at(group, clock, "10:22", "10:23")
    assert group.said.count("The week") == 1


async def test_a_press_that_comes_twice_does_the_same_once(group: Group, clock: StoppedClock) -> None:
    await misses_the_report(group, clock)
    press = group.press(OLIVIA, "question:1:now")

    await group.hearthbot.takes(press)
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.takes(press)
    await plays_at(group, clock, "10:22")

    assert group.said.count("The week") == 1


async def test_a_question_is_over_with_its_day(group: Group, clock: StoppedClock) -> None:
    await misses_the_report(group, clock)
    question = group.shown[-1]
    clock.set(datetime(2026, 11, 23, 0, 0, 1, tzinfo=UTC))

    assert await group.presses(OLIVIA, "Send it now", question) == OVER
    assert group.said[-1] == OVER
    assert await group.hearthbot.database.read(lambda tx: tx.playbook_questions.all()) != []
    await group.hearthbot.asks()
    assert await group.hearthbot.database.read(lambda tx: tx.playbook_questions.all()) == []
    clock.set(datetime(2027, 11, 23, tzinfo=UTC))
    assert await group.hearthbot.engine.deliveries.forget_old() == 1


async def test_a_question_is_over_when_its_step_comes_again(group: Group, clock: StoppedClock) -> None:
    await misses_the_report(group, clock)
    question = group.shown[-1]
    await plays_at(group, clock, "17:59", "18:00")

    assert await group.presses(OLIVIA, "Send it now", question) == OVER
    await plays_at(group, clock, "18:01")
    assert group.said.count("The week") == 1


async def test_several_questions_are_one_message(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/audit")
    await plays_at(group, clock, "09:58", "12:00")
    offer = MISSED.replace("report", "offer").replace("10:00", "10:30")
    assert group.said[1:] == [f"1. {MISSED}\n2. {offer}\n{HINT}"]
    assert group.buttons == ["1 · Send it now", "1 · Leave it out", "2 · Send it now", "2 · Leave it out"]

    await group.presses(OLIVIA, "1 · Leave it out")
    assert group.said[1:] == [f"Olivia: “report” of “A day” is left out.\n\n{offer}\n{HINT}"]
    await group.presses(OLIVIA, "Send it now")
    await plays_at(group, clock, "12:01")
    assert group.said[1:] == ["Olivia: “offer” of “A day” comes now.", "Only today"]


async def test_an_owner_is_asked_about_all_groups_at_once(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/audit")
    other = Group(group.hearthbot, -1001000000002, "Kiln")
    group.telegram.administrators[other.chat_id] = {BOB.id: BOB}
    await other.adds_the_bot()
    (ottos,) = await opens_private(group, OWNER)
    await plays_at(group, clock, "09:58", "10:20")
    assert ottos.said[-1] == f"1. Hearth: {MISSED}\n2. Kiln: {MISSED}\n{HINT}"

    assert await group.sends_back(OLIVIA, "question:2:now") == "Only this group's administrators can do that."
    await ottos.presses(OWNER, "2 · Send it now")
    await plays_at(group, clock, "10:22")

    assert "The week" in other.said
    assert "The week" not in group.said


async def test_a_question_outlives_a_kill_and_is_not_asked_again(group: Group, clock: StoppedClock) -> None:
    await misses_the_report(group, clock)
    await group.hearthbot.restart(after="a kill")
    await plays_at(group, clock, "10:21")

    assert sum(said.startswith(MISSED) for said in group.said) == 1
    assert await group.presses(OLIVIA, "Send it now") == "Olivia: “report” of “A day” comes now."


async def test_a_post_of_unknown_outcome_has_arrived_when_an_operator_says_so(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await does_not_hear_of_the_evening(group, clock)
    assert group.said[-1] == UNKNOWN

    assert await group.presses(BOB, "It arrived") == "Only this group's administrators can do that."
    assert await group.presses(OLIVIA, "It arrived") == "Olivia: “evening” of “A day” has arrived."
    assert "✅ 20:00 evening · A day: sent" in str(await group.says(OLIVIA, "/playbook today"))
    await plays_at(group, clock, "20:05", "20:10")
    assert "Good evening" not in group.said
    assert group.said[-1] == "Thank you"


async def test_a_post_of_unknown_outcome_is_sent_again_by_an_operator_alone(group: Group, clock: StoppedClock) -> None:
    await does_not_hear_of_the_evening(group, clock)
    await plays_at(group, clock, "20:04")
    assert "Good evening" not in group.said

    assert await group.presses(OLIVIA, "Send it again") == "Olivia: “evening” of “A day” is sent again."
    await plays_at(group, clock, "20:06")
    assert group.said[-1] == "Good evening"


async def test_what_is_unknown_again_is_asked_again(group: Group, clock: StoppedClock) -> None:
    await does_not_hear_of_the_evening(group, clock)
    group.telegram.fails("sendMessage", Unreachable("read timeout"))
    await group.presses(OLIVIA, "Send it again")
    await plays_at(group, clock, "20:01", "20:02")

    assert group.said[-1] == UNKNOWN


async def test_the_day_shows_questions_and_takes_answers(group: Group, clock: StoppedClock) -> None:
    await misses_the_report(group, clock)

    assert "❓ 10:00 report · A day: was missed: please decide" in str(await group.says(OLIVIA, "/playbook today"))
    assert group.buttons == ["10:00 · Send it now", "10:00 · Leave it out"]
    assert await group.presses(ALICE, "10:00 · Leave it out") == "Only this group's administrators can do that."
    assert await group.presses(OLIVIA, "10:00 · Leave it out") == "Olivia: “report” of “A day” is left out."
    assert "⏭ 10:00 report · A day: left out by an operator" in group.said[-1]
    assert await group.sends_back(OLIVIA, "playbook_answer:1:now:0") == OVER
