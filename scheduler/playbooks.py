"""Runs playbooks: rings, and carries out what is due in each group, one action after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.domain.deliveries import PUNCTUAL, Note
from bot.domain.groups import Group
from bot.playbooks.model import Playbook, RenderError, Step
from bot.playbooks.timetable import Timetable
from bot.services.clock import Clock
from bot.services.deliveries import DeliveryService
from bot.services.groups import GroupService
from scheduler.judging import Judge, Verdict
from scheduler.lanes import Lanes
from scheduler.pace import Pace
from scheduler.performing import Done, Impossible, NotSent, Occasion, Performers, TooMany, Uncertain
from storage.deliveries import Delivery
from storage.outbox import Post

LONGEST_ACTION = 120
"""Seconds for one action, less than the lease, so that nobody takes it over meanwhile."""

HORIZON = timedelta(seconds=25)
"""How far ahead of its time a group's lane is told of a delivery; longer than from one ring to the next."""

MOST_TRIES = 8
"""Tries of an action that certainly was not carried out, before it is given up."""

LONGEST_LINE = timedelta(minutes=30)
"""How long a post may wait for its turn before it is as late as one that nobody was there for."""

BUSY_PAUSE = timedelta(seconds=1)
"""Until a group is looked at again in which another process is posting."""

UNREAD_PAUSE = timedelta(minutes=5)
"""Until a step is looked for again whose playbook cannot be read at present."""

Notices = Callable[[Group, datetime], Awaitable[Sequence[Post]]]
"""What operators are told when the bot may not write in a group any more."""

log = structlog.get_logger(__name__)


async def _nothing(_group: Group, _now: datetime) -> Sequence[Post]:
    return ()


@dataclass(frozen=True, slots=True)
class Running:
    """The playbooks that run now. They are replaced as a whole.

    It `is_whole` unless there is a file of which no good version is known: what it holds is not known to be gone.
    """

    playbooks: Mapping[str, Playbook]
    timetable: Timetable
    is_whole: bool = True

    @property
    def steps(self) -> Set[tuple[str, str]]:
        """All of them, as (playbook, step)."""
        return {(name, step.id) for name, playbook in self.playbooks.items() for step in playbook.steps}


