"""Answers that disappear."""

import pytest

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, Group, Refused, Unreachable


@pytest.fixture
async def vanishing(group_on_either: Group) -> Group:
    await group_on_either.says(OLIVIA, "/settings checkin_reply_lifetime 30")
    return group_on_either


def answers(group: Group) -> list[str]:
    return group.said[1:]


async def test_they_disappear_also_after_a_restart(vanishing: Group, clock: StoppedClock) -> None:
    await vanishing.says(ALICE, "/checkin")
    await vanishing.hearthbot.restart(after="a kill")
    await vanishing.hearthbot.sweep()
    assert len(answers(vanishing)) == 1

    clock.advance(hours=1)
    await vanishing.hearthbot.sweep()

    assert answers(vanishing) == []
    before = len(vanishing.telegram.calls)
    await vanishing.hearthbot.sweep()
    assert len(vanishing.telegram.calls) == before, "once"


@pytest.mark.parametrize(
    "failure",
    [Refused(400, "Bad Request: message can't be deleted"), Refused(400, "Bad Request: message to delete not found"),
     Refused(403, "Forbidden: bot was kicked from the supergroup chat")],
)  # fmt: skip
async def test_what_cannot_be_deleted_is_let_go_and_the_next_ones_go(
    vanishing: Group, clock: StoppedClock, failure: Refused
) -> None:
    await vanishing.says(ALICE, "/checkin")
    await vanishing.says(BOB, "/checkin")
    clock.advance(seconds=30)
    vanishing.telegram.fails("deleteMessage", failure)

    await vanishing.hearthbot.sweep()
    await vanishing.hearthbot.sweep()

    assert len(answers(vanishing)) == 1
    assert len(vanishing.telegram.made("deleteMessage")) == 2


async def test_what_is_lost_on_the_way_is_tried_again(vanishing: Group, clock: StoppedClock) -> None:
    await vanishing.says(ALICE, "/checkin")
    clock.advance(seconds=30)
    vanishing.telegram.fails("deleteMessage", Unreachable("reset"))

    try:
        await vanishing.hearthbot.sweep()
    except Exception as error:  # the alarm logs it
        assert "reset" in str(error)  # noqa: PT017
    await vanishing.hearthbot.sweep()

    assert answers(vanishing) == []
