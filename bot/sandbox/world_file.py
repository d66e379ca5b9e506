"""The world file: YAML read into a description of a world, every mistake with its line."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.chats import Chat, ChatType, Topic
from bot.sandbox.errors import WorldError
from bot.sandbox.members import Member, Status
from bot.sandbox.people import User
from bot.yaml_places import Keys, Mistake, Place, one_of, read_yaml, whole

STATUSES: dict[str, Status] = {
    "creator": "creator",
    "administrator": "administrator",
    "member": "member",
    "restricted": "restricted",
    "left": "left",
    "kicked": "kicked",
}
BOT_STATUSES: dict[str, Status] = {"administrator": "administrator", "member": "member", "left": "left"}
GROUP_TYPES: dict[str, ChatType] = {"supergroup": "supergroup", "group": "group"}


@dataclass(frozen=True, slots=True)
class ChatDescription:
    """A chat as the file has it, its members in full."""

    id: int
    type: ChatType
    title: str
    username: str | None
    topics: dict[int, str]
    members: tuple[Member, ...]
    linked_to: int | None = None

    def found(self, first_message_id: int) -> Chat:
        """The chat, still empty."""
        return Chat(
            self.id,
            self.type,
            first_message_id,
            title=self.title,
            username=self.username,
            is_forum=bool(self.topics),
            linked_to=self.linked_to,
            topics={number: Topic(name) for number, name in self.topics.items()},
            members={member.user.id: member for member in self.members},
        )


@dataclass(frozen=True, slots=True)
class WorldDescription:
    """What a world file says."""

    bot: User
    token: str
    can_read_all_group_messages: bool
    users: tuple[User, ...]
    chats: tuple[ChatDescription, ...]

    def found_chats(self, first_message_id: int) -> list[Chat]:
        """The chats, still empty, their message ids to start at the given one."""
        return [chat.found(first_message_id) for chat in self.chats]


_LARGEST_ID = 10**15 - 1


def read_world(text: str, source: str) -> WorldDescription:
    """The world in a YAML text. Raises `WorldError`."""
    mistakes: list[Mistake] = []
    document = read_yaml(text, source, mistakes)
    world = _world(document) if document is not None else None
    if mistakes or world is None:
        first, *others = sorted(mistakes)
        raise WorldError(f"{first} (and {len(others)} more)" if others else str(first))
    return world


def _world(document: Place) -> WorldDescription:
    world = document.keys("bot", "users", "groups", "channels", needed=("bot", "users"))
    bot, token, reads_all = world.read("bot", _bot) or (_NOBODY, "", True)
    users = world.read("users", lambda place: _users(place, bot)) or {}
    groups = world.each("groups", lambda place: _group(place, users, bot))
    channels = world.each("channels", lambda place: _channel(place, users, bot, groups))
    _refuse_repeated(world, "groups", "channels")
    return WorldDescription(bot, token, reads_all, tuple(users.values()), (*groups, *channels))


_NOBODY = User(0, "")
"""In the place of who is not there, which is a mistake already."""


def _bot(place: Place) -> tuple[User, str, bool]:
    needed = ("id", "token", "first_name", "username")
    keys = place.keys(*needed, "can_read_all_group_messages", needed=needed)
    name, username = _text(keys, "first_name"), _text(keys, "username")
    bot = User(keys.read("id", _user_id) or 0, name, is_bot=True, username=username)
    return bot, _text(keys, "token"), _flag(keys, "can_read_all_group_messages", default=True)


def _users(place: Place, bot: User) -> dict[int, User]:
    users: dict[int, User] = {}
    for item in place.items():
        keys = item.keys(
            "id", "first_name", "last_name", "username", "language_code", "is_bot", needed=("id", "first_name")
        )
        user = _user(keys)
        if user.id in users or user.id == bot.id != 0:
            keys["id"].mistake(f"somebody else has the id {user.id}, too; give another")
        if user.id:
            users[user.id] = user
    return users


def _user(keys: Keys) -> User:
    return User(
        keys.read("id", _user_id) or 0,
        _text(keys, "first_name"),
        is_bot=_flag(keys, "is_bot", default=False),
        last_name=keys.read("last_name", Place.text),
        username=keys.read("username", Place.text),
        language_code=keys.read("language_code", Place.text),
    )


def _group(place: Place, users: dict[int, User], bot: User) -> ChatDescription:
    keys = place.keys("id", "type", "title", "username", "topics", "bot", "members", needed=("id", "title"))
    return ChatDescription(
        keys.read("id", _chat_id) or 0,
        keys.read("type", one_of(GROUP_TYPES)) or "supergroup",
        _text(keys, "title"),
        keys.read("username", Place.text),
        dict(keys.each("topics", _topic)),
        (*_members(keys, users), *_bot_membership(keys, bot, usual="member")),
    )


def _channel(place: Place, users: dict[int, User], bot: User, groups: tuple[ChatDescription, ...]) -> ChatDescription:
    keys = place.keys("id", "title", "username", "linked_to", "bot", "members", needed=("id", "title"))
    members = _members(keys, users)
    linked = keys.read("linked_to", _chat_id)
    if linked is not None:
        group = next((group for group in groups if group.id == linked), None)
        if group is None:
            keys["linked_to"].mistake(f"{linked} is none of the groups; give the id of one of them")
        elif not members:
            members = tuple(member for member in group.members if member.is_administrator and member.user != bot)
    return ChatDescription(
        keys.read("id", _chat_id) or 0,
        "channel",
        _text(keys, "title"),
        keys.read("username", Place.text),
        {},
        (*members, *_bot_membership(keys, bot, usual="left")),
        linked,
    )


def _members(keys: Keys, users: dict[int, User]) -> tuple[Member, ...]:
    return keys.each("members", lambda place: _member(place, users))


def _member(place: Place, users: dict[int, User]) -> Member | None:
    keys = place.keys("user", "status", "title", "anonymous", needed=["user"])
    user_id = keys.read("user", _user_id)
    if user_id is not None and user_id not in users:
        keys["user"].mistake(f"{user_id} is none of the users; give the id of one of them")
    status: Status = keys.read("status", _status) or "member"
    title, is_anonymous = keys.read("title", Place.text), _flag(keys, "anonymous", default=False)
    user = users.get(user_id or 0)
    return Member(user, status, custom_title=title, is_anonymous=is_anonymous) if user else None


def _bot_membership(keys: Keys, bot: User, usual: Status) -> tuple[Member, ...]:
    status: Status = keys.read("bot", _bot_status) or usual
    return () if status == "left" else (Member(bot, status),)


def _topic(place: Place) -> tuple[int, str]:
    keys = place.keys("id", "name", needed=("id", "name"))
    return keys.read("id", whole(1, _LARGEST_ID)) or 0, _text(keys, "name")


def _refuse_repeated(world: Keys, *sections: str) -> None:
    seen: set[str] = set()
    for place in (item for section in sections if section in world for item in world[section].items()):
        number = place.entries().get("id") if place.is_mapping() else None
        written = str(number.node.value) if number is not None else ""
        if number is not None and written in seen:
            number.mistake(f"another chat has the id {written}, too; give another")
        seen.add(written)


def _signed(sign: int, what: str) -> Callable[[Place], int | None]:
    def read(place: Place) -> int | None:
        number = whole(-_LARGEST_ID, _LARGEST_ID)(place)
        if number is not None and number * sign <= 0:
            place.mistake(what)
        return number

    return read


_status: Callable[[Place], Status | None] = one_of(STATUSES)
_bot_status: Callable[[Place], Status | None] = one_of(BOT_STATUSES)
_user_id = _signed(1, "a user's id is a positive number")
_chat_id = _signed(-1, "a group's or channel's id is a negative number, such as -1002000000001")


def _text(keys: Keys, name: str) -> str:
    return keys.read(name, Place.text) or ""


def _flag(keys: Keys, name: str, *, default: bool) -> bool:
    found = keys.read(name, Place.flag)
    return default if found is None else found
