"""Questions that nobody answered: overheard in memory, written behind in batches, ranked for operators."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.faq import is_question
from bot.domain.faq_own import Missed
from bot.domain.groups import Group
from bot.services.bounded import BoundedDict
from bot.services.clock import Clock
from bot.services.faq import FaqService
from bot.services.faq_index import normal_form
from storage.database import Database, DatabaseUnavailable
from storage.transaction import Transaction

LONGEST_MISSED = 120
"""Characters of a question that is kept for operators."""

MOST_MISSED = 200
"""Questions without an answer that are kept for a group."""

MOST_OVERHEARD = 5_000
"""Questions in memory between two writes."""

ASKED_ONCE_IN = timedelta(minutes=1)


@dataclass(slots=True)
class MissedService:
    """The questions without an answer, without who asked them."""

    database: Database
    faq: FaqService
    clock: Clock
    _overheard: dict[tuple[int, str], tuple[str, int, datetime]] = field(default_factory=dict)
    _asked: BoundedDict[tuple[int, str], datetime] = field(default_factory=lambda: BoundedDict(1_000))

    def overhear(self, chat_id: int, text: str, at: datetime) -> None:
        """Remembers a question that no entry is about, to be written with the others; anything else is let go."""
        if len(text) > LONGEST_MISSED or not is_question(text) or len(self._overheard) >= MOST_OVERHEARD:
            return
        key = normal_form(text)[:LONGEST_MISSED]
        if key:
            times = self._overheard[chat_id, key][1] if (chat_id, key) in self._overheard else 0
            self._overheard[chat_id, key] = (text, times + 1, at)

    async def write(self) -> None:
        """Stores the questions overheard since the last time; what cannot be written waits for the next."""
        overheard, self._overheard = self._overheard, {}

        def work(tx: Transaction) -> None:
            group_ids = set()
            for (chat_id, key), (question, times, at) in overheard.items():
                group = tx.groups.find(chat_id)
                if group is not None and group.settings.get("faq") != "off":
                    tx.faq.miss(group.id, key, question, times, at)
                    group_ids.add(group.id)
            for group_id in group_ids:
                beyond = tx.faq.missed(group_id)[MOST_MISSED:]
                tx.faq.forget_missed(group_id, [one.key for one in beyond])

        if overheard:
            try:
                await self.database.write(work)
            except DatabaseUnavailable:
                self._overheard = overheard | self._overheard
                raise

    async def listed(self, group: Group) -> Sequence[Missed]:
        """The group's questions that still find no answer, the most frequent first."""
        await self.write()
        listed = await self.database.read(lambda tx: tx.faq.missed(group.id))
        now = self.clock()
        return [one for one in listed if not self.faq.is_known(group, one.question, now)]

    async def find(self, group: Group, ref: str) -> Missed | None:
        """One of them by its short name."""
        return next((one for one in await self.listed(group) if one.ref == ref), None)

    def asks_now(self, group: Group, ref: str, at: datetime) -> bool:
        """Whether operators are to be asked for the answer, which is done once a minute however many press."""
        last = self._asked.get((group.id, ref))
        if last is not None and at - last < ASKED_ONCE_IN:
            return False
        self._asked[group.id, ref] = at
        return True

    async def dismiss(self, group: Group, ref: str) -> None:
        """Takes one off the list; twice is the same as once."""

        def work(tx: Transaction) -> None:
            missed = tx.faq.find_missed(group.id, ref)
            tx.faq.forget_missed(group.id, [missed.key] if missed else [])

        await self.database.write(work)

    async def clear(self, group: Group) -> None:
        """Forgets the group's questions without an answer."""
        await self.write()
        await self.database.write(
            lambda tx: tx.faq.forget_missed(group.id, [one.key for one in tx.faq.missed(group.id)])
        )
