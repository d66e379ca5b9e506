import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.health import Check, Health, add_health, answers, at_most, heard_within
from bot.metrics import CONTENT_TYPE, Metrics


def _client(health: Health) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    add_health(app, health)
    return TestClient(TestServer(app))


async def _readiness(**checks: Check) -> tuple[int, object]:
    async with _client(Health(Metrics(), checks, patience=0.05)) as client:
        response = await client.get("/readyz")
        return response.status, await response.json()


def _failing(error: Exception) -> Callable[[], Awaitable[None]]:
    async def ask() -> None:
        raise error

    return ask


async def _well() -> None:
    return None


def test_updates_are_counted_by_kind_and_outcome() -> None:
    metrics = Metrics()
    metrics.updates.labels("message", "handled").inc()
    metrics.update_seconds.observe(0.02)

    text = metrics.render().decode()
    assert 'hearthbot_updates_total{kind="message",outcome="handled"} 1.0' in text
    assert 'hearthbot_update_seconds_bucket{le="0.025"} 1.0' in text


def test_every_figure_has_a_name_of_its_own() -> None:
    metrics = Metrics()
    metrics.sends.labels("sendMessage", "ok").inc()
    metrics.errors.labels("update").inc()
    metrics.backlog.set(3)
    metrics.activity_pending.set(4)

    text = metrics.render().decode()
    assert 'hearthbot_sends_total{method="sendMessage",outcome="ok"} 1.0' in text
    assert 'hearthbot_errors_total{where="update"} 1.0' in text
    assert "hearthbot_backlog 3.0" in text
    assert "hearthbot_activity_pending 4.0" in text
    assert "hearthbot_start_time_seconds 1." in text


def test_two_sets_of_metrics_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.backlog.set(7)

    assert "hearthbot_backlog 0.0" in other.render().decode()


async def test_a_process_that_answers_is_alive_whatever_its_checks_say() -> None:
    async with _client(Health(Metrics(), {"database": answers(_failing(OSError()))})) as client:
        response = await client.get("/healthz")
        assert (response.status, await response.text()) == (200, "ok")


async def test_the_metrics_come_in_prometheus_own_format() -> None:
    async with _client(Health(Metrics())) as client:
        response = await client.get("/metrics")
        assert response.headers["Content-Type"] == CONTENT_TYPE
        assert "hearthbot_backlog 0.0" in await response.text()


async def test_ready_when_every_check_is_well() -> None:
    assert await _readiness(database=answers(_well), backlog=at_most(5, lambda: 5)) == (
        200,
        {"ready": True, "checks": {"database": "ok", "backlog": "ok"}},
    )


async def test_not_ready_names_what_is_not_well() -> None:
    status, body = await _readiness(
        database=answers(_failing(ConnectionRefusedError("postgresql://me:secret@db"))),
        stuck=answers(asyncio.Event().wait),
        updates=heard_within(60, lambda: time.monotonic() - 90),
        backlog=at_most(5, lambda: 6),
        fine=heard_within(60, time.monotonic),
    )

    assert status == 503
    assert body == {
        "ready": False,
        "checks": {
            "database": "ConnectionRefusedError",
            "stuck": "no answer within 0.05 s",
            "updates": "silent for 90 s",
            "backlog": "6 waiting, more than 5",
            "fine": "ok",
        },
    }


async def test_a_note_is_shown_and_leaves_the_process_ready() -> None:
    health = Health(Metrics(), notes={"playbooks": lambda: ["day.yaml:3:1: what"], "others": list})
    async with _client(health) as client:
        response = await client.get("/readyz")
        assert response.status == 200
        assert (await response.json())["notes"] == {"playbooks": ["day.yaml:3:1: what"]}
