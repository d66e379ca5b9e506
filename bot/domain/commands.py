"""What a message asks for: a slash command or a keyword as the whole message."""

import re
import unicodedata
from dataclasses import dataclass

LONGEST_KEYWORD = 32
"""Characters beyond which a message cannot be a keyword, so that long chatter is not even folded."""

# Telegram: a command is 1 to 32 of these; clients append @username in groups (Bot API, setMyCommands).
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL)
_EDGES = re.compile(r"\A[\W_]+|[\W_]+\Z")


@dataclass(frozen=True, slots=True)
class Request:
    """A command by name, and what was written after it. `mentioned` says that it named this bot."""

    command: str
    arguments: str = ""
    mentioned: bool = False


def parse_command(text: str, username: str) -> Request | None:
    """The command at the start of a text, in lower case; None when there is none or it names another bot."""
    match = _COMMAND.fullmatch(text.strip()) if text.startswith("/") else None
    if match is None:
        return None
    name, mention, arguments = match.groups()
    if mention is not None and mention.casefold() != username.casefold():
        return None
    return Request(name.lower(), (arguments or "").strip(), mentioned=mention is not None)


def fold(text: str) -> str:
    """The text as keywords are compared: width and case folded, outer punctuation, symbols and spaces dropped."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_EDGES.sub("", folded).split())
