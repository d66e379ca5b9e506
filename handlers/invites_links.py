"""Members' own invite links: made once, stored, made anew when somebody has revoked them."""

from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError

from bot.domain.groups import Group
from bot.domain.invites import CannotInvite, link_name
from bot.domain.members import Person
from bot.services.invites import InviteService

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class InviteLinks:
    """Makes links at the platform, and has them stored."""

    bot: Bot
    invites: InviteService

    async def of(self, group: Group, person: Person) -> str:
        """The member's link into the group, which works. Raises `CannotInvite`."""
        stored = await self.invites.link_of(group, person)
        if stored is not None and await self._works(group, person, stored):
            return stored
        made = await self._make(group, person)
        kept = await self.invites.keep_link(group, person, made, instead_of=stored)
        if kept != made:  # asked for twice at once, in the group and in private
            await self._revoke(group, made)
        return kept

    async def _works(self, group: Group, person: Person, link: str) -> bool:
        """Whether nobody has revoked it: the Bot API shows a link only to who edits it."""
        name = link_name(person.name, person.id)
        try:
            shown = await self.bot.edit_chat_invite_link(
                group.chat_id, link, name=name, creates_join_request=_has_a_door(group)
            )
        except TelegramBadRequest as error:
            return "not modified" in error.message
        except TelegramAPIError as error:
            log.info("invite link not looked at", reason=str(error))
            return True
        return not shown.is_revoked

    async def _make(self, group: Group, person: Person) -> str:
        try:
            made = await self.bot.create_chat_invite_link(
                group.chat_id, name=link_name(person.name, person.id), creates_join_request=_has_a_door(group)
            )
        except (TelegramBadRequest, TelegramForbiddenError) as error:
            log.warning("no invite link", reason=error.message)
            raise CannotInvite(group=group.title) from None
        return made.invite_link

    async def _revoke(self, group: Group, link: str) -> None:
        try:
            await self.bot.revoke_chat_invite_link(group.chat_id, link)
        except TelegramAPIError as error:
            log.warning("spare invite link stays", reason=str(error))


def _has_a_door(group: Group) -> bool:
    """Whether who follows a link has to ask first: a member's own must be no way around that."""
    return group.settings.join_requests != "off"
