"""Ways to say something that several features share."""

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from markupsafe import Markup

from bot.domain.shortening import short

LONGEST_POP_UP = 200
"""Characters of an answer to a button press (Bot API, answerCallbackQuery)."""


async def pop_up(query: CallbackQuery, sentence: str, *, alert: bool = False) -> None:
    """Answers a button press; a pop-up knows lines, and no HTML."""
    text = "\n".join(Markup(line).striptags() for line in sentence.splitlines())  # noqa: S704 - the tags are taken out
    await query.answer(short(text, LONGEST_POP_UP), show_alert=alert)


async def turn_into(query: CallbackQuery, text: str, buttons: InlineKeyboardMarkup | None = None) -> None:
    """Turns the message whose button was pressed into another one; two presses of the same button are fine."""
    if isinstance(query.message, Message):
        try:
            await query.message.edit_text(text, reply_markup=buttons)
        except TelegramBadRequest as error:
            if "not modified" not in error.message:
                raise


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    """Buttons by rows, each as (what it says, what it sends back: at most 64 bytes)."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data) for text, data in row] for row in rows]
    )
