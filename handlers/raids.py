"""Raids: operators are told once that one has begun, and once that it is over."""

from dataclasses import dataclass

import structlog

from bot.domain.groups import Group
from bot.domain.joins import Arrival
from bot.services.groups import GroupService
from bot.services.joins import JoinService
from bot.services.outbox import OutboxService
from bot.texts import Texts
from storage.joins import Raid
from storage.outbox import Post

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Raids:
    """Tells of raids in the group, and the installation's owners in private as well."""

    joins: JoinService
    groups: GroupService
    posts: OutboxService
    texts: Texts
    owner_ids: frozenset[int]

    async def begin(self, group: Group, arrival: Arrival) -> None:
        """Says that one has begun; for the same arrival once."""
        say, limit = self.texts.bound(group.settings.language), group.settings.raid_joins
        reason, in_private = f"raid:{arrival.update_id}:began", say("raid.began_in", group=group.title, limit=limit)
        notices = [Post(f"{reason}:{owner_id}", in_private, to=owner_id) for owner_id in sorted(self.owner_ids)]
        await self.posts.post(group.id, [Post(reason, say("raid.began", limit=limit)), *notices])

    async def ring(self) -> None:
        """Ends what has become calm, and says how many came."""
        for raid in await self.joins.raids():
            group = await self.groups.known(raid.chat_id)
            if group is not None:
                await self._end(group, raid)

    async def _end(self, group: Group, raid: Raid) -> None:
        say = self.texts.bound(group.settings.language)
        reason = f"raid:{raid.update_id}:over"
        if await self.joins.end_raid(group, raid, lambda people: Post(reason, say("raid.over", n=people))):
            log.info("raid over", group=group.id)
