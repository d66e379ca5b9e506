"""What operators are told of playbooks in private."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.groups import Group
from bot.domain.locales import closest
from bot.services.members import MemberService
from bot.texts import Texts
from handlers.operators import Operators
from storage.outbox import Post


@dataclass(frozen=True, slots=True)
class PlaybookNotices:
    """Words a notice to each operator who can be told in private, in their language, and to the owners."""

    texts: Texts
    operators: Operators
    members: MemberService

    async def resting(self, group: Group, now: datetime) -> Sequence[Post]:
        """That the bot may not write in a group any more, and what its playbooks do."""
        owners = self.operators.owner_ids
        reachable = await self.members.reachable({*await self.operators.administrators(group.chat_id), *owners})
        reason = f"playbooks rest:{now:%Y-%m-%d %H:%M}"
        return [
            Post(f"{reason}:{person_id}", self._resting(group, reachable.get(person_id)), to=person_id)
            for person_id in sorted({*reachable, *owners})
        ]

    def _resting(self, group: Group, language: str | None) -> str:
        say = self.texts.bound(closest([language], group.settings.language))
        return str(say("playbooks.resting", group=group.title))
