"""Rehearsals: the engine itself, on a clock that jumps, a database that nobody keeps and a poster that records."""

import asyncio
from collections.abc import Mapping, Sequence, Set
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.groups import Group
from bot.domain.lotteries_terms import parse_terms
from bot.domain.slots import Calendar, instant_of
from bot.playbooks.model import Award, Call, On, OpenLottery, Playbook, PluginAction, RenderError, Step
from bot.playbooks.rehearsed import Acted, NotPosted, Posted, Rehearsed, Turn
from bot.playbooks.rendering import Post
from bot.playbooks.timetable import Timetable
from bot.services.activity import ActivityService
from bot.services.deliveries import DeliveryService
from bot.services.facts import Facts, FactService, Steps
from bot.services.groups import GroupService
from bot.services.leaderboards import LeaderboardService
from bot.texts import load_texts
from scheduler.actions import Actions
from scheduler.judging import Judge, Verdict
from scheduler.lanes import Drain
from scheduler.pace import Limits, Pace
from scheduler.performing import Done, Occasion, Perform
from scheduler.playbooks import PlaybookRunner, Running
from scheduler.values import GroupValues
from storage.audiences import Where
from storage.database import Database, ThrowAwayDatabase
from storage.deliveries import Delivery, Due
from storage.groups import GroupRow

ONE_DAY = timedelta(days=1)
NO_LIMITS = Limits(per_second=inf, group_per_second=inf, group_per_minute=10**9)
LONGEST_TAIL = ONE_DAY
"""How long after the last day what it began is still followed."""

SAMPLE_MEMBER: Mapping[str, Any] = {"user_id": 10_001, "name": "小林 Lin"}
"""Who does it where a step of an event is only shown."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is rehearsed: playbooks, in groups as the database stores them, on days of each group's own zone.

    `members` is how many each group has, by its id; `defaults` are the settings of groups that have set none.
    """

    playbooks: Sequence[Playbook]
    groups: Sequence[GroupRow]
    first: date
    days: int
    calendar: Calendar
    defaults: Mapping[str, str]
    members: Mapping[int, int] = field(default_factory=dict)


async def rehearse(plan: Plan) -> Rehearsed:
    """What the playbooks would post on those days. Nothing is sent, and nothing is kept."""
    database = ThrowAwayDatabase()
    try:
        return await _Rehearsal(plan, database).run()
    finally:
        await database.close()


