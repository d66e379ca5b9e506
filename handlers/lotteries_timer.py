"""What lotteries do by themselves: draw when it is time, and keep the count in their post."""

from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from bot.domain.commands import Request
from bot.domain.groups import Group
from bot.services.groups import GroupService
from bot.services.lotteries import LotteryService
from bot.texts import Texts
from handlers.gate import Gate
from handlers.lotteries_posts import LotteryPosts
from handlers.outbox import Outbox
from handlers.presence import Presence
from handlers.roster import Roster

ENTER = "lottery-entry"
"""What a lottery's own keyword asks for; no command is called so."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LotteryTimer:
    """Takes up what the database says is due; several at once, or one after a kill, come to one result."""

    bot: Bot
    lotteries: LotteryService
    groups: GroupService
    texts: Texts
    outbox: Outbox
    gate: Gate
    presence: Presence
    roster: Roster

    async def learn_keywords(self) -> None:
        """Lets the gate pass the words that enter."""
        words = await self.lotteries.keywords()
        self.gate.learn((chat_id, word, Request(ENTER, str(lottery_id))) for chat_id, word, lottery_id in words)

    async def ring(self) -> None:
        """Draws what is due, sends what waits, and lets posts follow their counts."""
        await self.learn_keywords()
        for chat_id, lottery_id in await self.lotteries.due():
            group = await self.groups.known(chat_id)
            if group is not None:
                await self.finish(group, lottery_id)
        for chat_id, lottery_id in await self.lotteries.overdue():
            group = await self.groups.known(chat_id)
            if group is not None:
                await self.roster.refresh(group)
                await self.lotteries.expire(group, lottery_id, LotteryPosts(group, self.texts), self.presence.is_in)
        await self.outbox.deliver()
        await self.outbox.follow_pins()
        for chat_id, lottery_id in await self.lotteries.outdated():
            group = await self.groups.known(chat_id)
            if group is not None:
                await self.show(group, lottery_id)

    async def finish(self, group: Group, lottery_id: int) -> None:
        """Closes and draws: the list's hash is out before the seed is."""
        words = LotteryPosts(group, self.texts)
        await self.lotteries.close(group, lottery_id, words)
        await self.roster.refresh(group)
        await self.lotteries.publish_list(group, lottery_id, words, self.presence.is_in)
        await self.outbox.deliver(group.id)
        if await self.lotteries.draw(group, lottery_id, words):
            await self.outbox.deliver(group.id)

    async def show(self, group: Group, lottery_id: int) -> None:
        """Lets the post with the button say what holds now."""
        found = await self.lotteries.to_show(group, lottery_id)
        if found is None:
            return
        lottery, message_id = found
        words = LotteryPosts(group, self.texts)
        buttons = await self.outbox.markup(words.buttons(lottery))
        try:
            await self.bot.edit_message_text(
                words.body(lottery), chat_id=group.chat_id, message_id=message_id, reply_markup=buttons
            )
        except TelegramAPIError as error:
            log.info("the post of a lottery does not follow", lottery=lottery_id, reason=str(error))
