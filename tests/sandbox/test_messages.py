"""What the bot may send, edit and delete, and how it is refused."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bot.sandbox.chats import REMEMBERED
from bot.sandbox.world import World

Ask = Callable[..., Coroutine[Any, Any, Any]]

KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}


def buttons(*rows: int) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * row for row in rows]}


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "🔥" * 2049}, "message is too long"),
        ({"text": "<u>x</i>", "parse_mode": "HTML"}, None),
        ({"text": "x", "parse_mode": "RTF"}, "unsupported parse_mode"),
        ({"text": "x", "chat_id": -1}, "chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "reply_parameters": {"message_id": 9}}, "message to be replied not found"),
        ({"text": "x", "message_thread_id": 77}, "message thread not found"),
        ({"text": "x", "reply_markup": buttons(100, 1)}, "REPLY_MARKUP_TOO_LONG"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "字" * 22}]]}},
            "BUTTON_DATA_INVALID",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": ""}]]}},
            "BUTTON_DATA_INVALID",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply_markup JSON object"),
    ],
)
async def test_a_message_that_cannot_be_is_refused(
    call: Ask, parameters: dict[str, Any], description: str | None
) -> None:
    answer = await call("sendMessage", **{"chat_id": -100, **parameters})

    if description is None:
        assert answer.startswith("Bad Request: can't parse entities: ")
    else:
        assert answer == f"Bad Request: {description}"


@pytest.mark.parametrize(
    "parameters",
    [
        {"text": "x" * 4096},
        {"text": "🔥" * 2048},
        {"text": f"<b>{'x' * 4096}</b>", "parse_mode": "HTML"},
        {"text": "x", "reply_parameters": {"message_id": 9, "allow_sending_without_reply": True}},
        {"text": "x", "message_thread_id": 5},
        {"text": "x", "reply_markup": buttons(8, 92)},
        {"text": "x", "reply_markup": {"keyboard": [[{"text": "x"}]]}},
    ],
)
async def test_a_message_at_the_limits_is_sent(call: Ask, parameters: dict[str, Any]) -> None:
    assert isinstance(await call("sendMessage", chat_id=-100, **parameters), dict)


async def test_where_the_bot_is_not_it_cannot_write(ask: Ask, call: Ask) -> None:
    await ask("POST", "/chats/-200/members", user_id=7000000001, action="kick")

    assert await call("sendMessage", chat_id=-400, text="x") == (
        "Forbidden: bot is not a member of the supergroup chat"
    )
    assert await call("sendMessage", chat_id=-200, text="x") == "Forbidden: bot was kicked from the supergroup chat"
    assert await call("sendMessage", chat_id=3, text="x") == "Forbidden: bot can't initiate conversation with a user"


async def test_a_person_opens_the_private_chat_and_shuts_it(ask: Ask, call: Ask, news: Ask) -> None:
    await ask("POST", "/chats/3/messages", user_id=3, text="/start")
    assert (await call("sendMessage", chat_id=3, text="welcome"))["chat"]["type"] == "private"

    await ask("POST", "/chats/3/members", user_id=7000000001, action="kick")

    assert await call("sendMessage", chat_id=3, text="x") == "Forbidden: bot was blocked by the user"
    (_, _), (kind, change) = await news()
    assert (kind, change["new_chat_member"]["status"]) == ("my_chat_member", "kicked")


async def test_an_edit_must_change_something(call: Ask) -> None:
    sent = await call("sendMessage", chat_id=-100, text="one", reply_markup=KEYBOARD)
    place = {"chat_id": -100, "message_id": sent["message_id"]}

    assert (await call("editMessageText", **place, text="one", reply_markup=KEYBOARD)).startswith(
        "Bad Request: message is not modified: "
    )
    edited = await call("editMessageText", **place, text="two")
    assert (edited["text"], "reply_markup" in edited, "edit_date" in edited) == ("two", False, True)
    assert (await call("editMessageText", **place, text="two")).startswith("Bad Request: message is not modified: ")
    assert (await call("editMessageReplyMarkup", **place, reply_markup=KEYBOARD))["reply_markup"] == KEYBOARD
    assert await call("editMessageText", chat_id=-100, message_id=1, text="x") == (
        "Bad Request: message to edit not found"
    )


async def test_only_its_own_messages_are_edited(ask: Ask, call: Ask) -> None:
    foreign = await ask("POST", "/chats/-100/messages", user_id=3, text="mine")

    answer = await call("editMessageText", chat_id=-100, message_id=foreign["message_id"], text="x")

    assert answer == "Bad Request: message can't be edited"


async def test_deleting_others_messages_needs_the_right(ask: Ask, call: Ask) -> None:
    foreign = await ask("POST", "/chats/-200/messages", user_id=3, text="x")
    place = {"chat_id": -200, "message_id": foreign["message_id"]}

    assert await call("deleteMessage", **place) == "Bad Request: message can't be deleted"
    await ask("POST", "/chats/-200/members", user_id=7000000001, action="promote", rights=["can_delete_messages"])
    assert await call("deleteMessage", **place) is True
    assert await call("deleteMessage", **place) == "Bad Request: message to delete not found"
    assert await call("pinChatMessage", **place) == (
        "Bad Request: not enough rights to manage pinned messages in the chat"
    )


async def test_a_press_reaches_the_bot_and_its_answer_the_person(ask: Ask, call: Ask, news: Ask) -> None:
    sent = await call("sendMessage", chat_id=-100, text="Sure?", reply_markup=KEYBOARD)
    path = f"/chats/-100/messages/{sent['message_id']}/press"
    pressed = await ask("POST", path, user_id=3, data="yes")
    [(kind, query)] = await news()
    answer = {"callback_query_id": query["id"], "text": "Done", "show_alert": True}

    assert (kind, query["message"], query["data"], query["from"]["id"]) == ("callback_query", sent, "yes", 3)
    assert await call("answerCallbackQuery", **{**answer, "text": "x" * 201}) == "Bad Request: MESSAGE_TOO_LONG"
    assert await call("answerCallbackQuery", **answer) is True
    shown = await ask("GET", f"/callbacks/{pressed['callback_query_id']}")
    assert shown == {"answered": True, "text": "Done", "show_alert": True, "url": None}
    assert await ask("POST", path, user_id=3, data="no") == "The message has no such button."


async def test_a_press_is_forgotten_after_a_while(ask: Ask, call: Ask) -> None:
    sent = await call("sendMessage", chat_id=-100, text="Sure?", reply_markup=KEYBOARD)
    pressed = await ask("POST", f"/chats/-100/messages/{sent['message_id']}/press", user_id=3, data="yes")
    await ask("POST", "/clock", advance=151)

    for callback_query_id in (pressed["callback_query_id"], "unknown"):
        assert await call("answerCallbackQuery", callback_query_id=callback_query_id) == (
            "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )


async def test_a_group_that_has_moved_tells_where_to(ask: Ask, call: Ask, news: Ask) -> None:
    moved = await ask("POST", "/chats/-300/migrate")

    assert await call("sendMessage", chat_id=-300, text="x") == (
        "Bad Request: group chat was upgraded to a supergroup chat"
    )
    (_, old), (_, new) = await news()
    assert old["migrate_to_chat_id"] == new["chat"]["id"] == moved["chat_id"]
    assert new["migrate_from_chat_id"] == old["chat"]["id"] == -300
    assert (await call("sendMessage", chat_id=moved["chat_id"], text="x"))["chat"]["type"] == "supergroup"


async def test_a_message_for_one_is_no_message_of_the_chat(ask: Ask, call: Ask, news: Ask) -> None:
    receiver = {"receiver_user_id": 3}
    sent = await call(
        "sendMessage", chat_id=-100, text="psst", ephemeral_message_parameters=receiver, reply_markup=KEYBOARD
    )
    number = sent["ephemeral_message_id"]
    edited = await call("editEphemeralMessageText", chat_id=-100, **receiver, ephemeral_message_id=number, text="!")

    assert (sent["message_id"], sent["receiver_user"]["id"], edited) == (0, 3, True)
    assert await ask("GET", "/chats/-100/messages") == []
    await call(
        "editEphemeralMessageReplyMarkup", chat_id=-100, **receiver, ephemeral_message_id=number, reply_markup=KEYBOARD
    )
    await ask("POST", "/chats/-100/messages/0/press", user_id=3, data="yes", ephemeral_message_id=number)
    [(_, query)] = await news()
    assert (query["message"]["ephemeral_message_id"], query["message"]["text"]) == (number, "!")


async def test_what_the_bot_forwards_and_copies_keeps_its_content(ask: Ask, call: Ask) -> None:
    said = await ask("POST", "/chats/-100/messages", user_id=3, text="hello @owner")
    source = {"from_chat_id": -100, "message_id": said["message_id"]}

    forwarded = await call("forwardMessage", chat_id=-200, **source)
    copied = await call("copyMessage", chat_id=-200, **source)
    shown = await ask("GET", "/chats/-200/messages")

    assert forwarded["forward_origin"]["sender_user"]["id"] == 3
    assert [(message["text"], "forward_origin" in message) for message in shown] == [
        ("hello @owner", True),
        ("hello @owner", False),
    ]
    assert copied == {"message_id": shown[1]["message_id"]}


async def test_pinning_is_told_by_a_service_message(call: Ask, news: Ask) -> None:
    sent = await call("sendMessage", chat_id=-100, text="rules")
    place = {"chat_id": -100, "message_id": sent["message_id"]}

    assert await call("pinChatMessage", **place) is True
    [(_, service)] = await news()
    assert service["pinned_message"]["text"] == "rules"
    assert (await call("getChat", chat_id=-100))["pinned_message"]["text"] == "rules"
    assert await call("unpinChatMessage", **place) is True
    assert await call("unpinChatMessage", chat_id=-100) == "Bad Request: message to unpin not found"


async def test_a_reply_to_a_topic_stays_in_the_topic(ask: Ask, call: Ask) -> None:
    said = await ask("POST", "/chats/-100/messages", user_id=3, text="rye?", message_thread_id=5)

    reply = await call("sendMessage", chat_id=-100, text="yes", reply_parameters={"message_id": said["message_id"]})

    assert (reply["message_thread_id"], reply["is_topic_message"]) == (5, True)
    assert reply["reply_to_message"]["text"] == "rye?"


async def test_a_fault_fails_as_often_as_it_was_told(ask: Ask, call: Ask) -> None:
    await ask("POST", "/faults", method="sendMessage", times=2, error_code=429, retry_after=7)

    answers = [await call("sendMessage", chat_id=-100, text="x") for _ in range(3)]

    assert answers[:2] == ["Too Many Requests: retry after 7"] * 2
    assert answers[2]["text"] == "x"
    assert [made["ok"] for made in await ask("GET", "/calls?method=sendmessage")] == [False, False, True]


async def test_a_fault_can_be_cleared(ask: Ask, call: Ask) -> None:
    await ask("POST", "/faults", method="getMe", times=9, error_code=500, description="Internal Server Error")
    await ask("DELETE", "/faults")

    assert (await call("getMe"))["username"] == "hearth_bot"


async def test_a_chat_remembers_only_so_many_messages(world: World) -> None:
    chat = world.chats[-100]
    for number in range(REMEMBERED + 5):
        world.post(chat, {"text": str(number), "from": world.bot.json()})

    assert len(chat.messages) == REMEMBERED
    assert next(iter(chat.messages.values()))["text"] == "5"


async def test_a_closed_topic_takes_nothing_and_a_deleted_one_is_not_found(call: Ask) -> None:
    topic = await call("createForumTopic", chat_id=-100, name="Cake")
    place = {"chat_id": -100, "message_thread_id": topic["message_thread_id"]}

    assert (await call("sendMessage", **place, text="x"))["is_topic_message"] is True
    assert await call("closeForumTopic", **place) is True
    assert await call("sendMessage", **place, text="x") == "Bad Request: TOPIC_CLOSED"
    assert await call("reopenForumTopic", **place) is True
    assert await call("deleteForumTopic", **place) is True
    assert await call("sendMessage", **place, text="x") == "Bad Request: message thread not found"
