"""Merged replies: one message for many check-ins."""

import asyncio

import pytest

from handlers.merging import MOST_LINES, WINDOW
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, Group, Persona, Refused, at_once
from tests.handlers.test_checkins import points_of


@pytest.fixture
async def merging(group: Group) -> Group:
    await group.says(OLIVIA, "/settings checkin_reply merged")
    return group


def answers(group: Group) -> list[str]:
    return group.said[1:]  # behind the answer to /settings


async def test_several_check_ins_are_answered_with_one_message(merging: Group) -> None:
    for person in (ALICE, BOB):
        assert await merging.says(person, "/checkin") is None

    await merging.hearthbot.engine.merged.close()

    assert answers(merging) == ["✅ Alice: day 1, +10, 10 in all\n✅ Bob: day 1, +10, 10 in all"]
    assert await points_of(merging) == 10


async def test_a_refusal_is_answered_at_once(merging: Group) -> None:
    await merging.says(ALICE, "/checkin")

    assert "already" in (await merging.says(ALICE, "/checkin") or "")


async def test_the_window_closes_by_itself_and_the_next_one_opens(merging: Group) -> None:
    waited, merged = list[float](), merging.hearthbot.engine.merged
    merged.timeout = at_once(waited)
    for person in (ALICE, BOB):
        await merging.says(person, "/checkin")
        await asyncio.gather(*merged._tasks)

    assert waited == [WINDOW] * 2
    assert len(answers(merging)) == 2


async def test_very_many_are_several_messages(merging: Group) -> None:
    for n in range(MOST_LINES + 1):
        await merging.says(Persona(5000 + n, "&" * 64), "/checkin")

    await merging.hearthbot.engine.merged.close()

    assert [len(answer.splitlines()) for answer in answers(merging)] == [MOST_LINES, 1]


async def test_topics_are_answered_apart(merging: Group) -> None:
    await merging.says(ALICE, "/checkin", message_thread_id=7, is_topic_message=True)
    await merging.says(BOB, "/checkin", message_thread_id=8, is_topic_message=True)

    await merging.hearthbot.engine.merged.close()

    assert [message["message_thread_id"] for message in merging.shown[1:]] == [7, 8]


async def test_a_stop_says_what_was_gathered(merging: Group) -> None:
    await merging.says(ALICE, "/checkin")

    await merging.hearthbot.restart()

    assert answers(merging) == ["✅ Alice: day 1, +10, 10 in all"]


async def test_what_cannot_be_said_undoes_nothing(merging: Group) -> None:
    merging.telegram.fails("sendMessage", Refused(403, "Forbidden: bot was kicked from the supergroup chat"))
    await merging.says(ALICE, "/checkin")

    await merging.hearthbot.engine.merged.close()

    assert answers(merging) == []
    assert await points_of(merging) == 10


async def test_a_merged_answer_disappears_as_well(merging: Group, clock: StoppedClock) -> None:
    await merging.says(OLIVIA, "/settings checkin_reply_lifetime 30")
    await merging.says(ALICE, "/checkin")
    await merging.hearthbot.engine.merged.close()
    assert "Alice" in merging.said[-1]

    clock.advance(seconds=30)
    await merging.hearthbot.sweep()

    assert not any("Alice" in said for said in merging.said)
