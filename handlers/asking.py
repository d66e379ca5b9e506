"""Filters on what a message asks for. They are asynchronous: aiogram runs any other kind in a thread."""

from aiogram.filters import Filter
from aiogram.types import Message

from bot.domain.commands import Request


class Asks(Filter):
    """Passes a message that asks for a command, by its name or by a keyword."""

    def __init__(self, command: str) -> None:
        self._command = command

    async def __call__(self, message: Message, request: Request | None = None) -> bool:  # noqa: D102
        return request is not None and request.command == self._command


class AsksForHelp(Filter):
    """Passes `/COMMAND help`, whatever the command."""

    async def __call__(self, message: Message, request: Request | None = None) -> bool:  # noqa: D102
        return request is not None and request.arguments.casefold() == "help"
