"""Webhooks: the platform brings updates, and 200 says that they are safe."""

import json
import secrets
import time
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from handlers.intake import Closed, Intake, RawUpdate
from storage.database import DatabaseUnavailable

LARGEST_BODY = 1024 * 1024
"""Bytes of a request; an update is far smaller."""

REMEMBERED = 10_000
"""Updates that are known when they come again; the platform brings one again soon, or not at all."""

log = structlog.get_logger(__name__)


class UnderWay(Exception):
    """The same update is being taken in: the platform gave up waiting for it too soon."""


@dataclass(slots=True)
class Webhook:
    """A source of updates; the secret is the one given to `setWebhook`, which sends it with every request (Bot API)."""

    intake: Intake
    secret: str
    last_answer: float = field(default_factory=time.monotonic)
    _taken: dict[int, None] = field(default_factory=dict)
    _under_way: set[int] = field(default_factory=set)

    async def receive(self, request: web.Request) -> web.Response:
        """Answers 200 once the update is committed; anything else makes the platform bring it again."""
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not secrets.compare_digest(given.encode(), self.secret.encode()):
            return web.Response(status=401, text="wrong secret token")
        update = await self._read(request)
        if update is None:
            return web.Response(status=400, text="an update is a JSON object with an update_id")
        try:
            await self._take(update)
        except (Closed, UnderWay, DatabaseUnavailable) as error:
            log.warning("update refused for now", reason=str(error) or type(error).__name__)
            return web.Response(status=503, headers={"Retry-After": "5"})
        self.last_answer = time.monotonic()
        return web.Response()

    async def _take(self, update: RawUpdate) -> None:
        """Takes one that is new; one whose 200 was lost on its way comes again, and was counted already."""
        update_id = update["update_id"]
        if update_id in self._taken:
            return
        if update_id in self._under_way:
            raise UnderWay
        self._under_way.add(update_id)
        try:
            await self.intake.take([update])
        finally:
            self._under_way.discard(update_id)
        self._taken[update_id] = None
        if len(self._taken) > REMEMBERED:
            del self._taken[next(iter(self._taken))]

    async def _read(self, request: web.Request) -> RawUpdate | None:
        if (request.content_length or 0) > LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_BODY, actual_size=request.content_length or 0)
        body = await request.content.read(LARGEST_BODY + 1)
        while len(body) <= LARGEST_BODY and (more := await request.content.read(LARGEST_BODY + 1 - len(body))):
            body += more
        if len(body) > LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_BODY, actual_size=len(body))
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return update if isinstance(update, dict) and isinstance(update.get("update_id"), int) else None