@dataclass(slots=True)
class PlaybookRunner:
    """Takes up what the database says is due; several at once, or one after a kill, do nothing twice."""

    deliveries: DeliveryService
    groups: GroupService
    judge: Judge
    performers: Performers
    pace: Pace
    lanes: Lanes
    clock: Clock
    running: Running
    notices: Notices = _nothing
    _rung_at: datetime | None = None
    _awake_since: datetime | None = None
    _is_open: bool = True
    _in_line: set[int] = field(default_factory=set)

    async def ring(self) -> None:
        """Queues what has become due, and wakes the groups in which something is to be done soon."""
        now = self.clock()
        if self._rung_at is None or not timedelta(0) <= now - self._rung_at <= PUNCTUAL:
            self._awake_since = now  # the process was not there, or the machine slept
        self._rung_at = now
        timetable = self.running.timetable
        await self.deliveries.ring(timetable.due, timetable.listeners, self._wake)
        await self._wake()

    async def _wake(self) -> None:
        for group_id, at in await self.deliveries.upcoming(HORIZON):
            if group_id not in self._in_line:  # who waits for a turn has its claim still to come, which sees all
                self.lanes.wake(group_id, at)

    async def close(self, patience: float) -> None:
        """Begins nothing more, and gives what is being posted so many seconds."""
        self._is_open = self.pace.is_open = False
        await self.lanes.close(patience)

    async def drain(self, group_id: int) -> datetime | None:
        """Does what is due in a group; returns when something will be."""
        next_due = await self._do_next(group_id)
        while next_due is not None and next_due <= self.clock():
            next_due = await self._do_next(group_id)
        return next_due

    async def _do_next(self, group_id: int) -> datetime | None:
        # The turn comes before the claim: what is claimed when the process is killed may have been sent or not.
        self._in_line.add(group_id)
        try:
            pause = await self.pace.turn(group_id)
        finally:
            self._in_line.discard(group_id)
        if not self._is_open:
            return None
        if pause:
            return self.clock() + timedelta(seconds=pause, microseconds=1)
        messages = 0
        try:
            delivery = await self.deliveries.claim(group_id)
            if delivery is None:
                next_due = await self.deliveries.next_due(group_id)
                return max(next_due, self.clock() + BUSY_PAUSE) if next_due else None
            messages, next_due = await self._carry_out(delivery)
            return next_due
        finally:
            self.pace.done(group_id, messages)

    async def _carry_out(self, delivery: Delivery) -> tuple[int, datetime | None]:
        """How many messages it came to, and when something is to be done next."""
        playbook = self.running.playbooks.get(delivery.playbook)
        step = playbook.step(delivery.step) if playbook else None
        group = await self.groups.known(delivery.chat_id)
        if playbook is None and not self.running.is_whole:
            return 0, await self.deliveries.wait(delivery, UNREAD_PAUSE)
        if playbook is None or step is None or not delivery.fits(len(step.actions)):
            return 0, await self.deliveries.end(delivery, "skipped", "removed")
        if group is None or not group.is_present:
            return 0, await self.deliveries.end(delivery, "skipped", "gone")
        if delivery.state == "sending" and not step.is_repeatable(delivery.position):
            return 0, await self._go_on(delivery, step, Done(), is_uncertain=True)
        occasion = Occasion(playbook, step, group, delivery, self.clock())
        try:
            verdict = await self._verdict(occasion)
        except Exception as error:
            return 0, await self._broken(delivery, error, may_try_again=True)
        if isinstance(verdict, datetime):
            return 0, await self.deliveries.wait(delivery, verdict - occasion.now)
        if verdict:
            return 0, await self.deliveries.end(delivery, "skipped", verdict)
        return await self._perform(occasion)

    async def _verdict(self, occasion: Occasion) -> Verdict:
        delivery = occasion.delivery
        note = await self._missed(delivery, occasion.step)
        if note or delivery.position or delivery.state != "queued":
            return note
        return await self.judge.verdict(occasion, self.running.playbooks, self._awake_since)

    async def _missed(self, delivery: Delivery, step: Step) -> Note:
        """Why a delivery is not posted any more, whose time came when nobody was there; "" if it is."""
        now, due_at = self.clock(), delivery.due_at
        was_there = self._awake_since is not None and due_at >= self._awake_since
        if was_there and now - due_at <= LONGEST_LINE:
            return ""
        late = now - due_at
        if late <= PUNCTUAL or delivery.state == "sending":
            return ""
        return step.if_missed.note(late, is_newest=await self.deliveries.is_newest(delivery))

    async def _perform(self, occasion: Occasion) -> tuple[int, datetime | None]:
        delivery, step = occasion.delivery, occasion.step
        action = step.actions[delivery.position]
        try:
            async with asyncio.timeout(LONGEST_ACTION):
                done = await self.performers[type(action)](occasion, action)
        except NotSent as error:
            return 0, await self._try_later(delivery, error)
        except (Uncertain, TimeoutError) as error:
            log.warning("outcome unknown", playbook=delivery.playbook, step=step.id, reason=str(error))
            if step.is_repeatable(delivery.position):
                return 1, await self.deliveries.try_later(delivery, _growing_pause(delivery.tries))
            return 1, await self._go_on(delivery, step, Done(), is_uncertain=True)
        except (Impossible, RenderError) as error:
            log.warning("step failed", playbook=delivery.playbook, step=step.id, reason=str(error))
            if isinstance(error, Impossible) and error.note == "gone":
                notices = await self.notices(occasion.group, self.clock())
                return 0, await self.deliveries.rest(delivery, notices)
            return 0, await self.deliveries.end(delivery, "failed", getattr(error, "note", ""), str(error))
        except Exception as error:
            return 0, await self._broken(delivery, error, may_try_again=step.is_repeatable(delivery.position))
        next_due = await self._go_on(delivery, step, done)
        if done.afterwards is not None:
            await done.afterwards()
        return len(done.posted), next_due

    async def _try_later(self, delivery: Delivery, error: NotSent) -> datetime | None:
        log.info("not sent, trying again", playbook=delivery.playbook, step=delivery.step, reason=str(error))
        if isinstance(error, TooMany):  # it keeps its place, and what comes after it waits as well
            self.pace.hold(delivery.group_id, error.pause.total_seconds())
            return await self.deliveries.try_later(delivery)
        if delivery.tries >= MOST_TRIES:
            return await self.deliveries.end(delivery, "failed", reason=str(error))
        return await self.deliveries.try_later(delivery, error.pause)

    async def _broken(self, delivery: Delivery, error: Exception, *, may_try_again: bool) -> datetime | None:
        """Settles at once what failed by a mistake of our own; what may have been taken by then is not repeated."""
        log.exception("mistake of our own", playbook=delivery.playbook, step=delivery.step)
        if may_try_again and delivery.tries < MOST_TRIES:
            return await self.deliveries.try_later(delivery, _growing_pause(delivery.tries))
        return await self.deliveries.end(delivery, "failed", "error", type(error).__name__)

    async def _go_on(
        self, delivery: Delivery, step: Step, done: Done, *, is_uncertain: bool = False
    ) -> datetime | None:
        playbook = self.running.playbooks.get(delivery.playbook)
        return await self.deliveries.go_on(
            delivery,
            posted=done.posted,
            pins=done.pins,
            replaces=done.replaces,
            wait=done.wait,
            is_uncertain=is_uncertain,
            positions=len(step.actions),
            followers=playbook.followers_of(delivery.step) if playbook else {},
        )


def _growing_pause(tries: int) -> timedelta:
    """Ten seconds after the first try, then twice as long each time, up to ten minutes."""
    return timedelta(seconds=min(10 << min(tries, 10), 600))
