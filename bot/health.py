"""Tells whoever watches the process whether it lives (`/healthz`), works (`/readyz`), and how much (`/metrics`)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from bot.metrics import CONTENT_TYPE, Metrics

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else the reason in a few words, fit for strangers' eyes."""

PATIENCE = 2.0
"""Seconds that a check may take."""

MOST_NOTES = 20

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """What is looked at, by the name under which `/readyz` reports it. `patience` is for one check, in seconds.

    `notes` are what somebody should put right though the process works, such as a playbook that keeps its last good
    version: `/readyz` shows the first `MOST_NOTES` of each and stays ready.
    """

    metrics: Metrics
    checks: Mapping[str, Check] = field(default_factory=dict)
    notes: Mapping[str, Callable[[], Sequence[str]]] = field(default_factory=dict)
    patience: float = PATIENCE

    async def reasons(self) -> dict[str, str | None]:
        """Every check's answer; all are asked at once."""
        answers = await asyncio.gather(*(self._ask(name, check) for name, check in self.checks.items()))
        return dict(zip(self.checks, answers, strict=True))

    async def _ask(self, name: str, check: Check) -> str | None:
        try:
            async with asyncio.timeout(self.patience):
                return await check()
        except TimeoutError:
            return f"no answer within {self.patience:g} s"
        except Exception as error:
            log.warning("health check failed", check=name, reason=str(error))
            return type(error).__name__


def answers(ask: Callable[[], Awaitable[object]]) -> Check:
    """A check that is well when the question gets any answer in time, such as a query to the database."""

    async def check() -> None:
        await ask()

    return check


def heard_within(seconds: float, last_heard: Callable[[], float]) -> Check:
    """A check that the source of updates lives: `last_heard` gives monotonic seconds, as `Polling.last_answer`."""

    async def check() -> str | None:
        silence = time.monotonic() - last_heard()
        return f"silent for {silence:.0f} s" if silence > seconds else None

    return check


def at_most(limit: int, waiting: Callable[[], int]) -> Check:
    """A check that no more than `limit` updates wait."""

    async def check() -> str | None:
        count = waiting()
        return f"{count} waiting, more than {limit}" if count > limit else None

    return check


def add_health(app: web.Application, health: Health) -> None:
    """Serves the three addresses in an application."""

    async def alive(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def ready(_request: web.Request) -> web.Response:
        reasons = await health.reasons()
        is_ready = not any(reasons.values())
        body: dict[str, object] = {
            "ready": is_ready,
            "checks": {name: reason or "ok" for name, reason in reasons.items()},
        }
        notes = {name: list(found()[:MOST_NOTES]) for name, found in health.notes.items() if found()}
        if notes:
            body["notes"] = notes
        return web.json_response(body, status=200 if is_ready else 503)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=health.metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    app.add_routes([web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)])
