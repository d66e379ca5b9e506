"""What sets a step off, in words, when it is no time of day."""

from markupsafe import Markup

from bot.playbooks.model import On
from bot.playbooks.reading_times import spelled
from bot.texts import Say


def event_words(say: Say, on: On) -> Markup:
    """When an event comes."""
    match on.event:
        case "member_joined" if on.days and on.times:
            return say("playbook.on.joined_days", n=on.days, at=f"{on.times.times[0]:%H:%M}")
        case "member_joined":
            return say("playbook.on.joined")
        case "checked_in":
            return say("playbook.on.streak", n=on.streak) if on.streak else say("playbook.on.checked_in")
        case "silent":
            return say("playbook.on.silent", duration=spelled(on.duration) if on.duration else "")
        case "message":
            return say("playbook.on.message", words=" / ".join(on.words))
    return say("playbook.on.members", n=on.members) if on.members else say("playbook.on.messages", n=on.messages)
