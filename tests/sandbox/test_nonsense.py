"""Whatever a client sends, it gets an answer of the Bot API, never a crash of the sandbox."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.bot_api import BotApi
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import find_method, method_names
from bot.sandbox.views import message_view
from bot.sandbox.world import World, default_world

NAMES = [
    "chat_id",
    "user_id",
    "from_chat_id",
    "message_id",
    "message_ids",
    "text",
    "caption",
    "parse_mode",
    "entities",
    "caption_entities",
    "reply_markup",
    "reply_parameters",
    "reply_to_message_id",
    "message_thread_id",
    "ephemeral_message_parameters",
    "media",
    "photo",
    "document",
    "options",
    "question",
    "permissions",
    "reaction",
    "commands",
    "scope",
    "language_code",
    "menu_button",
    "rights",
    "name",
    "title",
    "invite_link",
    "until_date",
    "member_limit",
    "allowed_updates",
    "url",
    "secret_token",
    "callback_query_id",
    "latitude",
    "longitude",
    "emoji",
    "action",
    "ephemeral_message_id",
    "receiver_user_id",
    "file_id",
    "tag",
    "custom_title",
    "offset",
    "limit",
]

sensible = st.sampled_from(
    [-1002000000001, "@hearth_shop", 1003, "1003", 7000000001, "HTML", "MarkdownV2", "<b>x</b>", "text", 5, True]
)
shaped = st.sampled_from(
    [
        {"message_id": "x"},
        {"inline_keyboard": [["x"]]},
        {"inline_keyboard": [[{"text": 5, "callback_data": []}]]},
        {"receiver_user_id": "x"},
        {"receiver_user_id": 1003},
        {"type": "chat_member", "chat_id": 5},
        {"type": "photo"},
        [{"type": "bold", "offset": "x", "length": 1}],
        [{"type": "bold", "offset": 0, "length": 1}],
        [{"type": "text_mention", "offset": 0, "length": 1, "user": 5}],
        [{"type": "emoji"}],
        [{"command": None}],
        [{"text": {}}],
        ["x", 5, None],
    ]
)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=2),
    max_leaves=4,
)
calls = st.dictionaries(st.sampled_from(NAMES), sensible | shaped | junk, max_size=12)


@pytest.fixture(scope="module")
def demo() -> World:
    return default_world()


@pytest.mark.parametrize("name", sorted(set(method_names()) - {"getUpdates"}))
def test_nonsense_is_a_bad_request(name: str, demo: World, caplog: pytest.LogCaptureFixture) -> None:
    _, handler = find_method(name) or pytest.fail(name)

    chat = demo.chats[-1002000000001]

    @settings(max_examples=15, deadline=None)
    @given(calls)
    def answers(values: dict[str, Any]) -> None:
        values.setdefault("chat_id", -1002000000001)
        answer = asyncio.run(BotApi(demo).call(name, handler, Parameters(values)))
        assert answer.get("error_code") != 500, caplog.text
        assert json.dumps([message_view(chat, message, demo.bot.id) for message in chat.messages.values()])
        assert json.dumps(answer)
        chat.messages.clear()

    answers()
