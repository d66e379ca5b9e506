"""What playbooks brought: operators are told in private every evening, and in the group when they ask."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from aiogram import Router
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.playbook_reports import MOST_SHOWN, Outcome, Report, by_need, total_of
from bot.domain.shortening import short
from bot.domain.usage import WrongUse
from bot.services.clock import Clock
from bot.services.playbook_reports import PlaybookReportService
from bot.texts import Say, Texts
from handlers.asking import AsksTo
from handlers.context import Place
from handlers.feature import Feature
from handlers.operators import ByOperator, Operators

PATIENCE = timedelta(minutes=10)
"""How long the evening's report waits for the platform to say who the administrators are."""

_LONGEST_NAME, _LONGEST_REASON = 32, 80


@dataclass(frozen=True, slots=True)
class PlaybookReporter:
    """Tells operators in private, each of all their groups at once; several at once, or one after a kill, tell once."""

    reports: PlaybookReportService
    operators: Operators
    texts: Texts
    clock: Clock
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(10))

    async def ring(self) -> None:
        """Reports the evenings that are due."""
        due = await self.reports.due()
        if not due:
            return
        told = [one.group for one in due if not one.report.is_empty]
        administrators = await asyncio.gather(*(self._administrators(group) for group in told))
        is_known = all(ids or not group.is_present for group, ids in zip(told, administrators, strict=True))
        if is_known or min(one.evening.at for one in due) <= self.clock() - PATIENCE:
            owners = self.operators.owner_ids
            operators = {group.id: {*ids, *owners} for group, ids in zip(told, administrators, strict=True)}
            await self.reports.tell(due, operators, self)

    async def _administrators(self, group: Group) -> Collection[int]:
        """Who is one, as far as the platform says; nobody knows it of a group that the bot is not in any more."""
        if not group.is_present:
            return ()
        async with self._turns:
            return await self.operators.administrators(group.chat_id)

    def evening(self, language: str, day: date, reports: Sequence[Report]) -> str:  # noqa: D102 - see Words
        say = self.texts.bound(language)
        parts = [say("report.evening", day=day)]
        if len(reports) > 1:
            total = total_of(reports)
            parts.append(_lines(say, say("report.all", n=len(reports)), total, total.group))
        ordered = by_need(reports)
        parts += [_lines(say, _heading(say, one), one) for one in ordered[:MOST_SHOWN]]
        if more := ordered[MOST_SHOWN:]:
            parts.append(say("report.more", n=len(more), attention=sum(any(one.trouble) for one in more)))
        return Markup("\n\n").join(parts)


async def show_today(
    message: Message, place: Place, rest: str, say: Say, playbook_reports: PlaybookReportService
) -> None:
    """Says what the playbooks of a group have brought today."""
    if rest:
        raise WrongUse(command="playbook")
    report = await playbook_reports.of_today(place.group)
    nothing = Markup("\n").join([say("report.today"), say("report.nothing")])
    await message.reply(nothing if report.is_empty else _lines(say, say("report.today"), report))


def _heading(say: Say, report: Report) -> Markup:
    name = say("report.group", group=short(report.group, _LONGEST_NAME))
    return Markup("{} {}").format("⚠️", name) if any(report.trouble) else name


def _lines(say: Say, heading: Markup, report: Report, best_in: str = "") -> Markup:
    """A report below its heading; `best_in` is the group of the best post, where there are several."""
    lines = [heading, _joined(say(f"report.count.{kind}", n=number) for kind, number in report.counts)]
    lines.append(_joined([say("report.replies", n=report.replies), say("report.checkins", n=report.check_ins)]))
    if report.best is not None:
        post, replies = _post(say, report.best), report.best.replies
        where = say("report.in", post=post, group=short(best_in, _LONGEST_NAME)) if best_in else post
        lines.append(say("report.best", post=where, n=replies))
    if report.worst is not None:
        lines.append(say("report.worst", post=_post(say, report.worst), reason=_reason(say, report.worst)))
    if report.is_silent:
        lines.append(say("report.silent"))
    return Markup("\n").join(lines)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup(" · ").join(parts)


def _post(say: Say, one: Outcome) -> Markup:
    return say("report.post", playbook=short(one.playbook, _LONGEST_NAME), step=short(one.step, _LONGEST_NAME))


def _reason(say: Say, failed: Outcome) -> Markup:
    if failed.note == "gone":
        return say("report.because_gone")
    if failed.reason and failed.note != "error":
        return Markup("{}").format(short(failed.reason, _LONGEST_REASON))
    return say("report.because")


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(show_today, AsksTo("playbook", "report"), ByOperator())


FEATURE = Feature(commands=(), register=register)
