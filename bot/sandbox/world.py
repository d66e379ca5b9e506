"""The world of a sandbox: who exists, which chats there are, and what has happened in them."""

import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.sandbox.chats import Chat
from bot.sandbox.clock import Clock
from bot.sandbox.errors import WorldError
from bot.sandbox.events import Events
from bot.sandbox.files import Files
from bot.sandbox.members import Member
from bot.sandbox.people import User
from bot.sandbox.profile import Profile
from bot.sandbox.updates import UpdateQueue
from bot.sandbox.views import chat_view, message_view, reaction_counts
from bot.sandbox.wire import Json
from bot.sandbox.world_file import read_world

__all__ = ["World", "WorldError", "default_world"]

CALLS_LOGGED = 1000
CALLBACKS_KEPT = 1000


@dataclass(slots=True)
class Callback:
    """A pressed button, waiting for the bot's answer."""

    id: str
    user: User
    chat: Chat
    message_id: int
    at: int
    answer: Json | None = None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A Bot API call that the bot has made."""

    method: str
    parameters: Json
    ok: bool
    at: datetime

    def json(self) -> Json:
        """For the page."""
        return {"method": self.method, "parameters": self.parameters, "ok": self.ok, "at": self.at.isoformat()}


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next calls of a method."""

    method: str
    times: int
    error_code: int | None
    description: str
    retry_after: int | None = None
    after_acceptance: bool = False
    delay: float = 0


@dataclass(slots=True)
class Webhook:
    """Where updates are sent to, and how that went the last time."""

    url: str
    secret_token: str | None = None
    max_connections: int = 40
    ip_address: str | None = None
    last_error_date: int | None = None
    last_error_message: str | None = None


@dataclass(slots=True, eq=False)
class World:
    """Everything the sandbox knows; all of it in memory, and bounded where traffic could fill it.

    A bot that runs in the same process may say (`upcoming`) when it does something by itself next.
    """

    bot: User
    token: str
    first_message_id: int
    updates: UpdateQueue
    can_read_all_group_messages: bool = True
    clock: Clock = field(default_factory=Clock)
    events: Events = field(default_factory=Events)
    files: Files = field(default_factory=Files)
    profile: Profile = field(default_factory=Profile)
    users: dict[int, User] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    callbacks: OrderedDict[str, Callback] = field(default_factory=OrderedDict)
    calls: deque[CallRecord] = field(default_factory=lambda: deque(maxlen=CALLS_LOGGED))
    faults: list[Fault] = field(default_factory=list)
    webhook: Webhook | None = None
    on_hook: Callable[[], None] | None = None
    upcoming: Callable[[], Awaitable[datetime | None]] | None = None
    _serial: int = 0

    @classmethod
    def load(
        cls, text: str, source: str, *, first_update_id: int | None = None, first_message_id: int | None = None
    ) -> "World":
        """The world that a YAML text describes. Raises `WorldError`.

        Ids start at the given ones, else at the present unix time: so they grow over restarts.
        """
        started = int(time.time())
        described = read_world(text, source)
        world = cls(
            described.bot,
            described.token,
            first_message_id or started,
            UpdateQueue(first_update_id or started),
            described.can_read_all_group_messages,
        )
        world.users = {user.id: user for user in described.users}
        world.chats = {chat.id: chat for chat in described.found_chats(world.first_message_id)}
        return world

    def now(self) -> datetime:
        """The sandbox's time, aware UTC."""
        return self.clock.now()

    def serial(self) -> int:
        """A number never given before."""
        self._serial += 1
        return self._serial

    def member(self, chat: Chat, user: User) -> Member:
        """What somebody is in a chat now; somebody never seen there has left it."""
        found = chat.members.get(user.id)
        return found.at(self.clock.unix()) if found else Member(user, "left")

    def bot_in(self, chat: Chat) -> Member:
        """What the bot is in a chat."""
        return self.member(chat, self.bot)

    def private_chat(self, user: User) -> Chat:
        """A person's chat with the bot, made on first use."""
        if user.id not in self.chats:
            chat = Chat(user.id, "private", self.first_message_id, person=user)
            chat.members = {user.id: Member(user), self.bot.id: Member(self.bot, "left")}
            self.chats[user.id] = chat
            self.show_chat(chat)
        return self.chats[user.id]

    def post(self, chat: Chat, content: Json, date: int | None = None) -> Json:
        """A new message in a chat: numbered, dated, remembered and shown on the page."""
        message_id = chat.next_message_id
        chat.next_message_id += 1
        head = {"message_id": message_id, "date": self.clock.unix() if date is None else date, "chat": chat.json()}
        message = {**head, **content}
        chat.keep(message)
        self.show("message", chat, message)
        return message

    def show(self, kind: str, chat: Chat, message: Json, **extra: object) -> None:
        """Tell the page of a message. Costs nothing when no page is open."""
        if self.events.is_heard:
            view = message_view(chat, message, self.bot.id)
            self.events.publish(kind, chat_id=chat.id, **extra, message=view)

    def hook(self, webhook: Webhook | None) -> None:
        """Send updates to an address from now on, or keep them for polling."""
        self.webhook = webhook
        if self.on_hook:
            self.on_hook()

    def react(self, chat: Chat, message_id: int, user: User, reactions: list[Json]) -> list[Json]:
        """Set somebody's reactions to a message; returns the former ones."""
        given = chat.reactions.setdefault(message_id, {})
        former = given.pop(user.id, [])
        if reactions:
            given[user.id] = reactions
        counts = reaction_counts(chat, message_id)
        self.events.publish("reaction", chat_id=chat.id, message_id=message_id, reactions=counts)
        return former

    def show_chat(self, chat: Chat) -> None:
        """Tell the page that a chat has changed."""
        if self.events.is_heard:
            self.events.publish("chat", chat=chat_view(chat))

    def remember_callback(self, callback: Callback) -> None:
        """Keep a pressed button, and forget the oldest."""
        self.callbacks[callback.id] = callback
        if len(self.callbacks) > CALLBACKS_KEPT:
            self.callbacks.popitem(last=False)


def default_world(*, first_update_id: int | None = None, first_message_id: int | None = None) -> World:
    """The demo world that comes with the sandbox."""
    path = Path(__file__).with_name("world.yaml")
    return World.load(
        path.read_text(encoding="utf-8"),
        str(path),
        first_update_id=first_update_id,
        first_message_id=first_message_id,
    )
