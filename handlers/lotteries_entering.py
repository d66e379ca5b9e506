"""How one enters, whichever way: what only the platform knows is asked before the entry's transaction."""

from dataclasses import dataclass

from bot.domain.groups import Group
from bot.domain.lotteries import OperatorsLeftOut
from bot.domain.members import Person
from bot.services.activity import ActivityService
from bot.services.lotteries import LotteryService
from bot.services.lotteries_entries import Ticket
from handlers.operators import Operators
from handlers.presence import Presence


@dataclass(frozen=True, slots=True)
class Entrance:
    """Lets members in."""

    lotteries: LotteryService
    presence: Presence
    activity: ActivityService
    operators: Operators

    async def enter(self, group: Group, lottery_id: int, person: Person) -> Ticket:
        """Enters a member. Raises as `LotteryService.enter`, and `CannotAsk`."""
        asks = await self.lotteries.questions(group, lottery_id, person)
        if asks.no_operators and await self.operators.include(person, group.chat_id):
            raise OperatorsLeftOut
        if asks.messages:
            await self.activity.flush()
        is_here = asks.membership and await self.presence.is_in(group.chat_id, person.id)
        is_in_channel = asks.channel is not None and await self.presence.is_in(asks.channel.id, person.id)
        return await self.lotteries.enter(group, lottery_id, person, is_here=is_here, is_in_channel=is_in_channel)
