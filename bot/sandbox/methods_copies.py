"""Bot API: messages forwarded and copied from chat to chat."""

from bot.sandbox.access import joined_chat, message_of, writable_chat
from bot.sandbox.delivery import content_of, post_from_bot
from bot.sandbox.errors import BadRequest
from bot.sandbox.formatted import caption
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import Handler, method
from bot.sandbox.sending import bot_as_sender, send
from bot.sandbox.wire import Json
from bot.sandbox.world import World

MOST_AT_ONCE = 100


@method("forwardMessage")
def forward_message(world: World, parameters: Parameters) -> Json:
    """The same content with a note where it comes from."""
    source = joined_chat(world, parameters, "from_chat_id")
    message = message_of(source, parameters, "message to forward not found")
    chat = writable_chat(world, parameters)
    head = bot_as_sender(world, chat) | {"forward_origin": _origin(message)}
    return post_from_bot(world, chat, head | content_of(message))


@method("copyMessage")
def copy_message(world: World, parameters: Parameters) -> Json:
    """The same content as the bot's own; a caption may be another."""
    source = joined_chat(world, parameters, "from_chat_id")
    content = content_of(message_of(source, parameters, "message to copy not found"))
    if "caption" in parameters.values and "text" not in content:
        content = {name: value for name, value in content.items() if not name.startswith("caption")}
        content |= caption(world, parameters)
    return {"message_id": send(world, parameters, content)["message_id"]}


def _many(one: Handler) -> Handler:
    def each(world: World, parameters: Parameters) -> list[Json]:
        """Many at once, in order; those that are not there are passed over."""
        numbers = parameters.integers("message_ids")
        if not 1 <= len(numbers) <= MOST_AT_ONCE:
            raise BadRequest("message identifiers are not specified" if not numbers else "too many messages to send")
        source = joined_chat(world, parameters, "from_chat_id")
        there = [number for number in numbers if number in source.messages]
        sent = [one(world, Parameters({**parameters.values, "message_id": number})) for number in there]
        return [{"message_id": message["message_id"]} for message in sent if isinstance(message, dict)]

    return each


method("forwardMessages")(_many(forward_message))
method("copyMessages")(_many(copy_message))


def _origin(message: Json) -> Json:
    if "forward_origin" in message:
        return dict(message["forward_origin"])
    if "sender_chat" in message:
        kind, name = ("channel", "chat") if message["sender_chat"]["type"] == "channel" else ("chat", "sender_chat")
        origin = {"type": kind, name: message["sender_chat"], "date": message["date"]}
        return origin | ({"message_id": message["message_id"]} if kind == "channel" else {})
    return {"type": "user", "sender_user": message["from"], "date": message["date"]}
