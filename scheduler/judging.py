"""Whether a step is still to be done when its turn has come: not too late, not at night, and on its conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.deliveries import PUNCTUAL, Note
from bot.playbooks.conditions import asked_by, holds, is_silence, silence_goes_on, within_budget
from bot.playbooks.model import Playbook
from bot.services.deliveries import DeliveryService
from bot.services.facts import Facts, FactService, Steps
from scheduler.performing import Occasion

CATCHING_UP = timedelta(minutes=2)
"""What was said while the process was away has come in by then; before, nobody knows whether a group is silent."""

Verdict = Note | datetime
"""Why it is skipped, the instant until which it waits, or an empty note: it is done now."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Looks at a delivery before its first action."""

    facts: FactService
    deliveries: DeliveryService

    async def verdict(
        self, occasion: Occasion, playbooks: Mapping[str, Playbook], awake_since: datetime | None
    ) -> Verdict:
        """What becomes of it now, by the playbooks that run, in a process that has been awake since an instant."""
        if occasion.delivery.is_ordered:
            return ""  # operators have judged
        if occasion.delivery.tries and (note := await self._lateness(occasion, occasion.now)):
            return note  # what was not taken for hours
        if (end := _quiet_until(occasion)) > occasion.now:
            return "quiet" if await self._lateness(occasion, end) else end
        if is_silence(occasion.step) and awake_since and occasion.now < awake_since + CATCHING_UP:
            return awake_since + CATCHING_UP
        return "" if await self._conditions_hold(occasion, playbooks) else "condition"

    async def _lateness(self, occasion: Occasion, at: datetime) -> Note:
        """Why it would be too late at an instant; what only stood in the line of a slot's posts is not."""
        late = at - occasion.delivery.slot_at
        if late <= PUNCTUAL:
            return ""
        late -= await self.deliveries.spread()
        return occasion.step.if_missed.note(late, is_newest=await self.deliveries.is_newest(occasion.delivery))

    async def _conditions_hold(self, occasion: Occasion, playbooks: Mapping[str, Playbook]) -> bool:
        playbook, step, delivery = occasion.playbook, occasion.step, occasion.delivery
        asked = asked_by(playbook, step)
        promos: Steps = (
            [(one.name, each.id) for one in playbooks.values() for each in one.steps if each.is_promo]
            if asked & {"promos_today", "promo_budget"}
            else ()
        )
        facts = await self.facts.of(occasion.group, delivery, asked, promos) if asked else Facts()
        local = occasion.now.astimezone(occasion.zone)
        return (
            all(holds(one, occasion.group, delivery.slot, local, facts) for one in step.conditions)
            and within_budget(playbook, step, facts)
            and silence_goes_on(step, delivery.slot, facts)
        )


def _quiet_until(occasion: Occasion) -> datetime:
    """When the quiet hours of the playbook and those of the group are over."""
    group, now = occasion.group, occasion.now
    both = ((occasion.playbook.quiet_hours, occasion.zone), (group.settings.quiet, group.zone))
    return max((quiet.end_after(now, zone) for quiet, zone in both if quiet), default=now)
