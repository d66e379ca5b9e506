"""Somebody has joined: the one place where everything that follows from it happens, in order."""

from dataclasses import dataclass

from bot.domain.groups import Group
from bot.domain.joins import Arrival
from handlers.admissions_door import Door, Guest


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Does what is to be done for a newcomer; the join itself is recorded by then.

    Everything here may run again for the same arrival, after a kill: what it books, it books under
    `arrival.update_id`.
    """

    door: Door

    async def arrive(self, group: Group, arrival: Arrival, guest: Guest) -> None:
        """The join is credited to whoever brought it about, then the newcomer is let in, then greeted."""
        # 1. Credit: `arrival.link` and `arrival.inviter`, also of a backlog and of a join that was told before.
        if arrival.is_told:
            return
        # 2. Letting in: whoever has to prove something first is greeted when they have.
        if await self.door.is_open(group, arrival, guest):
            await self.welcome(group, arrival)

    async def welcome(self, group: Group, arrival: Arrival) -> None:
        """Greets a newcomer who is free to speak: at once, or later, when they have passed what is asked of them."""
