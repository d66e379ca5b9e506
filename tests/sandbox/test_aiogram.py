"""A real aiogram bot over real HTTP: every answer and update parses, every refusal is the right exception."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    BufferedInputFile,
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
    ChatPermissions,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReactionTypeEmoji,
)

Ask = Callable[..., Coroutine[Any, Any, Any]]

BOT = 7000000001
KEYBOARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="yes")]])
PICTURE = BufferedInputFile(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\0\x20\0\0\0\x10", "loaf.png")
KINDS = [
    "message",
    "edited_message",
    "channel_post",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "message_reaction",
]


async def test_the_bot_learns_who_it_is(bot: Bot) -> None:
    me = await bot.get_me()

    assert (me.id, me.username, me.can_read_all_group_messages) == (BOT, "hearth_bot", True)


async def test_every_kind_of_update_parses(bot: Bot, ask: Ask) -> None:
    await bot.get_updates(allowed_updates=KINDS)
    link = await bot.create_chat_invite_link(-100, creates_join_request=True)
    sent = await bot.send_message(-100, "Sure?", reply_markup=KEYBOARD)
    said = await ask("POST", "/chats/-100/messages", user_id=3, text="/hi", reply_to_message_id=sent.message_id)
    await ask("PATCH", f"/chats/-100/messages/{said['message_id']}", user_id=3, text="hi")
    await ask("POST", f"/chats/-100/messages/{sent.message_id}/press", user_id=3, data="yes")
    await ask("POST", f"/chats/-100/messages/{sent.message_id}/react", user_id=3, emoji="🔥")
    await ask("POST", "/chats/-100/members", user_id=9, action="join", invite_link=link.invite_link)
    await ask("POST", "/chats/-100/members", user_id=9, action="join")
    await ask("POST", "/chats/-900/members", user_id=BOT, action="join")
    await ask("POST", "/chats/-900/messages", user_id=1, text="news")
    await ask("POST", "/chats/-300/migrate")
    await ask("POST", "/chats/-100/messages", user_id=3, kind="photo", caption="look")
    await ask("POST", "/chats/-100/messages", user_id=3, kind="sticker")
    await bot.pin_chat_message(-100, sent.message_id)

    updates = await bot.get_updates()

    assert {update.event_type for update in updates} == set(KINDS)
    query = next(update.callback_query for update in updates if update.callback_query)
    assert query.message == sent


async def test_every_status_of_a_member_parses(bot: Bot) -> None:
    async def status(user_id: int) -> object:
        return type(await bot.get_chat_member(-100, user_id))

    assert await status(1) is ChatMemberOwner
    assert await status(BOT) is ChatMemberAdministrator
    assert await status(3) is ChatMemberMember
    assert await status(9) is ChatMemberLeft
    await bot.restrict_chat_member(-100, 3, ChatPermissions(can_send_messages=False))
    assert await status(3) is ChatMemberRestricted
    await bot.ban_chat_member(-100, 3)
    assert await status(3) is ChatMemberBanned


async def test_refusals_are_the_right_exceptions(bot: Bot, ask: Ask) -> None:
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await bot.send_message(-100, "")
    with pytest.raises(TelegramForbiddenError, match="not a member"):
        await bot.send_message(-400, "x")
    await ask("POST", "/faults", method="sendMessage", error_code=429, retry_after=3)
    with pytest.raises(TelegramRetryAfter) as flood:
        await bot.send_message(-100, "x")
    assert flood.value.retry_after == 3
    await ask("POST", "/faults", method="sendMessage", error_code=502, description="Bad Gateway")
    with pytest.raises(TelegramServerError):
        await bot.send_message(-100, "x")
    moved = await ask("POST", "/chats/-300/migrate")
    with pytest.raises(TelegramMigrateToChat) as migration:
        await bot.send_message(-300, "x")
    assert migration.value.migrate_to_chat_id == moved["chat_id"]
    await bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(TelegramConflictError):
        await bot.get_updates()


async def test_a_lost_answer_leaves_the_message_in_the_chat(bot: Bot, ask: Ask) -> None:
    await ask("POST", "/faults", method="sendMessage", after_acceptance=True)

    with pytest.raises(TelegramNetworkError):
        await bot.send_message(-100, "did it arrive?")

    assert [message["text"] for message in await ask("GET", "/chats/-100/messages")] == ["did it arrive?"]


async def test_a_wrong_token_is_unauthorized(bot: Bot) -> None:
    async with Bot("7000000001:wrong", bot.session) as stranger:
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()


async def test_commands_are_kept_by_scope_and_language(bot: Bot, ask: Ask) -> None:
    everywhere = [BotCommand(command="checkin", description="Check in")]
    here = [BotCommand(command="rules", description="群规")]
    await bot.set_my_commands(everywhere)
    await bot.set_my_commands(here, BotCommandScopeChat(chat_id=-100), "zh")

    assert names(await bot.get_my_commands()) == ["checkin"]
    assert names(await bot.get_my_commands(BotCommandScopeChat(chat_id=-100), "zh")) == ["rules"]
    assert await bot.get_my_commands(BotCommandScopeChat(chat_id=-100)) == []
    await bot.delete_my_commands(BotCommandScopeDefault())
    assert await bot.get_my_commands() == []
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Check-In", description="x")])
    assert (await ask("GET", "/world"))["commands"] == [
        {
            "scope": {"type": "chat", "chat_id": -100},
            "language_code": "zh",
            "commands": [{"command": "rules", "description": "群规"}],
        }
    ]


def names(commands: list[BotCommand]) -> list[str]:
    return [command.command for command in commands]


async def test_media_of_every_kind_parse(bot: Bot) -> None:
    photo = await bot.send_photo(-100, PICTURE, caption="<b>loaf</b>", parse_mode="HTML")
    assert photo.photo
    assert (photo.photo[-1].width, photo.photo[-1].height, photo.caption) == (32, 16, "loaf")
    assert (await bot.send_document(-100, PICTURE)).document
    assert (await bot.send_video(-100, PICTURE)).video
    assert (await bot.send_animation(-100, PICTURE)).animation
    assert (await bot.send_sticker(-100, PICTURE)).sticker
    assert (await bot.send_audio(-100, PICTURE)).audio
    assert (await bot.send_voice(-100, PICTURE)).voice
    assert (await bot.send_video_note(-100, PICTURE)).video_note
    assert (await bot.send_dice(-100)).dice
    assert (await bot.send_location(-100, 31.2, 121.5)).location
    assert (await bot.send_contact(-100, "+1", "Maya")).contact
    album = await bot.send_media_group(-100, [InputMediaPhoto(media=PICTURE), InputMediaPhoto(media=PICTURE)])
    assert len({message.media_group_id for message in album}) == 1
    downloaded = await bot.download(photo.photo[-1].file_id)
    assert downloaded
    assert downloaded.read() == PICTURE.data


async def test_polls_parse_and_close(bot: Bot) -> None:
    sent = await bot.send_poll(-100, "Rye or wheat?", ["Rye", "Wheat"], is_anonymous=False)

    assert sent.poll
    assert [option.text for option in sent.poll.options] == ["Rye", "Wheat"]
    assert (await bot.stop_poll(-100, sent.message_id)).is_closed


async def test_everything_about_a_chat_parses(bot: Bot) -> None:
    chat = await bot.get_chat("@bakery")

    assert (chat.id, chat.type, chat.linked_chat_id, chat.is_forum) == (-100, "supergroup", -900, True)
    assert {type(member) for member in await bot.get_chat_administrators(-100)} == {
        ChatMemberOwner,
        ChatMemberAdministrator,
    }
    assert await bot.get_chat_member_count(-100) == 4
    assert (await bot.get_my_default_administrator_rights()).can_delete_messages is False
    assert (await bot.get_my_name()).name == "Hearth"
    assert (await bot.get_chat_menu_button()).type == "default"
    assert (await bot.create_forum_topic(-100, "Cake")).name == "Cake"


async def test_the_rest_is_accepted(bot: Bot) -> None:
    sent = await bot.send_message(-100, "x")

    assert await bot.send_chat_action(-100, "typing")
    assert await bot.set_message_reaction(-100, sent.message_id, [ReactionTypeEmoji(emoji="👍")])
    assert await bot.set_my_description("A bot", "en")
    assert (await bot.get_my_description("en")).description == "A bot"
    assert await bot.set_my_short_description("Bot")
    assert await bot.set_my_name("Hearth 2")
    assert await bot.export_chat_invite_link(-100)
    assert await bot.set_chat_member_tag(-100, 3, tag="regular")
    assert await bot.delete_messages(-100, [sent.message_id, 1])
    assert await bot.unpin_all_chat_messages(-100)
    assert await bot.leave_chat(-100)
    assert await bot.log_out()
    assert await bot.close()


async def test_votes_are_told_and_counted(bot: Bot, ask: Ask) -> None:
    sent = await bot.send_poll(-100, "Rye or wheat?", ["Rye", "Wheat"], is_anonymous=False)
    path = f"/chats/-100/messages/{sent.message_id}/vote"

    await ask("POST", path, user_id=3, option_ids=[1])
    shown = await ask("POST", path, user_id=2, option_ids=[1])
    refusal = await ask("POST", path, user_id=1, option_ids=[0, 1])

    counts = [option["voter_count"] for option in shown["poll"]["options"]]
    assert (counts, shown["poll"]["total_voter_count"], refusal) == ([0, 2], 2, "This poll takes one answer.")
    answers = [update.poll_answer for update in await bot.get_updates() if update.poll_answer]
    assert [(answer.user and answer.user.id, answer.option_ids) for answer in answers] == [(3, [1]), (2, [1])]


async def test_many_are_forwarded_or_copied_at_once_and_media_exchanged(bot: Bot) -> None:
    sent = [(await bot.send_message(-100, text)).message_id for text in ("one", "two")]

    assert len(await bot.copy_messages(-200, -100, [*sent, 99999])) == 2
    assert len(await bot.forward_messages(-200, -100, sent)) == 2
    edited = await bot.edit_message_media(InputMediaPhoto(media=PICTURE), chat_id=-100, message_id=sent[0])
    assert not isinstance(edited, bool)
    assert (bool(edited.photo), edited.text) == (True, None)
    assert (await bot.get_user_profile_photos(3)).total_count == 0
