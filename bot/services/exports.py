"""Exports: members, points, invites and FAQ entries as CSV or XLSX, read and written page by page."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal

from xlsxwriter import Workbook

from bot.domain.cells import harmless, literal
from bot.domain.checkins import current_streak
from bot.domain.faq import Entry as FaqEntry
from bot.domain.faq_written import table as faq_table
from bot.domain.groups import Group
from storage.database import Database
from storage.exports import InviteRow, MemberPoints
from storage.points import LedgerLine

What = Literal["members", "points", "invites", "faq"]


class Id(int):
    """A number of the platform's: text in a spreadsheet, which would round it."""


Row = Sequence[str | int]

COLUMNS: dict[str, Row] = {  # FAQ entries have as many as they need
    "members": ("group_id", "group", "user_id", "name", "username", "status", "joined", "last_seen", "messages",
                "points", "streak"),
    "points": ("at", "group_id", "group", "user_id", "name", "unit", "amount", "reason", "note"),
    "invites": ("group_id", "group", "inviter_id", "inviter", "user_id", "name", "joined", "status", "messages",
                "counts_since", "struck", "points"),
}  # fmt: skip

_SHEET_ROWS = 1_048_576
_LONGEST_CELL = 32_767
"""Of a workbook, which can hold no more (Excel)."""


class TooLong(Exception):
    """A text that a workbook cannot hold."""


class CsvFile:
    """Rows as UTF-8 with a byte order mark, without which Excel guesses; no text in it is taken for a formula."""

    def __init__(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        self._writer = csv.writer(self._text)

    def write(self, rows: Iterable[Row]) -> None:
        """Appends the rows."""
        self._writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)

    def close(self) -> None:
        """Writes what is left; the file itself stays open."""
        self._text.detach()


class XlsxFile:
    """Rows as a workbook; after Excel's last row the next sheet begins, with the first row again."""

    def __init__(self, file: BinaryIO, rows_per_sheet: int = _SHEET_ROWS) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._workbook = Workbook(file, options)
        self._rows_per_sheet = rows_per_sheet
        self._heading: Row | None = None
        self._next = rows_per_sheet

    def write(self, rows: Iterable[Row]) -> None:
        """Appends the rows; the very first one is the heading."""
        for row in rows:
            if self._next == self._rows_per_sheet:
                self._begin_sheet()
            if self._heading is None:
                self._heading = row
            self._append(row)

    def close(self) -> None:
        """Writes what is left; the file itself stays open."""
        self._workbook.close()

    def _begin_sheet(self) -> None:
        self._sheet = self._workbook.add_worksheet()
        self._next = 0
        if self._heading is not None:
            self._append(self._heading)

    def _append(self, row: Row) -> None:
        for column, cell in enumerate(row):
            if isinstance(cell, int) and not isinstance(cell, Id):
                self._sheet.write_number(self._next, column, cell)
            elif len(str(cell).encode("utf-16-le")) > 2 * _LONGEST_CELL:
                raise TooLong(f"row {self._next + 1} has a text that no workbook can hold: use --format csv")
            else:
                self._sheet.write_string(self._next, column, literal(str(cell)))
        self._next += 1


@dataclass(frozen=True, slots=True)
class ExportService:
    """Writes tables for people to read. Rows that change meanwhile are as they are when their page is read."""

    database: Database

    async def export(self, what: What, groups: Sequence[Group], file: CsvFile | XlsxFile, now: datetime) -> int:
        """Writes a heading and the rows of the groups, closes the file, and says how many rows those were.

        `now` decides which streaks are alive.
        """
        count = -1  # the heading is none
        try:
            async for page in self._pages(what, groups, now):
                await asyncio.to_thread(file.write, page)
                count += len(page)
        finally:
            await asyncio.to_thread(file.close)
        return count

    async def faq(self, groups: Sequence[Group]) -> list[tuple[Group, Sequence[FaqEntry]]]:
        """The groups' own FAQ entries, of one moment."""
        found = await self.database.read(lambda tx: [tx.faq.of_group(group.id) for group in groups])
        return list(zip(groups, found, strict=True))

    async def _pages(self, what: What, groups: Sequence[Group], now: datetime) -> AsyncIterator[list[Row]]:
        if what in COLUMNS:
            yield [COLUMNS[what]]
        async for page in self._rows(what, groups, now):
            yield page

    def _rows(self, what: What, groups: Sequence[Group], now: datetime) -> AsyncIterator[list[Row]]:
        match what:
            case "faq":
                return self._faq(groups)
            case "members":
                return self._members(groups, now)
            case "points":
                return self._points(groups)
            case "invites":
                return self._invites(groups)

    async def _faq(self, groups: Sequence[Group]) -> AsyncIterator[list[Row]]:
        yield faq_table(await self.faq(groups))

    async def _members(self, groups: Sequence[Group], now: datetime) -> AsyncIterator[list[Row]]:
        for group in groups:
            after: int | None = None
            while page := await self._members_page(group, after):
                yield [_member_row(group, member, now) for member in page]
                after = page[-1].member.user_id

    async def _members_page(self, group: Group, after: int | None) -> Sequence[MemberPoints]:
        return await self.database.read(lambda tx: tx.exports.members(group.id, group.wallet_id, after))

    async def _points(self, groups: Sequence[Group]) -> AsyncIterator[list[Row]]:
        by_id = {group.id: group for group in groups}
        after = 0
        while page := await self._points_page(list(by_id), after):
            yield [_points_row(by_id[group_id], line) for _, group_id, line in page]
            after = page[-1][0]

    async def _points_page(self, group_ids: Sequence[int], after: int) -> Sequence[tuple[int, int, LedgerLine]]:
        return await self.database.read(lambda tx: tx.exports.ledger(group_ids, after))

    async def _invites(self, groups: Sequence[Group]) -> AsyncIterator[list[Row]]:
        for group in groups:
            after: int | None = None
            while page := await self._invites_page(group, after):
                yield [_invite_row(group, invite) for invite in page]
                after = page[-1].user_id

    async def _invites_page(self, group: Group, after: int | None) -> Sequence[InviteRow]:
        return await self.database.read(lambda tx: tx.exports.invites(group.id, after))


def _member_row(group: Group, found: MemberPoints, now: datetime) -> Row:
    zone, starts_at = group.settings.timezone, group.settings.day_starts_at
    streak = current_streak(found.latest, group.day_of(now), zone, starts_at)
    member = found.member
    return (
        Id(group.chat_id),
        group.title,
        Id(member.user_id),
        member.name,
        member.username or "",
        member.status,
        _instant(member.joined_at),
        _instant(member.last_seen_at),
        member.messages,
        found.points,
        streak,
    )


def _points_row(group: Group, line: LedgerLine) -> Row:
    person = (Id(group.chat_id), group.title, Id(line.user_id), line.name)
    return (_instant(line.at), *person, line.unit, line.amount, line.reason, line.note)


def _invite_row(group: Group, row: InviteRow) -> Row:
    return (
        Id(group.chat_id),
        group.title,
        Id(row.inviter_id),
        row.inviter,
        Id(row.user_id),
        row.name,
        _instant(row.joined_at),
        row.status,
        row.messages,
        _instant(row.valid_at) if row.valid_at else "",
        _instant(row.void_at) if row.void_at else "",
        row.reward,
    )


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
