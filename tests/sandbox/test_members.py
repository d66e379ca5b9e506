"""Who may come, go and rise, and what the bot hears of it."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

Ask = Callable[..., Coroutine[Any, Any, Any]]

BOT = 7000000001
EVERYTHING = ["message", "edited_message", "channel_post", "chat_member", "my_chat_member", "chat_join_request"]
EVERYTHING += ["message_reaction", "callback_query"]


@pytest.fixture(autouse=True)
async def _ask_for_everything(call: Ask) -> None:
    await call("getUpdates", allowed_updates=EVERYTHING)


def move(ask: Ask, chat_id: int, user_id: int, action: str, **more: Any) -> Awaitable[Any]:
    return ask("POST", f"/chats/{chat_id}/members", user_id=user_id, action=action, **more)


async def test_a_join_is_told_twice_to_an_administrator(ask: Ask, news: Ask) -> None:
    await move(ask, -100, 9, "join")
    await move(ask, -100, 9, "leave")

    (change, service, farewell, left) = await news()

    assert [change[0], service[0], farewell[0], left[0]] == ["chat_member", "message", "message", "chat_member"]
    statuses = change[1]["old_chat_member"]["status"], change[1]["new_chat_member"]["status"]
    assert statuses == ("left", "member")
    assert service[1]["new_chat_members"][0]["id"] == farewell[1]["left_chat_member"]["id"] == 9


async def test_a_plain_member_bot_sees_only_the_service_message(ask: Ask, news: Ask) -> None:
    await move(ask, -200, 9, "join", by_user_id=1)

    [(kind, service)] = await news()

    assert (kind, service["from"]["id"], service["new_chat_members"][0]["id"]) == ("message", 1, 9)


async def test_the_bot_hears_what_becomes_of_itself(ask: Ask, news: Ask) -> None:
    for action in ("join", "promote", "demote", "kick"):
        await move(ask, -400, BOT, action)

    changes = [content for kind, content in await news() if kind == "my_chat_member"]

    assert [change["new_chat_member"]["status"] for change in changes] == [
        "member",
        "administrator",
        "member",
        "kicked",
    ]
    assert {change["from"]["id"] for change in changes} == {1}


async def test_nobody_comes_in_twice_or_past_a_ban(ask: Ask, call: Ask) -> None:
    assert await move(ask, -100, 3, "join") == "Maya T is already in Bakery."
    await call("banChatMember", chat_id=-100, user_id=3)
    assert await move(ask, -100, 3, "join") == "Maya T is banned from Bakery."
    assert await ask("POST", "/chats/-100/messages", user_id=3, text="hey") == "Maya T is not in Bakery: join it first."
    await call("unbanChatMember", chat_id=-100, user_id=3)
    assert (await move(ask, -100, 3, "join"))["status"] == "member"


async def test_a_ban_ends_when_its_time_has_come(ask: Ask, call: Ask, world: Any) -> None:
    until = world.clock.unix() + 600
    await call("banChatMember", chat_id=-100, user_id=3, until_date=until)
    banned = await call("getChatMember", chat_id=-100, user_id=3)
    await ask("POST", "/clock", advance=601)

    assert (banned["status"], banned["until_date"]) == ("kicked", until)
    assert (await call("getChatMember", chat_id=-100, user_id=3))["status"] == "left"


async def test_a_restricted_member_is_silent_until_let_loose(ask: Ask, call: Ask) -> None:
    await call("restrictChatMember", chat_id=-100, user_id=3, permissions={})
    member = await call("getChatMember", chat_id=-100, user_id=3)
    refusal = await ask("POST", "/chats/-100/messages", user_id=3, text="hm")
    everything = dict.fromkeys((name for name in member if name.startswith("can_")), True)
    await call("restrictChatMember", chat_id=-100, user_id=3, permissions=everything)

    assert (member["status"], member["can_send_messages"], member["is_member"]) == ("restricted", False, True)
    assert refusal == "Maya T may not write in Bakery at present."
    assert (await call("getChatMember", chat_id=-100, user_id=3))["status"] == "member"


async def test_the_mighty_are_out_of_reach(call: Ask) -> None:
    assert await call("banChatMember", chat_id=-100, user_id=1) == "Bad Request: can't remove chat owner"
    assert await call("banChatMember", chat_id=-100, user_id=2) == ("Bad Request: user is an administrator of the chat")
    assert await call("banChatMember", chat_id=-200, user_id=3) == (
        "Bad Request: not enough rights to restrict/unrestrict chat member"
    )


async def test_a_banned_channel_speaks_no_more_until_it_is_let_loose(ask: Ask, call: Ask) -> None:
    async def speaks() -> Any:
        said = await ask("POST", "/chats/-100/messages", user_id=3, text="buy bread", as_chat_id=-900)
        return said if isinstance(said, str) else said["text"]

    assert await speaks() == "buy bread"
    for _ in range(2):
        assert await call("banChatSenderChat", chat_id=-100, sender_chat_id=-900) is True
    assert await speaks() == "News is banned from Bakery."
    await ask("POST", "/chats/-900/messages", user_id=1, text="fresh bread")
    shown = await ask("GET", "/chats/-100/messages")
    assert shown[-1]["text"] == "fresh bread", "what the group is linked to goes on"
    for _ in range(2):
        assert await call("unbanChatSenderChat", chat_id=-100, sender_chat_id=-900) is True
    assert await speaks() == "buy bread"


@pytest.mark.parametrize("name", ["banChatSenderChat", "unbanChatSenderChat"])
async def test_only_channels_are_banned_as_senders_where_the_bot_may(ask: Ask, call: Ask, name: str) -> None:
    assert await call(name, chat_id=-200, sender_chat_id=-900) == (
        "Bad Request: not enough rights to restrict/unrestrict chat member"
    )
    for wrong in (3, -100, -5, "x"):
        assert str(await call(name, chat_id=-100, sender_chat_id=wrong)).startswith("Bad Request: ")
    await move(ask, -300, BOT, "promote")
    assert await call(name, chat_id=-300, sender_chat_id=-900) == (
        "Bad Request: method is available only for supergroups and channels"
    )


async def test_promotion_gives_the_rights_that_are_named(call: Ask) -> None:
    await call("promoteChatMember", chat_id=-100, user_id=3, can_pin_messages=True)
    await call("setChatAdministratorCustomTitle", chat_id=-100, user_id=3, custom_title="Pinner")
    member = await call("getChatMember", chat_id=-100, user_id=3)

    assert (member["can_pin_messages"], member["can_delete_messages"], member["custom_title"]) == (
        True,
        False,
        "Pinner",
    )
    assert len(await call("getChatAdministrators", chat_id=-100)) == 4


async def test_an_invite_link_tells_who_came_by_it(ask: Ask, call: Ask, news: Ask) -> None:
    link = await call("createChatInviteLink", chat_id=-100, name="ref:3", member_limit=1)
    await move(ask, -100, 9, "join", invite_link=link["invite_link"])

    (kind, change), _ = await news()

    assert (kind, change["invite_link"]["name"]) == ("chat_member", "ref:3")
    await move(ask, -100, 9, "leave")
    refusal = await move(ask, -100, 9, "join", invite_link=link["invite_link"])
    assert refusal.endswith(" is not valid any more.")


async def test_who_waits_at_the_door_is_let_in_or_not(ask: Ask, call: Ask, news: Ask) -> None:
    link = await call("createChatInviteLink", chat_id=-100, creates_join_request=True)
    for decision, status in (("decline", "left"), ("approve", "member")):
        waiting = await move(ask, -100, 9, "join", invite_link=link["invite_link"])
        [(kind, request)] = await news()
        assert (kind, request["from"]["id"], waiting["status"]) == ("chat_join_request", 9, "left")

        assert await call(f"{decision}ChatJoinRequest", chat_id=-100, user_id=9) is True
        assert (await call("getChatMember", chat_id=-100, user_id=9))["status"] == status
    (_, change), _ = await news()
    assert change["via_join_request"] is True
    assert await call("approveChatJoinRequest", chat_id=-100, user_id=9) == "Bad Request: HIDE_REQUESTER_MISSING"


async def test_who_asks_to_join_can_be_written_to_for_five_minutes(ask: Ask, call: Ask) -> None:
    refused = "Forbidden: bot can't initiate conversation with a user"
    assert await call("sendMessage", chat_id=9, text="who are you?") == refused
    link = await call("createChatInviteLink", chat_id=-100, creates_join_request=True)
    await move(ask, -100, 9, "join", invite_link=link["invite_link"])

    assert (await call("sendMessage", chat_id=9, text="who are you?"))["text"] == "who are you?"

    await ask("POST", "/clock", advance=300)
    assert await call("sendMessage", chat_id=9, text="who are you?") == refused


async def test_an_anonymous_administrator_is_the_group(ask: Ask, news: Ask) -> None:
    await ask("POST", "/chats/-100/messages", user_id=2, text="order!", as_chat_id=-100)
    refusal = await ask("POST", "/chats/-100/messages", user_id=3, text="order!", as_chat_id=-100)

    [(_, message)] = await news()
    path = f"/chats/-100/messages/{message['message_id']}"
    assert (await ask("PATCH", path, user_id=2, text="order?"))["text"] == "order?"

    assert (message["from"]["id"], message["from"]["username"]) == (1087968824, "GroupAnonymousBot")
    assert (message["sender_chat"]["id"], message["author_signature"]) == (-100, "Second")
    assert refusal == "Only administrators write anonymously in Bakery."


async def test_a_channel_speaks_in_a_group_and_its_posts_appear_there(ask: Ask, news: Ask) -> None:
    await ask("POST", "/chats/-100/messages", user_id=3, text="as a channel", as_chat_id=-900)
    post = await ask("POST", "/chats/-900/messages", user_id=1, text="fresh bread")

    (_, spoken), (kind, forwarded) = await news()

    assert (spoken["from"]["id"], spoken["sender_chat"]["id"]) == (136817688, -900)
    assert "from" not in post
    assert (kind, forwarded["from"]["id"], forwarded["is_automatic_forward"]) == ("message", 777000, True)
    assert (forwarded["sender_chat"]["id"], forwarded["text"]) == (-900, "fresh bread")


async def test_privacy_mode_lets_only_what_is_meant_for_the_bot_through(
    ask: Ask, call: Ask, news: Ask, world: Any
) -> None:
    world.can_read_all_group_messages = False
    mine = await call("sendMessage", chat_id=-200, text="I am here")
    for text in ("chat", "/start", "/start@hearth_bot", "/start@other_bot", "hi @hearth_bot"):
        await ask("POST", "/chats/-200/messages", user_id=3, text=text)
    await ask("POST", "/chats/-200/messages", user_id=3, text="indeed", reply_to_message_id=mine["message_id"])
    await ask("POST", "/chats/-100/messages", user_id=3, text="administrators read all")

    assert [message["text"] for _, message in await news()] == [
        "/start",
        "/start@hearth_bot",
        "hi @hearth_bot",
        "indeed",
        "administrators read all",
    ]


async def test_a_bot_that_reads_all_gets_commands_for_another_bot(ask: Ask, news: Ask) -> None:
    await ask("POST", "/chats/-200/messages", user_id=3, text="/start@other_bot")

    assert [message["text"] for _, message in await news()] == ["/start@other_bot"]


async def test_reactions_are_told_to_an_administrator(ask: Ask, call: Ask, news: Ask) -> None:
    sent = await call("sendMessage", chat_id=-100, text="nice?")
    path = f"/chats/-100/messages/{sent['message_id']}/react"
    await ask("POST", path, user_id=3, emoji="👍")
    await call(
        "setMessageReaction", chat_id=-100, message_id=sent["message_id"], reaction=[{"type": "emoji", "emoji": "👍"}]
    )
    shown = await ask("GET", "/chats/-100/messages")
    await ask("POST", path, user_id=3)

    (_, given), (_, taken) = await news()

    assert shown[0]["reactions"] == [{"emoji": "👍", "count": 2}]
    assert (given["old_reaction"], given["new_reaction"]) == ([], [{"type": "emoji", "emoji": "👍"}])
    assert (taken["old_reaction"], taken["new_reaction"]) == ([{"type": "emoji", "emoji": "👍"}], [])


async def test_people_edit_and_delete_their_own(ask: Ask, news: Ask) -> None:
    said = await ask("POST", "/chats/-100/messages", user_id=3, text="teh")
    path = f"/chats/-100/messages/{said['message_id']}"

    assert await ask("PATCH", path, user_id=1, text="x") == "Owner can edit only messages of Owner."
    assert (await ask("PATCH", path, user_id=3, text="the"))["text"] == "the"
    assert [(kind, message["text"]) for kind, message in await news()] == [
        ("message", "teh"),
        ("edited_message", "the"),
    ]
    assert await ask("DELETE", f"{path}?user_id=2") is True
    assert await ask("DELETE", f"{path}?user_id=2") == f"There is no message {said['message_id']} in Bakery."


async def test_a_backlog_carries_its_own_dates(ask: Ask, news: Ask) -> None:
    await ask("POST", "/chats/-100/messages", user_id=3, text="long ago", date=1_600_000_000)

    [(_, message)] = await news()

    assert message["date"] == 1_600_000_000


async def test_a_founded_group_tells_so(ask: Ask, news: Ask) -> None:
    founded = await ask("POST", "/chats", title="New", user_id=3)

    (_, change), (_, service) = await news()

    assert (change["chat"]["id"], change["new_chat_member"]["status"]) == (founded["id"], "member")
    assert (service["group_chat_created"], service["chat"]["type"]) == (True, "group")
