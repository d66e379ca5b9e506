"""How newcomers are greeted: what operators may write, and which of it is said to whom."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Literal

from bot.domain.locales import LOCALES, closest
from bot.domain.refusals import Refusal

MediaKind = Literal["photo", "video", "animation"]

MAIN, BACK, GIFT = "text", "back", "gift"
"""The occasions: any join; a join of somebody who was here before; what only a first join gets beside."""

SLOTS = (MAIN, *LOCALES, BACK, GIFT)
"""All texts that a group may have: one for each occasion, and the first one for each language."""

VARIABLES = ("name", "mention", "group", "count", "inviter", "rules", "points")
"""What `{…}` in a text may name."""

LONGEST_TEXT = 3_000
LONGEST_CAPTION = 700
"""Characters of a text, alone and below a picture; what is left of 4,096 and 1,024 (Bot API) is for the variables."""

LONGEST_LABEL = 64
"""Characters of a button, its variables filled in."""

MOST_VARIANTS = 20
MOST_BUTTONS = 8

_SEPARATOR = re.compile(r"^[ \t]*(?:-{3,}|—-?)[ \t]*$", re.MULTILINE)
_BUTTON = re.compile(r"\[([^\]\n]{1,64})\]\((https?://[^\s(){}/]+\.[^\s(){}]+|tg://[^\s(){}]+)\)")
_LIKE_A_BUTTON = re.compile(r"\[[^\]\n]+\]\([^\n]*\)")
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}|\{(\w+)\}")


class WrongVariable(Refusal):
    """A text names a variable that there is not."""

    text = "welcome.wrong_variable"


class WrongButton(Refusal):
    """A line looks like a button and is none."""

    text = "welcome.wrong_button"


class WelcomeTooLong(Refusal):
    """One of the texts is too long, or there are too many."""

    text = "welcome.too_long"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or film by the platform's own name for it."""

    kind: MediaKind
    file_id: str


@dataclass(frozen=True, slots=True)
class WelcomeText:
    """What stands in a slot: Telegram's HTML with variables; variants and buttons are lines of it (see `variants`)."""

    text: str
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A part of what was written: where its body starts and ends, and the buttons below, each (text, address)."""

    start: int
    end: int
    buttons: tuple[tuple[str, str], ...]


def variants(written: str) -> Sequence[Variant]:
    """The parts between lines of `---`, of which one is said at a time; their last lines may be buttons.

    A button is a line `[Text](https://…)`. Raises `WrongButton`.
    """
    found, start = [], 0
    for separator in [*_SEPARATOR.finditer(written), None]:
        end = separator.start() if separator else len(written)
        found.append(_variant(written, start, end))
        start = separator.end() if separator else end
    return [variant for variant in found if variant.start < variant.end or variant.buttons]


def _variant(written: str, start: int, end: int) -> Variant:
    buttons: list[tuple[str, str]] = []
    while True:
        end = start + len(written[start:end].rstrip())
        line_start = max(written.rfind("\n", start, end) + 1, start)
        line = written[line_start:end].strip()
        button = _BUTTON.fullmatch(line)
        if button is None:
            break
        buttons.insert(0, (button[1], button[2]))
        end = line_start
    if _LIKE_A_BUTTON.fullmatch(line) or len(buttons) > MOST_BUTTONS:
        raise WrongButton(line=line[:60], most=MOST_BUTTONS)
    start += len(written[start:end]) - len(written[start:end].lstrip())
    return Variant(start, end, tuple(buttons))


def together(parts: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> str:
    """Variants, each as its HTML and its (escaped) buttons, in the form that `variants` takes apart again."""
    return "\n---\n".join("\n".join([html, *(f"[{text}]({url})" for text, url in buttons)]) for html, buttons in parts)


def check(written: str, *, has_media: bool) -> None:
    """Raises `WrongVariable`, `WrongButton` and `WelcomeTooLong` for what could not be said; plain, or as HTML."""
    unknown = [name for name in variables_of(written) if name not in VARIABLES]
    if unknown:
        raise WrongVariable(name=unknown[0][:40], names=", ".join(f"{{{name}}}" for name in VARIABLES))
    longest = LONGEST_CAPTION if has_media else LONGEST_TEXT
    parts = variants(written)
    length = max((part.end - part.start for part in parts), default=0)
    if length > longest or len(parts) > MOST_VARIANTS or len(written) > 4_096:
        raise WelcomeTooLong(length=length, longest=longest, most=MOST_VARIANTS)


def variables_of(written: str) -> Sequence[str]:
    """The names between braces, in the order in which they stand there."""
    return [double or single for double, single in _VARIABLE.findall(written)]


def filled(html: str, value_of: Callable[[str], str]) -> str:
    """A text with its variables replaced."""
    return _VARIABLE.sub(lambda found: value_of(found[1] or found[2]), html)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is said: Telegram's HTML with variables, a picture, and buttons as (text, address)."""

    html: str
    media: Media | None
    buttons: tuple[tuple[str, str], ...]


def choose(text: WelcomeText, seed: int) -> Chosen:
    """One of the variants, by chance that is the same for the same seed."""
    parts = variants(text.text)
    if not parts:
        return Chosen("", text.media, ())
    digest = hashlib.sha256(f"welcome:{seed}".encode()).digest()
    part = parts[int.from_bytes(digest[:8], "big") % len(parts)]
    buttons = tuple((unescape(label), unescape(url)) for label, url in part.buttons)
    return Chosen(text.text[part.start : part.end], text.media, buttons)


def slot_for(languages: Collection[str | None], own: str, texts: Mapping[str, WelcomeText]) -> str | None:
    """The slot that greets people who speak these languages in a group that speaks its own; None if there is none.

    Newcomers of one language are greeted in it where that has a text, several in the group's.
    """
    spoken = {closest([language], own) for language in languages}
    candidates = [*(spoken if len(spoken) == 1 else ()), MAIN, own]
    return next((slot for slot in candidates if slot in texts), None)
