"""Which messages reach the bot as updates, and what else follows from a message."""

from bot.sandbox.chats import Chat
from bot.sandbox.people import TELEGRAM
from bot.sandbox.wire import Json
from bot.sandbox.world import World

# What a copy of a message takes along, beside everything that is its content.
ENVELOPE = frozenset(
    {
        "message_id",
        "date",
        "chat",
        "from",
        "sender_chat",
        "author_signature",
        "sender_tag",
        "reply_to_message",
        "quote",
        "message_thread_id",
        "is_topic_message",
        "edit_date",
        "forward_origin",
        "is_automatic_forward",
        "reply_markup",
        "has_protected_content",
        "media_group_id",
        "effect_id",
    }
)


def content_of(message: Json) -> Json:
    """What a message says, without who said it, when and where."""
    return {name: value for name, value in message.items() if name not in ENVELOPE}


def post_from_person(world: World, chat: Chat, content: Json, date: int | None = None) -> Json:
    """A message that somebody else than the bot has written."""
    message = world.post(chat, content, date)
    if sees(world, chat, message):
        world.updates.push("channel_post" if chat.type == "channel" else "message", message)
    forward_to_group(world, chat, message)
    return message


def post_service(world: World, chat: Chat, content: Json) -> Json:
    """A service message: the bot sees it in every chat it is in, privacy or not."""
    message = world.post(chat, content)
    if world.bot_in(chat).is_inside:
        world.updates.push("channel_post" if chat.type == "channel" else "message", message)
    return message


def post_from_bot(world: World, chat: Chat, content: Json) -> Json:
    """A message that the bot has written: no update comes of it."""
    message = world.post(chat, content)
    forward_to_group(world, chat, message)
    return message


def report_edit(world: World, chat: Chat, message: Json) -> None:
    """Somebody else than the bot has edited a message."""
    if sees(world, chat, message):
        world.updates.push("edited_channel_post" if chat.type == "channel" else "edited_message", message)


def forward_to_group(world: World, channel: Chat, message: Json) -> None:
    """A channel's post appears in its group by itself."""
    group = world.chats.get(channel.linked_to) if channel.linked_to else None
    if channel.type != "channel" or group is None:
        return
    origin = {
        "type": "channel",
        "chat": channel.json(),
        "message_id": message["message_id"],
        "date": message["date"],
    }
    head = {"from": TELEGRAM.json(), "sender_chat": channel.json(), "forward_origin": origin}
    content = {**head, "is_automatic_forward": True, **content_of(message)}
    post_from_person(world, group, content, message["date"])


def sees(world: World, chat: Chat, message: Json) -> bool:
    """Whether a message reaches the bot: with privacy mode only what is meant for it."""
    bot = world.bot_in(chat)
    if not bot.is_inside:
        return False
    if not chat.is_group or world.can_read_all_group_messages or bot.is_administrator:
        return True
    return _is_meant_for_bot(world, message)


def _is_meant_for_bot(world: World, message: Json) -> bool:
    if message.get("reply_to_message", {}).get("from", {}).get("id") == world.bot.id:
        return True
    text = str(message.get("text") or message.get("caption") or "").lower()
    if text.startswith("/"):
        command = text.split(maxsplit=1)[0]
        return "@" not in command or command.endswith(f"@{(world.bot.username or '').lower()}")
    return f"@{(world.bot.username or '').lower()}" in text
