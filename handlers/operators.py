"""Operators: the group's own administrators and the installation's owners."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import Filter
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, Message

from bot.domain.members import Actor, NotAnOperator, NotAnOwner, Person
from bot.domain.names import display_name
from bot.services.clock import Clock
from handlers.context import Place, Sender

KNOWN_FOR = timedelta(minutes=10)
"""How long a list of administrators is trusted; a `chat_member` update refreshes it at once."""

log = structlog.get_logger(__name__)


class GetRawAdministrators(TelegramMethod[list[dict[str, Any]]]):
    """`getChatAdministrators` without the library's types, which refuse a list from a server of another age."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getChatAdministrators"

    chat_id: int


@dataclass(frozen=True, slots=True)
class Operators:
    """Says who may steer a group."""

    bot: Bot
    clock: Clock
    owner_ids: frozenset[int]
    _by_chat: dict[int, tuple[datetime, dict[int, str]]] = field(default_factory=dict)

    async def includes(self, sender: Sender, chat_id: int) -> bool:
        """Whether the sender is one. While the platform does not answer, only those known before and the owners are."""
        if sender.is_anonymous_operator or sender.actor.id in self.owner_ids:
            return True
        return sender.person is not None and sender.person.id in await self.administrators(chat_id)

    async def include(self, person: Person, chat_id: int) -> bool:
        """Whether a person is one."""
        return await self.includes(Sender(person, Actor(person.id, person.name)), chat_id)

    def require_owner(self, sender: Sender) -> None:
        """Looks whether the sender is one of the installation's owners. Raises `NotAnOwner`."""
        if sender.person is None or sender.person.id not in self.owner_ids:
            raise NotAnOwner

    def forget(self, chat_id: int) -> None:
        """Lets the next question ask the platform again."""
        self._by_chat.pop(chat_id, None)

    async def administrators(self, chat_id: int) -> Mapping[int, str]:
        """The people among a group's administrators, by id, with their names; those known before while none answers."""
        known = self._by_chat.get(chat_id)
        if known is not None and self.clock() - known[0] < KNOWN_FOR:
            return known[1]
        try:
            listed = await self.bot(GetRawAdministrators(chat_id=chat_id))
        except TelegramAPIError as error:
            log.warning("administrators unknown", reason=str(error))
            return known[1] if known else {}
        users = [entry["user"] for entry in listed if not entry["user"].get("is_bot")]
        names = {u["id"]: display_name(u["first_name"], u.get("last_name"), u["id"]) for u in users}
        self._by_chat[chat_id] = (self.clock(), names)
        return names


class ByOwner(Filter):
    """Lets only the installation's owners pass. Raises `NotAnOwner` for everybody else."""

    async def __call__(self, event: Message | CallbackQuery, sender: Sender, operators: Operators) -> bool:  # noqa: D102
        operators.require_owner(sender)
        return True


class ByOperator(Filter):
    """Lets only operators pass. Raises `NotAnOperator` for everybody else, so that nothing happens."""

    async def __call__(  # noqa: D102
        self, event: Message | CallbackQuery, sender: Sender, place: Place, operators: Operators
    ) -> bool:
        if not await operators.includes(sender, place.group.chat_id):
            raise NotAnOperator
        return True
