"""The group's door: holds newcomers who have something to do first, and does what was decided about them."""

from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.types import ChatMemberRestricted, ChatMemberUpdated, ChatPermissions, User

from bot.domain.admissions import Admission
from bot.domain.advertisers import looks_like_advertiser
from bot.domain.groups import Group
from bot.domain.joins import Arrival
from bot.domain.members import Actor
from bot.services.admissions import AdmissionService, Held, entrance_of
from bot.services.clock import Clock
from bot.services.moderation import ModerationService
from bot.texts import Texts
from handlers.admissions_sheets import MOST_NAMES, Sheet
from handlers.context import Sender, person_of
from handlers.moderation_enforcing import SHORTEST_MUTE
from handlers.operators import Operators
from handlers.outbox import Outbox
from handlers.presence import GetRawMember
from handlers.vanishing import Vanishing
from storage.outbox import Post

_NOTHING = ChatPermissions(**dict.fromkeys(ChatPermissions.model_fields, False))
_EVERYTHING = ChatPermissions(**dict.fromkeys(ChatPermissions.model_fields, True))
"""Granting everything lifts a restriction: what the group allows its members applies again (Bot API)."""

log = structlog.get_logger(__name__)


def is_added(change: ChatMemberUpdated) -> bool:
    """Whether whoever caused a join has put somebody in: one who approves a request, a bot too, has not."""
    return change.invite_link is None and not change.via_join_request


@dataclass(frozen=True, slots=True)
class Guest:
    """What an update tells of a newcomer beside their join.

    `is_muted` is true for one who comes restricted; `is_brought` when an administrator who is anonymous added them.
    """

    full_name: str
    is_muted: bool = False
    is_brought: bool = False

    @classmethod
    def of(cls, change: ChatMemberUpdated) -> "Guest":
        """Who came by a change of membership."""
        user, came = change.new_chat_member.user, change.new_chat_member
        is_brought = is_added(change) and change.from_user.id != user.id and change.from_user.is_bot
        return cls(user.full_name, isinstance(came, ChatMemberRestricted) and not came.can_send_messages, is_brought)


