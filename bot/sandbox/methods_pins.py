"""Bot API: messages pinned to the top of a chat."""

from bot.sandbox.access import administered_chat, chat_of, joined_chat, message_of
from bot.sandbox.chats import Chat
from bot.sandbox.delivery import post_service
from bot.sandbox.errors import BadRequest
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import method
from bot.sandbox.sending import bot_as_sender, without_reply
from bot.sandbox.wire import Json
from bot.sandbox.world import World


@method("pinChatMessage")
def pin_chat_message(world: World, parameters: Parameters) -> bool:
    """On top of the chat; the chat is told by a service message."""
    chat = _pinnable_chat(world, parameters)
    message = message_of(chat, parameters, "message to pin not found")
    pin(world, chat, message, bot_as_sender(world, chat))
    return True


@method("unpinChatMessage")
def unpin_chat_message(world: World, parameters: Parameters) -> bool:
    """The named message, else the newest pinned one."""
    chat = _pinnable_chat(world, parameters)
    if not chat.pinned:
        raise BadRequest("message to unpin not found")
    pinned = parameters.integer("message_id", chat.pinned[-1])
    if pinned not in chat.pinned:
        raise BadRequest("message to unpin not found")
    unpin(world, chat, [pinned])
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(world: World, parameters: Parameters) -> bool:
    """None stays pinned."""
    chat = _pinnable_chat(world, parameters)
    unpin(world, chat, list(chat.pinned))
    return True


def _pinnable_chat(world: World, parameters: Parameters) -> Chat:
    chat = chat_of(world, parameters)
    if chat.type == "private":
        return joined_chat(world, parameters)
    right = "can_edit_messages" if chat.type == "channel" else "can_pin_messages"
    return administered_chat(world, parameters, right, "manage pinned messages in the chat")


def pin(world: World, chat: Chat, message: Json, sender: Json) -> None:
    """Put a message on top and say so, unless it is there already."""
    if chat.pinned[-1:] == [message["message_id"]]:
        return
    unpin(world, chat, [number for number in chat.pinned if number == message["message_id"]])
    chat.pinned.append(message["message_id"])
    world.show_chat(chat)
    post_service(world, chat, {**sender, "pinned_message": without_reply(message)})


def unpin(world: World, chat: Chat, message_ids: list[int]) -> None:
    """Take messages down."""
    chat.pinned = [number for number in chat.pinned if number not in message_ids]
    world.show_chat(chat)