class _Days(Timetable):
    """Finds due what comes on the days of a plan, and nothing else."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan.playbooks, plan.defaults["timezone"], plan.calendar)
        self._first, self._last = plan.first.isoformat(), (plan.first + plan.days * ONE_DAY).isoformat()

    def due(self, after: datetime, until: datetime, zones: Sequence[str], spread: timedelta) -> list[Due]:
        found = super().due(after, until, zones, spread)
        return [due for due in found if self._first <= due.slot < self._last]


@dataclass(slots=True)
class _Lanes:
    """Notes which groups have work, and when; nothing happens by itself."""

    clock: "_Clock"
    waiting: dict[int, datetime] = field(default_factory=dict)
    drain: Drain | None = None

    def wake(self, group_id: int, at: datetime | None = None) -> None:
        self.waiting[group_id] = at or self.clock.now

    def run(self, drain: Drain) -> None:
        self.drain = drain

    async def close(self, patience: float) -> None:
        self.waiting.clear()

    async def work(self) -> None:
        """Drains all groups whose time has come, at the same time: they share their commits."""
        while due := [group_id for group_id, at in self.waiting.items() if at <= self.clock.now]:
            for group_id in due:
                del self.waiting[group_id]
            await asyncio.gather(*(self._drain(group_id) for group_id in due))

    async def _drain(self, group_id: int) -> None:
        assert self.drain is not None  # noqa: S101 - named before the first work
        next_due = await self.drain(group_id)
        if next_due is not None:
            self.wake(group_id, next_due)


@dataclass(slots=True)
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


_turn: ContextVar[Turn] = ContextVar("turn")


@dataclass(slots=True)
class _Recorder:
    """The poster of a rehearsal."""

    posts: list[Posted] = field(default_factory=list)
    acts: list[Acted] = field(default_factory=list)
    failures: dict[int, str] = field(default_factory=dict)

    async def post(self, _chat_id: int, post: Post) -> list[int]:
        self.posts.append(Posted(_turn.get(), post))
        last = len(self.posts)
        return [last * 100 + number for number in range(max(1, len(post.media)))]

    async def pin(self, _chat_id: int, message_id: int) -> bool:
        self.posts[message_id // 100 - 1].is_pinned = True
        return True

    async def unpin(self, chat_id: int, message_id: int) -> None: ...

    async def delete(self, chat_id: int, message_id: int) -> None: ...

    def noting(self, perform: Perform) -> Perform:
        """The action as it is, with a note of whose turn it is; a step of an event gets a sample of one."""

        async def perform_noting(occasion: Occasion, action: Any) -> Done:
            trigger = occasion.step.trigger
            is_sample = isinstance(trigger, On)
            if isinstance(trigger, On) and not occasion.delivery.event:
                occasion = replace(occasion, delivery=replace(occasion.delivery, event=_sample_of(trigger)))
            _turn.set(_turn_of(occasion, is_sample=is_sample))
            try:
                return await perform(occasion, action)
            except RenderError as error:
                self.failures[occasion.delivery.id] = str(error)
                raise

        return perform_noting

    async def act(self, occasion: Occasion, action: Any) -> Done:
        """Notes what an action would do that reaches beyond the groups, or is not known here."""
        closes_at = None
        if isinstance(action, OpenLottery):
            closes_at = parse_terms(action.terms, occasion.now, occasion.group.settings.timezone).draw_at
        self.acts.append(Acted(_turn.get(), _in_words(action), closes_at))
        return Done()


def _turn_of(occasion: Occasion, *, is_sample: bool) -> Turn:
    delivery = occasion.delivery
    return Turn(
        occasion.playbook, occasion.step, occasion.group, delivery.slot, delivery.position, occasion.now, is_sample
    )


def _sample_of(trigger: On) -> Mapping[str, Any]:
    """What an event brings with it, by what its step waits for."""
    return {**SAMPLE_MEMBER, "streak": trigger.streak or 1, "milestone": trigger.members or trigger.messages or 0}


def _in_words(action: Any) -> tuple[str, str]:
    match action:
        case Call():
            return f"calls {action.url}", f"调用 {action.url}"
        case OpenLottery():
            return f"opens a lottery: {action.terms}", f"开抽奖：{action.terms}"
        case Award(to="member"):
            return f"pays {action.points} points to the member", f"给这位成员发 {action.points} 积分"
        case Award():
            everybody = f"pays {action.points} points to everybody who has checked in today"
            return everybody, f"给今天签到的每个人发 {action.points} 积分"
        case PluginAction():
            return f"does {action.name}", f"执行 {action.name}"
        case _:
            return f"does {type(action).__name__}", f"执行 {type(action).__name__}"


@dataclass(frozen=True, slots=True)
class _Deliveries(DeliveryService):
    """Deliveries of groups that have as many members as in life; nobody has checked in."""

    members: Mapping[int, int] = field(default_factory=dict)

    async def counts(self, group_id: int, day: date) -> Mapping[str, int]:
        return {"members": self.members.get(group_id, 0), "checkins": 0}


@dataclass(frozen=True, slots=True)
class _Facts(FactService):
    """How groups are that have as many members as in life; nobody speaks in them."""

    members: Mapping[int, int] = field(default_factory=dict)

    async def of(self, group: Group, delivery: Delivery, asked: Set[str], promos: Steps) -> Facts:
        facts = await FactService.of(self, group, delivery, asked, promos)
        return replace(facts, members=self.members.get(group.id, 0))


@dataclass(frozen=True, slots=True)
class _Judge(Judge):
    """Judges as in life, but for the budget of promotions, which is warned of; a sample of an event is always shown."""

    async def verdict(
        self, occasion: Occasion, playbooks: Mapping[str, Playbook], awake_since: datetime | None
    ) -> Verdict:
        if occasion.delivery.slot == "event":
            return ""
        unbound = replace(occasion, playbook=replace(occasion.playbook, promo_budget=None))
        return await Judge.verdict(self, unbound, playbooks, awake_since)


class _Rehearsal:
    def __init__(self, plan: Plan, database: Database) -> None:
        self.plan, self.database = plan, database
        default_zone = plan.defaults["timezone"]
        zones = {row.settings.get("timezone", default_zone) for row in plan.groups}
        zones |= {playbook.zone for playbook in plan.playbooks if playbook.zone}
        midnights = [datetime.combine(plan.first, time(0)), datetime.combine(plan.first + plan.days * ONE_DAY, time(0))]
        self.start = min(instant_of(midnights[0], ZoneInfo(zone)) for zone in zones) - timedelta(microseconds=1)
        self.end = max(instant_of(midnights[1], ZoneInfo(zone)) for zone in zones)
        self.zones = sorted(zones)
        self.clock, self.recorder = _Clock(self.start), _Recorder()
        self.groups = GroupService(database, self.clock, plan.defaults)
        self.lanes = _Lanes(self.clock)
        self.runner = self._runner(default_zone)

    def _runner(self, default_zone: str) -> PlaybookRunner:
        deliveries = _Deliveries(self.database, self.clock, default_zone, inf, self.plan.members)
        boards, texts = LeaderboardService(self.database), load_texts()
        known = Actions(self.recorder, GroupValues(deliveries), deliveries, boards, texts).performers
        activity = ActivityService(self.database, self.groups)
        noted = {kind: known.get(kind, self.recorder.act) for kind in _kinds(self.plan.playbooks)}
        running = Running({playbook.name: playbook for playbook in self.plan.playbooks}, _Days(self.plan))
        return PlaybookRunner(
            deliveries,
            self.groups,
            _Judge(_Facts(self.database, activity, self.clock, self.plan.members), deliveries),
            {kind: self.recorder.noting(perform) for kind, perform in noted.items()},
            Pace(NO_LIMITS, lambda: 0.0),
            self.lanes,
            self.clock,
            running,
        )

    async def run(self) -> Rehearsed:
        plan = self.plan
        if plan.groups:
            await self.database.write(lambda tx: tx.groups.copy(plan.groups, self.start))
        await self.groups.load()
        self.lanes.run(self.runner.drain)
        await self.runner.ring()
        for at in self._instants():
            await self._live_until(at)
            await self.runner.ring()
            await self.lanes.work()
        await self._live_until(self.end + LONGEST_TAIL)
        posts, acts = list(self.recorder.posts), list(self.recorder.acts)
        await self._show_events()
        return Rehearsed(
            first=plan.first,
            days=plan.days,
            playbooks=plan.playbooks,
            groups=await self.groups.all(),
            posts=posts,
            acts=acts,
            samples=[*self.recorder.posts[len(posts) :], *self.recorder.acts[len(acts) :]],
            not_posted=await self._not_posted(),
        )

    def _instants(self) -> list[datetime]:
        """When something is due by the timetable."""
        timetable, found = self.runner.running.timetable, set[datetime]()
        after = self.start
        while after < self.end:
            until = min(after + ONE_DAY, self.end)
            found |= {due.slot_at for due in timetable.due(after, until, self.zones, timedelta(0))}
            after = until
        return sorted(found)

    async def _live_until(self, until: datetime) -> None:
        """Lets what waits have its time, one instant after the other."""
        while self.lanes.waiting and (at := min(self.lanes.waiting.values())) < until:
            self.clock.now = max(self.clock.now, at)
            await self.runner.ring()
            await self.lanes.work()
        self.clock.now = max(self.clock.now, until)

    async def _show_events(self) -> None:
        """Lets each step that waits for an event come once in every group, to show what it posts."""
        now, default_zone = self.clock.now, self.plan.defaults["timezone"]
        due = [
            Due(playbook.name, step.id, "event", now, _where(playbook, default_zone))
            for playbook, step in _events(self.plan.playbooks)
        ]
        self.clock.now += timedelta(minutes=1)
        await self.runner.deliveries.ring(lambda *_: due)
        await self.runner.ring()
        await self.lanes.work()
        await self._live_until(self.clock.now + LONGEST_TAIL)

    async def _not_posted(self) -> list[NotPosted]:
        groups = {group.id: group for group in await self.groups.all()}
        rows: Sequence[Delivery] = await self.database.read(lambda tx: tx.deliveries.all())
        return [
            NotPosted(row.playbook, row.step, groups[row.group_id], row.slot, row.slot_at, row.state, self._why(row))
            for row in rows
            if row.state != "sent" and row.slot != "event"
        ]

    def _why(self, row: Delivery) -> str:
        return self.recorder.failures.get(row.id, row.note)


def _kinds(playbooks: Sequence[Playbook]) -> set[type]:
    return {type(action) for playbook in playbooks for step in playbook.steps for action in step.actions}


def _events(playbooks: Sequence[Playbook]) -> list[tuple[Playbook, Step]]:
    return [(book, step) for book in playbooks for step in book.steps if isinstance(step.trigger, On)]


def _where(playbook: Playbook, default_zone: str) -> Where:
    return Where(None, default_zone, playbook.audience.tags, playbook.audience.names)
