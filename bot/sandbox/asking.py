"""A request to the JSON API: its body, query and path, read with sentences for mistakes."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.chats import Chat
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.parameters import read_body
from bot.sandbox.people import User
from bot.sandbox.wire import Json
from bot.sandbox.world import World

JSON_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asking:
    """What was asked: the world, and all parameters in one place."""

    world: World
    values: Json

    def has(self, name: str) -> bool:
        """Whether it was given."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """A text that must be there; it may be empty."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise Refused(f"`{name}` must be a text.")
        return value

    def optional_text(self, name: str) -> str | None:
        """A text, if given."""
        return self.text(name) if self.has(name) else None

    def integer(self, name: str) -> int:
        """A whole number that must be there."""
        value = self.values.get(name)
        try:
            return int(str(value))
        except ValueError as error:
            raise Refused(f"`{name}` must be a whole number.") from error

    def optional_integer(self, name: str) -> int | None:
        """A whole number, if given."""
        return self.integer(name) if self.has(name) else None

    def number(self, name: str, default: float = 0) -> float:
        """Any number that is not negative."""
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            raise Refused(f"`{name}` must be a number, 0 or more.")
        return value

    def user(self, name: str = "user_id") -> User:
        """A user by id; the bot is one, too."""
        user_id = self.integer(name)
        user = self.world.bot if user_id == self.world.bot.id else self.world.users.get(user_id)
        if user is None:
            raise Refused(f"There is no user {user_id}.", 404)
        return user

    def chat(self) -> Chat:
        """The chat of the path; a person's private chat comes into being when it is first asked for."""
        chat_id = self.integer("chat_id")
        if chat_id in self.world.users:
            return self.world.private_chat(self.world.users[chat_id])
        chat = self.world.chats.get(chat_id)
        if chat is None:
            raise Refused(f"There is no chat {chat_id}.", 404)
        return chat

    def entities(self) -> list[Json]:
        """Entities of a text, if given."""
        entities: Any = self.values.get("entities") or []
        if not isinstance(entities, list) or not all(_is_entity(entity) for entity in entities):
            raise Refused("`entities` must be a list of objects with `type`, `offset` and `length`.")
        return entities


async def read_asking(world: World, request: web.Request) -> Asking:
    """Query, body and path together; the path counts most."""
    body: Any = {}
    if request.body_exists:
        try:
            body = json.loads(await read_body(request.content, JSON_LIMIT) or b"{}")
        except ApiError as error:
            raise Refused(f"The body is larger than {JSON_LIMIT} bytes.", error.code) from error
        except ValueError as error:
            raise Refused("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.")
    return Asking(world, {**request.query, **body, **request.match_info})


def _is_entity(entity: Any) -> bool:
    if not isinstance(entity, dict) or not isinstance(entity.get("type"), str):
        return False
    return all(isinstance(entity.get(name), int) and entity[name] >= 0 for name in ("offset", "length"))
