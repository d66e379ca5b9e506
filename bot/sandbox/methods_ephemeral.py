"""Bot API: messages that only one member sees, edited and taken away."""

from bot.sandbox.access import joined_chat
from bot.sandbox.chats import Chat
from bot.sandbox.errors import BadRequest
from bot.sandbox.formatted import message_text
from bot.sandbox.keyboards import inline_keyboard
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import method
from bot.sandbox.wire import Json, without_blanks
from bot.sandbox.world import World


@method("editEphemeralMessageText")
def edit_ephemeral_message_text(world: World, parameters: Parameters) -> bool:
    """Another text for the one who sees it."""
    content = message_text(world, parameters)
    chat, message = _ephemeral(world, parameters)
    kept = {name: value for name, value in message.items() if name not in ("text", "entities", "reply_markup")}
    _replace(world, chat, kept | content, parameters)
    return True


@method("editEphemeralMessageReplyMarkup")
def edit_ephemeral_message_reply_markup(world: World, parameters: Parameters) -> bool:
    """Another keyboard, or none."""
    chat, message = _ephemeral(world, parameters)
    kept = {name: value for name, value in message.items() if name != "reply_markup"}
    _replace(world, chat, kept, parameters)
    return True


@method("deleteEphemeralMessage")
def delete_ephemeral_message(world: World, parameters: Parameters) -> bool:
    """Gone for the one who saw it."""
    chat, message = _ephemeral(world, parameters)
    del chat.ephemeral[message["ephemeral_message_id"]]
    world.show("ephemeral", chat, message, receiver_user_id=message["receiver_user"]["id"], is_deleted=True)
    return True


def _ephemeral(world: World, parameters: Parameters) -> tuple[Chat, Json]:
    chat = joined_chat(world, parameters)
    message = chat.ephemeral.get(parameters.integer("ephemeral_message_id"))
    if message is None or message["receiver_user"]["id"] != parameters.integer("receiver_user_id"):
        raise BadRequest("message to edit not found")
    return chat, message


def _replace(world: World, chat: Chat, kept: Json, parameters: Parameters) -> None:
    edited = kept | without_blanks(reply_markup=inline_keyboard(parameters), edit_date=world.clock.unix())
    chat.ephemeral[edited["ephemeral_message_id"]] = edited
    world.show("ephemeral", chat, edited, receiver_user_id=edited["receiver_user"]["id"])
