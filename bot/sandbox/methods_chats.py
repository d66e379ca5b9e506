"""Bot API: what a chat is and who is in it."""

from dataclasses import replace

from bot.sandbox.access import administered_chat, chat_of, joined_chat, user_of
from bot.sandbox.chats import Chat
from bot.sandbox.delivery import post_service
from bot.sandbox.errors import BadRequest
from bot.sandbox.members import PERMISSIONS, Member
from bot.sandbox.memberships import depart
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import method
from bot.sandbox.sending import bot_as_sender, without_reply
from bot.sandbox.wire import Json, without_blanks
from bot.sandbox.world import World


@method("getChat")
def get_chat(world: World, parameters: Parameters) -> Json:
    """Everything about a chat; a private one also before its person has opened it."""
    chat = chat_of(world, parameters)
    if chat.type != "private" and not (chat.username and world.bot_in(chat).status == "left"):
        joined_chat(world, parameters)
    full = chat.json() | {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        ),
    }
    return full | _group_details(world, chat) | _pinned(chat)


@method("getChatMember")
def get_chat_member(world: World, parameters: Parameters) -> Json:
    """What somebody is in a chat; a stranger to it has left."""
    chat = joined_chat(world, parameters)
    return world.member(chat, user_of(world, parameters)).json(chat.type)


@method("getChatAdministrators")
def get_chat_administrators(world: World, parameters: Parameters) -> list[Json]:
    """Owner and administrators; other bots among them only on request."""
    chat = joined_chat(world, parameters)
    if chat.type == "private":
        raise BadRequest("there are no administrators in the private chat")
    with_bots = parameters.flag("return_bots")
    found = (member for member in chat.members.values() if member.is_administrator)
    shown = (member for member in found if with_bots or not member.user.is_bot or member.user == world.bot)
    return [member.json(chat.type) for member in shown]


@method("getChatMemberCount", "getChatMembersCount")
def get_chat_member_count(world: World, parameters: Parameters) -> int:
    """How many are in the chat, the bot among them."""
    chat = joined_chat(world, parameters)
    return sum(world.member(chat, member.user).is_inside for member in chat.members.values())


@method("leaveChat")
def leave_chat(world: World, parameters: Parameters) -> bool:
    """The bot goes by itself."""
    chat = joined_chat(world, parameters)
    if chat.type == "private":
        raise BadRequest("chat member status can't be changed in private chats")
    depart(world, chat, Member(world.bot, "left"), world.bot)
    return True


@method("setChatTitle")
def set_chat_title(world: World, parameters: Parameters) -> bool:
    """Another name, told by a service message."""
    chat = administered_chat(world, parameters, "can_change_info", "change chat title")
    title = parameters.text("title").strip()
    if not 1 <= len(title) <= 128:
        raise BadRequest("chat title is empty" if not title else "chat title is too long")
    chat.title = title
    post_service(world, chat, {**bot_as_sender(world, chat), "new_chat_title": title})
    world.show_chat(chat)
    return True


@method("setChatDescription")
def set_chat_description(world: World, parameters: Parameters) -> bool:
    """What the chat is about, up to 255 characters."""
    chat = administered_chat(world, parameters, "can_change_info", "change chat description")
    description = parameters.text("description")
    if len(description) > 255:
        raise BadRequest("chat description is too long")
    chat.description = description or None
    return True


@method("setChatPermissions")
def set_chat_permissions(world: World, parameters: Parameters) -> bool:
    """What everybody but administrators may do."""
    chat = administered_chat(world, parameters, "can_restrict_members", "change chat permissions")
    chat.permissions = granted_permissions(parameters)
    return True


@method("setChatMemberTag")
def set_chat_member_tag(world: World, parameters: Parameters) -> bool:
    """A badge beside a member's name, up to 16 characters."""
    chat = administered_chat(world, parameters, "can_manage_tags", "manage member tags")
    member = world.member(chat, user_of(world, parameters))
    if member.status not in ("member", "restricted"):
        raise BadRequest("USER_NOT_PARTICIPANT" if not member.is_inside else "user is an administrator of the chat")
    tag = parameters.text("tag").strip()
    if len(tag) > 16:
        raise BadRequest("TAG_INVALID")
    chat.members[member.user.id] = replace(member, tag=tag or None)
    world.show_chat(chat)
    return True


def granted_permissions(parameters: Parameters) -> frozenset[str]:
    """The permissions that a call grants. Unless it says that they are independent, media imply texts."""
    given = parameters.record("permissions")
    granted = {name for name in PERMISSIONS if given.get(name)}
    if not parameters.flag("use_independent_chat_permissions") and granted & set(PERMISSIONS[1:10]):
        granted.add("can_send_messages")
    return frozenset(granted)


def _group_details(world: World, chat: Chat) -> Json:
    if chat.type == "private":
        return {}
    linked = next((other.id for other in world.chats.values() if other.linked_to == chat.id), chat.linked_to)
    link = chat.own_link(world.bot).url if world.bot_in(chat).may("can_invite_users") else None
    permissions = {name: name in chat.permissions for name in PERMISSIONS} if chat.is_group else None
    return without_blanks(
        description=chat.description,
        invite_link=link,
        permissions=permissions,
        linked_chat_id=linked,
        active_usernames=[chat.username] if chat.username else None,
    )


def _pinned(chat: Chat) -> Json:
    message = chat.messages.get(chat.pinned[-1]) if chat.pinned else None
    return {"pinned_message": without_reply(message)} if message else {}
