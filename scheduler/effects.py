"""Actions that do more than post: they pay, open lotteries, and call others. Each is known by its key."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp
import structlog

from bot.domain.groups import Group
from bot.domain.members import Actor
from bot.domain.refusals import Refusal
from bot.playbooks.model import Award, Call, OpenLottery, PluginAction
from bot.playbooks.reading_actions import Plugin
from bot.services.awards import AwardService
from scheduler.performing import Done, Impossible, NotSent, Occasion, Performers, Uncertain

CALL_TIMEOUT = 10
"""Seconds within which a webhook has to answer."""

CALL_PAUSE = timedelta(seconds=5)
"""Until a webhook that did not take a call is tried again; each further pause is twice as long."""

LONGEST_LINE = 1000
"""Actions of one delivery, of which each has a number of its own; far more than a step may have."""

Opening = Callable[[Group, str, Actor, int, datetime], Awaitable[None]]
"""Opens a lottery on terms, in somebody's name, known by a key, at an instant. Raises `Refusal`."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Effects:
    """Carries out the actions that change something."""

    awards: AwardService
    open_lottery: Opening
    plugins: Mapping[str, Plugin] = field(default_factory=dict)

    @property
    def performers(self) -> Performers:
        """By the kind of action."""
        return {Award: self.award, OpenLottery: self.lottery, Call: self.call, PluginAction: self.plugin}

    async def award(self, occasion: Occasion, action: Award) -> Done:
        """Pays points, in one transaction, once."""
        user_id = occasion.delivery.event.get("user_id")
        if action.to == "member" and user_id is None:
            raise Impossible("nobody has set this step off")
        to = int(user_id) if action.to == "member" and user_id is not None else None
        reason, delivery = occasion.reason, occasion.delivery
        paid = await self.awards.pay(occasion.group, delivery, reason, action.points, action.reason, occasion.now, to)
        log.info("points paid", playbook=delivery.playbook, step=delivery.step, members=paid, points=action.points)
        return Done()

    async def lottery(self, occasion: Occasion, action: OpenLottery) -> Done:
        """Opens a lottery, once."""
        delivery = occasion.delivery
        key = -(delivery.id * LONGEST_LINE + delivery.position)  # updates have positive ids
        actor = Actor(0, delivery.playbook)
        try:
            await self.open_lottery(occasion.group, action.terms, actor, key, occasion.now)
        except Refusal as error:
            raise Impossible(f"the lottery was not opened: {error.text}") from error
        return Done()

    async def call(self, occasion: Occasion, action: Call) -> Done:
        """Calls a webhook until it takes the call; what the call is about stands in `Idempotency-Key`."""
        delivery, group = occasion.delivery, occasion.group
        told = {
            "playbook": delivery.playbook,
            "step": delivery.step,
            "slot": delivery.slot,
            "group": {"title": group.title, "chat_id": group.chat_id},
            "values": dict(action.values),
        }
        pause = CALL_PAUSE * 2**delivery.tries
        timeout, headers = aiohttp.ClientTimeout(total=CALL_TIMEOUT), {"Idempotency-Key": occasion.reason}
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(action.url, json=told, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotSent(f"{action.url}: {error or 'no answer'}", pause) from error
        if not 200 <= status < 300:
            raise NotSent(f"{action.url}: answered {status}", pause)
        return Done()

    async def plugin(self, occasion: Occasion, action: PluginAction) -> Done:
        """Lets a plugin do what it does. What it raises that is no outcome is its own mistake, and ends the step."""
        if action.name not in self.plugins:
            raise Impossible(f"there is no action {action.name}")
        try:
            done: Done = await self.plugins[action.name].perform(occasion, action.parameters)
        except (NotSent, Uncertain, Impossible):
            raise
        except Exception as error:
            log.exception("plugin failed", plugin=action.name)
            raise Impossible(f"{action.name}: {error}") from error
        return done