@dataclass(frozen=True, slots=True)
class Door:
    """What can be done again at any time without doing it twice: it looks before it acts."""

    bot: Bot
    admissions: AdmissionService
    operators: Operators
    texts: Texts
    outbox: Outbox
    vanishing: Vanishing
    moderation: ModerationService
    clock: Clock

    async def is_open(self, group: Group, arrival: Arrival, guest: Guest) -> bool:
        """Whether a newcomer is free to speak; who is not has been told what to do."""
        entrance, chosen = entrance_of(group), group.settings
        is_locked_out = chosen.raid_lock and arrival.is_raid
        asks = entrance.captcha != "off" or entrance.rules or chosen.name_check or entrance.join_requests != "off"
        if not (asks or is_locked_out or guest.is_muted):
            return True
        if arrival.is_backlog or await self._is_exempt(group, arrival, guest):
            admission = await self.admissions.exempt(group, arrival.person.id)
        else:
            admission = await self.admissions.arrive(
                group, arrival.person, arrival.update_id, is_muted=guest.is_muted,
                is_suspicious=is_locked_out or self.is_suspicious(group, guest.full_name),
            )  # fmt: skip
        if admission.is_pending:
            return await self.tell(group, admission)
        await self._see_to(group, admission)
        return admission.state == "passed" or guest.is_muted

    def is_suspicious(self, group: Group, full_name: str) -> bool:
        """Whether a name has to be looked at."""
        return group.settings.name_check and looks_like_advertiser(full_name, group.settings.name_patterns)

    async def knock(self, group: Group, user: User, update_id: int) -> None:
        """Somebody asks to be let in."""
        is_suspicious = self.is_suspicious(group, user.full_name)
        admission = await self.admissions.ask_to_join(group, person_of(user), update_id, is_suspicious=is_suspicious)
        if admission.is_pending:
            await self.tell(group, admission)
        else:
            await self._see_to(group, admission)

    async def tell(self, group: Group, admission: Admission) -> bool:
        """Takes a newcomer's voice and tells them what to do; True when they are free all the same."""
        held = await self.admissions.held(admission)
        if held is None or held.admission.owed not in {"restrict", "ask"}:
            return False
        try:
            if held.admission.owed == "restrict" and not await self._restrict(group, held):
                return True
            return not await self._post(group, held)
        except TelegramAPIError as error:
            log.warning("newcomer not told yet", user=admission.user_id, reason=str(error))
            await self.admissions.try_later(held.admission)
        return False

    async def show(self, group: Group, admission: Admission) -> None:
        """Lets the message of one newcomer follow to the next step."""
        held = await self.admissions.held(admission)
        if held is not None and held.challenge.message_id is not None and not held.challenge.is_shared:
            await self._edit(group, held)

    async def carry_out(self, group: Group, admission: Admission) -> bool:
        """Tells the platform what was decided; False when it has to be told later."""
        try:
            await self._tell_platform(group, admission)
        except (TelegramBadRequest, TelegramForbiddenError) as error:
            log.warning("the platform would not hear of a newcomer", owed=admission.owed, reason=error.message)
            if "rights" not in error.message:
                return True
            await self.admissions.notify(group, self._notice(group))
            await self.outbox.deliver(group.id)
            await self.admissions.try_later(admission)
            return False
        except TelegramAPIError as error:
            log.warning("newcomer not seen to yet", owed=admission.owed, reason=str(error))
            await self.admissions.try_later(admission)
            return False
        return True

    async def _see_to(self, group: Group, admission: Admission) -> None:
        if admission.owed and await self.carry_out(group, admission):
            await self.admissions.settled(admission)

    async def _is_exempt(self, group: Group, arrival: Arrival, guest: Guest) -> bool:
        if arrival.person.id in self.operators.owner_ids:
            return True
        if group.settings.captcha_added:
            return False
        inviter = arrival.inviter
        if inviter is None:
            return guest.is_brought
        return await self.operators.includes(Sender(inviter, Actor(inviter.id, inviter.name)), group.chat_id)

    async def _restrict(self, group: Group, held: Held) -> bool:
        """Takes the newcomer's voice. Where the bot may not, they keep it, and operators are told once a day."""
        try:
            await self.bot.restrict_chat_member(group.chat_id, held.admission.user_id, _NOTHING)
        except (TelegramBadRequest, TelegramForbiddenError) as error:
            log.warning("newcomer cannot be held", reason=error.message)
            await self.admissions.stand_open(group, held.admission, self._notice(group))
            await self.outbox.deliver(group.id)
            return False
        return True

    def _notice(self, group: Group) -> Post:
        """What operators have to do; one a day."""
        say = self.texts.bound(group.settings.language)
        return Post(f"captcha:no_right:{self.clock():%Y-%m-%d}", say("captcha.no_right"))

    async def _post(self, group: Group, held: Held) -> bool:
        """Says what is to be done; False when a newcomer is in because nobody can ask them."""
        sheet, posted = Sheet.of(group, self.texts, held), None
        if held.challenge.message_id is None:
            chat_id = held.admission.user_id if sheet.is_private else group.chat_id
            try:
                message = await self.bot.send_message(chat_id, sheet.text(), reply_markup=sheet.buttons())
            except (TelegramBadRequest, TelegramForbiddenError) as error:
                return await self._cannot_ask(group, held, error.message)
            posted = (message.chat.id, message.message_id)
        elif sheet.step == "review" and len(held.waiting) <= MOST_NAMES:
            await self._edit(group, held)
        await self.admissions.asked(group, held, posted)
        return True

    async def _cannot_ask(self, group: Group, held: Held, reason: str) -> bool:
        """Whom nobody can ask is let in; who asks to join, operators may decide about."""
        log.warning("newcomer cannot be asked", reason=reason)
        if held.admission.door == "join":
            await self._see_to(group, await self.admissions.exempt(group, held.admission.user_id))
            return False
        if held.admission.state == "review":
            await self.admissions.asked(group, held, None)
        else:
            await self.admissions.to_operators(group, held.admission)
            await self.tell(group, held.admission)
        return True

    async def _edit(self, group: Group, held: Held) -> None:
        sheet, challenge = Sheet.of(group, self.texts, held), held.challenge
        try:
            await self.bot.edit_message_text(
                sheet.text(), chat_id=challenge.chat_id, message_id=challenge.message_id, reply_markup=sheet.buttons()
            )
        except TelegramBadRequest as error:
            log.info("message at the door does not follow", reason=error.message)

    async def _tell_platform(self, group: Group, admission: Admission) -> None:
        chat_id, user_id = group.chat_id, admission.user_id
        match admission.owed:
            case "lift" if await self._status(chat_id, user_id) == "restricted":
                await self._lift(group, user_id)
            case "kick" if await self._status(chat_id, user_id) in {"member", "restricted"}:
                # Who is inside is removed by this, and may come again (Bot API).
                await self.bot.unban_chat_member(chat_id, user_id)
            case "ban" if await self._status(chat_id, user_id) != "kicked":
                await self.bot.ban_chat_member(chat_id, user_id)
            case "unban":
                await self.bot.unban_chat_member(chat_id, user_id, only_if_banned=True)
            case "approve":
                await self.bot.approve_chat_join_request(chat_id, user_id)
            case "decline":
                await self.bot.decline_chat_join_request(chat_id, user_id)

    async def _lift(self, group: Group, user_id: int) -> None:
        """Gives somebody their voice; a mute that they have earned goes on."""
        until = await self.moderation.muted_until(group, user_id)
        if until is None:
            await self.bot.restrict_chat_member(group.chat_id, user_id, _EVERYTHING)
        else:
            until = max(until, self.clock() + SHORTEST_MUTE)
            await self.bot.restrict_chat_member(group.chat_id, user_id, _NOTHING, until_date=until)

    async def _status(self, chat_id: int, user_id: int) -> str:
        """What somebody is now: another one may have removed them meanwhile, and that stands."""
        member = await self.bot(GetRawMember(chat_id=chat_id, user_id=user_id))
        return str(member["status"])
