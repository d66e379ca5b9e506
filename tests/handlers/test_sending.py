"""What every request to the platform goes through."""

import asyncio

import pytest
from structlog.testing import capture_logs

from handlers.sending import LONGEST_FLOOD_WAIT
from tests.group import ALICE, Flood, Group, Refused, Unreachable
from tests.handlers.test_checkins import points_of


def sent(group: Group, outcome: str) -> float:
    value: float = group.hearthbot.engine.metrics.sends.labels("SendMessage", outcome)._value.get()
    return value


async def test_flood_control_is_waited_out(group: Group) -> None:
    group.telegram.fails("sendMessage", Flood(0))
    await group.hearthbot.takes(group.message(ALICE, "/checkin"))

    assert len(group.said) == 1
    assert len(group.telegram.made("sendMessage")) == 2
    assert sent(group, "ok") == 1


async def test_as_long_as_the_platform_says(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses, really_sleep = list[float](), asyncio.sleep

    async def sleep(seconds: float, *_: object) -> None:
        if seconds:
            pauses.append(seconds)
        await really_sleep(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    group.telegram.fails("sendMessage", Flood(LONGEST_FLOOD_WAIT))
    await group.hearthbot.takes(group.message(ALICE, "/checkin"))
    monkeypatch.undo()

    assert pauses == [LONGEST_FLOOD_WAIT]
    assert len(group.said) == 1


@pytest.mark.parametrize("floods", [[Flood(LONGEST_FLOOD_WAIT + 1)], [Flood(0)] * 3])
async def test_beyond_the_limit_the_answer_is_given_up_and_the_award_stands(group: Group, floods: list[Flood]) -> None:
    group.telegram.fails("sendMessage", *floods)
    with capture_logs() as logs:
        await group.hearthbot.takes(group.message(ALICE, "/checkin"))

    assert group.said == []
    assert any(entry["event"] == "the platform refused" for entry in logs)
    assert sent(group, "TelegramRetryAfter") == 1
    assert await points_of(group) == 10


async def test_what_may_have_arrived_is_not_sent_again(group: Group) -> None:
    group.telegram.fails("sendMessage", Unreachable("the answer was lost"))
    await group.hearthbot.takes(group.message(ALICE, "/checkin"))

    assert len(group.telegram.made("sendMessage")) == 1


async def test_every_failure_is_counted_by_its_kind(group: Group) -> None:
    for failure in (Refused(400, "Bad Request: x"), Refused(403, "Forbidden: x"), Unreachable("x")):
        group.telegram.fails("sendMessage", failure)
        await group.hearthbot.takes(group.message(ALICE, "/me"))

    for kind in ("TelegramBadRequest", "TelegramForbiddenError", "TelegramNetworkError"):
        assert sent(group, kind) == 1


async def test_what_the_bot_says_shows_no_preview_and_is_html(group: Group) -> None:
    await group.says(ALICE, "/checkin")

    params = group.telegram.made("sendMessage")[-1].params
    assert params["parse_mode"] == "HTML"
    assert '"is_disabled": true' in params.get("link_preview_options", '"is_disabled": true')
