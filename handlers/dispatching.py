"""Puts the features together: one router for all of them, behind one gate."""

from collections.abc import Mapping
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.types import Update
from pydantic import ValidationError

from bot.domain.moderation import Suspicion
from handlers import (
    admissions,
    changes,
    checkins,
    errors,
    faq,
    groups,
    hand_overs,
    introductions,
    invites,
    joins,
    leaderboards,
    lotteries,
    moderation,
    moderation_commands,
    playbook_questions,
    playbook_reports,
    playbook_words,
    playbooks,
    playbooks_today,
    points,
    private_chats,
    rules,
    settings,
    wallets,
    welcomes,
)
from handlers import help as help_
from handlers.context import ContextMiddleware
from handlers.feature import Feature
from handlers.gate import Gate
from handlers.intake import SUSPICION, RawUpdate, Unreadable, lane_of
from handlers.operators import Operators

FEATURES: tuple[Feature, ...] = (
    moderation.FEATURE,  # what offends asks for nothing
    playbook_words.FEATURE,
    help_.FEATURE,  # first of the commands: `/COMMAND help` is for every command
    checkins.FEATURE,
    points.FEATURE,
    leaderboards.FEATURE,
    lotteries.FEATURE,
    invites.FEATURE,
    introductions.FEATURE,
    rules.FEATURE,
    admissions.FEATURE,
    settings.FEATURE,
    changes.FEATURE,
    moderation_commands.FEATURE,
    wallets.FEATURE,
    private_chats.FEATURE,
    groups.FEATURE,
    joins.FEATURE,
    welcomes.FEATURE,
    faq.FEATURE,
    hand_overs.FEATURE,
    playbook_questions.FEATURE,
    playbooks_today.FEATURE,
    playbook_reports.FEATURE,
    playbooks.FEATURE,  # after these: it says how `/playbook` is written
)

COMMANDS = tuple(command for feature in FEATURES for command in feature.commands)
"""Every command, in the order of menus and `/help`."""


def build_dispatcher(context: ContextMiddleware, services: Mapping[str, Any]) -> Dispatcher:
    """The dispatcher with all features; handlers get the services by the names of their parameters."""
    dispatcher = Dispatcher(disable_fsm=True, commands=COMMANDS, **services)
    dispatcher.update.outer_middleware(context)
    router = Router(name="features")
    for feature in FEATURES:
        if feature.register_links is not None:
            feature.register_links(router)
    for feature in FEATURES:
        feature.register(router)
    errors.register(router)
    dispatcher.include_router(router)
    return dispatcher


class Handling:
    """Does what one raw update asks for."""

    def __init__(self, bot: Bot, dispatcher: Dispatcher, gate: Gate, operators: Operators) -> None:
        self._bot = bot
        self._operators = operators
        self._dispatcher = dispatcher
        self._gate = gate

    async def __call__(self, raw: RawUpdate) -> None:
        """Raises `Unreadable` for what the library cannot parse."""
        try:
            update = Update.model_validate(raw, context={"bot": self._bot})
            request = self._gate.request(raw["message"]) if "message" in raw else None
        except (ValidationError, LookupError, TypeError, AttributeError) as error:
            # It may have told of an administrator more or less, in words that the library does not know.
            self._operators.forget(lane_of(raw))
            raise Unreadable(_short(error)) from error
        await self._dispatcher.feed_update(self._bot, update, request=request, suspicion=_suspicion(raw))


def _suspicion(raw: RawUpdate) -> Suspicion | None:
    kept = raw.get(SUSPICION)
    if kept is None:
        return None
    return Suspicion(**kept | {name: tuple(kept[name]) for name in ("message_ids", "names")})


def _short(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return repr(error)
