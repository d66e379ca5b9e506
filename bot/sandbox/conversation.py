"""What people do in a chat: say, edit, delete, press, react."""

import secrets
from dataclasses import dataclass
from typing import Any

from bot.sandbox.chats import Chat
from bot.sandbox.delivery import post_from_person, report_edit
from bot.sandbox.entities import tidy, utf16_length
from bot.sandbox.errors import Refused
from bot.sandbox.formatted import CAPTION_LIMIT, TEXT_LIMIT
from bot.sandbox.members import Member
from bot.sandbox.memberships import change
from bot.sandbox.people import CHANNEL_BOT, GROUP_ANONYMOUS_BOT, User
from bot.sandbox.sending import without_reply
from bot.sandbox.wire import Json, without_blanks
from bot.sandbox.world import Callback, World


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to say. `content` is what it says; the rest, how and in whose name."""

    content: Json
    permission: str = "can_send_messages"
    reply_to_message_id: int | None = None
    message_thread_id: int | None = None
    as_chat_id: int | None = None
    forward_from: User | None = None
    date: int | None = None


def text_content(text: str, entities: list[Json] | None = None) -> Json:
    """A text as people type it: commands, mentions and links are found in it."""
    text, found = tidy(text, entities or [])
    if not text:
        raise Refused("There is nothing to say: the text is empty.")
    if utf16_length(text) > TEXT_LIMIT:
        raise Refused(f"A message has at most {TEXT_LIMIT} characters.")
    return without_blanks(text=text, entities=found)


def caption_content(text: str) -> Json:
    """The words under a picture."""
    text, found = tidy(text, [])
    if utf16_length(text) > CAPTION_LIMIT:
        raise Refused(f"A caption has at most {CAPTION_LIMIT} characters.")
    return without_blanks(caption=text, caption_entities=found) if text else {}


def say(world: World, chat: Chat, user: User, utterance: Utterance) -> Json:
    """A person's message, as the bot would see it."""
    member = _writer(world, chat, user, utterance.permission)
    reply = _replied_to(chat, utterance.reply_to_message_id)
    content = _sender(world, chat, member, utterance.as_chat_id) | _thread(chat, utterance.message_thread_id, reply)
    if reply:
        content["reply_to_message"] = without_reply(reply)
    if utterance.forward_from:
        origin = {"type": "user", "sender_user": utterance.forward_from.json()}
        content["forward_origin"] = origin | {"date": utterance.date or world.clock.unix()}
    return post_from_person(world, chat, content | utterance.content, utterance.date)


def edit(world: World, chat: Chat, user: User, message_id: int, text: str) -> Json:
    """Another text for one's own message."""
    message = message_in(chat, message_id)
    if not _is_own(world, chat, user, message):
        raise Refused(f"{user.name} can edit only messages of {user.name}.", 403)
    changed = text_content(text) if "text" in message else caption_content(text)
    outdated = ("text", "entities", "caption", "caption_entities")
    kept = {name: value for name, value in message.items() if name not in outdated}
    edited = kept | changed | {"edit_date": world.clock.unix()}
    chat.keep(edited)
    world.show("edited", chat, edited)
    report_edit(world, chat, edited)
    return edited


def delete(world: World, chat: Chat, user: User, message_id: int) -> None:
    """One's own message, or any by an administrator. The bot is not told, as on the platform."""
    message = message_in(chat, message_id)
    if (
        not _is_own(world, chat, user, message)
        and chat.type != "private"
        and not world.member(chat, user).may("can_delete_messages")
    ):
        raise Refused(f"{user.name} can delete only messages of {user.name}.", 403)
    chat.forget(message_id)
    world.events.publish("deleted", chat_id=chat.id, message_ids=[message_id])


def press(world: World, chat: Chat, user: User, message: Json, data: str) -> Callback:
    """Press an inline button. The bot gets the message as it is now."""
    if data not in _callback_data(message):
        raise Refused("The message has no such button.", 404)
    if chat.type != "private" and not world.member(chat, user).is_inside:
        raise Refused(f"{user.name} is not in {chat.name}.", 403)
    callback = Callback(secrets.token_hex(9), user, chat, message["message_id"], world.clock.unix())
    world.remember_callback(callback)
    query = {
        "id": callback.id,
        "from": user.json(),
        "message": message,
        "chat_instance": str(abs(chat.id) * 2654435761 % 2**63),
        "data": data,
    }
    world.updates.push("callback_query", query)
    return callback


