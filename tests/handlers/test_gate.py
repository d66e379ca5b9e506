"""What the gate lets pass, without anything else of the bot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.dispatching import COMMANDS
from handlers.gate import HANDLED_KINDS, Gate
from tests.group import USERNAME, Json

GATE = Gate(COMMANDS, USERNAME)


def message(text: str | None, kind: str = "supergroup", **fields: object) -> Json:
    return {"message_id": 1, "date": 1, "chat": {"id": -1, "type": kind}, "text": text, **fields}


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("/checkin", "checkin", ""),
        ("/CHECKIN", "checkin", ""),
        ("/points  give   @a 5 x ", "points", "give   @a 5 x"),
        ("/setrules\nBe kind.\n", "setrules", "Be kind."),
        (f"/top@{USERNAME.upper()} week", "top", "week"),
        ("/start ref_1", "start", "ref_1"),
        ("打卡", "checkin", ""),
        ("【打卡】", "checkin", ""),
        ("my  POINTS!!", "me", ""),
    ],
)
def test_requests(text: str, command: str, arguments: str) -> None:
    request = GATE.request(message(text))

    assert request is not None
    assert (request.command, request.arguments) == (command, arguments)


@pytest.mark.parametrize(
    "said",
    [
        message("hello"),
        message(None),
        message(""),
        message("/checkin@another_bot"),
        message("/unheard_of"),
        message("签到", forward_origin={}),
        message("签到", via_bot={}),
        message("签到") | {"from": {"is_bot": True}},
    ],
)
def test_chatter(said: Json) -> None:
    assert GATE.request(said) is None
    assert not GATE.concerns_us("message", said)


@pytest.mark.parametrize("field", ["migrate_to_chat_id", "migrate_from_chat_id", "new_chat_title"])
def test_service_messages_pass(field: str) -> None:
    assert GATE.concerns_us("message", message(None) | {field: 1})


def test_an_edited_message_asks_for_nothing() -> None:
    assert not GATE.concerns_us("edited_message", message("/checkin"))


@pytest.mark.parametrize("kind", ["channel_post", "poll", "inline_query", "message_reaction", "unknown"])
def test_kinds_that_nobody_asked_for_do_not(kind: str) -> None:
    assert kind not in HANDLED_KINDS
    assert not GATE.concerns_us(kind, message("/checkin"))


def test_a_number_for_a_text_is_no_request() -> None:
    assert GATE.request(message(5)) is None  # type: ignore[arg-type]


@given(st.text(max_size=40), st.sampled_from(["private", "group", "supergroup"]))
def test_no_text_upsets_it(text: str, kind: str) -> None:
    request = GATE.request(message(text, kind))

    known = {command.name for command in COMMANDS} | {"start", "unknown", "question"}
    assert request is None or request.command in known
