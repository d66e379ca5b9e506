"""A day of groups: playbooks that run on a given clock, and a record of what was posted."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import inf
from pathlib import Path
from typing import Any

import pytest

from bot.domain.deliveries import IfMissed
from bot.domain.slots import Times
from bot.playbooks.model import Playbook, Send, Step, Wait
from bot.playbooks.rendering import Post
from bot.playbooks.timetable import Timetable
from bot.services.deliveries import DeliveryService
from bot.services.groups import GroupService
from scheduler.actions import Actions
from scheduler.lanes import EmbeddedLanes
from scheduler.pace import Limits, Pace
from scheduler.performing import Occasion
from scheduler.playbooks import PlaybookRunner, Running
from storage.database import Database
from tests.conftest import StoppedClock


@dataclass(frozen=True)
class Plain:
    """A template without variables."""

    text: str
    names: frozenset[str] = frozenset()

    def render(self, values: Mapping[str, Any]) -> str:
        return self.text


class NoHolidays:
    def is_workday(self, country: str, day: date) -> bool:
        return day.weekday() < 5

    def is_holiday(self, country: str, day: date) -> bool:
        return False

    def festivals(self, day: date) -> frozenset[str]:
        return frozenset()


def step(step_id: str, at: str, *said: str | timedelta, if_missed: IfMissed | None = None) -> Step:
    """A step that posts texts at times of day such as "09:00 16:00", with waits between them."""
    actions = tuple(Send(texts=(Plain(one),)) if isinstance(one, str) else Wait(one) for one in said)
    times = Times(tuple(time.fromisoformat(word) for word in at.split()))
    return Step(id=step_id, trigger=times, actions=actions, if_missed=if_missed or IfMissed())


def playbook(*steps: Step, name: str = "day", **fields: Any) -> Playbook:
    return Playbook(name=name, path=Path("day.yaml"), steps=steps, **fields)


@dataclass
class Groups:
    """Groups that live through their days: `posts` is what was posted, as `HH:MM title: text`, in UTC."""

    database: Database
    clock: StoppedClock
    posts: list[str] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    last_message: int = 0
    failures: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.service = GroupService(self.database, self.clock, {"timezone": "UTC"})
        self.deliveries = DeliveryService(self.database, self.clock, "UTC", rate=30)
        self.start()

    def start(self) -> None:
        """Begins anew, as after a restart: with nothing in memory."""
        self.lanes = EmbeddedLanes(self.clock)
        pace = Pace(Limits(inf, inf, 10**6), lambda: self.clock.now.timestamp())
        self.actions = actions = Actions(self, self.values, self.deliveries)
        running = Running({}, Timetable((), "UTC", NoHolidays()))
        self.runner = PlaybookRunner(
            self.deliveries, self.service, actions.performers, pace, self.lanes, self.clock, running
        )
        self.lanes.run(self.runner.drain)

    def run(self, *playbooks: Playbook) -> None:
        self.runner.running = Running({p.name: p for p in playbooks}, Timetable(playbooks, "UTC", NoHolidays()))

    async def found(self, chat_id: int, title: str, **settings: str) -> None:
        await self.service.record_presence(chat_id, title, is_present=True)
        group = await self.service.of_chat(chat_id, title)
        for key, value in settings.items():
            await self.database.write(lambda tx, k=key, v=value: tx.groups.set_setting(group.id, k, v))  # type: ignore[misc]
        self.service.forget(chat_id)

    async def until(self, instant: str) -> list[str]:
        """What is posted until an instant (`2026-11-22T09:00`, UTC), with a ring every five minutes."""
        self.posts.clear()
        end = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        ring_at = self.clock.now
        while self.clock.now <= end:
            if self.clock.now >= ring_at:
                await self.runner.ring()
                ring_at = self.clock.now + timedelta(minutes=5)
            for group_id, _ in await self.deliveries.upcoming(timedelta(0)):
                self.lanes.wake(group_id)
            await self.lanes.idle()
            upcoming = await self.deliveries.upcoming(timedelta(minutes=5))
            later = [at for _, at in upcoming if at > self.clock.now]
            self.clock.set(min([ring_at, *later]))
        return list(self.posts)

    async def states(self) -> list[str]:
        """Every delivery, as `step slot state note`."""
        rows = await self.database.read(lambda tx: tx.deliveries.all())
        return [f"{row.step} {row.slot} {row.state} {row.note}".strip() for row in rows]

    async def values(self, occasion: Occasion, names: frozenset[str]) -> Mapping[str, Any]:
        return {}

    async def post(self, chat_id: int, post: Post) -> list[int]:
        if self.failures:
            raise self.failures.pop(0)
        group = await self.service.known(chat_id)
        assert group is not None
        self.posts.append(f"{self.clock.now:%H:%M} {group.title}: {post.text}")
        self.last_message += 1
        return [self.last_message]

    async def pin(self, chat_id: int, message_id: int) -> None:
        self.pinned.append(message_id)

    async def unpin(self, chat_id: int, message_id: int) -> None:
        self.pinned.remove(message_id)


@pytest.fixture
async def groups(database: Database, clock: StoppedClock) -> AsyncIterator[Groups]:
    clock.set(datetime(2026, 11, 22, 0, tzinfo=UTC))
    groups = Groups(database, clock)
    await groups.runner.ring()
    yield groups
    await groups.lanes.close(1)


def shown(posts: Sequence[str]) -> list[str]:
    return sorted(posts)
