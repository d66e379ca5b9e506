"""What people wrote, with its formatting, as HTML that the library makes from the platform's entities."""

from aiogram.types import Message
from aiogram.utils.text_decorations import html_decoration


def html_of_end(message: Message, words: str) -> str:
    """The words with which a message ends; of formatting that begins before them, the part that is left."""
    text = (message.text or message.caption or "").rstrip()
    start = _units(text[: len(text) - len(words)])
    end = start + _units(words)
    kept = []
    for entity in message.entities or message.caption_entities or ():
        first, last = max(entity.offset, start), min(entity.offset + entity.length, end)
        if first < last:
            kept.append(entity.model_copy(update={"offset": first - start, "length": last - first}))
    return html_decoration.unparse(words, kept)


def _units(text: str) -> int:
    """UTF-16 code units, in which the platform measures (Bot API, MessageEntity)."""
    return len(text.encode("utf-16-le")) // 2
