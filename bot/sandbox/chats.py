"""Chats: private ones, groups, supergroups and channels, with what was said in them."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.sandbox.members import PERMISSIONS, Member
from bot.sandbox.people import User
from bot.sandbox.wire import Json, without_blanks

ChatType = Literal["private", "group", "supergroup", "channel"]

# A chat remembers this many messages; older ones are gone, as if they had been deleted long ago.
REMEMBERED = 1000


@dataclass(slots=True)
class Topic:
    """A forum's thread."""

    name: str
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class InviteLink:
    """A link into a chat. `creates_join_request` makes those who follow it wait for an administrator."""

    url: str
    creator: User
    name: str | None = None
    creates_join_request: bool = False
    is_primary: bool = False
    is_revoked: bool = False
    expire_date: int | None = None
    member_limit: int | None = None

    def json(self) -> Json:
        """As the Bot API's ChatInviteLink."""
        return without_blanks(
            invite_link=self.url,
            creator=self.creator.json(),
            creates_join_request=self.creates_join_request,
            is_primary=self.is_primary,
            is_revoked=self.is_revoked,
            name=self.name,
            expire_date=self.expire_date,
            member_limit=self.member_limit,
        )


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Somebody waits at the door since an instant (unix seconds)."""

    link: InviteLink
    date: int


@dataclass(slots=True)
class Chat:
    """One chat. In a private one `person` is the human, and the bot's membership says whether it may write there."""

    id: int
    type: ChatType
    next_message_id: int
    title: str | None = None
    username: str | None = None
    person: User | None = None
    is_forum: bool = False
    linked_to: int | None = None
    migrated_to: int | None = None
    description: str | None = None
    topics: dict[int, Topic] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    messages: OrderedDict[int, Json] = field(default_factory=OrderedDict)
    ephemeral: OrderedDict[int, Json] = field(default_factory=OrderedDict)
    reactions: dict[int, dict[int, list[Json]]] = field(default_factory=dict)
    votes: dict[int, dict[int, list[int]]] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    invite_links: dict[str, InviteLink] = field(default_factory=dict)
    link_uses: dict[str, int] = field(default_factory=dict)
    join_requests: dict[int, JoinRequest] = field(default_factory=dict)
    banned_channels: set[int] = field(default_factory=set)
    permissions: frozenset[str] = frozenset(PERMISSIONS)

    def json(self) -> Json:
        """As the Bot API's Chat."""
        person = self.person
        return without_blanks(
            id=self.id,
            type=self.type,
            title=self.title,
            username=person.username if person else self.username,
            first_name=person.first_name if person else None,
            last_name=person.last_name if person else None,
            is_forum=True if self.is_forum else None,
        )

    @property
    def is_group(self) -> bool:
        """A basic group or a supergroup."""
        return self.type in ("group", "supergroup")

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return self.title or (self.person.name if self.person else str(self.id))

    def keep(self, message: Json) -> None:
        """Remember a message, new or edited, and forget the oldest beyond the limit."""
        self.messages[message["message_id"]] = message
        if len(self.messages) > REMEMBERED:
            self.forget(next(iter(self.messages)))

    def forget(self, message_id: int) -> None:
        """Take a message away with all that hangs on it."""
        self.messages.pop(message_id, None)
        self.reactions.pop(message_id, None)
        self.votes.pop(message_id, None)
        if message_id in self.pinned:
            self.pinned.remove(message_id)

    def own_link(self, user: User) -> InviteLink:
        """The primary link that an administrator has from the start."""
        for link in self.invite_links.values():
            if link.is_primary and link.creator.id == user.id and not link.is_revoked:
                return link
        return self.add_link(InviteLink("", user, is_primary=True))

    def add_link(self, link: InviteLink) -> InviteLink:
        """Give a link its address. It tells the chat and the number, so that a log can be read."""
        addressed = replace(link, url=f"https://t.me/+sandbox{abs(self.id)}x{len(self.invite_links) + 1}")
        self.invite_links[addressed.url] = addressed
        return addressed
