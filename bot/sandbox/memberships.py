"""How people and bots come into chats, leave them, rise and fall, and what the bot is told of it."""

from dataclasses import replace

from bot.sandbox.chats import Chat, InviteLink, JoinRequest
from bot.sandbox.delivery import post_service
from bot.sandbox.errors import Refused
from bot.sandbox.members import ALL_RIGHTS, Member
from bot.sandbox.people import User
from bot.sandbox.views import member_view
from bot.sandbox.wire import Json, without_blanks
from bot.sandbox.world import World


def change(
    world: World,
    chat: Chat,
    new: Member,
    by: User,
    link: InviteLink | None = None,
    via_join_request: bool = False,
) -> None:
    """Make somebody something else in a chat. The bot hears of itself always, of others as an administrator."""
    old = world.member(chat, new.user)
    is_bot = new.user.id == world.bot.id
    hears = is_bot or world.bot_in(chat).is_administrator
    chat.members[new.user.id] = new
    world.events.publish("member", chat_id=chat.id, member=member_view(new))
    if hears and old != new:
        changed: Json = {
            "chat": chat.json(),
            "from": by.json(),
            "date": world.clock.unix(),
            "old_chat_member": old.json(chat.type),
            "new_chat_member": new.json(chat.type),
        } | without_blanks(invite_link=link.json() if link else None, via_join_request=via_join_request or None)
        world.updates.push("my_chat_member" if is_bot else "chat_member", changed)


def enter(
    world: World,
    chat: Chat,
    user: User,
    by: User,
    link: InviteLink | None = None,
    via_join_request: bool = False,
) -> None:
    """Come in, by oneself or brought by somebody."""
    if link:
        chat.link_uses[link.url] = chat.link_uses.get(link.url, 0) + 1
    old = world.member(chat, user)
    chat.join_requests.pop(user.id, None)
    new = replace(old, is_present=True) if old.status == "restricted" else Member(user)
    change(world, chat, new, by, link, via_join_request)
    if chat.is_group:
        post_service(world, chat, {"from": by.json(), "new_chat_members": [user.json()]})


def depart(world: World, chat: Chat, new: Member, by: User) -> None:
    """Leave or be removed; the service message comes first, while the bot can still see it."""
    was_inside = world.member(chat, new.user).is_inside
    if chat.is_group and was_inside:
        post_service(world, chat, {"from": by.json(), "left_chat_member": new.user.json()})
    change(world, chat, new, by)


def request_to_join(world: World, chat: Chat, user: User, link: InviteLink) -> None:
    """Wait at the door. The bot is told when it may let people in."""
    chat.join_requests[user.id] = JoinRequest(link, world.clock.unix())
    if world.bot_in(chat).may("can_invite_users"):
        request: Json = {
            "chat": chat.json(),
            "from": user.json(),
            "user_chat_id": user.id,
            "date": world.clock.unix(),
            "invite_link": link.json(),
        }
        world.updates.push("chat_join_request", request)


def join(world: World, chat: Chat, user: User, by: User | None, invite_link: str | None) -> None:
    """What pressing "join", following a link, or being added by somebody does."""
    member = world.member(chat, user)
    if member.is_inside:
        raise Refused(f"{user.name} is already in {chat.name}.", 409)
    if member.status == "kicked" and by is None:
        raise Refused(f"{user.name} is banned from {chat.name}.", 403)
    link = _usable_link(world, chat, invite_link) if invite_link else None
    if link and link.creates_join_request:
        request_to_join(world, chat, user, link)
    else:
        enter(world, chat, user, by or user, link)


def leave(world: World, chat: Chat, user: User) -> None:
    """Go by oneself; a restriction stays for when they come back."""
    member = world.member(chat, user)
    if not member.is_inside:
        raise Refused(f"{user.name} is not in {chat.name}.", 409)
    gone = replace(member, is_present=False) if member.status == "restricted" else Member(user, "left")
    depart(world, chat, gone, user)


def promote(world: World, chat: Chat, user: User, by: User, rights: frozenset[str] = ALL_RIGHTS) -> None:
    """Make somebody an administrator."""
    _must_be_inside(world, chat, user)
    change(world, chat, Member(user, "administrator", rights=rights), by)


def demote(world: World, chat: Chat, user: User, by: User) -> None:
    """Make an administrator a member again."""
    _must_be_inside(world, chat, user)
    change(world, chat, Member(user), by)


def kick(world: World, chat: Chat, user: User, by: User) -> None:
    """Remove and ban."""
    if world.member(chat, user).status == "creator":
        raise Refused(f"{user.name} owns {chat.name} and cannot be removed.", 403)
    depart(world, chat, Member(user, "kicked"), by)


def unban(world: World, chat: Chat, user: User, by: User) -> None:
    """Let somebody banned come back if they want to."""
    if world.member(chat, user).status != "kicked":
        raise Refused(f"{user.name} is not banned from {chat.name}.", 409)
    change(world, chat, Member(user, "left"), by)


def block(world: World, chat: Chat, *, is_blocked: bool) -> None:
    """A person shuts the bot out of the private chat, or lets it in again."""
    if chat.person is None or (world.bot_in(chat).status == "kicked") == is_blocked:
        raise Refused(f"The bot is {'already' if is_blocked else 'not'} blocked here.", 409)
    change(world, chat, Member(world.bot, "kicked" if is_blocked else "member"), chat.person)


def _must_be_inside(world: World, chat: Chat, user: User) -> None:
    member = world.member(chat, user)
    if member.status == "creator":
        raise Refused(f"{user.name} owns {chat.name}: there is nothing higher or lower.", 409)
    if not member.is_inside:
        raise Refused(f"{user.name} is not in {chat.name}: let them join first.", 409)


def _usable_link(world: World, chat: Chat, url: str) -> InviteLink:
    link = chat.invite_links.get(url)
    if link is None:
        raise Refused(f"{url} is no link to {chat.name}.", 404)
    is_expired = link.expire_date is not None and world.clock.unix() >= link.expire_date
    is_used_up = link.member_limit is not None and chat.link_uses.get(url, 0) >= link.member_limit
    if link.is_revoked or is_expired or is_used_up:
        raise Refused(f"{url} is not valid any more.", 410)
    return link
