"""What the page is shown: chats and messages with what it needs beside the Bot API's fields."""

from collections import Counter

from bot.sandbox.chats import Chat
from bot.sandbox.members import Member
from bot.sandbox.rendering import render
from bot.sandbox.wire import Json, without_blanks


def message_view(chat: Chat, message: Json, bot_id: int) -> Json:
    """A message with its text as HTML, its reactions, and whether the bot has sent it."""
    text = message.get("text") or message.get("caption") or ""
    entities = message.get("entities") or message.get("caption_entities") or []
    return {
        **message,
        "html": render(text, entities),
        "reactions": reaction_counts(chat, message["message_id"]),
        "outgoing": message.get("from", {}).get("id") == bot_id,
    }


def reaction_counts(chat: Chat, message_id: int) -> list[Json]:
    """How often each emoji stands under a message."""
    given = chat.reactions.get(message_id, {})
    emojis = Counter(reaction["emoji"] for reactions in given.values() for reaction in reactions if "emoji" in reaction)
    return [{"emoji": emoji, "count": count} for emoji, count in emojis.items()]


def member_view(member: Member) -> Json:
    """A member in the page's list."""
    return without_blanks(
        user=member.user.json(),
        status=member.status,
        custom_title=member.custom_title,
        is_anonymous=member.is_anonymous,
        tag=member.tag,
    )


def chat_view(chat: Chat) -> Json:
    """A chat in the page's list."""
    return without_blanks(
        id=chat.id,
        type=chat.type,
        title=chat.title,
        username=chat.username,
        user_id=chat.person.id if chat.person else None,
        pinned_message_id=chat.pinned[-1] if chat.pinned else None,
    ) | {
        "is_forum": chat.is_forum,
        "topics": [
            {"message_thread_id": number, "name": topic.name, "is_closed": topic.is_closed}
            for number, topic in chat.topics.items()
        ],
        "members": [member_view(member) for member in chat.members.values()],
    }
