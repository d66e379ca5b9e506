"""Where the bot may act: chats found by what a client calls them, and the rights that an act needs."""

from bot.sandbox.chats import Chat
from bot.sandbox.errors import BadRequest, Forbidden
from bot.sandbox.parameters import Parameters
from bot.sandbox.people import User
from bot.sandbox.wire import Json
from bot.sandbox.world import World

# Seconds for which whoever asks to join can be written to.
DOOR_STAYS_OPEN = 300


def chat_of(world: World, parameters: Parameters, name: str = "chat_id") -> Chat:
    """The chat that a call means, by id or @username. A group that has become a supergroup tells its new id."""
    wanted = parameters.text(name).strip()
    if not wanted:
        raise BadRequest(f"{name} is empty")
    chat = _public_chat(world, wanted[1:]) if wanted.startswith("@") else _chat_by_id(world, wanted)
    if chat is None:
        raise BadRequest("chat not found")
    if chat.migrated_to:
        raise BadRequest("group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat.migrated_to})
    return chat


def joined_chat(world: World, parameters: Parameters, name: str = "chat_id") -> Chat:
    """A chat that the bot is in; in a private one, one that its person has opened and not closed."""
    chat = chat_of(world, parameters, name)
    status = world.bot_in(chat).status
    if chat.type == "private":
        if status == "kicked":
            raise Forbidden("bot was blocked by the user")
        if status == "left" and not _waits_at_a_door(world, chat.id):
            raise Forbidden("bot can't initiate conversation with a user")
    elif status == "kicked":
        raise Forbidden(f"bot was kicked from the {chat.type} chat")
    elif not world.bot_in(chat).is_inside:
        raise Forbidden(f"bot is not a member of the {chat.type} chat")
    return chat


def writable_chat(world: World, parameters: Parameters, permission: str = "can_send_messages") -> Chat:
    """A chat where the bot may post."""
    chat = joined_chat(world, parameters)
    bot = world.bot_in(chat)
    if chat.type == "channel" and not bot.may("can_post_messages"):
        raise BadRequest("need administrator rights in the channel chat")
    if chat.type != "private" and not bot.may_send(permission):
        raise BadRequest(f"not enough rights to send {_what(permission)} to the chat")
    return chat


def administered_chat(world: World, parameters: Parameters, right: str, deed: str) -> Chat:
    """A group or channel where the bot holds a right; the deed ends the sentence `not enough rights to …`."""
    chat = joined_chat(world, parameters)
    if chat.type == "private":
        raise BadRequest("method is available only for supergroups and channels")
    if not world.bot_in(chat).may(right):
        raise BadRequest(f"not enough rights to {deed}")
    return chat


def user_of(world: World, parameters: Parameters, name: str = "user_id") -> User:
    """The user that a call means."""
    user_id = parameters.integer(name, 0)
    if user_id <= 0:
        raise BadRequest(f"invalid {name} specified")
    user = world.bot if user_id == world.bot.id else world.users.get(user_id)
    if user is None:
        raise BadRequest("PARTICIPANT_ID_INVALID")
    return user


def message_of(chat: Chat, parameters: Parameters, missing: str, name: str = "message_id") -> Json:
    """The message that a call means; `missing` says what it is missing for."""
    if not parameters.has(name):
        raise BadRequest("message identifier is not specified")
    message = chat.messages.get(parameters.integer(name))
    if message is None:
        raise BadRequest(missing)
    return message


def _waits_at_a_door(world: World, user_id: int) -> bool:
    """Whether a person has asked to join a chat lately; then the bot that may let them in may write to them."""
    since = world.clock.unix() - DOOR_STAYS_OPEN
    return any(
        request.date > since
        for chat in world.chats.values()
        if (request := chat.join_requests.get(user_id)) and world.bot_in(chat).may("can_invite_users")
    )


def _public_chat(world: World, username: str) -> Chat | None:
    wanted = username.casefold()
    public = (chat for chat in world.chats.values() if chat.username)
    return next((chat for chat in public if (chat.username or "").casefold() == wanted), None)


def _chat_by_id(world: World, wanted: str) -> Chat | None:
    try:
        chat_id = int(wanted)
    except ValueError:
        return None
    if chat_id in world.users:
        return world.private_chat(world.users[chat_id])
    return world.chats.get(chat_id)


def _what(permission: str) -> str:
    kind = permission.removeprefix("can_send_")
    return {"messages": "text messages", "other_messages": "stickers"}.get(kind, kind.replace("_", " "))
