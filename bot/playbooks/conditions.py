"""Whether the conditions of a step hold, when its turn has come in a group."""

from datetime import datetime

from bot.domain.groups import Group
from bot.playbooks.model import Condition, On, Playbook, Step
from bot.playbooks.rendering import stable_hash
from bot.services.facts import Facts


def asked_by(playbook: Playbook, step: Step) -> frozenset[str]:
    """What has to be found out about a group, by the kinds of conditions; nothing for most steps."""
    kinds = {condition.kind for condition in step.conditions} - {"tag", "weekday", "chance"}
    if step.is_promo and playbook.promo_budget is not None:
        kinds.add("promo_budget")
    if is_silence(step):
        kinds.add("silent")
    return frozenset(kinds)


def holds(condition: Condition, group: Group, slot: str, local: datetime, facts: Facts) -> bool:
    """Whether a condition holds for a slot; `local` is the time on the wall."""
    value = condition.value
    match condition.kind:
        case "silent_for":
            return facts.spoken_at is None or local - facts.spoken_at >= value
        case "active_within":
            return facts.spoken_at is not None and local - facts.spoken_at <= value
        case "messages_since_post":
            return bool(value[0] <= facts.messages_since_post < value[1])
        case "members":
            return bool(value[0] <= facts.members < value[1])
        case "promos_today":
            return bool(value[0] <= facts.promos < value[1])
        case "tag":
            return not value.isdisjoint(group.tags)
        case "weekday":
            return local.weekday() in value
        case "chance":
            return bool(stable_hash(f"{group.id}:{slot}") % 100 < value)
        case _:
            return not facts.has_live_lottery


def is_silence(step: Step) -> bool:
    """Whether a silence sets a step off."""
    return isinstance(step.trigger, On) and step.trigger.event == "silent"


def silence_goes_on(step: Step, slot: str, facts: Facts) -> bool:
    """Whether nobody has spoken since the silence that set a step off; True for every other step."""
    if not is_silence(step):
        return True
    return facts.spoken_at is not None and slot == silence_slot(facts.spoken_at)


def silence_slot(spoken_at: datetime) -> str:
    """The key of the silence after a message."""
    return f"silent:{int(spoken_at.timestamp())}"


def within_budget(playbook: Playbook, step: Step, facts: Facts) -> bool:
    """Whether a promotion is within what its playbook may post in a day."""
    return not step.is_promo or playbook.promo_budget is None or facts.own_promos < playbook.promo_budget
