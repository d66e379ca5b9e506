"""Somebody has joined: the one place where everything that follows from it happens, in order."""

from dataclasses import dataclass

from bot.domain.groups import Group
from bot.domain.joins import Arrival
from bot.domain.members import Actor
from bot.services.happenings import Happenings
from bot.services.joins import JoinService
from handlers.admissions_door import Door, Guest
from handlers.context import Sender
from handlers.greeting import Greeter
from handlers.operators import Operators
from handlers.raids import Raids


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Does what is to be done for a newcomer; the join itself is recorded by then.

    Everything here may run again for the same arrival, after a kill: what it books, it books under
    `arrival.update_id`.
    """

    door: Door
    greeter: Greeter
    raids: Raids
    operators: Operators
    happenings: Happenings
    joins: JoinService

    async def arrive(self, group: Group, arrival: Arrival, guest: Guest) -> None:
        """The newcomer is let in, then greeted; one who has to prove something first is greeted when they have."""
        if arrival.is_told:
            return
        if arrival.begins_raid:
            await self.raids.begin(group, arrival)
        if arrival.is_raid:
            self.greeter.hush(group)
        if await self.door.is_open(group, arrival, guest):
            await self.welcome(group, arrival, is_brought=guest.is_brought)

    async def welcome(self, group: Group, arrival: Arrival, *, is_brought: bool = False) -> None:
        """Pays and greets a newcomer who is free to speak: at once, or later, when they have passed what is asked.

        `is_brought` is true when an administrator who is anonymous added them.
        """
        await self.joins.give(group, arrival)
        await self.happenings.joined(group, arrival)
        if group.settings.welcome_added or not (is_brought or await self._is_added(group, arrival)):
            await self.greeter.greet(group, arrival)

    async def _is_added(self, group: Group, arrival: Arrival) -> bool:
        inviter = arrival.inviter
        if inviter is None:
            return False
        return await self.operators.includes(Sender(inviter, Actor(inviter.id, inviter.name)), group.chat_id)
