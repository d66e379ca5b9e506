"""Bot API: texts sent, edited, deleted, forwarded, copied; reactions and what the bot is seen to be doing."""

from bot.sandbox.access import joined_chat, message_of, writable_chat
from bot.sandbox.chats import Chat
from bot.sandbox.errors import BadRequest
from bot.sandbox.formatted import caption, message_text
from bot.sandbox.keyboards import inline_keyboard
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import method
from bot.sandbox.sending import send
from bot.sandbox.wire import Json
from bot.sandbox.world import World

ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
MOST_DELETED = 100


@method("sendMessage")
def send_message(world: World, parameters: Parameters) -> Json:
    """A text."""
    return send(world, parameters, message_text(world, parameters))


@method("editMessageText")
def edit_message_text(world: World, parameters: Parameters) -> Json:
    """Another text under the same number; no keyboard given takes the keyboard away."""
    content = message_text(world, parameters)
    chat, message = own_message(world, parameters)
    if "text" not in message:
        raise BadRequest("there is no text in the message to edit")
    return replace_content(world, chat, message, ("text", "entities"), content, parameters)


@method("editMessageCaption")
def edit_message_caption(world: World, parameters: Parameters) -> Json:
    """Another caption; an empty one takes it away."""
    content = caption(world, parameters)
    chat, message = own_message(world, parameters)
    if "text" in message:
        raise BadRequest("there is no caption in the message to edit")
    return replace_content(world, chat, message, ("caption", "caption_entities"), content, parameters)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(world: World, parameters: Parameters) -> Json:
    """Another keyboard, or none."""
    chat, message = own_message(world, parameters)
    return replace_content(world, chat, message, (), {}, parameters)


@method("deleteMessage")
def delete_message(world: World, parameters: Parameters) -> bool:
    """The bot's own messages; others' with the right to."""
    chat = joined_chat(world, parameters)
    message = message_of(chat, parameters, "message to delete not found")
    if not _may_delete(world, chat, message):
        raise BadRequest("message can't be deleted")
    _delete(world, chat, [message["message_id"]])
    return True


@method("deleteMessages")
def delete_messages(world: World, parameters: Parameters) -> bool:
    """Many at once; those that are not there or not deletable are passed over."""
    chat = joined_chat(world, parameters)
    wanted = parameters.integers("message_ids")
    if not 1 <= len(wanted) <= MOST_DELETED:
        raise BadRequest(
            "too many message identifiers specified" if wanted else "message identifiers are not specified"
        )
    found = (chat.messages.get(message_id) for message_id in wanted)
    _delete(world, chat, [message["message_id"] for message in found if message and _may_delete(world, chat, message)])
    return True


@method("setMessageReaction")
def set_message_reaction(world: World, parameters: Parameters) -> bool:
    """At most one reaction of a bot; an empty list takes it away."""
    chat = joined_chat(world, parameters)
    message = message_of(chat, parameters, "message to react not found")
    reactions = parameters.records("reaction")
    if len(reactions) > 1:
        raise BadRequest("REACTIONS_TOO_MANY")
    if any(reaction.get("type") == "emoji" and not reaction.get("emoji") for reaction in reactions):
        raise BadRequest("REACTION_INVALID")
    world.react(chat, message["message_id"], world.bot, reactions)
    return True


@method("sendChatAction")
def send_chat_action(world: World, parameters: Parameters) -> bool:
    """Typing and the like: seen for a moment, and never stored."""
    action = parameters.text("action").lower()
    if action not in ACTIONS:
        raise BadRequest("wrong parameter action in request")
    chat = writable_chat(world, parameters)
    world.events.publish("action", chat_id=chat.id, action=action)
    return True


def own_message(world: World, parameters: Parameters) -> tuple[Chat, Json]:
    """The message to edit: the bot's, or in a channel any with the right to."""
    chat = joined_chat(world, parameters)
    message = message_of(chat, parameters, "message to edit not found")
    is_own = message.get("from", {}).get("id") == world.bot.id
    if not is_own and not (chat.type == "channel" and world.bot_in(chat).may("can_edit_messages")):
        raise BadRequest("message can't be edited")
    return chat, message


def replace_content(
    world: World, chat: Chat, message: Json, outdated: tuple[str, ...], content: Json, parameters: Parameters
) -> Json:
    """The message with other content and the call's keyboard. Raises `BadRequest` when that changes nothing."""
    markup = inline_keyboard(parameters)
    kept = {name: value for name, value in message.items() if name not in (*outdated, "reply_markup")}
    edited = kept | content | ({"reply_markup": markup} if markup else {})
    if edited == message:
        raise BadRequest(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    edited["edit_date"] = world.clock.unix()
    chat.keep(edited)
    world.show("edited", chat, edited)
    return edited


def _may_delete(world: World, chat: Chat, message: Json) -> bool:
    is_own = message.get("from", {}).get("id") == world.bot.id
    return is_own or chat.type == "private" or world.bot_in(chat).may("can_delete_messages")


def _delete(world: World, chat: Chat, message_ids: list[int]) -> None:
    for message_id in message_ids:
        chat.forget(message_id)
    if message_ids:
        world.events.publish("deleted", chat_id=chat.id, message_ids=message_ids)
