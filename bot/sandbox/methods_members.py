"""Bot API: members banned, restricted, promoted."""

from dataclasses import replace

from bot.sandbox.access import administered_chat, user_of
from bot.sandbox.chats import Chat
from bot.sandbox.delivery import content_of
from bot.sandbox.errors import BadRequest
from bot.sandbox.members import ALL_RIGHTS, PERMISSIONS, Member
from bot.sandbox.memberships import change, depart
from bot.sandbox.methods_chats import granted_permissions
from bot.sandbox.parameters import Parameters
from bot.sandbox.people import User
from bot.sandbox.registry import method
from bot.sandbox.world import World

# A ban or restriction for less than this, or for more than the other, is for ever.
SHORTEST, LONGEST = 30, 366 * 24 * 3600
RESTRICT = "restrict/unrestrict chat member"


@method("banChatMember", "kickChatMember")
def ban_chat_member(world: World, parameters: Parameters) -> bool:
    """Remove, and keep out until the date or for ever."""
    chat = administered_chat(world, parameters, "can_restrict_members", RESTRICT)
    user = user_of(world, parameters)
    _refuse_mighty(world, chat, user)
    depart(world, chat, Member(user, "kicked", until_date=_until(world, parameters)), world.bot)
    if parameters.flag("revoke_messages"):
        _delete_all_of(world, chat, user)
    return True


@method("unbanChatMember")
def unban_chat_member(world: World, parameters: Parameters) -> bool:
    """Let somebody come back; one who is inside is removed, unless `only_if_banned`."""
    chat = administered_chat(world, parameters, "can_restrict_members", RESTRICT)
    user = user_of(world, parameters)
    member = world.member(chat, user)
    if member.status == "kicked":
        change(world, chat, Member(user, "left"), world.bot)
    elif member.is_inside and not parameters.flag("only_if_banned"):
        _refuse_mighty(world, chat, user)
        depart(world, chat, Member(user, "left"), world.bot)
    return True


@method("restrictChatMember")
def restrict_chat_member(world: World, parameters: Parameters) -> bool:
    """Take permissions away until the date or for ever; granting all of them lifts the restriction."""
    chat = administered_chat(world, parameters, "can_restrict_members", RESTRICT)
    if chat.type != "supergroup":
        raise BadRequest("method is available only for supergroups")
    user = user_of(world, parameters)
    _refuse_mighty(world, chat, user)
    member = world.member(chat, user)
    granted = granted_permissions(parameters)
    if granted >= set(PERMISSIONS[:10]):
        new = Member(user, "member" if member.is_inside else "left", tag=member.tag)
    else:
        until = _until(world, parameters)
        new = Member(
            user,
            "restricted",
            permissions=granted,
            until_date=until,
            tag=member.tag,
            is_present=member.is_inside,
        )
    change(world, chat, new, world.bot)
    return True


@method("banChatSenderChat")
def ban_chat_sender_chat(world: World, parameters: Parameters) -> bool:
    """Let nobody write as a channel any more; what it is linked to still forwards its posts."""
    chat, channel = _chat_and_sender(world, parameters)
    chat.banned_channels.add(channel.id)
    return True


@method("unbanChatSenderChat")
def unban_chat_sender_chat(world: World, parameters: Parameters) -> bool:
    """Let people write as a channel again; one that was not banned stays so."""
    chat, channel = _chat_and_sender(world, parameters)
    chat.banned_channels.discard(channel.id)
    return True


@method("promoteChatMember")
def promote_chat_member(world: World, parameters: Parameters) -> bool:
    """Give rights that the bot has itself; none at all makes a member again."""
    chat = administered_chat(world, parameters, "can_promote_members", "promote/demote chat member")
    user = user_of(world, parameters)
    member = world.member(chat, user)
    if member.status == "creator":
        raise BadRequest("can't remove chat owner")
    if not member.is_inside:
        raise BadRequest("USER_NOT_PARTICIPANT")
    rights = frozenset(right for right in ALL_RIGHTS if parameters.flag(right))
    if not rights <= world.bot_in(chat).rights:
        raise BadRequest("RIGHT_FORBIDDEN")
    is_anonymous = parameters.flag("is_anonymous")
    if rights or is_anonymous:
        rights |= {"can_manage_chat"}
        new = Member(user, "administrator", custom_title=member.custom_title, is_anonymous=is_anonymous, rights=rights)
    else:
        new = Member(user)
    change(world, chat, new, world.bot)
    return True


@method("setChatAdministratorCustomTitle")
def set_chat_administrator_custom_title(world: World, parameters: Parameters) -> bool:
    """What an administrator is called, up to 16 characters."""
    chat = administered_chat(world, parameters, "can_promote_members", "change custom title of the user")
    member = world.member(chat, user_of(world, parameters))
    if member.status != "administrator":
        raise BadRequest("user is not an administrator")
    title = parameters.text("custom_title").strip()
    if len(title) > 16:
        raise BadRequest("ADMIN_RANK_INVALID")
    change(world, chat, replace(member, custom_title=title or None), world.bot)
    return True


def _refuse_mighty(world: World, chat: Chat, user: User) -> None:
    if user == world.bot:
        raise BadRequest("can't restrict self")
    status = world.member(chat, user).status
    if status == "creator":
        raise BadRequest("can't remove chat owner")
    if status == "administrator":
        raise BadRequest("user is an administrator of the chat")


def _chat_and_sender(world: World, parameters: Parameters) -> tuple[Chat, Chat]:
    chat = administered_chat(world, parameters, "can_restrict_members", RESTRICT)
    if chat.type == "group":
        raise BadRequest("method is available only for supergroups and channels")
    sender = world.chats.get(parameters.integer("sender_chat_id", 0))
    if sender is None or sender.type != "channel":
        raise BadRequest("PARTICIPANT_ID_INVALID")
    return chat, sender


def _until(world: World, parameters: Parameters) -> int:
    until = parameters.integer("until_date", 0)
    ahead = until - world.clock.unix()
    return until if SHORTEST <= ahead <= LONGEST else 0


def _delete_all_of(world: World, chat: Chat, user: User) -> None:
    written = [number for number, message in chat.messages.items() if message.get("from", {}).get("id") == user.id]
    spoken = [number for number in written if content_of(chat.messages[number]).keys() - {"new_chat_members"}]
    for number in spoken:
        chat.forget(number)
    world.events.publish("deleted", chat_id=chat.id, message_ids=spoken)
