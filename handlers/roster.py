"""Who a group's operators are, written down for what the database decides: most were there before the bot."""

from dataclasses import dataclass

from bot.domain.groups import Group
from bot.services.members import MemberService
from handlers.operators import Operators


@dataclass(frozen=True, slots=True)
class Roster:
    """Lets the records say what the platform does."""

    operators: Operators
    members: MemberService

    async def refresh(self, group: Group) -> None:
        """Notes the group's operators; while the platform names none, those stay who were noted before."""
        if named := await self.operators.administrators(group.chat_id):
            await self.members.note_operators(group, {*named, *self.operators.owner_ids})
