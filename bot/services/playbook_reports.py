"""Reports of what playbooks brought: a group's at any time, and everyone's in the evening, once a day."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from bot.domain.groups import Group
from bot.domain.locales import closest
from bot.domain.playbook_reports import Evening, Outcome, Report, evening_of, parse_report_time, report_of
from bot.domain.settings import settings_from
from bot.services.clock import Clock
from bot.services.groups import GroupService
from storage.database import Database
from storage.outbox import Post
from storage.playbook_reports import Reported
from storage.transaction import Transaction

AT_ONCE = 500
"""Groups whose figures are asked for by one statement."""

SILENT_FOR = timedelta(days=1)
"""Without a word for so long a group is silent."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Due:
    """A group whose evening is due to be reported, with its figures."""

    group: Group
    evening: Evening
    report: Report


class Words(Protocol):
    """How the report of an evening is written."""

    def evening(self, language: str, day: date, reports: Sequence[Report]) -> str:
        """The report of one or several groups, in HTML."""


@dataclass(frozen=True, slots=True)
class PlaybookReportService:
    """Adds up what became of deliveries."""

    database: Database
    groups: GroupService
    clock: Clock

    async def of_today(self, group: Group) -> Report:
        """A group's figures since its day began."""
        now = self.clock()
        day = group.day_of(now)
        since, until = group.start_of(day), now + timedelta(microseconds=1)
        reports = await self.database.read(lambda tx: list(_reports(tx, [group], day, since, until)))
        return reports[0]

    async def due(self) -> Sequence[Due]:
        """The groups of which nobody was told yet this evening, and whose time has come."""
        now = self.clock()
        rows = await self.database.read(lambda tx: tx.playbook_reports.reported())
        found = [(await self.groups.known(chat_id), evening) for chat_id, evening in self._evenings(rows, now)]
        waiting = [(group, evening, group.day_of(evening.at)) for group, evening in found if group is not None]
        waiting.sort(key=lambda one: (one[1].at, one[1].since, one[1].day, one[2], one[0].id))

        def figures(tx: Transaction) -> Iterator[Due]:
            for (evening, day), alike in groupby(waiting, key=lambda one: one[1:]):
                for bundle in _bundles([group for group, _, _ in alike]):
                    reports = _reports(tx, bundle, day, evening.since, evening.at)
                    yield from (Due(group, evening, report) for group, report in zip(bundle, reports, strict=True))

        return await self.database.read(lambda tx: list(figures(tx))) if waiting else ()

    def _evenings(self, rows: Iterable[Reported], now: datetime) -> Iterator[tuple[int, Evening]]:
        """The chats whose evening is due; what many groups have in common is worked out once."""
        known = dict[tuple[str | None, str | None], Evening | None]()
        for row in rows:
            key = row.settings.get("timezone"), row.settings.get("playbook_report")
            if key not in known:
                settings = settings_from(row.settings, self.groups.defaults)
                at = parse_report_time(settings.playbook_report)
                known[key] = evening_of(now, at, ZoneInfo(settings.timezone)) if at else None
            evening = known[key]
            if evening is not None and (row.day is None or row.day < evening.day):
                yield row.chat_id, evening

    async def tell(self, due: Sequence[Due], operators: Mapping[int, Collection[int]], words: Words) -> None:
        """Writes one post to each operator, about all their groups, and notes that these evenings are reported.

        What somebody else has reported meanwhile is left out. `operators` are ids of people by the group's id.
        """
        now = self.clock()

        def work(tx: Transaction) -> None:
            new = set[int]()
            for day in sorted({one.evening.day for one in due}):
                for ids in _bundles([one.group.id for one in due if one.evening.day == day]):
                    new |= tx.playbook_reports.mark(ids, day)
            told = [one for one in due if one.group.id in new and not one.report.is_empty]
            for person_id, theirs in _by_operator(told, operators).items():
                person = tx.members.people([person_id]).get(person_id)
                language = closest([person.language if person else None], theirs[0].group.settings.language)
                day = max(one.evening.day for one in theirs)
                text = words.evening(language, day, [one.report for one in theirs])
                post = Post(f"playbook report:{day}:{person_id}", text, to=person_id)
                tx.outbox.add(theirs[0].group.id, [post], now)

        await self.database.write(work)


def _by_operator(told: Iterable[Due], operators: Mapping[int, Collection[int]]) -> Mapping[int, list[Due]]:
    found: dict[int, list[Due]] = {}
    for one in told:
        for person_id in sorted(operators[one.group.id]):
            found.setdefault(person_id, []).append(one)
    return found


def _reports(tx: Transaction, groups: Sequence[Group], day: date, since: datetime, until: datetime) -> Iterator[Report]:
    """The figures of groups from one instant on and before another, in the order of the groups."""
    ids = [group.id for group in groups]
    outcomes = dict[int, list[Outcome]]()
    for one in tx.playbook_reports.outcomes(ids, since, until):
        outcomes.setdefault(one.group_id, []).append(one)
    check_ins = tx.playbook_reports.check_ins(ids, day)
    silent = tx.playbook_reports.silent(ids, until - SILENT_FOR)
    for group in groups:
        came = check_ins.get(group.id, 0)
        yield report_of(group.title, outcomes.get(group.id, ()), came, is_silent=group.id in silent)


def _bundles(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[n : n + AT_ONCE] for n in range(0, len(items), AT_ONCE))
