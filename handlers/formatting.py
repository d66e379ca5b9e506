"""What people wrote, with its formatting, as HTML that the library makes from the platform's entities."""

from aiogram.types import Message
from aiogram.utils.text_decorations import html_decoration


def html_of_end(message: Message, words: str) -> str:
    """The words with which a message ends; of formatting that begins before them, the part that is left."""
    text = (message.text or message.caption or "").rstrip()
    return html_of_part(message, len(text) - len(words), len(text))


def html_of_part(message: Message, start: int, end: int) -> str:
    """The characters of a message from one place to another; formatting that goes beyond them is cut."""
    text = message.text or message.caption or ""
    first_unit, last_unit = _units(text[:start]), _units(text[:end])
    kept = []
    for entity in message.entities or message.caption_entities or ():
        first, last = max(entity.offset, first_unit), min(entity.offset + entity.length, last_unit)
        if first < last:
            kept.append(entity.model_copy(update={"offset": first - first_unit, "length": last - first}))
    return html_decoration.unparse(text[start:end], kept)


def _units(text: str) -> int:
    """UTF-16 code units, in which the platform measures (Bot API, MessageEntity)."""
    return len(text.encode("utf-16-le")) // 2
