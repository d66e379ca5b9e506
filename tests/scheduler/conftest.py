"""A day of groups: playbooks that run on a given clock, and a record of what was posted."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

import pytest

from bot.domain.deliveries import IfMissed
from bot.domain.groups import Group
from bot.domain.lotteries_terms import parse_terms
from bot.domain.members import Actor, Person
from bot.domain.slots import Times
from bot.playbooks.lottery_terms import wrong_terms
from bot.playbooks.model import Playbook, Send, Step, Wait
from bot.playbooks.playbook_files import PlaybookReader
from bot.playbooks.reading_actions import Plugin
from bot.playbooks.rendering import Post
from bot.playbooks.timetable import Timetable
from bot.services.activity import ActivityService
from bot.services.awards import AwardService
from bot.services.checkins import CheckInService
from bot.services.deliveries import DeliveryService
from bot.services.facts import FactService
from bot.services.groups import GroupService
from bot.services.happenings import Happenings
from bot.services.joins import JoinService
from bot.services.leaderboards import LeaderboardService
from bot.services.lotteries import LotteryService
from bot.texts import load_texts
from handlers.lotteries_posts import LotteryPosts
from scheduler.actions import Actions
from scheduler.effects import Effects
from scheduler.judging import Judge
from scheduler.lanes import EmbeddedLanes
from scheduler.pace import Limits, Pace
from scheduler.performing import Occasion
from scheduler.playbooks import PlaybookRunner, Running
from scheduler.values import GroupValues
from storage.database import Database
from tests.conftest import StoppedClock


@dataclass(frozen=True)
class Plain:
    """A template without variables."""

    text: str
    names: frozenset[str] = frozenset()

    @property
    def source(self) -> str:
        return self.text

    def render(self, values: Mapping[str, Any]) -> str:
        return self.text


RINGS = timedelta(minutes=5)


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


class LanesByHand(EmbeddedLanes):
    """Lanes without timers: the given clock tells when something is due, and whoever moves it wakes what is."""

    def wake(self, group_id: int, at: datetime | None = None) -> None:
        if at is None or at <= self.clock():
            EmbeddedLanes.wake(self, group_id)


@dataclass
class Groups:
    """Groups that live through their days: `posts` is what was posted, as `HH:MM title: text`, in UTC."""

    database: Database
    clock: StoppedClock
    posts: list[str] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    last_message: int = 0
    failures: list[Exception] = field(default_factory=list)
    plugins: dict[str, Plugin] = field(default_factory=dict)
    updates: int = 0
    _seen: int = 0

    def __post_init__(self) -> None:
        self.service = GroupService(self.database, self.clock, {"timezone": "UTC"})
        self.deliveries = DeliveryService(self.database, self.clock, "UTC", rate=30)
        self.start()

    def start(self) -> None:
        """Begins anew, as after a restart: with nothing in memory."""
        self.lanes = LanesByHand(self.clock)
        pace = Pace(Limits(inf, inf, 10**6), lambda: self.clock.now.timestamp())
        self.happenings = Happenings(self.database, self.service, self.clock)
        self.happenings.listening = lambda: self.runner.running.timetable.listeners
        self.happenings.wake = self.lanes.wake
        self.activity = ActivityService(self.database, self.service, self.happenings)
        board = LeaderboardService(self.database)
        self.actions = actions = Actions(self, self.values, self.deliveries, board, load_texts())
        self.effects = Effects(AwardService(self.database), self.open_lottery, self.plugins)
        judge = Judge(FactService(self.database, self.activity, self.clock), self.deliveries)
        running = Running({}, Timetable((), "UTC", NoHolidays()))
        self.runner = PlaybookRunner(
            self.deliveries,
            self.service,
            judge,
            {**actions.performers, **self.effects.performers},
            pace,
            self.lanes,
            self.clock,
            running,
        )
        self.lanes.run(self.runner.drain)

    def run(self, *playbooks: Playbook) -> None:
        self.runner.running = Running({p.name: p for p in playbooks}, Timetable(playbooks, "UTC", NoHolidays()))

    def runs(self, *written: str) -> None:
        """Lets playbooks run that are written as ops people write them: name, then steps."""
        with TemporaryDirectory() as root:
            reader = PlaybookReader(Path(root), wrong_terms, self.plugins)
            files = []
            for number, text in enumerate(written):
                path = Path(root) / f"{number}.yaml"
                path.write_text(f"name: day{number or ''}\n{dedent(text)}")
                files.append(reader.read(path))
        assert [str(mistake) for file in files for mistake in file.mistakes] == []
        self.run(*(file.playbook for file in files if file.playbook))

    async def found(self, chat_id: int, title: str, **settings: str) -> None:
        await self.service.record_presence(chat_id, title, is_present=True)
        group = await self.service.of_chat(chat_id, title)
        for key, value in settings.items():
            await self.database.write(lambda tx, k=key, v=value: tx.groups.set_setting(group.id, k, v))  # type: ignore[misc]
        self.service.forget(chat_id)

    async def until(self, instant: str) -> list[str]:
        """What is posted until an instant (`2026-11-22T09:00`, UTC), and not seen yet; it rings every five minutes.

        Rings that would find nothing are left out.
        """
        seen = self._seen
        end = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        ring_at = self.clock.now
        zones = await self.database.read(lambda tx: tx.groups.zones("UTC"))
        while self.clock.now <= end:
            if self.clock.now >= ring_at:
                await self.runner.ring()
                await self.lanes.idle()  # it has woken lanes
                ring_at = self._next_ring(end, zones)
            upcoming = await self.deliveries.upcoming(ring_at - self.clock.now)
            due = [group_id for group_id, at in upcoming if at <= self.clock.now]
            if due:
                for group_id in due:
                    self.lanes.wake(group_id)
                await self.lanes.idle()
                upcoming = await self.deliveries.upcoming(ring_at - self.clock.now)
                if any(at <= self.clock.now for _, at in upcoming):  # it waits for its turn
                    ring_at = min(ring_at, self.clock.now + RINGS)
            self.clock.set(min([ring_at, *(at for _, at in upcoming if at > self.clock.now)]))
        self._seen = len(self.posts)
        return self.posts[seen:]

    def _next_ring(self, end: datetime, zones: Sequence[str]) -> datetime:
        """The last of the rings, every five minutes, before one that would find something."""
        timetable = self.runner.running.timetable
        ring_at = self.clock.now
        after_it = ring_at + RINGS
        while ring_at < end and not (
            timetable.due(ring_at, after_it, zones, timedelta(0))
            or timetable.listeners.silences(after_it, zones)
            or timetable.listeners.newcomers(ring_at, after_it, zones)
        ):
            ring_at, after_it = after_it, after_it + RINGS
        return max(ring_at, self.clock.now + RINGS)

    async def states(self) -> list[str]:
        """Every delivery, as `step slot state note`."""
        rows = await self.database.read(lambda tx: tx.deliveries.all())
        return [f"{row.step} {row.slot} {row.state} {row.note}".strip() for row in rows]

    async def values(self, occasion: Occasion, names: frozenset[str], text: str) -> Mapping[str, Any]:
        return await GroupValues(self.deliveries)(occasion, names, text)

    async def says(self, chat_id: int, at: str, *, person_id: int = 1) -> None:
        """Somebody speaks at an instant (UTC)."""
        instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
        group = await self.service.known(chat_id)
        assert group is not None
        self.activity.count(chat_id, group.title, person_id, int(instant.timestamp()))

    async def joins(self, chat_id: int, person: Person, at: str | None = None) -> None:
        """Somebody joins and may speak; the message that tells of it may come later than they did."""
        joined_at = datetime.fromisoformat(at).replace(tzinfo=UTC) if at else self.clock.now
        group = await self.group(chat_id)
        self.updates += 1
        arrival = await JoinService(self.database, self.clock).record(group, person, joined_at, self.updates)
        if not arrival.is_told:
            await self.happenings.joined(group, arrival)

    async def leaves(self, chat_id: int, person: Person) -> None:
        group = await self.group(chat_id)
        await self.database.write(lambda tx: tx.members.set_status(group.id, person.id, "left", self.clock.now))

    async def checks_in(self, chat_id: int, person: Person) -> None:
        self.updates += 1
        service = CheckInService(self.database, self.happenings)
        await service.check_in(await self.group(chat_id), person, self.clock.now, self.updates)

    async def writes(self, chat_id: int, person: Person, text: str, update_id: int | None = None) -> None:
        """Somebody writes what a step may wait for."""
        self.updates += 1
        group = await self.group(chat_id)
        if self.happenings.hears(chat_id, text):
            await self.happenings.said(group, person, text, self.clock.now, update_id or self.updates)

    async def group(self, chat_id: int) -> Group:
        found = await self.service.known(chat_id)
        assert found is not None
        return found

    async def open_lottery(self, group: Group, terms: str, actor: Actor, key: int, at: datetime) -> None:
        """As the bot opens one, without its words."""
        parsed = parse_terms(terms, at, "UTC")
        await LotteryService(self.database, self.clock).open(
            group, parsed, actor, key, LotteryPosts(group, load_texts())
        )
        if self.failures:
            raise self.failures.pop(0)

    async def post(self, chat_id: int, post: Post) -> list[int]:
        if self.failures:
            raise self.failures.pop(0)
        group = await self.service.known(chat_id)
        assert group is not None
        buttons = "".join(f" [{button.text}]" for row in post.buttons for button in row)
        self.posts.append(f"{self.clock.now:%H:%M} {group.title}: {post.text}{buttons}")
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
