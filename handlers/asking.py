"""Filters on what a message asks for, and the answer to what none of them passes.

They are asynchronous: aiogram runs any other kind in a thread.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.filters import Filter
from aiogram.types import Message

from bot.domain.commands import Request
from bot.domain.usage import WrongUse
from handlers.gate import REPLY


class Asks(Filter):
    """Passes a message that asks for a command, by its name or a keyword; if words are given, with one of them."""

    def __init__(self, command: str, *words: str) -> None:
        self._command = command
        self._words = words

    async def __call__(self, message: Message, request: Request | None = None) -> bool:  # noqa: D102
        if request is None or request.command != self._command:
            return False
        return not self._words or request.arguments.casefold() in self._words


class AsksForHelp(Filter):
    """Passes `/COMMAND help`, whatever the command."""

    async def __call__(self, message: Message, request: Request | None = None) -> bool:  # noqa: D102
        return request is not None and request.arguments.casefold() == "help"


class AsksTo(Filter):
    """Passes `/COMMAND VERB …` for any of the verbs; what follows the verb is injected as `rest`."""

    def __init__(self, command: str, *verbs: str) -> None:
        self._command = command
        self._verbs = verbs

    async def __call__(self, message: Message, request: Request | None = None) -> bool | dict[str, Any]:  # noqa: D102
        if request is None or request.command != self._command:
            return False
        verb, *rest = request.arguments.split(maxsplit=1) or [""]
        return verb.casefold() in self._verbs and {"rest": rest[0] if rest else ""}


class Replies(Filter):
    """Passes an answer to what the bot asked about `what-ARGUMENT` (`asking_link`); the argument is injected."""

    def __init__(self, what: str) -> None:
        self._what = what

    async def __call__(self, message: Message, request: Request | None = None) -> bool | dict[str, Any]:  # noqa: D102
        if request is None or request.command != REPLY:
            return False
        what, _, argument = request.arguments.partition("-")
        return what == self._what and {"argument": argument}


class StartsWith(Filter):
    """Passes `/start WHAT-ARGUMENT`, which a link into the private chat says; the argument is injected."""

    def __init__(self, what: str) -> None:
        self._what = what

    async def __call__(self, message: Message, request: Request | None = None) -> bool | dict[str, Any]:  # noqa: D102
        if request is None or request.command != "start":
            return False
        what, _, argument = request.arguments.partition("-")
        return what == self._what and {"argument": argument}


def wrong_use(command: str) -> Callable[[Message], Awaitable[None]]:
    """What answers a command in which nothing that it knows is asked for: how it is written."""

    async def show(_message: Message) -> None:
        raise WrongUse(command=command)

    return show
