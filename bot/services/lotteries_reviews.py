"""Who of a lottery's entrants may be one person, for operators to look at."""

import asyncio
from dataclasses import dataclass, replace
from functools import partial

from bot.domain.admissions import asks_for_captcha
from bot.domain.groups import Group
from bot.domain.lotteries_reviews import Review, Suspect, reviewed
from bot.services.admissions import entrance_of
from bot.services.faq_index import normal_form
from bot.services.lotteries_candidates import PAGE
from bot.services.lotteries_found import chosen
from storage.database import Database
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class LotteryReviews:
    """Reads alone, a page at a time, and compares in a thread: a look at 100,000 entrants holds nobody up."""

    database: Database

    async def of(self, group: Group, lottery_id: int | None) -> tuple[int, Review]:
        """The lottery's id (without one: of the only open one), and what there is to see. Raises `UnknownLottery`."""
        lottery = await self.database.read(lambda tx: chosen(tx, group, lottery_id))
        suspects = list[Suspect]()
        after: int | None = 0
        while after is not None:
            page, after = await self.database.read(partial(_page, group, lottery.id, after))
            suspects += page
        return lottery.id, await asyncio.to_thread(reviewed, suspects, normal_form)


def _page(group: Group, lottery_id: int, after: int, tx: Transaction) -> tuple[list[Suspect], int | None]:
    """The next suspects; where nobody is asked for a captcha, nobody lacks it."""
    page, last = tx.lottery_reviews.suspects(group.id, lottery_id, after, PAGE)
    if not asks_for_captcha(entrance_of(group)):
        page = [replace(one, lacks_captcha=False) for one in page]
    return page, last
