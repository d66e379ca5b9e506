"""Chats that come into being while the sandbox runs: new groups, and groups that become supergroups."""

from bot.sandbox.chats import Chat
from bot.sandbox.delivery import post_service
from bot.sandbox.errors import Refused
from bot.sandbox.members import Member
from bot.sandbox.memberships import change
from bot.sandbox.people import GROUP_ANONYMOUS_BOT, User
from bot.sandbox.views import chat_view
from bot.sandbox.world import World


def found_group(world: World, title: str, founder: User) -> Chat:
    """A new basic group with the bot in it from the start."""
    chat = Chat(-world.serial() - 4_000_000, "group", world.first_message_id, title=title)
    chat.members[founder.id] = Member(founder, "creator")
    world.chats[chat.id] = chat
    # The page hears of the chat before it hears what happens there.
    world.show_chat(chat)
    change(world, chat, Member(world.bot), founder)
    post_service(world, chat, {"from": founder.json(), "group_chat_created": True})
    return chat


def migrate(world: World, chat: Chat) -> Chat:
    """The supergroup that a basic group becomes, with the same members under another id."""
    if chat.type != "group" or chat.migrated_to:
        raise Refused(f"{chat.name} is not a basic group: only those become supergroups.", 409)
    new_id = -1_002_900_000_000 - world.serial()
    new = Chat(new_id, "supergroup", world.first_message_id, title=chat.title, username=chat.username)
    new.members = dict(chat.members)
    world.chats[new.id] = new
    sender = {"from": GROUP_ANONYMOUS_BOT.json(), "sender_chat": chat.json()}
    post_service(world, chat, {**sender, "migrate_to_chat_id": new.id})
    chat.migrated_to = new.id
    world.events.publish("migrated", old_chat_id=chat.id, chat=chat_view(new))
    post_service(world, new, {**sender, "sender_chat": new.json(), "migrate_from_chat_id": chat.id})
    return new
