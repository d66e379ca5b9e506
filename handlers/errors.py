"""The one edge where errors become words: a refusal is told to the one who asked, everything else goes to the log."""

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramAPIError
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
        return
    metrics.errors.labels("handler").inc()
    log.error("handler failed", exc_info=exception)
    if isinstance(error.update.event, CallbackQuery) and say is not None:
        await pop_up(error.update.event, say("errors.failed"))


async def _refuse(event: object, sentence: str) -> None:
    if isinstance(event, Message):
        await event.reply(sentence)
    elif isinstance(event, CallbackQuery):
        await pop_up(event, sentence, alert=True)


def register(router: Router) -> None:
    """Routes of this module."""
    router.error.register(answer_error)
