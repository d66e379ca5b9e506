"""A person, please: operators on duty are called once, and again until one of them takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, Protocol

from bot.domain.groups import Group
from bot.domain.hand_overs import UnknownHandOver, Where
from bot.domain.members import Person
from bot.services.clock import Clock
from storage.database import Database
from storage.hand_overs import HandOver
from storage.outbox import Post
from storage.transaction import Transaction

ONE_CALL = timedelta(minutes=10)
"""For so long a member's further questions call nobody anew; then operators are called again for an open one."""

MOST_CALLS = 3
"""Calls for one question that nobody takes."""

TAKEN_FOR = timedelta(minutes=30)
"""For so long a member who was taken care of calls nobody anew."""

KEPT_FOR = timedelta(days=30)

TAKE = "person_taken"
"""What the button under a call sends back, with the number of the hand-over."""

KEEPS_TRYING = timedelta(days=1)
"""For so long somebody is looked for, where there is nobody to be called."""

Called = Literal["called", "waiting", "taken", "nobody"]
"""What is said to the member: operators were called just now or before, one of them has taken it, or there are none."""


class Words(Protocol):
    """How a call is written in a group's language."""

    def call(self, hand_over: HandOver, operators: Mapping[int, str]) -> str:
        """The call for operators (id and name), in HTML."""

    @property
    def take(self) -> str:
        """What stands on the button."""


@dataclass(frozen=True, slots=True)
class HandOverService:
    """Calls people for people. A call is written into the outbox with the question, so that it is never lost."""

    database: Database
    clock: Clock
    owner_ids: frozenset[int] = frozenset()

    async def ask(
        self,
        group: Group,
        person: Person,
        where: Where,
        update_id: int,
        administrators: Mapping[int, str],
        words: Words,
    ) -> tuple[Called, str]:
        """Calls the operators on duty, else the administrators (id and name), unless it was done a moment ago.

        Where nobody is known, since the platform does not say, the question is noted, and they are called later.

        The second value is who has taken it, if someone has. The same update calls once.
        """
        now = self.clock()

        def work(tx: Transaction) -> tuple[Called, str]:
            tx.members.seen(group.id, person.id, now)  # what one member asks, is asked one at a time
            before = tx.hand_overs.of_update(group.id, update_id)
            if before is not None:
                return "called" if before.pings else "nobody", ""
            earlier = [one for one in tx.hand_overs.since(group.id, now - TAKEN_FOR) if one.user_id == person.id]
            taken_by = next((one.taken_by for one in earlier if one.taken_by), None)
            if taken_by is not None:
                return "taken", taken_by
            waiting = [one for one in earlier if now - one.asked_at < ONE_CALL]
            if waiting:
                return "waiting" if any(one.pings for one in waiting) else "nobody", ""
            whom = self._whom(tx, group.id, administrators)
            asked = HandOver(0, group.id, person.id, person.name, where.link, now, min(1, len(whom)), None, where.topic)
            self._call(tx, tx.hand_overs.add(asked, update_id, now + ONE_CALL), whom, words)
            return "called" if whom else "nobody", ""

        return await self.database.write(work)

    async def take(self, group: Group, hand_over_id: int, name: str) -> HandOver:
        """Notes who takes it, the first time; what is returned tells who it was. Raises `UnknownHandOver`."""

        def work(tx: Transaction) -> HandOver:
            found = tx.hand_overs.find(group.id, hand_over_id)
            if found is None:
                raise UnknownHandOver
            if found.taken_by is None:
                tx.hand_overs.take(found.id, name)
                return replace(found, taken_by=name)
            return found

        return await self.database.write(work)

    async def due(self) -> Sequence[HandOver]:
        """Those that nobody has taken for a while."""
        now = self.clock()
        return await self.database.read(lambda tx: tx.hand_overs.due(now))

    async def call_again(self, hand_over: HandOver, administrators: Mapping[int, str], words: Words) -> None:
        """Calls once more for one that is still due, or for the last time."""
        now = self.clock()

        def work(tx: Transaction) -> None:
            found = tx.hand_overs.find(hand_over.group_id, hand_over.id)
            if found is None or found.taken_by is not None or found.pings != hand_over.pings:
                return  # somebody has taken it, or another process was faster
            whom = self._whom(tx, found.group_id, administrators)
            again = replace(found, pings=found.pings + min(1, len(whom)))
            goes_on = again.pings < MOST_CALLS and now - found.asked_at < KEEPS_TRYING
            tx.hand_overs.called(found.id, again.pings, now + ONE_CALL if goes_on else None)
            if whom:
                self._call(tx, again, whom, words)

        await self.database.write(work)

    async def set_duty(self, group: Group, person: Person, *, is_on: bool) -> None:
        """Puts an operator on duty, or off it."""
        now = self.clock()
        await self.database.write(lambda tx: tx.hand_overs.set_duty(group.id, person.id, now if is_on else None))

    async def on_duty(self, group: Group) -> Sequence[str]:
        """The names of those on duty."""
        return list((await self.database.read(lambda tx: tx.hand_overs.on_duty(group.id))).values())

    async def forget_old(self) -> None:
        """Forgets those that are long over."""
        before = self.clock() - KEPT_FOR
        await self.database.write(lambda tx: tx.hand_overs.forget_before(before))

    def _whom(self, tx: Transaction, group_id: int, administrators: Mapping[int, str]) -> Mapping[int, str]:
        operators = administrators.keys() | self.owner_ids
        on_duty = tx.hand_overs.on_duty(group_id)
        return {user_id: name for user_id, name in on_duty.items() if user_id in operators} or administrators

    def _call(self, tx: Transaction, hand_over: HandOver, called: Mapping[int, str], words: Words) -> None:
        button = (words.take, f"{TAKE}:{hand_over.id}")
        reason, text = f"person:{hand_over.id}:{hand_over.pings}", words.call(hand_over, called)
        post = Post(reason, text, [button], topic=hand_over.topic)
        tx.outbox.add(hand_over.group_id, [post], self.clock())
