"""The one edge where errors become words: a refusal is told to the one who asked, everything else goes to the log."""

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery, ErrorEvent, Message

from bot.domain.refusals import Refusal
from bot.metrics import Metrics
from bot.texts import Say
from handlers.replies import pop_up
from storage.database import DatabaseUnavailable

log = structlog.get_logger(__name__)


async def answer_error(error: ErrorEvent, metrics: Metrics, say: Say | None = None) -> None:
    """Answers a refusal; lets a database failure pass, so that the update is tried again; logs the rest."""
    exception = error.exception
    if isinstance(exception, DatabaseUnavailable):
        raise exception
    if isinstance(exception, Refusal) and say is not None:
        log.info("refused", text=exception.text)
        await _refuse(error.update.event, say(exception.text, **exception.values))
        return
    if isinstance(exception, TelegramAPIError):
        metrics.errors.labels("platform").inc()
        log.warning("the platform refused", method=type(exception.method).__name__, reason=exception.message)
        if isinstance(error.update.event, CallbackQuery) and not isinstance(exception.method, AnswerCallbackQuery):
            await error.update.event.answer()  # else the button spins for half a minute
        return
    metrics.errors.labels("handler").inc()
    log.error("handler failed", exc_info=exception)
    if isinstance(error.update.event, CallbackQuery) and say is not None:
        await pop_up(error.update.event, say("errors.failed"))


async def answer_unknown_press(query: CallbackQuery, say: Say) -> None:
    """Answers a button that no feature knows (any more)."""
    await pop_up(query, say("help.unknown"))


async def _refuse(event: object, sentence: str) -> None:
    if isinstance(event, Message):
        await event.reply(sentence)
    elif isinstance(event, CallbackQuery):
        await pop_up(event, sentence, alert=True)


def register(router: Router) -> None:
    """Routes of this module; they come last."""
    router.callback_query.register(answer_unknown_press)
    router.error.register(answer_error)
