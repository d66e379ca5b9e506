"""What happens in groups, told to the steps of playbooks that wait for it; where none does, it costs nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

from bot.domain.groups import Group
from bot.domain.joins import Arrival
from bot.domain.members import Person
from bot.services.clock import Clock
from bot.services.groups import GroupService
from storage.database import Database
from storage.deliveries import Due
from storage.happenings import Newcomers, Silence
from storage.transaction import Transaction

WORD_PAUSE = timedelta(minutes=10)
"""For how long a step that a word has set off in a group is not set off there again."""

MILESTONE_GRACE = timedelta(days=1)
"""For how long a number of members is still celebrated that many reached at once, or while the bot was away."""

Event = Literal["member_joined", "checked_in", "members", "messages"]


@dataclass(frozen=True, slots=True)
class Listener:
    """A step that waits for something; `number` is the streak or the count that it waits for, if it is one."""

    playbook: str
    step: str
    number: int | None = None


class Listening(Protocol):
    """Knows which steps wait for what, in groups and on days of their playbooks."""

    def to(self, event: Event, group: Group, at: datetime) -> Sequence[Listener]:
        """The steps that wait for such an event."""
        ...

    def hears(self, text: str) -> bool:
        """Whether any step, in whatever group, waits for a word of a text."""
        ...

    def to_words(self, text: str, group: Group, at: datetime) -> Sequence[Listener]:
        """The steps that wait for a word of a text."""
        ...

    def silences(self, now: datetime, zones: Sequence[str]) -> Sequence[Silence]:
        """The steps that wait for a silence."""
        ...

    def newcomers(self, after: datetime, until: datetime, zones: Sequence[str]) -> Sequence[Newcomers]:
        """The steps that are due some days after a join."""
        ...


class Nobody:
    """Listens to nothing."""

    def to(self, event: Event, group: Group, at: datetime) -> Sequence[Listener]:  # noqa: D102
        return ()

    def hears(self, text: str) -> bool:  # noqa: D102
        return False

    def to_words(self, text: str, group: Group, at: datetime) -> Sequence[Listener]:  # noqa: D102
        return ()

    def silences(self, now: datetime, zones: Sequence[str]) -> Sequence[Silence]:  # noqa: D102
        return ()

    def newcomers(self, after: datetime, until: datetime, zones: Sequence[str]) -> Sequence[Newcomers]:  # noqa: D102
        return ()


@dataclass(slots=True)
class Happenings:
    """Queues what events ask for, each under a key of its own, so that the same event again queues nothing.

    `listening` gives what runs now; `wake` lets a group's lane look at once.
    """

    database: Database
    groups: GroupService
    clock: Clock
    listening: Callable[[], Listening] = Nobody
    wake: Callable[[int], None] = lambda _group_id: None
    _woken: set[int] = field(default_factory=set)

    async def joined(self, group: Group, arrival: Arrival) -> None:
        """Somebody has come in peace, and may speak; who came for the first time, just now, is met."""
        if arrival.is_raid:
            return
        now = self.clock()
        is_new = arrival.is_first and not arrival.is_backlog
        steps = self.listening().to("member_joined", group, now) if is_new else ()
        grown = self.listening().to("members", group, now)
        if not steps and not grown:
            return

        def work(tx: Transaction) -> None:
            self._queue(tx, steps, group, f"join:{arrival.person.id}", now, _of(arrival.person))
            self._grown(tx, grown, group, now)

        await self.database.write(work)
        self.tell()

    def _grown(self, tx: Transaction, steps: Sequence[Listener], group: Group, now: datetime) -> None:
        """Of the numbers of members that a playbook waits for, only the last one that the group has reached lately."""
        if not steps:
            return
        members = tx.members.count(group.id)
        before = members - tx.joins.since(group.id, now - MILESTONE_GRACE)
        last = {step.playbook: step for step in sorted(steps, key=_number) if _number(step) <= members}
        for step in last.values():
            if before < _number(step):
                event = {"milestone": step.number}
                self._queue(tx, [step], group, f"members:{step.number}", now, event)

    def checked_in(self, tx: Transaction, group: Group, person: Person, day: date, streak: int, at: datetime) -> None:
        """Somebody has checked in, in the transaction of that; `tell` follows it."""
        steps = [one for one in self.listening().to("checked_in", group, at) if one.number in (None, streak)]
        self._queue(tx, steps, group, f"checkin:{person.id}:{day}", at, {**_of(person), "streak": streak})

    def wait_for_messages(self, group: Group) -> Sequence[Listener]:
        """The steps that wait until a group has so many messages."""
        return self.listening().to("messages", group, self.clock())

    def counted(self, tx: Transaction, group: Group, steps: Sequence[Listener], before: int, after: int) -> None:
        """A group's messages were counted, in the transaction of that; `tell` follows it."""
        for step in steps:
            if before < (step.number or 0) <= after:
                event = {"milestone": step.number}
                self._queue(tx, [step], group, f"messages:{step.number}", self.clock(), event)

    def hears(self, chat_id: int, text: str) -> bool:
        """Whether a step waits for a word of a text in a chat. Costs no I/O."""
        listening = self.listening()
        if not listening.hears(text):
            return False
        group = self.groups.in_memory(chat_id)
        return group is not None and bool(listening.to_words(text, group, self.clock()))

    async def said(self, group: Group, person: Person, text: str, at: datetime, update_id: int) -> None:
        """A member has said something that a step may wait for."""
        steps = self.listening().to_words(text, group, at)
        if not steps:
            return

        def work(tx: Transaction) -> None:
            since = at - WORD_PAUSE
            ready = [s for s in steps if not tx.happenings.is_cooling_down(s.playbook, s.step, group.id, since)]
            self._queue(tx, ready, group, f"message:{update_id}", at, _of(person))

        await self.database.write(work)
        self.tell()

    def tell(self) -> None:
        """Lets the groups in which something was queued look at once, after the commit."""
        while self._woken:
            self.wake(self._woken.pop())

    def _queue(
        self, tx: Transaction, steps: Sequence[Listener], group: Group, key: str, at: datetime, event: Mapping[str, Any]
    ) -> None:
        for step in steps:
            due = Due(step.playbook, step.step, key, at)
            if tx.deliveries.queue(due, group.id, at, event):
                self._woken.add(group.id)


def _number(step: Listener) -> int:
    return step.number or 0


def _of(person: Person) -> dict[str, Any]:
    return {"user_id": person.id, "name": person.name}


def watch(tx: Transaction, listening: Listening, after: datetime, until: datetime, zones: Sequence[str]) -> int:
    """Queues what became due between two rings because nobody spoke, or somebody joined days ago; how much was new."""
    new = sum(tx.happenings.fall_silent(one, after, until) for one in listening.silences(until, zones))
    for found in listening.newcomers(after, until, zones):
        for group_id, user_id, name in tx.happenings.newcomers(found):
            due = replace(found.due, slot=f"join:{user_id}")
            new += tx.deliveries.queue(due, group_id, due.slot_at, {"user_id": user_id, "name": name})
    return new


def upcoming(
    tx: Transaction, listening: Listening, after: datetime, until: datetime, zones: Sequence[str]
) -> datetime | None:
    """When `watch` will find something first between two instants, as far as can be told; a silence may be broken."""
    silences = [tx.happenings.next_silence(one, after, until) for one in listening.silences(after, zones)]
    welcome = (
        found.due.slot_at for found in listening.newcomers(after, until, zones) if tx.happenings.newcomers(found)
    )
    return min([*filter(None, silences), *welcome], default=None)
