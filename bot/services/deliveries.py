"""Deliveries: what playbooks have to post is queued once, handed to one sender at a time, and its outcome kept."""

from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from bot.domain.deliveries import Note, State
from bot.domain.libraries import Pick, choose
from bot.services.clock import Clock
from bot.services.happenings import Listening, upcoming, watch
from storage.database import Database
from storage.deliveries import Delivery, Due, Part
from storage.deliveries_posts import Pin
from storage.outbox import Post
from storage.playbook_questions import Question
from storage.transaction import Transaction

LEASE = timedelta(minutes=3)
"""How long a sender has for one action before another takes it for dead; sending gives up well before."""

KEPT = timedelta(days=90)
"""How long it is known what became of a delivery; longer than anything is looked back for."""

AT_ONCE = 500
"""Deliveries that are forgotten in one transaction."""

OLDEST_DELETED = timedelta(hours=48)
"""How old a message may be for the bot to delete it (Bot API, deleteMessage)."""

TOLD = timedelta(hours=20)
"""For how long people who were told that playbooks rest in a group are not told again: a night, and the day after."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much the clocks of several processes may differ; what is more is a clock that was put back."""

QUEUED_AT_ONCE = 500
"""Groups in which one transaction queues what is due: the first post does not wait for ten thousand rows."""

