"""The bot as the product builds it, on a database of its own and a platform that costs nothing."""

import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.enums import ParseMode
from aiogram.methods import TelegramMethod
from aiogram.types import Chat, Message
from sqlalchemy import text

from bot.engine import Engine
from bot.logs import set_up_logging
from bot.services.audits import audit
from bot.services.clock import system_clock
from bot.settings import Settings
from handlers.intake import RawUpdate
from storage.database import Database, open_database

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


class NoPlatform(BaseSession):
    """Takes every call at once and answers with the same message."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self._sent = Message(message_id=1, date=START, chat=Chat(id=-1, type="supergroup"))

    async def make_request(  # noqa: D102
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's own
    ) -> Any:
        self.calls += 1
        return self._sent

    async def close(self) -> None:  # noqa: D102
        pass

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:  # noqa: D102
        yield b""


def make_bot() -> Bot:
    """A bot on `NoPlatform`, with the product's defaults."""
    defaults = DefaultBotProperties(
        parse_mode=ParseMode.HTML, allow_sending_without_reply=True, link_preview_is_disabled=True
    )
    return Bot("7000000001:benchmark", session=NoPlatform(), default=defaults)


def sent_by(bot: Bot) -> int:
    """How many calls a bot of `make_bot` has made."""
    assert isinstance(bot.session, NoPlatform)
    return bot.session.calls


@asynccontextmanager
async def sqlite_database() -> AsyncIterator[Database]:
    """A new embedded database in a file of a temporary directory; `BENCHMARK_DIR` says where."""
    with TemporaryDirectory(dir=os.environ.get("BENCHMARK_DIR")) as directory:
        database = await open_database(f"sqlite+aiosqlite:///{Path(directory) / 'hearthbot.db'}")
        try:
            yield database
        finally:
            await database.close()


def build_engine(database: Database) -> Engine:
    """The product's own wiring."""
    settings = Settings.model_construct(log_level="WARNING")
    set_up_logging(settings)
    engine = Engine(settings, database, make_bot(), system_clock)
    engine.username = engine.gate.username = "hearth_bot"
    return engine


def said(update_id: int, chat_id: int, user_id: int, words: str, at: datetime = START) -> RawUpdate:
    """The update of a text message in a group, with the fields that the platform sends."""
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "from": {
                "id": user_id,
                "is_bot": False,
                "first_name": f"Member {user_id}",
                "username": f"member_{user_id}",
                "language_code": "zh-hans",
            },
            "chat": {"id": chat_id, "title": "围炉小店 · Hearth Shop", "type": "supergroup"},
            "date": int(at.timestamp()),
            "text": words,
        },
    }


def require(holds: bool, what: str) -> None:
    """Ends the benchmark when what it measures did not do its work."""
    if not holds:
        raise SystemExit(f"the benchmark is wrong: {what}")


async def require_consistent(database: Database, check_ins: int) -> None:
    """Ends the benchmark unless so many check-ins are stored and the audit finds balances, streaks and counts right."""
    found = await audit(database)
    require(not found.differences, f"the audit found {found.differences[:3]}")
    rows = await _count(database, "check_ins")
    paid = await _count(database, "ledger WHERE reason LIKE 'checkin\\:%'")
    require(rows == paid == check_ins, f"{check_ins} check-ins were made, {rows} are stored and {paid} paid")


async def _count(database: Database, rows: str) -> int:
    statement = text(f"SELECT count(*) FROM {rows}")
    return await database.read(lambda tx: tx.connection.scalar(statement) or 0)
