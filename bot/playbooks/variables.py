"""What texts of playbooks may name, and how long each of it can be (UTF-16 units)."""

from bot.playbooks.model import On, Trigger
from bot.playbooks.templates import Variables

ALWAYS: Variables = {
    "group.title": 128,
    "group.members": 9,
    "today": 32,
    "weekday": 16,
    "time": 5,
    "checkins_today": 9,
}
"""In every step."""

OF_MEMBER: Variables = {"member.name": 64, "member.mention": 64}
"""In a step that something a member did has set off."""

OF_EVENT: dict[str, Variables] = {
    "member_joined": OF_MEMBER,
    "checked_in": {**OF_MEMBER, "streak": 5},
    "message": OF_MEMBER,
    "milestone": {"milestone": 9},
    "silent": {},
}


def variables_of(trigger: Trigger | None) -> Variables:
    """What the texts of a step may name, by what sets it off; anything, as long as that is not known."""
    if trigger is None:
        return {name: size for of_event in (ALWAYS, *OF_EVENT.values()) for name, size in of_event.items()}
    return {**ALWAYS, **(OF_EVENT[trigger.event] if isinstance(trigger, On) else {})}
