"""The slash-command menus that clients show, by scope and language."""

from collections.abc import Sequence

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeUnion,
)

from bot.texts import Texts
from handlers.feature import Command

_LANGUAGES = {"": "en", "zh": "zh"}
"""Language codes of users (ISO 639-1, as setMyCommands takes them; "" is for all others) and what they read."""

log = structlog.get_logger(__name__)


async def register_menus(bot: Bot, texts: Texts, commands: Sequence[Command]) -> None:
    """Tells the platform which commands there are. A refusal is logged: the bot works without a menu."""
    in_groups = [command for command in commands if not command.only_private]
    members = [command for command in in_groups if not command.for_operators]
    private = [command for command in commands if command.in_private and not command.for_operators]
    scopes: tuple[tuple[BotCommandScopeUnion, Sequence[Command]], ...] = (
        (BotCommandScopeAllGroupChats(), members),
        (BotCommandScopeAllChatAdministrators(), in_groups),
        (BotCommandScopeAllPrivateChats(), private),
    )
    try:
        for scope, listed in scopes:
            for code, locale in _LANGUAGES.items():
                menu = [
                    BotCommand(command=c.name, description=texts.plain(locale, f"command.{c.name}")) for c in listed
                ]
                await bot.set_my_commands(menu, scope=scope, language_code=code or None)
    except TelegramAPIError as error:
        log.warning("menus not registered", reason=str(error))
