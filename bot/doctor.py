"""`hearthbot doctor`: looks at everything a bot needs from its surroundings, and says what to do about the rest."""

import asyncio
import errno
import shutil
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import aiohttp

from bot.domain.groups import Group
from bot.services.clock import Clock
from bot.services.groups import GroupService
from bot.settings import Settings
from storage.backups import embedded_file, is_in_use, require_database
from storage.database import DatabaseError, open_database

TELEGRAM = "https://api.telegram.org"

LEAST_FREE = 200 * 1024 * 1024
"""Bytes of disk below which a write-ahead log and a backup may not fit."""

_CLOCK_TOLERANCE = timedelta(seconds=30)
_RECENT = timedelta(hours=1)
_PATIENCE = aiohttp.ClientTimeout(total=10)

_RIGHTS = {
    "can_delete_messages": "delete messages",
    "can_restrict_members": "ban users",
    "can_pin_messages": "pin messages",
    "can_invite_users": "invite users via link",
}
_NEEDED_TO_MODERATE = frozenset({"delete messages", "ban users"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: all is well, worth knowing, or to be put right."""

    kind: Literal["ok", "note", "problem"]
    text: str


class Unreachable(Exception):
    """The platform gave no usable answer; the text says why, without the token that stands in the address."""


@dataclass(slots=True)
class Platform:
    """The chat platform's HTTP interface. Whatever it answers beside what is looked for is ignored."""

    session: aiohttp.ClientSession
    address: str
    token: str
    date: datetime | None = None

    async def ask(self, method: str, **parameters: int) -> Mapping[str, Any]:
        """The `result` of a method that gives an object; keeps the time the server says it is. Raises `Unreachable`."""
        url = f"{self.address}/bot{self.token}/{method}"
        try:
            async with self.session.post(url, data=parameters, timeout=_PATIENCE) as response:
                with suppress(TypeError, ValueError):
                    self.date = parsedate_to_datetime(response.headers.get("Date", ""))
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(f"no answer ({type(error).__name__})") from None
        except ValueError:
            raise Unreachable("the answer is not the Bot API's") from None
        if not isinstance(answer, dict) or not isinstance(answer.get("result"), dict):
            described = answer.get("description") if isinstance(answer, dict) else None
            raise Unreachable(str(described or "the answer is not the Bot API's"))
        return dict(answer["result"])


@dataclass(slots=True)
class Doctor:
    """One examination. Reads and asks; changes nothing."""

    settings: Settings
    clock: Clock
    _groups: Sequence[Group] = field(default_factory=list)
    _with_words: Collection[int] = ()
    _is_running: bool = False

    async def findings(self) -> AsyncIterator[Finding]:
        """Every line of the report, as soon as it is known."""
        yield Finding("ok", "settings: readable")
        for finding in self._surroundings():
            yield finding
        for finding in await self._database():
            yield finding
        token = self.settings.bot_token.get_secret_value()
        if token:
            async with aiohttp.ClientSession() as session:
                platform = Platform(session, self.settings.bot_api_url or TELEGRAM, token)
                async for finding in self._platform(platform):
                    yield finding
        else:
            yield Finding("note", "BOT_TOKEN is empty: the sandbox will be used")
        if not token or self.settings.serves_http or self.settings.webhook_url:
            yield await self._port()

    def _is_moderated(self, group: Group) -> bool:
        return group.settings.moderation.is_any_on or group.id in self._with_words

    def _surroundings(self) -> list[Finding]:
        zones = len(available_timezones())
        playbooks = self.settings.playbooks_dir
        return [
            Finding("ok", f"time zones: {zones} known, {self.settings.timezone} by default")
            if "Asia/Shanghai" in available_timezones()
            else Finding("problem", "time zones: the zone database is missing; install the tzdata package"),
            Finding("ok", f"playbooks: {playbooks}")
            if playbooks.is_dir()
            else Finding("note", f"playbooks: {playbooks} is not a directory; create it or set PLAYBOOKS_DIR"),
        ]

    async def _database(self) -> list[Finding]:
        url = self.settings.database_url.get_secret_value()
        file = embedded_file(url)
        found = self._file(file) if file else []
        if file and not file.is_file():
            return found
        try:
            require_database(url)
            database = await open_database(url, read_only=True)
        except DatabaseError as error:
            return [*found, Finding("problem", f"database: {error}")]
        try:
            defaults = {"timezone": self.settings.timezone, "language": self.settings.locale}
            known = await GroupService(database, self.clock, defaults).all()
            self._with_words = await database.read(lambda tx: tx.moderation.all_words().keys())
        except DatabaseError as error:
            return [*found, Finding("problem", f"database: {error}")]
        finally:
            await database.close()
        self._groups = [group for group in known if group.is_present]
        return [*found, Finding("ok", f"database: answers, newest schema, {len(self._groups)} groups with the bot")]

    def _file(self, file: Path) -> list[Finding]:
        if not file.is_file():
            return [Finding("note", f"database: {file} does not exist yet; the first start creates it")]
        free = shutil.disk_usage(file.parent).free
        self._is_running = is_in_use(file)
        enough = f"{free // 1024**2} MB free beside {file}"
        return [
            Finding("ok", f"disk: {enough}")
            if free >= LEAST_FREE
            else Finding("problem", f"disk: only {enough}; make room, or the bot will stop writing"),
            Finding("ok", f"lock: {'a bot is running on' if self._is_running else 'no bot is running on'} {file.name}"),
        ]

    async def _port(self) -> Finding:
        where = f"port {self.settings.http_port} on {self.settings.http_host}"
        if self._is_running:
            return Finding("ok", f"{where}: left to the bot that is running")
        try:
            server = await asyncio.get_running_loop().create_server(
                asyncio.Protocol, self.settings.http_host, self.settings.http_port
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return Finding("problem", f"{where} is in use: stop the other program or set HTTP_PORT")
            return Finding("problem", f"{where} cannot be used ({error.strerror}): set HTTP_HOST and HTTP_PORT")
        server.close()
        return Finding("ok", f"{where} is free")

    async def _platform(self, platform: Platform) -> AsyncIterator[Finding]:
        try:
            me = await platform.ask("getMe")
        except Unreachable as error:
            what = "check BOT_TOKEN against @BotFather's, the network, and BOT_API_URL"
            yield Finding("problem", f"token: {platform.address} does not accept it: {error}; {what}")
            return
        yield Finding("ok", f"token: valid, the bot is @{me.get('username', '?')}")
        yield self._clock_finding(platform.date)
        unprivileged = 0
        for group in self._groups:
            finding = await _rights(platform, group, me.get("id", 0), is_moderated=self._is_moderated(group))
            unprivileged += finding.kind == "problem"
            yield finding
        yield _privacy(me, sees_all=bool(self._groups) and not unprivileged)
        if me.get("can_join_groups") is False:
            yield Finding("problem", "groups: nobody can add the bot; send /setjoingroups to @BotFather and enable it")
        try:
            yield self._webhook(await platform.ask("getWebhookInfo"))
        except Unreachable as error:
            yield Finding("problem", f"webhook: not known: {error}; try again")

    def _clock_finding(self, theirs: datetime | None) -> Finding:
        if theirs is None or theirs.tzinfo is None:
            return Finding("note", "clock: not compared, the platform did not say what time it is")
        off = abs(self.clock() - theirs)
        if off > _CLOCK_TOLERANCE:
            return Finding("problem", f"clock: {off.total_seconds():.0f} s off the platform's; set it by NTP")
        return Finding("ok", f"clock: within {_CLOCK_TOLERANCE.total_seconds():.0f} s of the platform's")

    def _webhook(self, info: Mapping[str, Any]) -> Finding:
        theirs, ours = urlsplit(str(info.get("url") or "")), urlsplit(self.settings.webhook_url)
        if theirs.netloc and theirs.netloc != ours.netloc:
            # Only the host: a path may hold a secret.
            what = f"stop the bot there first, {'or set WEBHOOK_URL' if not ours.netloc else 'then start this one'}"
            return Finding("problem", f"webhook: updates are sent to {theirs.netloc}; {what}")
        if not ours.netloc:
            return Finding("ok", "webhook: none, the bot polls")
        if not theirs.netloc:
            return Finding("note", "webhook: not set yet; the bot sets it at the start")
        failed_at = info.get("last_error_date")
        if isinstance(failed_at, int) and self.clock() - datetime.fromtimestamp(failed_at, UTC) < _RECENT:
            reason = " ".join(str(info.get("last_error_message")).split())
            return Finding("problem", f"webhook: the last delivery failed: {reason}; check the address and certificate")
        return Finding("ok", f"webhook: set to {theirs.netloc}, {info.get('pending_update_count', 0)} updates waiting")


async def _rights(platform: Platform, group: Group, bot_id: int, *, is_moderated: bool) -> Finding:
    name = f"group {' '.join(group.title.split())} ({group.chat_id})"
    try:
        member = await platform.ask("getChatMember", chat_id=group.chat_id, user_id=bot_id)
    except Unreachable as error:
        return Finding("problem", f"{name}: cannot be asked about: {error}; is the bot still in it?")
    status = member.get("status")
    if status in {"left", "kicked"}:
        return Finding("problem", f"{name}: the bot is not in it; add it again")
    if status not in {"administrator", "creator"}:
        return Finding("problem", f"{name}: the bot is not an administrator; make it one, so that it sees who joins")
    missing = [words for right, words in _RIGHTS.items() if member.get(right) is False]
    needed = [words for words in missing if is_moderated and words in _NEEDED_TO_MODERATE]
    if needed:
        return Finding("problem", f"{name}: moderation is on, but the bot may not {', '.join(needed)}; grant it")
    if missing:
        return Finding("note", f"{name}: an administrator who may not {', '.join(missing)}; grant it when you want it")
    return Finding("ok", f"{name}: an administrator with all rights")


def _privacy(me: Mapping[str, Any], *, sees_all: bool) -> Finding:
    if me.get("can_read_all_group_messages"):
        return Finding("ok", "privacy mode: off, the bot sees all messages")
    if sees_all:
        return Finding("ok", "privacy mode: on, but an administrator sees all messages")
    advice = "make the bot an administrator, or send /setprivacy to @BotFather, disable it, and add the bot again"
    return Finding("problem", f"privacy mode: on, so the bot misses what members say; {advice}")


def summary(findings: Sequence[Finding]) -> str:
    """The last line of the report."""
    problems = sum(finding.kind == "problem" for finding in findings)
    return f"{problems} {'problem' if problems == 1 else 'problems'} found" if problems else "no problems found"
