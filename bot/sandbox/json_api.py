"""The JSON API under `/sandbox/api`: what the page, or a test, makes people do."""

from collections.abc import Callable
from typing import TypeAlias

from bot.sandbox import founding, json_messages, memberships
from bot.sandbox.asking import Asking
from bot.sandbox.errors import Refused
from bot.sandbox.members import ALL_RIGHTS
from bot.sandbox.people import User
from bot.sandbox.views import chat_view, member_view
from bot.sandbox.wire import Json
from bot.sandbox.world import Fault, World

Answer: TypeAlias = Callable[[Asking], object]


def world(asking: Asking) -> Json:
    """Who and what there is."""
    world = asking.world
    return {
        "bot": world.bot.json(),
        "now": world.now().isoformat(),
        "tells_next": world.upcoming is not None,
        "users": [user.json() for user in world.users.values()],
        "chats": [chat_view(chat) for chat in world.chats.values() if not chat.migrated_to],
        "commands": world.profile.commands_json(),
    }


def callback(asking: Asking) -> Json:
    """Whether and how the bot has answered a press."""
    found = asking.world.callbacks.get(asking.text("callback_query_id"))
    if found is None:
        raise Refused("No button was pressed under this id, or too many since.", 404)
    nothing = {"text": None, "show_alert": False, "url": None}
    return {"answered": found.answer is not None, **(found.answer or nothing)}


def change_member(asking: Asking) -> Json:
    """Somebody comes, goes, rises or falls; of the bot in a private chat: is blocked or unblocked."""
    world, chat, user = asking.world, asking.chat(), asking.user()
    by = asking.user("by_user_id") if asking.has("by_user_id") else None
    if chat.type == "private":
        memberships.block(world, chat, is_blocked=asking.text("action") in ("kick", "leave"))
        return member_view(world.bot_in(chat))
    boss = by or _boss(asking)
    match asking.text("action"):
        case "join":
            link = asking.optional_text("invite_link")
            memberships.join(world, chat, user, boss if user == world.bot else by, link)
        case "leave":
            memberships.leave(world, chat, user)
        case "promote":
            memberships.promote(world, chat, user, boss, _rights(asking))
        case "demote":
            memberships.demote(world, chat, user, boss)
        case "kick":
            memberships.kick(world, chat, user, boss)
        case "unban":
            memberships.unban(world, chat, user, boss)
        case action:
            raise Refused(f"`action` must be join, leave, promote, demote, kick or unban, not {action}.")
    return member_view(world.member(chat, user))


def migrate(asking: Asking) -> Json:
    """A basic group becomes a supergroup."""
    return {"chat_id": founding.migrate(asking.world, asking.chat()).id}


def found_group(asking: Asking) -> Json:
    """A person founds a group with the bot in it."""
    return chat_view(founding.found_group(asking.world, asking.text("title"), asking.user()))


def add_user(asking: Asking) -> Json:
    """A person nobody has met yet."""
    world = asking.world
    name = asking.text("first_name").strip()
    if not name:
        raise Refused("`first_name` is empty: everybody has a name.")
    user = User(
        max(world.users, default=1000) + 1,
        name,
        last_name=asking.optional_text("last_name"),
        username=asking.optional_text("username"),
        language_code=asking.optional_text("language_code"),
    )
    world.users[user.id] = user
    world.events.publish("user", user=user.json())
    return user.json()


def advance(asking: Asking) -> Json:
    """Move the clock forward."""
    return _advance(asking.world, asking.number("advance"))


async def advance_to_next(asking: Asking) -> Json:
    """Move the clock forward to what the bot does next by itself, if it plans anything."""
    world = asking.world
    if world.upcoming is None:
        raise Refused("This bot does not tell what it does next.", 409)
    at = await world.upcoming()
    seconds = max(0.0, (at - world.now()).total_seconds()) if at else 0.0
    return {**_advance(world, seconds), "moved": at is not None}


def add_fault(asking: Asking) -> bool:
    """Let the next calls of a method fail, be late, or be accepted with the answer lost."""
    fault = Fault(
        asking.text("method"),
        asking.optional_integer("times") or 1,
        asking.optional_integer("error_code"),
        asking.optional_text("description") or "",
        asking.optional_integer("retry_after"),
        bool(asking.values.get("after_acceptance")),
        asking.number("delay"),
    )
    asking.world.faults.append(fault)
    return True


def clear_faults(asking: Asking) -> bool:
    """All goes well again."""
    asking.world.faults.clear()
    return True


def add_update(asking: Asking) -> Json:
    """A raw update, whatever the bot has said it wants."""
    return asking.world.updates.push_raw(asking.values)


def updates(asking: Asking) -> Json:
    """How far the bot has come."""
    queue = asking.world.updates
    return {"pending": len(queue), "last_confirmed": queue.last_confirmed}


def calls(asking: Asking) -> list[Json]:
    """What the bot has called, oldest first."""
    wanted = asking.optional_text("method")
    return [call.json() for call in asking.world.calls if not wanted or call.method.lower() == wanted.lower()]


def _advance(world: World, seconds: float) -> Json:
    world.clock.advance(seconds)
    now = world.now().isoformat()
    world.events.publish("clock", now=now)
    return {"now": now}


def _boss(asking: Asking) -> User:
    """Who does what the page does not say who does: the owner, else the one concerned."""
    members = asking.chat().members.values()
    return next((member.user for member in members if member.status == "creator"), asking.user())


def _rights(asking: Asking) -> frozenset[str]:
    rights = asking.values.get("rights")
    if rights is None:
        return ALL_RIGHTS
    if not isinstance(rights, list) or not all(right in sorted(ALL_RIGHTS) for right in rights):
        raise Refused(f"`rights` must be a list of {', '.join(sorted(ALL_RIGHTS))}.")
    return frozenset(rights)


ROUTES: tuple[tuple[str, str, Answer], ...] = (
    ("GET", "/world", world),
    ("GET", "/chats/{chat_id}/messages", json_messages.messages),
    ("POST", "/chats/{chat_id}/messages", json_messages.say),
    ("PATCH", "/chats/{chat_id}/messages/{message_id}", json_messages.edit),
    ("DELETE", "/chats/{chat_id}/messages/{message_id}", json_messages.delete),
    ("POST", "/chats/{chat_id}/messages/{message_id}/press", json_messages.press),
    ("POST", "/chats/{chat_id}/messages/{message_id}/react", json_messages.react),
    ("POST", "/chats/{chat_id}/messages/{message_id}/vote", json_messages.vote),
    ("GET", "/callbacks/{callback_query_id}", callback),
    ("POST", "/chats/{chat_id}/members", change_member),
    ("POST", "/chats/{chat_id}/migrate", migrate),
    ("POST", "/chats", found_group),
    ("POST", "/users", add_user),
    ("POST", "/clock", advance),
    ("POST", "/clock/next", advance_to_next),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
    ("POST", "/updates", add_update),
    ("GET", "/updates", updates),
    ("GET", "/calls", calls),
)
