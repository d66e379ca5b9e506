"""Buttons: what they send back is `WHAT` or `WHAT:ARGUMENT`, at most 64 bytes (Bot API)."""

from typing import Any

from aiogram.filters import Filter
from aiogram.types import CallbackQuery


class Pressed(Filter):
    """Passes the press of a button that sends `what` back; what follows a colon is injected as `argument`."""

    def __init__(self, what: str) -> None:
        self._what = what

    async def __call__(self, query: CallbackQuery) -> bool | dict[str, Any]:  # noqa: D102
        what, _, argument = (query.data or "").partition(":")
        return what == self._what and {"argument": argument}
