"""What one may do here."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.texts import Say
from handlers.asking import Asks, AsksForHelp
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.gate import UNKNOWN
from handlers.operators import Operators


async def show_help(
    message: Message, sender: Sender, place: Place, say: Say, operators: Operators, commands: Sequence[Command]
) -> None:
    """Lists the commands that the sender may use in this chat."""
    group = place.maybe_group
    if group is None:
        await message.reply(say("help.private"))
        return
    shown = [say("help.about", group=group.title)] if place.is_private else []
    shown += [say("help.title", group=group.title), *_lines(say, commands, place, for_operators=False)]
    if await operators.includes(sender, group.chat_id):
        shown += [Markup(""), say("help.operators"), *_lines(say, commands, place, for_operators=True)]
    await message.reply(Markup("\n").join(shown))


async def show_usage(message: Message, request: Request, say: Say) -> None:
    """Answers `/COMMAND help`."""
    await message.reply(usage(say, request.command))


async def unknown(message: Message, say: Say) -> None:
    """Answers a command that nobody knows."""
    await message.reply(say("help.unknown"))


def usage(say: Say, command: str) -> Markup:
    """What a command does and how it is written."""
    return Markup("\n").join(
        [say("help.line", command=command, does=say(f"command.{command}")), say(f"usage.{command}")]
    )


def _lines(say: Say, commands: Sequence[Command], place: Place, *, for_operators: bool) -> list[Markup]:
    return [
        say("help.line", command=command.name, does=say(f"command.{command.name}"))
        for command in commands
        if command.for_operators is for_operators and _fits(command, place)
    ]


def _fits(command: Command, place: Place) -> bool:
    return command.in_private if place.is_private else not command.only_private


def register(router: Router) -> None:
    """Routes of this feature; they come first, since `/COMMAND help` is for every command."""
    router.message.register(show_usage, AsksForHelp())
    router.message.register(show_help, Asks("help"))
    router.message.register(show_help, Asks("start"))
    router.message.register(unknown, Asks(UNKNOWN))


FEATURE = Feature(commands=(Command("help", keywords=("帮助", "幫助")),), register=register)
