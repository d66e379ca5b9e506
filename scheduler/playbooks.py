"""Runs playbooks: rings, and carries out what is due in each group, one action after the other."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.playbooks.model import Playbook, RenderError, Step
from bot.playbooks.timetable import Timetable
from bot.services.clock import Clock
from bot.services.deliveries import DeliveryService
from bot.services.groups import GroupService
from scheduler.lanes import Lanes
from scheduler.pace import Pace
from scheduler.performing import Done, Impossible, NotSent, Occasion, Performers, Uncertain
from storage.deliveries import Delivery

LONGEST_ACTION = 120
"""Seconds for one action, less than the lease, so that nobody takes it over meanwhile."""

HORIZON = timedelta(seconds=25)
"""How far ahead of its time a group's lane is told of a delivery; longer than from one ring to the next."""

MOST_TRIES = 8
"""Tries of an action that certainly was not carried out, before it is given up."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """The playbooks that run now. They are replaced as a whole."""

    playbooks: Mapping[str, Playbook]
    timetable: Timetable


@dataclass(slots=True)
class PlaybookRunner:
    """Takes up what the database says is due; several at once, or one after a kill, do nothing twice."""

    deliveries: DeliveryService
    groups: GroupService
    performers: Performers
    pace: Pace
    lanes: Lanes
    clock: Clock
    running: Running

    async def ring(self) -> None:
        """Queues what has become due, and wakes the groups in which something is to be done soon."""
        await self.deliveries.ring(self.running.timetable.due)
        for group_id, at in await self.deliveries.upcoming(HORIZON):
            self.lanes.wake(group_id, at)

    async def drain(self, group_id: int) -> datetime | None:
        """Does what is due in a group; returns when something will be."""
        next_due = await self._do_next(group_id)
        while next_due is not None and next_due <= self.clock():
            next_due = await self._do_next(group_id)
        return next_due

    async def _do_next(self, group_id: int) -> datetime | None:
        # The turn comes before the claim: what is claimed when the process is killed may have been sent or not.
        await self.pace.turn(group_id)
        delivery = await self.deliveries.claim(group_id)
        if delivery is None:
            return await self.deliveries.next_due(group_id)
        return await self._carry_out(delivery)

    async def _carry_out(self, delivery: Delivery) -> datetime | None:
        playbook = self.running.playbooks.get(delivery.playbook)
        step = playbook.step(delivery.step) if playbook else None
        group = await self.groups.known(delivery.chat_id)
        if playbook is None or step is None or delivery.position >= len(step.actions):
            return await self.deliveries.end(delivery, "skipped", "removed")
        if group is None or not group.is_present:
            return await self.deliveries.end(delivery, "skipped", "gone")
        if delivery.state == "sending" and not step.is_repeatable(delivery.position):
            return await self._go_on(delivery, step, Done(), is_uncertain=True)
        occasion = Occasion(playbook, step, group, delivery, self.clock())
        return await self._perform(occasion)

    async def _perform(self, occasion: Occasion) -> datetime | None:
        delivery, step = occasion.delivery, occasion.step
        action = step.actions[delivery.position]
        try:
            async with asyncio.timeout(LONGEST_ACTION):
                done = await self.performers[type(action)](occasion, action)
        except NotSent as error:
            return await self._try_later(delivery, error)
        except (Uncertain, TimeoutError) as error:
            log.warning("outcome unknown", playbook=delivery.playbook, step=step.id, reason=str(error))
            if step.is_repeatable(delivery.position):
                return await self.deliveries.try_later(delivery, timedelta(seconds=10))
            return await self._go_on(delivery, step, Done(), is_uncertain=True)
        except (Impossible, RenderError) as error:
            log.warning("step failed", playbook=delivery.playbook, step=step.id, reason=str(error))
            return await self.deliveries.end(delivery, "failed", getattr(error, "note", ""))
        return await self._go_on(delivery, step, done)

    async def _try_later(self, delivery: Delivery, error: NotSent) -> datetime | None:
        log.info("not sent, trying again", playbook=delivery.playbook, step=delivery.step, reason=str(error))
        if delivery.tries >= MOST_TRIES:
            return await self.deliveries.end(delivery, "failed", "")
        return await self.deliveries.try_later(delivery, error.pause)

    async def _go_on(
        self, delivery: Delivery, step: Step, done: Done, *, is_uncertain: bool = False
    ) -> datetime | None:
        return await self.deliveries.go_on(
            delivery,
            posted=done.posted,
            is_pinned=done.is_pinned,
            wait=done.wait,
            is_uncertain=is_uncertain,
            is_last=delivery.position + 1 == len(step.actions),
        )
