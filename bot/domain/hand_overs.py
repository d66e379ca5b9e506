"""Handing a member over to a person."""

from dataclasses import dataclass

from bot.domain.refusals import Refusal


class UnknownHandOver(Refusal):
    """It is long over."""

    text = "person.unknown"


@dataclass(frozen=True, slots=True)
class Where:
    """Where somebody asked for a person: its address, if it has one, and its topic (None: outside of any)."""

    link: str
    topic: int | None = None


def message_link(chat_id: int, message_id: int, username: str | None = None) -> str:
    """Where a message of a group is opened; nothing for a basic group, whose messages have no address (Bot API)."""
    if username:
        return f"https://t.me/{username}/{message_id}"
    name = str(chat_id)
    return f"https://t.me/c/{name.removeprefix('-100')}/{message_id}" if name.startswith("-100") else ""
