"""Raids: operators are told once that one has begun, and once that it is over."""

from collections.abc import Sequence
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
        in_private = say("raid.began_in", group=group.title, limit=limit)
        notices = self._notices(f"raid:{arrival.update_id}:began", say("raid.began", limit=limit), in_private)
        await self.posts.post(group.id, notices)

    async def ring(self) -> None:
        """Ends what has become calm, and says how many came."""
        for raid in await self.joins.raids():
            group = await self.groups.known(raid.chat_id)
            if group is not None:
                await self._end(group, raid)

    async def _end(self, group: Group, raid: Raid) -> None:
        say = self.texts.bound(group.settings.language)

        def notices(people: int) -> Sequence[Post]:
            in_private = say("raid.over_in", n=people, group=group.title)
            return self._notices(f"raid:{raid.update_id}:over", say("raid.over", n=people), in_private)

        if await self.joins.end_raid(group, raid, notices):
            log.info("raid over", group=group.id)

    def _notices(self, reason: str, in_group: str, in_private: str) -> Sequence[Post]:
        to_owners = [Post(f"{reason}:{owner_id}", in_private, to=owner_id) for owner_id in sorted(self.owner_ids)]
        return [Post(reason, in_group), *to_owners]
