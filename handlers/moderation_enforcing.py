"""Does on the platform what moderation has decided. All of it may be done twice: that is the same as once."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramServerError,
)
from aiogram.methods import (
    BanChatMember,
    BanChatSenderChat,
    DeleteMessages,
    RestrictChatMember,
    TelegramMethod,
    UnbanChatMember,
    UnbanChatSenderChat,
)
from aiogram.types import ChatPermissions, Message
from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.members import Actor
from bot.domain.moderation import Step, span_of
from bot.services.bounded import BoundedDict
from bot.services.clock import Clock
from bot.services.deletions import DeletionService
from bot.services.moderation import ModerationService, Punished
from bot.texts import Say, Texts
from handlers.outbox import Outbox
from handlers.presence import GetRawMember
from handlers.vanishing import Vanishing
from storage.moderation import Offence

SHORTEST_MUTE = timedelta(seconds=40)
"""The platform takes a restriction of less than 30 seconds for one without end (Bot API, restrictChatMember)."""

PAUSE_OF_WARNINGS = timedelta(seconds=5)
"""For so long what a member is told replaces what they were told before."""

_TRIES = 3
_MISSING_RIGHT = (
    "not enough rights",
    "need administrator",
    "admin_required",
    "can't be deleted",
    "only for supergroups",
)
_NOT_FOR_CHANNELS = frozenset({"mute", "kick", "ban"})
_NOTHING = ChatPermissions(can_send_messages=False)
_EVERYTHING = ChatPermissions(**dict.fromkeys(ChatPermissions.model_fields, True))

log = structlog.get_logger(__name__)


class RightMissing(Exception):
    """The group has not given the bot the right to do it."""


@dataclass(frozen=True, slots=True)
class Enforcement:
    """Deletes, mutes, removes, and tells the group why."""

    bot: Bot
    clock: Clock
    moderation: ModerationService
    deletions: DeletionService
    vanishing: Vanishing
    outbox: Outbox
    texts: Texts
    _told: BoundedDict[tuple[int, int], tuple[datetime, Message]] = field(default_factory=lambda: BoundedDict(1_000))

    async def carry_out(
        self, group: Group, message: Message, punished: Punished, offender: Actor, message_ids: Sequence[int]
    ) -> None:
        """Deletes the messages of an offence; if it is a new one, does what it costs and says so."""
        await self._delete(group, message_ids)
        if punished.is_known or punished.offence.action == "delete":
            return
        try:
            await self.act(group, punished.offence)
        except RightMissing:
            await self._notify(group, "restrict")
            return
        say = self.texts.bound(group.settings.language)
        await self._tell(group, message, offender, said_of(say, group, punished, offender.name))

    async def act(self, group: Group, offence: Offence) -> None:
        """Mutes or removes whom an offence costs that. Raises `RightMissing`.

        A channel cannot be muted or removed: it is banned, until an undo.
        """
        chat_id, user_id, now = group.chat_id, offence.user_id, self.clock()
        if user_id < 0 and offence.action in _NOT_FOR_CHANNELS:
            await self._do(BanChatSenderChat(chat_id=chat_id, sender_chat_id=user_id))
        elif offence.action == "mute" and offence.until is not None and offence.until > now:
            if await self._status(chat_id, user_id) == "kicked":
                return  # a ban is more, and a mute would end it
            until = max(offence.until, now + SHORTEST_MUTE)
            await self._do(RestrictChatMember(chat_id=chat_id, user_id=user_id, permissions=_NOTHING, until_date=until))
        elif offence.action in {"kick", "ban"}:
            await self._do(BanChatMember(chat_id=chat_id, user_id=user_id))
            if offence.action == "kick":
                await self._do(UnbanChatMember(chat_id=chat_id, user_id=user_id, only_if_banned=True))

    async def lift(self, group: Group, undone: Sequence[Offence]) -> None:
        """Takes back what offences cost, unless another one still costs the same. Raises `RightMissing`."""
        now = self.clock()
        for offence in undone:
            chat_id, user_id = group.chat_id, offence.user_id
            if user_id < 0 and offence.action in _NOT_FOR_CHANNELS:
                await self._do(UnbanChatSenderChat(chat_id=chat_id, sender_chat_id=user_id))
            elif not offence.binds(now) or offence.action in await self.moderation.in_force(group, user_id):
                continue
            elif offence.action == "mute":
                await self.unmute(group, user_id)
            else:
                await self._do(UnbanChatMember(chat_id=chat_id, user_id=user_id, only_if_banned=True))

    async def unmute(self, group: Group, user_id: int) -> None:
        """Lets a member speak again, as the group lets everybody. Raises `RightMissing`."""
        if await self._status(group.chat_id, user_id) == "kicked":
            return  # this would end the ban
        await self._do(RestrictChatMember(chat_id=group.chat_id, user_id=user_id, permissions=_EVERYTHING))

    async def is_away(self, group: Group, user_id: int) -> bool:
        """Whether somebody has left or was removed."""
        return await self._status(group.chat_id, user_id) in {"left", "kicked"}

    async def _status(self, chat_id: int, user_id: int) -> str:
        """What somebody is now; nothing where the platform does not say."""
        try:
            member = await self.bot(GetRawMember(chat_id=chat_id, user_id=user_id))
        except TelegramAPIError as error:
            log.info("the platform does not say what a member is", reason=error.message)
            return ""
        return str(member["status"])

    async def _delete(self, group: Group, message_ids: Sequence[int]) -> None:
        try:
            await self._do(DeleteMessages(chat_id=group.chat_id, message_ids=list(message_ids)[:100]))
        except RightMissing:
            await self._notify(group, "delete")
        except TelegramAPIError as error:
            log.warning("messages deleted later", reason=error.message)
            for message_id in message_ids:
                await self.deletions.plan(group.chat_id, message_id, timedelta(0))

    async def _do(self, method: TelegramMethod[bool]) -> None:
        """Asks the platform, again if the answer is lost. What cannot be done any more is let go."""
        for tries_left in reversed(range(_TRIES)):
            try:
                await self.bot(method)
                return
            except (TelegramBadRequest, TelegramForbiddenError) as error:
                log.info("not done", method=type(method).__name__, reason=error.message)
                if any(words in error.message.casefold() for words in _MISSING_RIGHT):
                    raise RightMissing from None
                return
            except (TelegramNetworkError, TelegramServerError):
                if not tries_left:
                    raise
                await asyncio.sleep(1)

    async def _notify(self, group: Group, right: str) -> None:
        """Tells the group's operators that a right is missing, once a day."""
        say = self.texts.bound(group.settings.language)
        await self.moderation.say_once_a_day(group, f"cannot_{right}", str(say(f"moderation.cannot_{right}")))
        await self.outbox.deliver(group.id)

    async def _tell(self, group: Group, message: Message, offender: Actor, text: Markup) -> None:
        """Tells the member in the group; what was told a moment ago is replaced, so that the bot does not flood too."""
        key, now = (group.id, offender.id), self.clock()
        last = self._told.get(key)
        if last is not None and now - last[0] < PAUSE_OF_WARNINGS:
            with contextlib.suppress(TelegramBadRequest):  # it is gone, or says the same
                await last[1].edit_text(text)
            return
        told = await message.answer(text)
        self._told[key] = (now, told)
        await self.vanishing.after(told, group.settings.warning_lifetime)


def said_of(say: Say, group: Group, punished: Punished, name: str) -> Markup:
    """What an offence has cost whom, why, and what comes next."""
    offence = punished.offence
    who: object = say("moderation.who", id=offence.user_id, name=name) if offence.user_id > 0 else name
    why = say("moderation.why.said", reason=offence.note) if offence.note else say(f"moderation.why.{offence.rule}")
    seconds = round((offence.until - offence.at).total_seconds()) if offence.until is not None else 0
    done = cost(say, Step(offence.action, seconds))
    following = cost(say, punished.next)
    return say("moderation.done", who=who, why=why, done=done, next=following)


def cost(say: Say, step: Step) -> Markup:
    """A step in words."""
    number, unit = span_of(step.seconds)
    span = say(f"moderation.span.{unit}", n=number)
    return say(f"moderation.cost.{step.action}", span=span)
