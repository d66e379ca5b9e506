"""Bot API: a forum's topics."""

from bot.sandbox.access import administered_chat
from bot.sandbox.chats import Chat, Topic
from bot.sandbox.delivery import post_service
from bot.sandbox.errors import BadRequest
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import method
from bot.sandbox.sending import bot_as_sender
from bot.sandbox.wire import Json
from bot.sandbox.world import World

COLOUR = 7322096
LONGEST_NAME = 128


@method("createForumTopic")
def create_forum_topic(world: World, parameters: Parameters) -> Json:
    """A new thread, numbered by the message that opens it."""
    chat = _forum(world, parameters)
    name = _name(parameters)
    number = chat.next_message_id
    chat.topics[number] = Topic(name)
    icon = {"name": name, "icon_color": parameters.integer("icon_color", COLOUR)}
    _tell(world, chat, number, {"forum_topic_created": icon})
    return {"message_thread_id": number, **icon}


@method("editForumTopic")
def edit_forum_topic(world: World, parameters: Parameters) -> bool:
    """Another name."""
    chat, number, topic = _topic(world, parameters)
    topic.name = _name(parameters)
    _tell(world, chat, number, {"forum_topic_edited": {"name": topic.name}})
    return True


@method("closeForumTopic")
def close_forum_topic(world: World, parameters: Parameters) -> bool:
    """Nobody writes there any more."""
    chat, number, topic = _topic(world, parameters)
    if topic.is_closed:
        raise BadRequest("TOPIC_NOT_MODIFIED")
    topic.is_closed = True
    _tell(world, chat, number, {"forum_topic_closed": {}})
    return True


@method("reopenForumTopic")
def reopen_forum_topic(world: World, parameters: Parameters) -> bool:
    """Everybody writes there again."""
    chat, number, topic = _topic(world, parameters)
    if not topic.is_closed:
        raise BadRequest("TOPIC_NOT_MODIFIED")
    topic.is_closed = False
    _tell(world, chat, number, {"forum_topic_reopened": {}})
    return True


@method("deleteForumTopic")
def delete_forum_topic(world: World, parameters: Parameters) -> bool:
    """The thread goes with everything said in it."""
    chat, number, _ = _topic(world, parameters)
    del chat.topics[number]
    gone = [key for key, message in chat.messages.items() if message.get("message_thread_id") == number]
    for message_id in gone:
        chat.forget(message_id)
    world.events.publish("deleted", chat_id=chat.id, message_ids=gone)
    world.show_chat(chat)
    return True


def _forum(world: World, parameters: Parameters) -> Chat:
    chat = administered_chat(world, parameters, "can_manage_topics", "manage topics")
    if not chat.is_forum:
        raise BadRequest("the chat is not a forum")
    return chat


def _topic(world: World, parameters: Parameters) -> tuple[Chat, int, Topic]:
    chat = _forum(world, parameters)
    number = parameters.integer("message_thread_id", 0)
    if number not in chat.topics:
        raise BadRequest("message thread not found")
    return chat, number, chat.topics[number]


def _name(parameters: Parameters) -> str:
    name = parameters.text("name").strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadRequest("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    return name


def _tell(world: World, chat: Chat, number: int, content: Json) -> None:
    thread = {"message_thread_id": number, "is_topic_message": True}
    post_service(world, chat, bot_as_sender(world, chat) | thread | content)
    world.show_chat(chat)
