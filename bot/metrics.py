"""What is counted for Prometheus. Labels never name a chat or a person: they need few values, and protect nothing."""

import time
from dataclasses import dataclass, field, fields

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client import generate_latest as _rendered

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


def _updates() -> Counter:
    return Counter("hearthbot_updates", "Updates of the chat platform, by what became of them.", ["kind", "outcome"],
                   registry=None)  # fmt: skip


def _update_seconds() -> Histogram:
    return Histogram("hearthbot_update_seconds", "From an update's receipt until it was handled.", buckets=_SECONDS,
                     registry=None)  # fmt: skip


def _sends() -> Counter:
    return Counter("hearthbot_sends", "Calls to the chat platform, by how they ended.", ["method", "outcome"],
                   registry=None)  # fmt: skip


def _errors() -> Counter:
    return Counter("hearthbot_errors", "Failures that nobody expected, by where they happened.", ["where"],
                   registry=None)  # fmt: skip


def _backlog() -> Gauge:
    return Gauge("hearthbot_backlog", "Updates that wait to be handled.", registry=None)


def _activity_pending() -> Gauge:
    return Gauge("hearthbot_activity_pending", "Members whose message counts wait to be written.", registry=None)


def _start_time() -> Gauge:
    gauge = Gauge("hearthbot_start_time_seconds", "When this process started, in Unix seconds.", registry=None)
    gauge.set(time.time())
    return gauge


@dataclass(frozen=True, slots=True)
class Metrics:
    """One process's figures, in a registry of their own.

    The outcome of an update is `handled`, `passed_by` (nothing to do with us), `repeated`, `unreadable` or `failed`.
    """

    updates: Counter = field(default_factory=_updates)
    update_seconds: Histogram = field(default_factory=_update_seconds)
    sends: Counter = field(default_factory=_sends)
    errors: Counter = field(default_factory=_errors)
    backlog: Gauge = field(default_factory=_backlog)
    activity_pending: Gauge = field(default_factory=_activity_pending)
    start_time: Gauge = field(default_factory=_start_time)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        for figure in fields(self):
            if figure.name != "registry":
                self.registry.register(getattr(self, figure.name))
        ProcessCollector(registry=self.registry)

    def render(self) -> bytes:
        """The figures in the format named by `CONTENT_TYPE`."""
        return _rendered(self.registry)
