"""What a feature brings to the chat: its commands and its handlers."""

from collections.abc import Callable
from dataclasses import dataclass

from aiogram import Router


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; `keywords` ask for the same when they are the whole message.

    `only_private` ones are about the private chat itself; those not `in_private` need a group around them. Its
    line in menus and `/help` is the text `command.NAME`, its usage the text `usage.NAME`, if there is one.
    """

    name: str
    keywords: tuple[str, ...] = ()
    for_operators: bool = False
    only_private: bool = False
    in_private: bool = True


@dataclass(frozen=True, slots=True)
class Feature:
    """One module of this package. `register` adds its handlers to the one router, so that no feature costs more.

    `register_links` adds those of links into the private chat, before any other `/start` is answered.
    """

    commands: tuple[Command, ...]
    register: Callable[[Router], None]
    register_links: Callable[[Router], None] | None = None
