"""Opens lotteries: for operators who ask for one, and for playbooks."""

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.commands import fold
from bot.domain.groups import Group
from bot.domain.lotteries import Terms
from bot.domain.lotteries_terms import parse_terms
from bot.domain.members import Actor
from bot.services.lotteries import LotteryService
from bot.texts import Texts
from handlers.lotteries_posts import LotteryPosts
from handlers.lotteries_timer import LotteryTimer
from handlers.outbox import Outbox
from handlers.presence import Presence


@dataclass(frozen=True, slots=True)
class LotteryOpening:
    """Announces lotteries. `taken` are the words (folded) that no lottery may be entered by."""

    lotteries: LotteryService
    timer: LotteryTimer
    presence: Presence
    outbox: Outbox
    texts: Texts
    taken: Set[str]

    async def open(self, group: Group, terms: str, actor: Actor, key: int, at: datetime) -> None:
        """Opens one on such terms; the same key (an update's id, or a negative number) again opens no second one.

        Raises what `parse_terms` and `LotteryService.open` raise, and `WrongChannel`.
        """
        parsed = await self._parsed(group, terms, at)
        await self.lotteries.open(group, parsed, actor, key, LotteryPosts(group, self.texts))
        await self._follow(group)

    async def change(
        self, group: Group, lottery_id: int, terms: str, actor: Actor, update_id: int, at: datetime
    ) -> None:  # fmt: skip
        """Gives one other terms. Raises what `parse_terms` and `LotteryService.change` raise, and `WrongChannel`."""
        parsed = await self._parsed(group, terms, at, lottery_id)
        await self.lotteries.change(group, lottery_id, parsed, actor, update_id, LotteryPosts(group, self.texts))
        await self._follow(group)
        await self.timer.show(group, lottery_id)

    async def _parsed(self, group: Group, terms: str, at: datetime, own_id: int | None = None) -> Terms:
        """The terms, whose word enters no other open lottery of the group."""
        words = await self.lotteries.keywords()
        others = {fold(word) for chat_id, word, one in words if chat_id == group.chat_id and one != own_id}
        parsed = parse_terms(terms, at, group.settings.timezone, self.taken | others)
        if (channel := parsed.conditions.channel) is not None:
            seen = await self.presence.channel(channel.name)
            parsed = replace(parsed, conditions=replace(parsed.conditions, channel=seen))
        return parsed

    async def _follow(self, group: Group) -> None:
        await self.timer.learn_keywords()
        await self.outbox.deliver(group.id)
