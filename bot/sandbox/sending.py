"""How every `send…` method posts: thread, reply, keyboard, protection, or to one receiver only."""

from bot.sandbox.access import user_of, writable_chat
from bot.sandbox.chats import REMEMBERED, Chat
from bot.sandbox.delivery import post_from_bot
from bot.sandbox.errors import BadRequest
from bot.sandbox.keyboards import inline_keyboard
from bot.sandbox.parameters import Parameters
from bot.sandbox.people import User
from bot.sandbox.wire import Json, without_blanks
from bot.sandbox.world import World


def send(world: World, parameters: Parameters, content: Json, permission: str = "can_send_messages") -> Json:
    """Post content as the call wants it posted."""
    chat = writable_chat(world, parameters, permission)
    message = envelope(world, chat, parameters) | content
    ephemeral = parameters.record("ephemeral_message_parameters")
    if ephemeral:
        return _send_to_one(world, chat, message, user_of(world, Parameters(ephemeral), "receiver_user_id"))
    return post_from_bot(world, chat, message)


def envelope(world: World, chat: Chat, parameters: Parameters) -> Json:
    """What goes around the content."""
    reply = _replied_to(chat, parameters)
    head = (
        bot_as_sender(world, chat)
        | _thread(chat, parameters, reply)
        | without_blanks(
            reply_markup=inline_keyboard(parameters),
            has_protected_content=parameters.flag("protect_content") or None,
            effect_id=parameters.text("message_effect_id") or None,
        )
    )
    if reply is None:
        return head
    quote = Parameters(parameters.record("reply_parameters")).text("quote")
    quoted = {"quote": {"text": quote, "position": 0, "is_manual": True}} if quote else {}
    return head | quoted | {"reply_to_message": without_reply(reply)}


def bot_as_sender(world: World, chat: Chat) -> Json:
    """A channel speaks for itself; elsewhere the bot does."""
    if chat.type == "channel":
        return {"sender_chat": chat.json()}
    return {"from": world.bot.json()}


def without_reply(message: Json) -> Json:
    """A message as it stands inside a reply: replies do not nest."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}


def _replied_to(chat: Chat, parameters: Parameters) -> Json | None:
    reply = Parameters({**_old_style_reply(parameters), **parameters.record("reply_parameters")})
    wanted = reply.integer("message_id", 0)
    if not wanted:
        return None
    message = chat.messages.get(wanted)
    is_optional = reply.flag("allow_sending_without_reply")
    if message is None and not is_optional:
        raise BadRequest("message to be replied not found")
    return message


def _old_style_reply(parameters: Parameters) -> Json:
    names = {"reply_to_message_id": "message_id", "allow_sending_without_reply": "allow_sending_without_reply"}
    return {new: parameters.values.get(old) for old, new in names.items()}


def _thread(chat: Chat, parameters: Parameters, reply: Json | None) -> Json:
    """A message goes to the thread it names, else to that of the message it replies to."""
    thread = parameters.integer("message_thread_id", 0)
    if not thread:
        inherited = (reply or {}).get("message_thread_id")
        return {"message_thread_id": inherited, "is_topic_message": True} if inherited else {}
    if chat.is_forum and thread == 1:
        return {}
    topic = chat.topics.get(thread)
    if topic is None:
        raise BadRequest("message thread not found")
    if topic.is_closed:
        raise BadRequest("TOPIC_CLOSED")
    return {"message_thread_id": thread, "is_topic_message": True}


def _send_to_one(world: World, chat: Chat, content: Json, receiver: User) -> Json:
    """An ephemeral message: one member sees it, and it has a number of its own instead of a message id."""
    if not chat.is_group:
        raise BadRequest("ephemeral messages can be sent only to groups and supergroups")
    if not world.member(chat, receiver).is_inside:
        raise BadRequest("USER_NOT_PARTICIPANT")
    number = world.serial()
    head = {"message_id": 0, "ephemeral_message_id": number, "date": world.clock.unix(), "chat": chat.json()}
    message = {**head, "receiver_user": receiver.json(), **content}
    chat.ephemeral[number] = message
    if len(chat.ephemeral) > REMEMBERED:
        chat.ephemeral.popitem(last=False)
    world.show("ephemeral", chat, message, receiver_user_id=receiver.id)
    return message
