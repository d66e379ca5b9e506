"""The log: one line an event on stderr, as text or JSON, in UTC, and never with a secret in it."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.types import Processor

from bot.settings import Settings

REMOVED = "***"

_QUIET = ("aiogram.event", "aiohttp.access", "aiosqlite", "alembic", "apscheduler", "sqlalchemy")
"""Loggers with a line for every update, request, query or step: only their warnings are of interest, also at DEBUG."""

_TOKEN = re.compile(r"\d+(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE)
_PASSWORD = re.compile(r"(://[^\s:/@\"']*:)[^\s/@\"']+@")


class Redaction:
    """Removes secrets from text: the given values, however they are spelled, and all that looks like a token."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._values:
            text = self._values.sub(REMOVED, text)
        text = _TOKEN.sub(REMOVED, text)
        return _PASSWORD.sub(rf"\g<1>{REMOVED}@", text)


class RedactingFormatter(ProcessorFormatter):
    """Redacts the finished line, so that tracebacks and the records of libraries cannot bring a secret in."""

    def __init__(self, redact: Redaction, **options: Any) -> None:
        super().__init__(**options)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:  # noqa: D102 - logging's own promise
        try:
            line = super().format(record)
        except (TypeError, ValueError, KeyError):
            # Raising would let logging itself print the record's arguments, unredacted.
            record.msg, record.args = f"{record.msg!r} {record.args!r} (its placeholders and values do not fit)", ()
            line = super().format(record)
        return self._redact(line)


def set_up_logging(settings: Settings) -> None:
    """Sends the log of this process, aiogram's and aiohttp's records included, to stderr. Again replaces it."""
    context: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *context,
            structlog.processors.StackInfoRenderer(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        RedactingFormatter(
            Redaction(settings.secrets),
            foreign_pre_chain=context,
            processors=[ProcessorFormatter.remove_processors_meta, *_rendering(settings.log_format)],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering(log_format: str) -> list[Processor]:
    if log_format == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=repr),
        ]
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]


def _spellings(secret: str) -> set[str]:
    """The value as it is, as JSON and Python print it, and as it stands in an address."""
    plain = {secret, unquote(secret), quote(secret), quote(secret, safe="")}
    printed = {printed[1:-1] for value in plain for printed in (json.dumps(value), repr(value))}
    unescaped = {json.dumps(value, ensure_ascii=False)[1:-1] for value in plain}
    return {spelling for spelling in plain | printed | unescaped if spelling}
