"""What happens to the group itself: the bot comes and goes, members do, a group becomes a supergroup."""

from datetime import datetime

import structlog
from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.filters import Filter
from aiogram.types import ChatMemberRestricted, ChatMemberUpdated, Message
from aiogram.types.chat_member_union import ChatMemberUnion

from bot.domain.joins import InviteLink
from bot.domain.members import Person, Status
from bot.services.admissions import AdmissionService
from bot.services.faq import FaqService
from bot.services.groups import GroupService
from bot.services.joins import JoinService
from bot.services.members import MemberService
from bot.services.moderation_lists import ModerationLists
from bot.texts import Say
from handlers.admissions_door import Guest
from handlers.arrivals import Arrivals
from handlers.checkins import CHECK_IN_BUTTON
from handlers.context import GROUP_KINDS, Place, person_of
from handlers.feature import Feature
from handlers.operators import Operators
from handlers.replies import keyboard

_ABSENT = ("left", "kicked")
_OPERATORS = frozenset({ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR})

log = structlog.get_logger(__name__)


class BecameSupergroup(Filter):
    """Passes the two service messages of a migration: the last of the old chat and the first of the new one."""

    async def __call__(self, message: Message) -> bool:  # noqa: D102
        return message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None


async def follow_migration(
    message: Message, groups: GroupService, faq: FaqService, moderation_lists: ModerationLists
) -> None:
    """Lets everything follow the group to its new id. Both messages say the same; once is enough."""
    new_id = message.migrate_to_chat_id or message.chat.id
    old_id = message.migrate_from_chat_id or message.chat.id
    await groups.move(old_id, new_id)
    await faq.load()
    await moderation_lists.load()
    log.info("group became a supergroup", old_chat=old_id, new_chat=new_id)


async def note_own_presence(change: ChatMemberUpdated, groups: GroupService, operators: Operators, say: Say) -> None:
    """Records that the bot was added, promoted or removed; says hello when it comes into a group."""
    if change.chat.type not in GROUP_KINDS:
        return
    was_there, is_there = _is_there(change.old_chat_member), _is_there(change.new_chat_member)
    operators.forget(change.chat.id)
    await groups.record_presence(change.chat.id, change.chat.title or "", is_there)
    log.info("own membership changed", status=str(change.new_chat_member.status))
    if is_there and not was_there:
        button = keyboard([(str(say("checkin.button")), CHECK_IN_BUTTON)])
        await change.answer(say("groups.hello", group=change.chat.title or ""), reply_markup=button)


async def note_member(
    change: ChatMemberUpdated,
    place: Place,
    at: datetime,
    update_id: int,
    members: MemberService,
    joins: JoinService,
    arrivals: Arrivals,
    admissions: AdmissionService,
    operators: Operators,
) -> None:
    """Records that a member joined, left, was removed, promoted or demoted; who joined has arrived."""
    before, after = _status(change.old_chat_member), _status(change.new_chat_member)
    if "operator" in (before, after):
        operators.forget(change.chat.id)
    user = change.new_chat_member.user
    if user.is_bot or place.maybe_group is None:
        return
    person = person_of(user)
    if after == "member" and before in _ABSENT:
        inviter, link = _inviter(change), _link(change)
        arrival = await joins.record(place.group, person, at, update_id, inviter=inviter, link=link)
        await arrivals.arrive(place.group, arrival, Guest.of(change))
        return
    await members.record_status(place.group, person, after, at)
    if after != "member":
        await admissions.depart(place.group, person.id)
    elif _is_lifted(change):
        await admissions.exempt(place.group, person.id)


def _inviter(change: ChatMemberUpdated) -> Person | None:
    """Who added the member. Whoever approves a request has added nobody."""
    added = change.from_user.id != change.new_chat_member.user.id
    if not added or change.from_user.is_bot or change.invite_link is not None or change.via_join_request:
        return None
    return person_of(change.from_user)


def _link(change: ChatMemberUpdated) -> InviteLink | None:
    link = change.invite_link
    return InviteLink(link.invite_link, link.name, link.creator.id) if link is not None else None


def _is_lifted(change: ChatMemberUpdated) -> bool:
    """Whether somebody may speak again: an administrator has let them in by hand."""
    old, new = change.old_chat_member, change.new_chat_member
    return old.status == ChatMemberStatus.RESTRICTED and new.status == ChatMemberStatus.MEMBER


def _is_there(member: ChatMemberUnion) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in {ChatMemberStatus.LEFT, ChatMemberStatus.KICKED}


def _status(member: ChatMemberUnion) -> Status:
    if member.status == ChatMemberStatus.KICKED:
        return "kicked"
    if not _is_there(member):
        return "left"
    return "operator" if member.status in _OPERATORS else "member"


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(follow_migration, BecameSupergroup())
    router.my_chat_member.register(note_own_presence)
    router.chat_member.register(note_member)


FEATURE = Feature(commands=(), register=register)
