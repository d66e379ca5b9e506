import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog
from pydantic import SecretStr

from bot.logs import Redaction, set_up_logging
from bot.settings import Settings

TOKEN = "42:short"
PASSWORD = 'p"w%40x'
Lines = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**configuration)


@pytest.fixture(params=["text", "json"])
def log_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _set_up(log_format: str, level: str = "INFO") -> None:
    url = SecretStr(f"postgresql+psycopg://hearth:{PASSWORD}@db/hearth")
    values = {"bot_token": SecretStr(TOKEN), "database_url": url, "log_format": log_format, "log_level": level}
    set_up_logging(Settings.model_validate(values))


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        PASSWORD,
        'p"w@x',
        "https://api/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw9/getMe",
        "redis://:pw1x@h/0",
    ],
)
def test_a_secret_is_in_no_line(capsys: pytest.CaptureFixture[str], log_format: str, text: str) -> None:
    _set_up(log_format)
    log = structlog.get_logger("ours")
    try:
        raise ValueError(text)
    except ValueError:
        log.exception(f"failed {text}", value=text, nested={"deep": [text]})
        logging.getLogger("theirs").exception("failed %s", text)
    logging.getLogger("theirs").error("placeholders %d do not fit %s", text)

    written = capsys.readouterr()
    assert written.out == ""
    assert "Traceback" in written.err
    for secret in (TOKEN, PASSWORD, 'p"w@x', json.dumps(PASSWORD)[1:-1], "AAHdqTcv", "pw1x"):
        assert secret not in written.err


def test_a_json_line_tells_when_who_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    _set_up("json")
    with structlog.contextvars.bound_contextvars(chat=-1001, update=5):
        structlog.get_logger("ours").info("checked in", name="小明")
        logging.getLogger("aiogram.dispatcher").warning("slow %s", "answer", extra={"seconds": 3})

    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "event": "checked in",
        "name": "小明",
        "chat": -1001,
        "update": 5,
        "level": "info",
        "logger": "ours",
    }
    assert (theirs["event"], theirs["chat"], theirs["update"], theirs["seconds"]) == ("slow answer", -1001, 5, 3)


def test_a_line_of_text_stays_one_line_whatever_a_member_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    _set_up("text")
    structlog.get_logger("ours").info("joined", name="Mallory\n2026-01-01 [critical] all is lost")

    [line] = capsys.readouterr().err.splitlines()
    assert "joined" in line


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    _set_up(log_format, "WARNING")
    structlog.get_logger("ours").info("quiet")
    logging.getLogger("theirs").info("quiet")

    assert capsys.readouterr().err == ""


def test_access_logs_are_quiet_even_when_all_else_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    _set_up("text", "DEBUG")
    for name in ("aiohttp.access", "sqlalchemy.engine.Engine", "apscheduler.executors.default"):
        logging.getLogger(name).info("one of many")

    assert capsys.readouterr().err == ""


def test_setting_up_twice_writes_each_line_once(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    _set_up(log_format)
    _set_up(log_format)
    structlog.get_logger("ours").info("once")

    assert len(capsys.readouterr().err.splitlines()) == 1
    assert sys.stderr in [getattr(handler, "stream", None) for handler in logging.getLogger().handlers]


def test_without_secrets_all_that_looks_like_one_is_still_removed() -> None:
    redact = Redaction(())

    assert redact("bot1:" + "x" * 35) == "bot***"
    assert redact("postgresql+psycopg://me:secret@db/x") == "postgresql+psycopg://me:***@db/x"
    assert redact("12:30 http://127.0.0.1:8080/me@home") == "12:30 http://127.0.0.1:8080/me@home"
