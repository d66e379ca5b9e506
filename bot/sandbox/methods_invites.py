"""Bot API: invite links, and people who wait to be let in."""

from dataclasses import replace

from bot.sandbox.access import administered_chat, user_of
from bot.sandbox.chats import Chat, InviteLink
from bot.sandbox.errors import BadRequest
from bot.sandbox.memberships import enter
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import method
from bot.sandbox.wire import Json
from bot.sandbox.world import World

LONGEST_NAME = 32
MOST_MEMBERS = 99999


@method("exportChatInviteLink")
def export_chat_invite_link(world: World, parameters: Parameters) -> str:
    """A new primary link of the bot's; the former one is revoked."""
    chat = _invitable_chat(world, parameters)
    former = chat.own_link(world.bot)
    chat.invite_links[former.url] = replace(former, is_revoked=True)
    return chat.own_link(world.bot).url


@method("createChatInviteLink")
def create_chat_invite_link(world: World, parameters: Parameters) -> Json:
    """One more link, with a name, an end, a limit, or a door that must be opened."""
    chat = _invitable_chat(world, parameters)
    return chat.add_link(_described(InviteLink("", world.bot), parameters)).json()


@method("editChatInviteLink")
def edit_chat_invite_link(world: World, parameters: Parameters) -> Json:
    """Other conditions for a link of the bot's."""
    chat = _invitable_chat(world, parameters)
    link = _own_link(world, chat, parameters)
    if link.is_primary:
        raise BadRequest("INVITE_HASH_INVALID")
    edited = _described(replace(link, name=None, expire_date=None, member_limit=None), parameters)
    chat.invite_links[link.url] = edited
    return edited.json()


@method("revokeChatInviteLink")
def revoke_chat_invite_link(world: World, parameters: Parameters) -> Json:
    """Nobody comes in by it any more."""
    chat = _invitable_chat(world, parameters)
    revoked = replace(_own_link(world, chat, parameters), is_revoked=True)
    chat.invite_links[revoked.url] = revoked
    return revoked.json()


@method("approveChatJoinRequest")
def approve_chat_join_request(world: World, parameters: Parameters) -> bool:
    """Let somebody in who waits."""
    chat = _invitable_chat(world, parameters)
    user = user_of(world, parameters)
    request = chat.join_requests.get(user.id)
    if request is None:
        raise BadRequest("HIDE_REQUESTER_MISSING")
    enter(world, chat, user, user, request.link, via_join_request=True)
    return True


@method("declineChatJoinRequest")
def decline_chat_join_request(world: World, parameters: Parameters) -> bool:
    """Send somebody away who waits."""
    chat = _invitable_chat(world, parameters)
    if chat.join_requests.pop(user_of(world, parameters).id, None) is None:
        raise BadRequest("HIDE_REQUESTER_MISSING")
    return True


def _invitable_chat(world: World, parameters: Parameters) -> Chat:
    return administered_chat(world, parameters, "can_invite_users", "manage chat invite link")


def _own_link(world: World, chat: Chat, parameters: Parameters) -> InviteLink:
    link = chat.invite_links.get(parameters.text("invite_link"))
    if link is None or link.creator != world.bot:
        raise BadRequest("INVITE_HASH_EXPIRED")
    return link


def _described(link: InviteLink, parameters: Parameters) -> InviteLink:
    name = parameters.text("name")
    limit = parameters.integer("member_limit", 0)
    needs_approval = parameters.flag("creates_join_request")
    if len(name) > LONGEST_NAME:
        raise BadRequest("invite link name is too long")
    if not 0 <= limit <= MOST_MEMBERS:
        raise BadRequest("member limit must be between 1 and 99999")
    if limit and needs_approval:
        raise BadRequest("member limit can't be specified for links requiring administrator approval")
    return replace(
        link,
        name=name or None,
        creates_join_request=needs_approval,
        expire_date=parameters.integer("expire_date", 0) or None,
        member_limit=limit or None,
    )
