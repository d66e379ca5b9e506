import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from bot.domain.groups import Group
from bot.domain.members import Person
from bot.domain.points import Entry, Owner
from bot.services.checkins import CheckInService
from bot.services.exports import CsvFile, ExportService, What, XlsxFile
from bot.services.groups import GroupService
from storage.database import Database
from storage.transaction import Transaction
from tests.conftest import StoppedClock

ALICE = Person(9_007_199_254_740_993, '=HYPERLINK("http://evil")', "alice")
BOB = Person(1002, '小明, the "quick"')
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
async def group(database: Database, clock: StoppedClock) -> Group:
    group = await GroupService(database, clock).of_chat(-1001234567890, "Tea house")
    await database.write(lambda tx: tx.members.save_people([ALICE, BOB]))
    for person in (ALICE, BOB):
        await CheckInService(database).check_in(group, person, NOW, person.id % 1000)
    fine = Entry(Owner(group.wallet_id, BOB.id), group.id, "points", -3, "gift:1", NOW, "@everyone")
    await database.write(lambda tx: tx.points.add(fine))
    return group


async def _as_csv(database: Database, what: What, groups: list[Group], now: datetime = NOW) -> list[list[str]]:
    file = io.BytesIO()
    await ExportService(database).export(what, groups, CsvFile(file), now)
    return list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


async def test_members_come_with_points_and_the_streak_of_today(database: Database, group: Group) -> None:
    assert await _as_csv(database, "members", [group]) == [
        ["group_id", "group", "user_id", "name", "username", "status", "joined", "last_seen", "messages", "points",
         "streak"],
        ["-1001234567890", "Tea house", "1002", BOB.name, "", "member", "2026-11-23T09:00:00+00:00",
         "2026-11-23T09:00:00+00:00", "0", "7", "1"],
        ["-1001234567890", "Tea house", "9007199254740993", "'" + ALICE.name, "alice", "member",
         "2026-11-23T09:00:00+00:00", "2026-11-23T09:00:00+00:00", "0", "10", "1"],
    ]  # fmt: skip


async def test_a_streak_that_was_missed_is_none(database: Database, group: Group) -> None:
    rows = await _as_csv(database, "members", [group], NOW + timedelta(days=2))

    assert [row[-1] for row in rows[1:]] == ["0", "0"]


async def test_points_are_the_ledger_and_their_amounts_stay_numbers(database: Database, group: Group) -> None:
    rows = await _as_csv(database, "points", [group])

    assert [row[3:] for row in rows] == [
        ["user_id", "name", "unit", "amount", "reason", "note"],
        ["9007199254740993", "'" + ALICE.name, "points", "10", f"checkin:{group.id}:2026-11-23", ""],
        ["1002", BOB.name, "points", "10", f"checkin:{group.id}:2026-11-23", ""],
        ["1002", BOB.name, "points", "-3", "gift:1", "'@everyone"],
    ]


async def test_invites_say_who_brought_whom_and_what_became_of_it(database: Database, group: Group) -> None:
    carol, dora = Person(1003, "+Carol"), Person(1004, "Dora")

    def populate(tx: Transaction) -> None:
        tx.members.save_people([carol, dora])
        for person, inviter in ((ALICE, BOB), (carol, BOB), (dora, ALICE)):
            tx.invites.add(group.id, person.id, inviter.id, NOW, NOW.date(), NOW)
        tx.members.set_status(group.id, carol.id, "left", NOW)
        tx.invites.make_valid(group.id, ALICE.id, 20, NOW + timedelta(hours=1))
        tx.invites.strike(group.id, ALICE.id, NOW + timedelta(hours=2))

    await database.write(populate)

    heading, *rows = await _as_csv(database, "invites", [group])
    assert heading == ["group_id", "group", "inviter_id", "inviter", "user_id", "name", "joined", "status", "messages",
                       "counts_since", "struck", "points"]  # fmt: skip
    alice, joined = str(ALICE.id), "2026-11-23T09:00:00+00:00"
    assert [row[:2] for row in rows] == [["-1001234567890", "Tea house"]] * 3
    assert [row[2:] for row in rows] == [
        ["1002", BOB.name, "1003", "'+Carol", joined, "left", "0", "", "", "0"],
        [alice, "'" + ALICE.name, "1004", "Dora", joined, "", "0", "", "2026-11-23T11:00:00+00:00", "0"],
        ["1002", BOB.name, alice, "'" + ALICE.name, joined, "member", "0", "2026-11-23T10:00:00+00:00", "", "20"],
    ]