WorkOut = Callable[[datetime, datetime, Sequence[str], timedelta], list[Due]]
"""What is due after one instant and until another, in zones, scattered over a time."""


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """Keeps what is due in the database, the only memory there is of it.

    `rate` is how many posts a second the bot makes at most: a step of many groups is scattered accordingly.
    """

    database: Database
    clock: Clock
    default_zone: str
    rate: float

    async def ring(
        self, work_out: WorkOut, listening: Listening | None = None, begun: Callable[[], Awaitable[None]] | None = None
    ) -> int:
        """Queues what has become due since the last ring, by whomever; how many deliveries were new.

        Before the first ring ever nothing was due. After the clock was put back it rings on from there: what was queued
        before is not queued again. Of many groups those whose turn comes first are queued first, and then it has
        `begun`; a ring that is cut off in between is made up for by the next.
        """
        now = self.clock()
        after, zones, groups = await self.database.read(
            lambda tx: (
                tx.deliveries.rung_until(),
                tx.groups.zones(self.default_zone),
                tx.groups.count_present(),
            )
        )
        if after is not None and now <= after <= now + CLOCKS_DIFFER:
            return 0
        is_on_course = after is not None and after < now
        due = work_out(after, now, zones, timedelta(seconds=groups / self.rate)) if after and is_on_course else []

        *parts, last = _parts(groups if due else 0)
        new = 0
        for part in parts:
            new += await self.database.write(partial(_queue, due=due, now=now, part=part))
            if begun is not None and part.number == 0:
                await begun()

        def work(tx: Transaction) -> int:
            if not tx.deliveries.ring(after, now):
                return 0
            new = _queue(tx, due, now, last)
            if listening is not None and after is not None and is_on_course:
                new += watch(tx, listening, after, now, zones)
            return new

        return new + await self.database.write(work)

    async def next_event(self, listening: Listening, until: datetime) -> datetime | None:
        """When a silence or the days since a join set a step off first, if that comes before an instant."""
        after = self.clock()

        def work(tx: Transaction) -> datetime | None:
            return upcoming(tx, listening, after, until, tx.groups.zones(self.default_zone))

        return await self.database.read(work)

    async def next_due(self, group_id: int) -> datetime | None:
        """When something is to be done next in a group."""
        return await self.database.read(lambda tx: tx.deliveries.next_due(group_id))

    async def claim(self, group_id: int) -> Delivery | None:
        """The delivery of a group whose turn it is, for this caller alone; see `DeliveryRepository.claim`.

        Those of paused playbooks end here, skipped.
        """
        now = self.clock()

        def work(tx: Transaction) -> Delivery | None:
            delivery = tx.deliveries.claim(group_id, now, now + LEASE)
            while delivery is not None and _rests(delivery):
                state: State = "unknown" if delivery.uncertain else "skipped"
                tx.deliveries.end(delivery, state, "paused", now, delivery.uncertain)
                delivery = tx.deliveries.claim(group_id, now, now + LEASE)
            return delivery

        return await self.database.write(work)

    async def resume(self) -> None:
        """Takes up what the last process was sending when it was killed; some of it may have been taken.

        Beside an embedded database there is no other process. On a server the lease has to run out.
        """
        if self.database.is_embedded:
            now = self.clock()
            await self.database.write(lambda tx: tx.deliveries.release(now))

    async def cancel_removed(self, steps: Set[tuple[str, str]]) -> int:
        """Ends what waits of any other step than these (playbook, step); how many deliveries."""
        waiting = await self.database.read(lambda tx: tx.deliveries.waiting_steps())
        removed = [one for one in waiting if one not in steps]
        if not removed:
            return 0
        now = self.clock()
        return await self.database.write(lambda tx: sum(tx.deliveries.cancel(*one, now) for one in removed))

    async def is_newest(self, delivery: Delivery) -> bool:
        """Whether no later slot of its step has come in the group."""
        now = self.clock()
        return not await self.database.read(lambda tx: tx.deliveries.newer(delivery, now))

    async def spread(self) -> timedelta:
        """Over how long the posts of one slot are scattered."""
        return timedelta(seconds=await self.database.read(lambda tx: tx.groups.count_present()) / self.rate)

    async def upcoming(self, horizon: timedelta) -> Sequence[tuple[int, datetime]]:
        """The groups in which something is to be done until then, and when."""
        until = self.clock() + horizon
        return await self.database.read(lambda tx: tx.deliveries.upcoming(until))

    async def go_on(
        self,
        delivery: Delivery,
        positions: int,
        *,
        posted: Sequence[int] = (),
        pins: bool = False,
        replaces: bool = False,
        wait: timedelta = timedelta(0),
        is_uncertain: bool = False,
        followers: Mapping[str, timedelta] = MappingProxyType({}),
    ) -> datetime | None:
        """Notes what the action of a delivery came to, and lets the next of its `positions` come, after a while.

        After the last one the delivery is sent, or unknown if the outcome of any of its actions is; once it is sent,
        the steps that come after it (`followers`) are queued so much later. A post that `pins` or `replaces` lets the
        step's former pin or copy go in the same transaction. Returns, as the other ways to settle a delivery do, when
        something is to be done next in the group.
        """
        now, position = self.clock(), delivery.position
        uncertain = [*delivery.uncertain, position] if is_uncertain else list(delivery.uncertain)
        following = delivery.after(position, positions)

        def work(tx: Transaction) -> datetime | None:
            if posted:
                if replaces:
                    self._delete_former(tx, delivery, now)
                tx.chatter.mark_post(delivery.group_id)
                tx.delivery_posts.add(delivery, posted, now, pins=pins)
            if following is None:
                is_mine = tx.deliveries.end(delivery, "unknown" if uncertain else "sent", "", now, uncertain)
                if is_mine and not uncertain:
                    follow(tx, delivery, now, followers)
            else:
                tx.deliveries.go_on(delivery, following, positions, now + wait, uncertain)
            return tx.deliveries.next_due(delivery.group_id)

        return await self.database.write(work)

    def _delete_former(self, tx: Transaction, delivery: Delivery, now: datetime) -> None:
        for message_id in tx.delivery_posts.former_copy(delivery, now - OLDEST_DELETED):
            tx.deletions.add(delivery.chat_id, message_id, now)

    async def pins(self, group_id: int | None = None) -> Sequence[Pin]:
        """The posts that are to be pinned or unpinned now, in one group or in all."""
        return await self.database.read(lambda tx: tx.delivery_posts.pins(group_id))

    async def pin_done(self, pin: Pin) -> None:
        """Notes that a post was pinned or unpinned, or never will be."""
        await self.database.write(lambda tx: tx.delivery_posts.pin_done(pin))

    async def try_later(self, delivery: Delivery, pause: timedelta = timedelta(0)) -> datetime | None:
        """Lets the same action be tried again after a while; without a pause it keeps its place, and counts no try."""
        at = self.clock() + pause if pause else delivery.due_at
        tries = delivery.tries + 1 if pause else delivery.tries

        def work(tx: Transaction) -> datetime | None:
            tx.deliveries.try_later(delivery, at, tries)
            return tx.deliveries.next_due(delivery.group_id)

        return await self.database.write(work)

    async def wait(self, delivery: Delivery, pause: timedelta) -> datetime | None:
        """Lets a delivery come again after a while, without having tried anything."""
        at = self.clock() + pause

        def work(tx: Transaction) -> datetime | None:
            tx.deliveries.try_later(delivery, at, delivery.tries)
            return tx.deliveries.next_due(delivery.group_id)

        return await self.database.write(work)

    async def rest(self, delivery: Delivery, notices: Sequence[Post]) -> datetime | None:
        """Ends a delivery in a group where the bot may not write, and all that waits there; says so once.

        Playbooks rest there until the bot is told of other rights, or for half an hour; people hear of it once a day.
        """
        now = self.clock()

        def work(tx: Transaction) -> None:
            tx.deliveries.end(delivery, "failed", "gone", now, delivery.uncertain)
            tx.deliveries.rest(delivery.group_id, now)
            if tx.groups.rest(delivery.group_id, now, now - TOLD):
                tx.outbox.add(delivery.group_id, notices, now)

        await self.database.write(work)
        return None

    async def forget_old(self) -> int:
        """Forgets what ended long ago, a bundle at a time; how many deliveries."""
        before, forgotten = self.clock() - KEPT, 0
        while old := await self.database.read(lambda tx: tx.deliveries.old(before, AT_ONCE)):
            await self.database.write(lambda tx, ids=old: tx.deliveries.forget(ids))  # type: ignore[misc]
            forgotten += len(old)
        return forgotten

    async def end(self, delivery: Delivery, state: State, note: Note = "", reason: str = "") -> datetime | None:
        """Ends a delivery before its last action, for a reason that operators read."""
        now = self.clock()

        def work(tx: Transaction) -> datetime | None:
            tx.deliveries.end(delivery, state, note, now, delivery.uncertain, reason)
            return tx.deliveries.next_due(delivery.group_id)

        return await self.database.write(work)

    async def counts(self, group_id: int, day: date) -> Mapping[str, int]:
        """How many `members` a group has, and how many `checkins` its day."""
        return await self.database.read(
            lambda tx: {"members": tx.members.count(group_id), "checkins": tx.checkins.count_of(group_id, day)}
        )

    async def take(self, delivery: Delivery, library: str, weights: Mapping[str, int], pick: Pick) -> str:
        """The item of a library that the delivery's action posts: the same however often it is asked for."""
        seed = f"{delivery.group_id}:{delivery.playbook}:{delivery.step}:{delivery.slot}:{delivery.position}"

        def work(tx: Transaction) -> str:
            taken = tx.libraries.item_of(delivery.id, delivery.position)
            if taken is not None:
                return taken
            turn, had = tx.libraries.turn(delivery.group_id, library)
            item, is_new_turn = choose(weights, had, pick, seed)
            turn += is_new_turn
            tx.libraries.take(delivery.group_id, library, turn, item, delivery.id, delivery.position)
            return item

        return await self.database.write(work)

    async def queue(self, due: Due, group_id: int, at: datetime, event: Mapping[str, Any]) -> bool:
        """Queues what an event asks for; whether that was new."""
        return await self.database.write(lambda tx: tx.deliveries.queue(due, group_id, at, event))


def follow(tx: Transaction, sent: Delivery | Question, now: datetime, followers: Mapping[str, timedelta]) -> None:
    """Queues the steps that come so much later after one that is sent."""
    for step, delay in followers.items():
        due = Due(sent.playbook, step, sent.slot, now + delay)
        tx.deliveries.queue(due, sent.group_id, due.slot_at, {})


def _parts(groups: int) -> list[Part]:
    of = max(1, -(-groups // QUEUED_AT_ONCE))
    return [Part(number, of) for number in range(of)]


def _queue(tx: Transaction, due: Sequence[Due], now: datetime, part: Part) -> int:
    return sum(tx.deliveries.fan_out(one, now, part) for one in due)


def _rests(delivery: Delivery) -> bool:
    """Whether a delivery is kept back by a pause. What was interrupted is looked after first: it may have been sent."""
    return delivery.is_paused and not delivery.is_ordered and delivery.state == "queued"
