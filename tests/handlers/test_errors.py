"""Errors become words, or lines of the log, and never a traceback in the chat."""

import pytest
from structlog.testing import capture_logs

from bot.services.checkins import CheckInService
from tests.group import ALICE, Group, Refused


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check_in(*_: object) -> None:
        raise ZeroDivisionError("secret details")

    monkeypatch.setattr(CheckInService, "check_in", check_in)


@pytest.mark.usefixtures("broken")
async def test_a_fault_is_logged_with_its_traceback_and_not_said(group: Group) -> None:
    with capture_logs() as logs:
        assert await group.says(ALICE, "/checkin") is None

    (entry,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert isinstance(entry["exc_info"], ZeroDivisionError)
    assert group.hearthbot.engine.metrics.errors.labels("handler")._value.get() == 1
    assert await group.says(ALICE, "/me") is not None


@pytest.mark.usefixtures("broken")
async def test_a_press_is_answered_also_by_a_fault(group: Group) -> None:
    with capture_logs():
        pop_up = await group.sends_back(ALICE, "checkin")

    assert pop_up == "Something went wrong on our side; it has been noted. Please try again later."


async def test_a_refusal_is_said_and_is_no_error(group: Group) -> None:
    with capture_logs() as logs:
        await group.says(ALICE, "/settings")

    assert [(entry["log_level"], entry["text"]) for entry in logs if entry["event"] == "refused"] == [
        ("info", "members.not_an_operator")
    ]
    assert not any(entry["log_level"] == "error" for entry in logs)


async def test_a_refusal_that_cannot_be_said_is_logged_and_no_more(group: Group) -> None:
    group.telegram.fails("sendMessage", Refused(403, "Forbidden: bot was kicked from the supergroup chat"))
    with capture_logs() as logs:
        await group.says(ALICE, "/settings")

    assert not any("secret" in str(entry) for entry in logs)
    assert await group.says(ALICE, "/me") is not None


@pytest.mark.parametrize("data", ["", "nothing", "checkin", "checkin:1", "x" * 64, "💥"])
async def test_every_press_is_answered(group: Group, data: str) -> None:
    """Whatever an old or foreign button sends back; else it would spin for half a minute."""
    await group.sends_back(ALICE, data)


async def test_a_press_whose_message_is_gone_is_answered(group: Group) -> None:
    await group.says(ALICE, "/top")
    message = group.shown[-1]
    del group.telegram.messages[group.chat_id, message["message_id"]]

    await group.sends_back(ALICE, "top:month", message)


async def test_a_press_on_a_message_too_old_to_see_is_answered(group: Group) -> None:
    old = {"chat": group.chat, "message_id": 3, "date": 0}

    assert "day 1" in (await group.sends_back(ALICE, "checkin", old) or "")
    await group.sends_back(ALICE, "top:month", old)
