"""What happens to the group itself: the bot comes and goes, a group becomes a supergroup."""

import structlog
from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import ChatMemberUpdated, Message

from bot.services.faq import FaqService
from bot.services.groups import GroupService
from bot.services.members import MemberService
from bot.services.moderation_lists import ModerationLists
from bot.texts import Say
from handlers.checkins import CHECK_IN_BUTTON
from handlers.context import GROUP_KINDS
from handlers.feature import Feature
from handlers.joins import is_there
from handlers.operators import Operators
from handlers.replies import keyboard

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


async def note_own_presence(
    change: ChatMemberUpdated, groups: GroupService, members: MemberService, operators: Operators, say: Say
) -> None:
    """Records that the bot was added, promoted, removed or blocked; says hello when it comes into a group."""
    was_present, is_present = is_there(change.old_chat_member), is_there(change.new_chat_member)
    if change.chat.type == "private" and not is_present:
        await members.lost(change.chat.id)
    if change.chat.type not in GROUP_KINDS:
        return
    operators.forget(change.chat.id)
    await groups.record_presence(change.chat.id, change.chat.title or "", is_present)
    log.info("own membership changed", status=str(change.new_chat_member.status))
    if is_present and not was_present:
        button = keyboard([(str(say("checkin.button")), CHECK_IN_BUTTON)])
        await change.answer(say("groups.hello", group=change.chat.title or ""), reply_markup=button)


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(follow_migration, BecameSupergroup())
    router.my_chat_member.register(note_own_presence)


FEATURE = Feature(commands=(), register=register)
