"""Reads the buttons below a post."""

import re
from collections.abc import Callable

from bot.playbooks.libraries import ADDRESS
from bot.playbooks.model import Button
from bot.playbooks.templates import Text
from bot.yaml_places import Keys, Place, one_of

PRESSES = ("checkin", "rules", "leaderboard", "points")
"""What a button may do."""

MOST_IN_A_ROW, MOST_BUTTONS = 8, 100

_MADE = re.compile(r"(https?://[^\s{]*)?\{\{")
"""An address of which a variable is a part."""

Compile = Callable[[Place, int], Text | None]
"""What a plain text of so many characters is read as."""


def read_buttons(keys: Keys, text_of: Compile) -> tuple[tuple[Button, ...], ...]:
    """The rows of `buttons`."""
    rows = keys.some("buttons", lambda row: row.some(lambda place: _button(place, text_of)) or None)
    if any(len(row) > MOST_IN_A_ROW for row in rows) or sum(map(len, rows)) > MOST_BUTTONS:
        keys["buttons"].mistake(f"at most {MOST_IN_A_ROW} buttons stand in a row, and {MOST_BUTTONS} below a post")
    return rows


def _button(place: Place, text_of: Compile) -> Button | None:
    keys = place.keys("text", "do", "url", needed=["text"])
    text = keys.read("text", lambda at: text_of(at, 64))
    press = keys.read("do", one_of({name: name for name in PRESSES}))
    url = keys.read("url", lambda at: text_of(at, 2000))
    if ("do" in keys) == ("url" in keys) and "text" in keys:
        place.mistake("a button either opens a `url` or does something (`do`)")
    if url and not ADDRESS.match(url.source) and not _MADE.match(url.source):
        keys["url"].mistake("`url` must be an address such as https://example.org")
    return Button(text, url, press) if text else None
