import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.doctor import Doctor, Finding, summary
from bot.services.groups import GroupService
from bot.settings import Settings
from storage.database import EmbeddedDatabase
from tests.conftest import StoppedClock, run_sql

TOKEN = "42:a-token-that-must-not-be-seen"
RIGHTS = {
    "can_delete_messages": True,
    "can_restrict_members": True,
    "can_pin_messages": True,
    "can_invite_users": True,
}


@dataclass
class Telegram:
    """A platform that answers every method with what a test has set, and refuses the rest."""

    address: str = ""
    date: str = "Sun, 22 Nov 2026 09:00:10 GMT"
    results: dict[str, Any] = field(
        default_factory=lambda: {
            "getMe": {"id": 42, "username": "hearth_bot", "can_read_all_group_messages": True, "new_in_2027": []},
            "getWebhookInfo": {"url": ""},
            "getChatMember": {"status": "administrator", **RIGHTS},
        }
    )

    async def answer(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        method = request.match_info["method"]
        if method not in self.results:
            return web.json_response({"ok": False, "description": "Bad Request: chat not found"}, status=400)
        return web.json_response({"ok": True, "result": self.results[method]}, headers={"Date": self.date})


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    telegram = Telegram()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", telegram.answer)
    async with TestServer(app) as server:
        telegram.address = str(server.make_url("")).rstrip("/")
        yield telegram


@pytest.fixture
def settings(sqlite_url: str, telegram: Telegram, tmp_path: Path) -> dict[str, Any]:
    return {
        "bot_token": SecretStr(TOKEN),
        "bot_api_url": telegram.address,
        "database_url": SecretStr(sqlite_url),
        "playbooks_dir": tmp_path,
    }


async def _examined(settings: dict[str, Any], clock: StoppedClock) -> list[Finding]:
    findings = [finding async for finding in Doctor(Settings.model_validate(settings), clock).findings()]
    assert not any(TOKEN in finding.text for finding in findings)
    return findings


async def _problems(settings: dict[str, Any], clock: StoppedClock) -> list[str]:
    return [finding.text for finding in await _examined(settings, clock) if finding.kind == "problem"]


@pytest.fixture
async def group(embedded: EmbeddedDatabase, clock: StoppedClock) -> None:
    await GroupService(embedded, clock).record_presence(-1001, "Tea house", is_present=True)
    await GroupService(embedded, clock).record_presence(-1002, "Left house", is_present=False)


@pytest.mark.usefixtures("group")
async def test_a_well_installed_bot_has_no_problems(settings: dict[str, Any], clock: StoppedClock) -> None:
    findings = await _examined(settings, clock)

    texts = [finding.text for finding in findings]
    assert {finding.kind for finding in findings} == {"ok"}
    assert "token: valid, the bot is @hearth_bot" in texts
    assert "clock: within 30 s of the platform's" in texts
    assert "lock: a bot is running on hearthbot.db" in texts
    assert "group Tea house (-1001): an administrator with all rights" in texts
    assert not any("Left house" in text for text in texts)
    assert summary(findings) == "no problems found"


async def test_a_wrong_token_is_told_and_nothing_more_asked(settings: dict[str, Any], clock: StoppedClock) -> None:
    [problem] = await _problems(settings | {"bot_token": SecretStr("43:another-token")}, clock)

    assert "does not accept it: Unauthorized; check BOT_TOKEN against @BotFather's" in problem


async def test_a_platform_out_of_reach_is_told(settings: dict[str, Any], clock: StoppedClock) -> None:
    [problem] = await _problems(settings | {"bot_api_url": "http://127.0.0.1:1"}, clock)

    assert "no answer (ClientConnectorError)" in problem


async def test_an_answer_of_something_else_is_no_crash(
    settings: dict[str, Any], clock: StoppedClock, telegram: Telegram
) -> None:
    telegram.results["getMe"] = ["not", "an", "object"]

    [problem] = await _problems(settings, clock)
    assert "the answer is not the Bot API's" in problem


async def test_a_clock_that_is_off_is_a_problem(settings: dict[str, Any], clock: StoppedClock) -> None:
    clock.advance(seconds=-40)

    assert await _problems(settings, clock) == ["clock: 50 s off the platform's; set it by NTP"]


@pytest.mark.usefixtures("group")
@pytest.mark.parametrize(
    ("member", "problem"),
    [
        ({"status": "left"}, "the bot is not in it; add it again"),
        ({"status": "member"}, "the bot is not an administrator; make it one, so that it sees who joins"),
        (None, "cannot be asked about: Bad Request: chat not found; is the bot still in it?"),
    ],
)
async def test_missing_rights_are_told_group_by_group(
    settings: dict[str, Any], clock: StoppedClock, telegram: Telegram, member: Any, problem: str
) -> None:
    del telegram.results["getChatMember"]
    if member is not None:
        telegram.results["getChatMember"] = member

    assert await _problems(settings, clock) == [f"group Tea house (-1001): {problem}"]


@pytest.mark.usefixtures("group")
async def test_a_right_that_is_missing_is_told_and_is_no_problem(
    settings: dict[str, Any], clock: StoppedClock, telegram: Telegram
) -> None:
    telegram.results["getChatMember"] = {"status": "administrator", **RIGHTS, "can_pin_messages": False}

    assert await _problems(settings, clock) == []
    findings = [finding.text async for finding in Doctor(Settings(_env_file=None, **settings), clock).findings()]
    assert "group Tea house (-1001): an administrator who may not pin messages; grant it when you want it" in findings


async def test_privacy_mode_is_a_problem(settings: dict[str, Any], clock: StoppedClock, telegram: Telegram) -> None:
    telegram.results["getMe"]["can_read_all_group_messages"] = False

    [problem] = await _problems(settings, clock)
    assert problem.startswith("privacy mode: on, so the bot misses what members say")


@pytest.mark.usefixtures("group")
async def test_privacy_mode_is_none_for_an_administrator(
    settings: dict[str, Any], clock: StoppedClock, telegram: Telegram
) -> None:
    telegram.results["getMe"]["can_read_all_group_messages"] = False

    assert await _problems(settings, clock) == []


async def test_a_webhook_set_elsewhere_is_a_problem(
    settings: dict[str, Any], clock: StoppedClock, telegram: Telegram
) -> None:
    telegram.results["getWebhookInfo"] = {"url": "https://other.example.org/secret-path"}

    assert await _problems(settings, clock) == [
        "webhook: updates are sent to other.example.org; stop the bot there first, or set WEBHOOK_URL"
    ]


@pytest.mark.parametrize(("minutes_ago", "problems"), [(5, 1), (120, 0)])
async def test_only_a_recent_failure_of_the_webhook_is_a_problem(
    settings: dict[str, Any], clock: StoppedClock, telegram: Telegram, minutes_ago: int, problems: int
) -> None:
    failed_at = clock() - timedelta(minutes=minutes_ago)
    telegram.results["getWebhookInfo"] = {
        "url": "https://bot.example.org/hook",
        "last_error_date": int(failed_at.timestamp()),
        "last_error_message": "SSL error",
    }
    hook = {
        "webhook_url": "https://bot.example.org/hook",
        "webhook_secret": SecretStr("hush"),
        "http_port": _free_port(),
    }

    found = await _problems(settings | hook, clock)
    assert len(found) == problems
    assert all("the last delivery failed: SSL error; check the address and certificate" in text for text in found)


async def test_without_a_token_the_sandbox_needs_its_port(
    settings: dict[str, Any], clock: StoppedClock, telegram: Telegram
) -> None:
    taken = int(telegram.address.rpartition(":")[2])

    findings = await _examined(settings | {"bot_token": SecretStr(""), "http_port": taken}, clock)
    assert Finding("note", "BOT_TOKEN is empty: the sandbox will be used") in findings
    assert findings[-1] == Finding(
        "problem", f"port {taken} on 127.0.0.1 is in use: stop the other program or set HTTP_PORT"
    )
    assert summary(findings) == "1 problem found"


async def test_a_database_that_is_not_there_yet_is_left_so(
    settings: dict[str, Any], clock: StoppedClock, tmp_path: Path
) -> None:
    missing = tmp_path / "none" / "hearthbot.db"
    url = SecretStr(f"sqlite+aiosqlite:///{missing}")

    findings = await _examined(settings | {"database_url": url}, clock)
    assert Finding("note", f"database: {missing} does not exist yet; the first start creates it") in findings
    assert not _exists(missing.parent)


def _exists(path: Path) -> bool:
    return path.exists()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.usefixtures("group")
async def test_a_right_that_moderation_needs_is_a_problem(
    settings: dict[str, Any], clock: StoppedClock, telegram: Telegram, sqlite_url: str
) -> None:
    telegram.results["getChatMember"] = {"status": "administrator", **RIGHTS, "can_delete_messages": False}
    assert await _problems(settings, clock) == []

    run_sql(sqlite_url, "INSERT INTO forbidden_words (group_id, key, word) VALUES (1, 'spam', 'spam')")
    problem = "moderation is on, but the bot may not delete messages; grant it"
    assert await _problems(settings, clock) == [f"group Tea house (-1001): {problem}"]