def react(world: World, chat: Chat, user: User, message_id: int, emoji: str | None) -> None:
    """Put an emoji under a message, or take one's own away. An administrator bot that asked for it is told."""
    message = message_in(chat, message_id)
    member = world.member(chat, user)
    if not member.is_inside:
        raise Refused(f"{user.name} is not in {chat.name}.", 403)
    reactions = [{"type": "emoji", "emoji": emoji}] if emoji else []
    former = world.react(chat, message["message_id"], user, reactions)
    bot = world.bot_in(chat)
    if former == reactions or member.is_anonymous or not (bot.is_administrator or chat.type == "private"):
        return
    head: Json = {"chat": chat.json(), "message_id": message_id, "user": user.json(), "date": world.clock.unix()}
    world.updates.push("message_reaction", {**head, "old_reaction": former, "new_reaction": reactions})


def message_in(chat: Chat, message_id: int) -> Json:
    """A message of a chat."""
    message = chat.messages.get(message_id)
    if message is None:
        raise Refused(f"There is no message {message_id} in {chat.name}.", 404)
    return message


def _is_own(world: World, chat: Chat, user: User, message: Json) -> bool:
    """What was said anonymously belongs to every administrator: nobody knows to whom else."""
    if message.get("sender_chat", {}).get("id") == chat.id:
        return world.member(chat, user).is_administrator
    return bool(message.get("from", {}).get("id") == user.id)


def _writer(world: World, chat: Chat, user: User, permission: str) -> Member:
    if chat.migrated_to:
        raise Refused(f"{chat.name} has become a supergroup: write to {chat.migrated_to}.", 409)
    if chat.type == "private":
        _open_private_chat(world, chat, user)
    member = world.member(chat, user)
    if chat.type == "channel" and not member.is_administrator:
        raise Refused(f"Only administrators post in {chat.name}.", 403)
    if not member.is_inside:
        raise Refused(f"{user.name} is not in {chat.name}: join it first.", 403)
    if not member.may_send(permission) or not (member.is_administrator or permission in chat.permissions):
        raise Refused(f"{user.name} may not write in {chat.name} at present.", 403)
    return member


def _open_private_chat(world: World, chat: Chat, user: User) -> None:
    """Who writes to a bot lets it answer, from then on."""
    if chat.person != user:
        raise Refused(f"This is the private chat of {chat.name}.", 403)
    status = world.bot_in(chat).status
    if status == "kicked":
        change(world, chat, Member(world.bot), user)
    elif status == "left":
        chat.members[world.bot.id] = Member(world.bot)


def _sender(world: World, chat: Chat, member: Member, as_chat_id: int | None) -> Json:
    if chat.type == "channel":
        return {"sender_chat": chat.json()}
    if as_chat_id == chat.id or (member.is_anonymous and as_chat_id is None):
        if not member.is_administrator:
            raise Refused(f"Only administrators write anonymously in {chat.name}.", 403)
        return without_blanks(
            **{"from": GROUP_ANONYMOUS_BOT.json()}, sender_chat=chat.json(), author_signature=member.custom_title
        )
    if as_chat_id is None:
        return without_blanks(**{"from": member.user.json()}, sender_tag=member.tag)
    channel = world.chats.get(as_chat_id)
    if channel is None or channel.type != "channel":
        raise Refused(f"There is no channel {as_chat_id} to write as.", 404)
    if channel.id in chat.banned_channels:
        raise Refused(f"{channel.name} is banned from {chat.name}.", 403)
    return {"from": CHANNEL_BOT.json(), "sender_chat": channel.json()}


def _replied_to(chat: Chat, message_id: int | None) -> Json | None:
    return None if message_id is None else message_in(chat, message_id)


def _thread(chat: Chat, thread: int | None, reply: Json | None) -> Json:
    if thread is None and reply:
        thread = reply.get("message_thread_id")
    if thread in (None, 1):
        return {}
    if thread not in chat.topics:
        raise Refused(f"There is no topic {thread} in {chat.name}.", 404)
    return {"message_thread_id": thread, "is_topic_message": True}


def _callback_data(message: Json) -> set[Any]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {button.get("callback_data") for row in rows for button in row} - {None}
