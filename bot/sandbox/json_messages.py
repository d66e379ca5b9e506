"""JSON API: what people read, say, edit, delete and press."""

from itertools import islice

from bot.sandbox import conversation, voting
from bot.sandbox.asking import Asking
from bot.sandbox.conversation import Utterance
from bot.sandbox.errors import Refused
from bot.sandbox.sample_media import sample_photo, sample_sticker
from bot.sandbox.views import message_view
from bot.sandbox.wire import Json

MOST_MESSAGES = 1000


def messages(asking: Asking) -> list[Json]:
    """The newest messages of a chat, oldest first."""
    chat = asking.chat()
    limit = min(max(asking.optional_integer("limit") or 200, 1), MOST_MESSAGES)
    newest = list(islice(reversed(chat.messages.values()), limit))
    return [message_view(chat, message, asking.world.bot.id) for message in reversed(newest)]


def say(asking: Asking) -> Json:
    """A person says something, or sends a picture or a sticker."""
    chat = asking.chat()
    content, permission = _content(asking)
    forward = asking.values.get("forward_from")
    utterance = Utterance(
        content,
        permission,
        asking.optional_integer("reply_to_message_id"),
        asking.optional_integer("message_thread_id"),
        asking.optional_integer("as_chat_id"),
        Asking(asking.world, forward).user() if isinstance(forward, dict) else None,
        asking.optional_integer("date"),
    )
    message = conversation.say(asking.world, chat, asking.user(), utterance)
    return message_view(chat, message, asking.world.bot.id)


def edit(asking: Asking) -> Json:
    """A person edits what they have said."""
    chat = asking.chat()
    message_id, text = asking.integer("message_id"), asking.text("text")
    edited = conversation.edit(asking.world, chat, asking.user(), message_id, text)
    return message_view(chat, edited, asking.world.bot.id)


def delete(asking: Asking) -> bool:
    """A person deletes a message."""
    conversation.delete(asking.world, asking.chat(), asking.user(), asking.integer("message_id"))
    return True


def press(asking: Asking) -> Json:
    """A person presses a button; under an ephemeral message it is `ephemeral_message_id` that names it."""
    chat = asking.chat()
    ephemeral_id = asking.optional_integer("ephemeral_message_id")
    if ephemeral_id is None:
        message = conversation.message_in(chat, asking.integer("message_id"))
    elif (ephemeral := chat.ephemeral.get(ephemeral_id)) is not None:
        message = ephemeral
    else:
        raise Refused(f"There is no ephemeral message {ephemeral_id} in {chat.name}.", 404)
    callback = conversation.press(asking.world, chat, asking.user(), message, asking.text("data"))
    return {"callback_query_id": callback.id}


def react(asking: Asking) -> bool:
    """A person puts an emoji under a message, or with none takes it away."""
    emoji = asking.optional_text("emoji")
    conversation.react(asking.world, asking.chat(), asking.user(), asking.integer("message_id"), emoji)
    return True


def vote(asking: Asking) -> Json:
    """A person votes in a poll, or takes the vote back."""
    chat, options = asking.chat(), asking.values.get("option_ids")
    if not isinstance(options, list) or not all(isinstance(number, int) for number in options):
        raise Refused("`option_ids` must be a list of numbers.")
    voted = voting.vote(asking.world, chat, asking.user(), asking.integer("message_id"), options)
    return message_view(chat, voted, asking.world.bot.id)


def _content(asking: Asking) -> tuple[Json, str]:
    caption = asking.optional_text("caption") or ""
    match asking.values.get("kind"):
        case None:
            return conversation.text_content(asking.text("text"), asking.entities()), "can_send_messages"
        case "photo":
            return sample_photo(asking.world) | conversation.caption_content(caption), "can_send_photos"
        case "sticker":
            return sample_sticker(asking.world), "can_send_other_messages"
        case kind:
            raise Refused(f"`kind` must be photo or sticker, not {kind}.")
