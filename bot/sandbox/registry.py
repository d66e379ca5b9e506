"""The Bot API's methods by name; the modules `methods_*` fill it."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from bot.sandbox.parameters import Parameters
from bot.sandbox.world import World

Handler: TypeAlias = Callable[[World, Parameters], object | Awaitable[object]]

_METHODS: dict[str, tuple[str, Handler]] = {}


def method(*names: str) -> Callable[[Handler], Handler]:
    """Register what answers these methods."""

    def register(handler: Handler) -> Handler:
        for name in names:
            _METHODS[name.lower()] = (name, handler)
        return handler

    return register


def find_method(name: str) -> tuple[str, Handler] | None:
    """A method in its usual spelling, whatever the case of the given one, and what answers it."""
    return _METHODS.get(name.lower())


def method_names() -> list[str]:
    """Every method in its usual spelling."""
    return [name for name, _ in _METHODS.values()]
