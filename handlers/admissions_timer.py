"""What follows from a decision at the door, and from the time that passes there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.admissions import Admission
from bot.domain.groups import Group
from bot.services.admissions import AdmissionService
from bot.services.groups import GroupService
from bot.services.joins import JoinService
from handlers.admissions_door import Door
from handlers.arrivals import Arrivals


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Takes up what the database says is due; several at once, or one after a kill, come to one result."""

    door: Door
    admissions: AdmissionService
    groups: GroupService
    joins: JoinService
    arrivals: Arrivals

    async def follow(self, group: Group, admissions: Iterable[Admission]) -> None:
        """Does what was decided about newcomers; who is in now is greeted.

        Their messages go first: once a request to join is decided, the bot may not touch that private chat.
        """
        await self.door.vanishing.sweep()
        for admission in admissions:
            if admission.owed in {"restrict", "ask"}:
                if await self.door.tell(group, admission):
                    await self._greet(group, admission)
            elif admission.state == "rules":
                await self.door.show(group, admission)
            elif admission.owed and await self.door.carry_out(group, admission):
                if admission.owed == "lift":
                    await self._greet(group, admission)
                await self.admissions.settled(admission)

    async def ring(self) -> None:
        """Sees to those whose time is up, and tells the platform what it does not know yet."""
        for group_id, user_id in await self.admissions.overdue():
            group = await self.groups.by_id(group_id)
            may_stay = group is not None and group.settings.captcha_late == "mute"
            await self.admissions.expire(group_id, user_id, may_stay=may_stay)
        for admission in await self.admissions.owed():
            group = await self.groups.by_id(admission.group_id)
            if group is not None:
                await self.follow(group, [admission])
        await self._greet_the_others()

    async def _greet_the_others(self) -> None:
        """Greets those who should have been greeted before a kill, unless that was long ago."""
        for late in await self.joins.take_ungreeted():
            group = await self.groups.by_id(late.group_id)
            arrival = await self.joins.latest(group, late.user_id) if group is not None else None
            if group is not None and arrival is not None:
                is_backlog = self.joins.is_over(group, late.greet_at)
                await self.arrivals.greeter.greet(group, replace(arrival, is_backlog=is_backlog))

    async def _greet(self, group: Group, admission: Admission) -> None:
        arrival = await self.joins.latest(group, admission.user_id)
        if arrival is not None:
            await self.arrivals.welcome(group, arrival)