async def test_excel_is_told_that_it_is_utf_8(database: Database, group: Group) -> None:
    file = io.BytesIO()
    await ExportService(database).export("members", [group], CsvFile(file), NOW)

    assert file.getvalue().startswith(b"\xef\xbb\xbfgroup_id,")
    assert not file.closed


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_is_taken_for_a_formula(start: str) -> None:
    file = io.BytesIO()
    table = CsvFile(file)
    table.write([[f"{start}1+1"]])
    table.close()

    assert next(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))) == [f"'{start}1+1"]


async def test_pages_leave_nobody_out(database: Database, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.exports.PAGE", 2)
    for number in range(5):
        await CheckInService(database).check_in(group, Person(2000 + number, "P"), NOW, 5000 + number)

    assert [row[2] for row in (await _as_csv(database, "members", [group]))[1:]] == [
        "1002", "2000", "2001", "2002", "2003", "2004", str(ALICE.id),
    ]  # fmt: skip
    assert len(await _as_csv(database, "points", [group])) == 1 + 8

    for number in range(5):
        await database.write(lambda tx, n=number: tx.invites.add(group.id, 2000 + n, 1002, NOW, NOW.date(), NOW))  # type: ignore[misc]
    assert [row[4] for row in (await _as_csv(database, "invites", [group]))[1:]] == [str(2000 + n) for n in range(5)]


async def test_only_the_groups_that_are_asked_for_are_exported(
    database: Database, group: Group, clock: StoppedClock
) -> None:
    service = GroupService(database, clock)
    other = await service.of_chat(-1002, "Other house")
    await CheckInService(database).check_in(other, BOB, NOW, 77)

    assert len(await _as_csv(database, "points", [other])) == 1 + 1
    assert len(await _as_csv(database, "points", [group])) == 1 + 3
    assert len(await _as_csv(database, "points", list(await service.all()))) == 1 + 4


async def test_a_workbook_holds_text_for_ids_and_no_formula(database: Database, group: Group) -> None:
    file = io.BytesIO()
    await ExportService(database).export("members", [group], XlsxFile(file), NOW)
    [cells] = _sheets(file)

    assert cells["A2"] == ("inlineStr", "-1001234567890")
    assert cells["C3"] == ("inlineStr", "9007199254740993")
    assert cells["D3"] == ("inlineStr", ALICE.name)
    assert cells["J2"] == ("n", "7")


def test_a_full_sheet_is_followed_by_another_with_the_heading_again() -> None:
    file = io.BytesIO()
    workbook = XlsxFile(file, rows_per_sheet=3)
    workbook.write([["n"], *([number] for number in range(3))])
    workbook.close()

    assert [[value for _, value in sheet.values()] for sheet in _sheets(file)] == [["n", "0", "1"], ["n", "2"]]


def _sheets(file: io.BytesIO) -> list[dict[str, tuple[str, str]]]:
    """Type and text of every cell, sheet by sheet, as they are in the file."""
    with zipfile.ZipFile(file) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("xl/worksheets/sheet"))
        trees = [ElementTree.fromstring(archive.read(name)) for name in names]
    assert not any(list(tree.iter(f"{SHEET}f")) for tree in trees)
    return [
        {c.get("r", ""): (c.get("t", "n"), "".join(c.itertext())) for c in tree.iter(f"{SHEET}c")} for tree in trees
    ]
