"""The world file: YAML read into a description of a world, every mistake with its line."""

from dataclasses import dataclass

from bot.sandbox.chats import Chat, ChatType, Topic
from bot.sandbox.members import Member, Status
from bot.sandbox.people import User
from bot.sandbox.yaml_places import Place, read_yaml

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


def read_world(text: str, source: str) -> WorldDescription:
    """The world in a YAML text. Raises `WorldError`."""
    world = read_yaml(text, source)
    world.allow("bot", "users", "groups", "channels")
    bot_place = world.member("bot")
    bot = _bot(bot_place)
    users = _users(world.member("users"), bot)
    groups = [_group(place, users, bot) for place in world.items("groups")]
    channels = [_channel(place, users, bot, groups) for place in world.items("channels")]
    _refuse_repeated(world, "groups", "channels")
    reads_all = bot_place.flag("can_read_all_group_messages", default=True)
    return WorldDescription(bot, bot_place.text("token"), reads_all, tuple(users.values()), (*groups, *channels))


def _bot(place: Place) -> User:
    place.allow("id", "token", "first_name", "username", "can_read_all_group_messages")
    return User(place.integer("id"), place.text("first_name"), is_bot=True, username=place.text("username"))


def _users(place: Place, bot: User) -> dict[int, User]:
    users: dict[int, User] = {}
    for item in place.each():
        user = _user(item)
        if user.id in users or user.id == bot.id:
            raise item.member("id").mistake(f"somebody else has the id {user.id}, too; give another")
        users[user.id] = user
    return users


def _user(place: Place) -> User:
    place.allow("id", "first_name", "last_name", "username", "language_code", "is_bot")
    user_id = place.integer("id")
    if user_id <= 0:
        raise place.member("id").mistake("a user's id is a positive number")
    return User(
        user_id,
        place.text("first_name"),
        is_bot=place.flag("is_bot", default=False),
        last_name=place.optional_text("last_name"),
        username=place.optional_text("username"),
        language_code=place.optional_text("language_code"),
    )


def _group(place: Place, users: dict[int, User], bot: User) -> ChatDescription:
    place.allow("id", "type", "title", "username", "topics", "bot", "members")
    members = _members(place, users) + _bot_membership(place, bot, default="member")
    return ChatDescription(
        _chat_id(place),
        place.choice("type", GROUP_TYPES, default="supergroup"),
        place.text("title"),
        place.optional_text("username"),
        {_topic_id(topic): topic.text("name") for topic in place.items("topics")},
        tuple(members),
    )


def _channel(place: Place, users: dict[int, User], bot: User, groups: list[ChatDescription]) -> ChatDescription:
    place.allow("id", "title", "username", "linked_to", "bot", "members")
    members = _members(place, users)
    linked = place.integer("linked_to") if place.has("linked_to") else None
    if linked is not None:
        group = next((group for group in groups if group.id == linked), None)
        if group is None:
            raise place.member("linked_to").mistake(f"{linked} is none of the groups; give the id of one of them")
        members = members or [member for member in group.members if member.is_administrator and member.user != bot]
    return ChatDescription(
        _chat_id(place),
        "channel",
        place.text("title"),
        place.optional_text("username"),
        {},
        tuple(members + _bot_membership(place, bot, default="left")),
        linked,
    )


def _members(place: Place, users: dict[int, User]) -> list[Member]:
    return [_member(item, users) for item in place.items("members")]


def _member(place: Place, users: dict[int, User]) -> Member:
    place.allow("user", "status", "title", "anonymous")
    user = users.get(place.integer("user"))
    if user is None:
        raise place.member("user").mistake(f"{place.integer('user')} is none of the users; give the id of one of them")
    return Member(
        user,
        place.choice("status", STATUSES, default="member"),
        custom_title=place.optional_text("title"),
        is_anonymous=place.flag("anonymous", default=False),
    )


def _bot_membership(place: Place, bot: User, default: Status) -> list[Member]:
    status = place.choice("bot", BOT_STATUSES, default=default)
    return [] if status == "left" else [Member(bot, status)]


def _chat_id(place: Place) -> int:
    chat_id = place.integer("id")
    if chat_id >= 0:
        raise place.member("id").mistake("a group's or channel's id is a negative number, such as -1002000000001")
    return chat_id


def _topic_id(place: Place) -> int:
    place.allow("id", "name")
    return place.integer("id")


def _refuse_repeated(world: Place, *sections: str) -> None:
    seen: set[int] = set()
    for place in (item for section in sections for item in world.items(section)):
        chat_id = place.integer("id")
        if chat_id in seen:
            raise place.member("id").mistake(f"another chat has the id {chat_id}, too; give another")
        seen.add(chat_id)
