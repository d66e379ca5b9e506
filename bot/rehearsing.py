"""`hearthbot rehearse`: which groups are rehearsed, and how what was found is written."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TextIO
from zoneinfo import ZoneInfo

from bot.domain.groups import group_named
from bot.playbooks.calendars import Holidays
from bot.playbooks.model import Playbook
from bot.playbooks.rehearsal_warnings import warnings_of
from bot.playbooks.rehearsed import Rehearsed, Warned
from bot.services.clock import system_clock
from bot.settings import Settings
from scheduler.pace import Limits
from scheduler.rehearsal import Plan, rehearse
from scheduler.rehearsal_pace import pace_of
from storage.backups import embedded_file
from storage.database import open_database
from storage.groups import GroupRow

SAMPLE_MEMBERS = 128
"""Members of a sample group."""


class NotRehearsed(Exception):
    """What was asked for cannot be rehearsed; `option` is the part of the command line that is to be changed."""

    def __init__(self, what: str, option: str) -> None:
        super().__init__(what)
        self.option = option


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    first: str | None
    days: int
    group: str | None
    groups: int


async def rehearsed(settings: Settings, playbooks: Sequence[Playbook], wish: Wish) -> Rehearsed:
    """The playbooks' days in the database's groups, or in sample ones.

    Raises `NotRehearsed`, `NoSuchGroup` and `DatabaseError`.
    """
    first = _first_day(settings, wish.first)
    rows, members = await _known(settings)
    assumptions = _ASSUMED
    if not rows:
        rows = _samples(playbooks, wish.groups)
        members = dict.fromkeys((row.id for row in rows), SAMPLE_MEMBERS)
        samples = {"groups": len(rows), "members": SAMPLE_MEMBERS}
        assumptions = (Warned("sample_groups", samples, is_note=True), *_ASSUMED)
    if wish.group is not None:
        rows = [group_named(rows, wish.group)]
    defaults = {"language": settings.locale, "timezone": settings.timezone}
    calendar = Holidays()
    found = await rehearse(Plan(playbooks, rows, first, wish.days, calendar, defaults, members))
    limits = Limits(settings.send_per_second, settings.send_per_group_second, settings.send_per_group_minute)
    warned = [*warnings_of(found, calendar), *pace_of(found.posts, limits)]
    language = int(settings.locale.startswith("zh"))
    return replace(found, assumptions=assumptions, warnings=sorted(warned, key=_rank), language=language)


_ASSUMED = tuple(Warned(kind, {}, is_note=True) for kind in ("nobody_acts", "libraries_anew", "chance_as_it_will_be"))


def _rank(warned: Warned) -> bool:
    return warned.is_note


def _first_day(settings: Settings, text: str | None) -> date:
    if text is None:
        return system_clock().astimezone(ZoneInfo(settings.timezone)).date()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotRehearsed(f"{text!r} is not a day; write it as 2026-11-24", "--from") from None
    if not 2000 <= day.year <= 2100:
        raise NotRehearsed(f"{text} is too far away; the year must be between 2000 and 2100", "--from")
    return day


async def _known(settings: Settings) -> tuple[Sequence[GroupRow], Mapping[int, int]]:
    """The groups that the bot is in, and how many members each has, if there is a database."""
    url = settings.database_url.get_secret_value()
    file = embedded_file(url)
    if file is not None and not file.is_file():
        return (), {}
    database = await open_database(url, read_only=True)
    try:
        rows = [row for row in await database.read(lambda tx: tx.groups.all()) if row.is_present and row.chat_id]
        counts = await database.read(lambda tx: {row.id: tx.members.count(row.id) for row in rows})
    finally:
        await database.close()
    return rows, counts


def _samples(playbooks: Sequence[Playbook], number: int) -> list[GroupRow]:
    """Groups with all the tags that playbooks are for, and one of each name that they are for."""
    tags = " ".join(sorted({tag for playbook in playbooks for tag in playbook.audience.tags}))
    names = sorted({name for playbook in playbooks for name in playbook.audience.names})
    names += [""] * (number - len(names))
    return [
        GroupRow(
            id=n,
            chat_id=int(name) if _is_chat_id(name) else -1_000_000_000_000 - n,
            title=name if name and not _is_chat_id(name) else f"Sample group {n}",
            wallet_id=n,
            rules="",
            settings={"tags": tags} if tags else {},
            is_present=True,
        )
        for n, name in enumerate(names, 1)
    ]


def _is_chat_id(name: str) -> bool:
    return name.removeprefix("-").isdecimal()


def written(found: Rehearsed, kind: str, terminal: TextIO | None) -> str:
    """What was found as text, JSON or a page; text is coloured for a terminal, unless NO_COLOR is set."""
    if kind == "json":
        from bot.playbooks.rehearsal_json import as_json

        return as_json(found) + "\n"
    if kind == "html":
        from bot.playbooks.rehearsal_page import as_page

        return as_page(found)
    from bot.playbooks.rehearsal_text import as_text

    is_coloured = terminal is not None and terminal.isatty() and not os.environ.get("NO_COLOR")
    return as_text(found, shutil.get_terminal_size().columns if is_coloured else None)
