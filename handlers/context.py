"""What every handler may ask for by name: who speaks, where, when, and in which language to answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Chat, ChatMemberUpdated, Message, TelegramObject, Update, User

from bot.domain.groups import Group
from bot.domain.locales import closest
from bot.domain.members import Actor, NoGroupChosen, NotAMember, OnlyInGroups, Person
from bot.domain.names import display_name
from bot.services.clock import Clock
from bot.services.groups import GroupService
from bot.services.members import MemberService
from bot.texts import Texts

GROUP_KINDS = frozenset({"group", "supergroup"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who caused an update. `person` is None for an anonymous administrator, a channel or a bot, who own no points.

    `is_anonymous_operator` is true for one who speaks as the group itself, which only its administrators can.
    """

    person: Person | None
    actor: Actor
    is_anonymous_operator: bool = False

    def member(self) -> Person:
        """The person. Raises `NotAMember`."""
        if self.person is None:
            raise NotAMember
        return self.person


@dataclass(frozen=True, slots=True)
class Place:
    """Where an update happened: in a group, or in a private chat, which may be about a group."""

    maybe_group: Group | None
    is_private: bool = False

    @property
    def group(self) -> Group:
        """The group that the update is about. Raises `NoGroupChosen`."""
        if self.maybe_group is None:
            raise NoGroupChosen
        return self.maybe_group

    @property
    def here(self) -> Group:
        """The group in which the update happened. Raises `OnlyInGroups`."""
        if self.is_private:
            raise OnlyInGroups
        return self.group


FRESH = timedelta(minutes=1)
"""How old a message may be to prove that the bot is in a group; an older one may come from before it was sent away."""


@dataclass(frozen=True, slots=True)
class ContextMiddleware(BaseMiddleware):
    """Adds `sender`, `place`, `say`, `at` and `update_id` to what handlers are given."""

    groups: GroupService
    members: MemberService
    texts: Texts
    clock: Clock
    default_locale: str

    async def __call__(  # noqa: D102
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Update)  # noqa: S101 - registered for updates
        context = data["event_context"]
        sender = sender_of(event, context.user)
        if sender.person is not None:
            await self.members.remember(sender.person)
            if context.chat is not None and context.chat.type == "private":
                await self.members.reached(sender.person)
        place = await self._place(event, context.chat, sender.person)
        data |= {
            "sender": sender,
            "place": place,
            "say": self.texts.bound(self._locale(place, context.user)),
            "at": self._instant(event),
            "update_id": event.update_id,
        }
        return await handler(event, data)

    async def _place(self, event: Update, chat: Chat | None, person: Person | None) -> Place:
        if chat is not None and chat.type in GROUP_KINDS:
            group = await self.groups.of_chat(chat.id, chat.title or "")
            if not group.is_present and self._proves_presence(event):
                group = await self.groups.record_presence(group.chat_id, group.title, is_present=True)
            return Place(group)
        if person is None:
            return Place(None)
        about = await self.members.private_group(person)
        return Place(await self.groups.of_chat(*about) if about else None, is_private=True)

    def _proves_presence(self, update: Update) -> bool:
        """Whether the bot must be in a group again from which this comes: that it was let in may have been lost."""
        message = update.event if isinstance(update.event, Message) else None
        return message is not None and not message.left_chat_member and self.clock() - message.date < FRESH

    def _locale(self, place: Place, user: User | None) -> str:
        if place.maybe_group is not None and not place.is_private:
            return place.maybe_group.settings.language
        return closest([user.language_code if user else None], self.default_locale)

    def _instant(self, event: Update) -> datetime:
        """A message happened when it was sent; a button press carries no time of its own."""
        if isinstance(event.event, Message | ChatMemberUpdated):
            return event.event.date
        return self.clock()


def sender_of(update: Update, user: User | None) -> Sender:
    """Who caused the update."""
    event = update.event
    chat = event.sender_chat if isinstance(event, Message) else None
    if chat is not None:
        speaks_as_group = isinstance(event, Message) and chat.id == event.chat.id
        signed = event.author_signature if isinstance(event, Message) else None
        return Sender(None, Actor(chat.id, signed or chat.title or ""), is_anonymous_operator=speaks_as_group)
    if user is None:
        return Sender(None, Actor(0, ""))
    person = person_of(user)
    return Sender(None if user.is_bot else person, Actor(person.id, person.name))


def person_of(user: User) -> Person:
    """The person behind an account, with a name that is fit to be shown."""
    name = display_name(user.first_name, user.last_name, user.id)
    return Person(user.id, name, user.username, (user.language_code or "")[:16] or None)
