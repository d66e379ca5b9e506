"""Members join, leave, rise and fall.

The platform tells of it as a change of membership, if the bot is an administrator; else by a message in the group,
which big groups do not have.
"""

from datetime import datetime

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.filters import Filter
from aiogram.types import ChatInviteLink, ChatMemberRestricted, ChatMemberUpdated, Message, User
from aiogram.types.chat_member_union import ChatMemberUnion

from bot.domain.joins import InviteLink
from bot.domain.members import Person, Status
from bot.services.admissions import AdmissionService
from bot.services.joins import JoinService
from bot.services.members import MemberService
from handlers.admissions_door import Guest, is_added
from handlers.admissions_timer import Doorkeeper
from handlers.arrivals import Arrivals
from handlers.context import Place, person_of
from handlers.feature import Feature
from handlers.operators import Operators

_ABSENT = ("left", "kicked")
_OPERATORS = frozenset({ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR})


class TellsOfMembers(Filter):
    """Passes the messages "X joined" and "X left"."""

    async def __call__(self, message: Message) -> bool:  # noqa: D102
        return bool(message.new_chat_members) or message.left_chat_member is not None


async def note_member(
    change: ChatMemberUpdated, place: Place, at: datetime, update_id: int,
    members: MemberService, joins: JoinService, arrivals: Arrivals, admissions: AdmissionService, operators: Operators,
    doorkeeper: Doorkeeper,
) -> None:  # fmt: skip
    """Records that a member joined, left, was removed, promoted or demoted; who joined has arrived."""
    before, after = _status(change.old_chat_member), _status(change.new_chat_member)
    if "operator" in (before, after):
        operators.forget(change.chat.id)
    user = change.new_chat_member.user
    if user.is_bot or place.maybe_group is None:
        return
    person = person_of(user)
    if after == "member" and before in _ABSENT:
        inviter, link = _adder(change.from_user, user) if is_added(change) else None, _link(change.invite_link)
        arrival = await joins.record(place.group, person, at, update_id, inviter=inviter, link=link)
        await arrivals.arrive(place.group, arrival, Guest.of(change))
        return
    await members.record_status(place.group, person, after, at)
    if after in _ABSENT:
        arrivals.greeter.part(place.group, person.id)
    if after != "member":
        await admissions.depart(place.group, person.id)
    elif _is_lifted(change):
        await doorkeeper.follow(place.group, await admissions.freed(place.group, person.id))


async def note_message(
    message: Message, place: Place, at: datetime, update_id: int,
    members: MemberService, joins: JoinService, arrivals: Arrivals, admissions: AdmissionService,
) -> None:  # fmt: skip
    """Takes the message for news, where there is no other, and takes it away in groups that want that."""
    group, doer = place.here, message.from_user
    for user in message.new_chat_members or ():
        if not user.is_bot:
            arrival = await joins.record(group, person_of(user), at, update_id, inviter=_adder(doer, user))
            await arrivals.arrive(group, arrival, Guest(user.full_name, is_brought=doer is not None and doer.is_bot))
    gone = message.left_chat_member
    if gone is not None and not gone.is_bot:
        await members.record_status(group, person_of(gone), "left", at, only_if_present=True)
        arrivals.greeter.part(group, gone.id)
        await admissions.depart(group, gone.id)
    if group.settings.delete_service_messages:
        try:
            await message.delete()
        except (TelegramBadRequest, TelegramForbiddenError):
            return  # the bot may not, or somebody was quicker


def is_there(member: ChatMemberUnion) -> bool:
    """Whether somebody is in the chat, with or without a right to speak."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in {ChatMemberStatus.LEFT, ChatMemberStatus.KICKED}


def _status(member: ChatMemberUnion) -> Status:
    if member.status == ChatMemberStatus.KICKED:
        return "kicked"
    if not is_there(member):
        return "left"
    return "operator" if member.status in _OPERATORS else "member"


def _adder(doer: User | None, joined: User) -> Person | None:
    """Who added the member: not whoever approves a request. An anonymous administrator is nobody (Bot API)."""
    return person_of(doer) if doer is not None and doer.id != joined.id and not doer.is_bot else None


def _is_lifted(change: ChatMemberUpdated) -> bool:
    """Whether somebody may speak again: an administrator has let them in by hand."""
    old, new = change.old_chat_member, change.new_chat_member
    return old.status == ChatMemberStatus.RESTRICTED and new.status == ChatMemberStatus.MEMBER


def _link(link: ChatInviteLink | None) -> InviteLink | None:
    return InviteLink(link.invite_link, link.name, link.creator.id) if link is not None else None


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(note_message, TellsOfMembers())
    router.chat_member.register(note_member)


FEATURE = Feature(commands=(), register=register)
