"""Tables that people edit in a spreadsheet: CSV and XLSX, read as rows of texts that know their place."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from pathlib import Path

from bot.domain.cells import as_meant
from bot.yaml_places import Mistake

_DELIMITERS = ",;\t"
_ZIP = b"PK"

Number = int
"""Of a row or a column, as spreadsheets count them: the first is 1."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell that is not empty says."""

    text: str
    column: Number


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row that say something, by the names of their columns."""

    number: Number
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading: which column has which name."""

    source: str
    names: Mapping[Number, str]
    rows: tuple[Row, ...]


def read_table(path: Path, known: Sequence[str], repeated: str, mistakes: list[Mistake]) -> Table | None:
    """A file's table; None, and a mistake, when it cannot be read.

    Every column has a name that is known; one of them may come again as NAME_2, NAME_3. Of a workbook it is the first
    sheet; of a formula, what it came to.
    """
    try:
        raw = path.read_bytes()
        is_workbook = raw.startswith(_ZIP) or path.suffix.lower() == ".xlsx"
        lines = list(_workbook(raw) if is_workbook else _csv(raw))
    except _NotATable as error:
        mistakes.append(Mistake(str(path), error.line, 1, str(error)))
        return None
    except OSError as error:
        mistakes.append(Mistake(str(path), 1, 1, f"cannot be read: {error.strerror}"))
        return None
    names = _names(lines[0] if lines else [], known, re.compile(rf"{repeated}_[1-9]\d*"), str(path), mistakes)
    rows = tuple(_row(number, line, names, str(path), mistakes) for number, line in enumerate(lines[1:], 2))
    return Table(str(path), names, tuple(row for row in rows if row.cells))


class _NotATable(Exception):
    """The file is nothing of the kind; the text says what to do."""

    def __init__(self, what: str, line: int = 1) -> None:
        super().__init__(what)
        self.line = line


def _csv(raw: bytes) -> Iterator[Sequence[str]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # No guess: a spreadsheet that writes anything else has put question marks in the place of emoji.
        raise _NotATable("this is not UTF-8 text; save it as `CSV UTF-8`, or as XLSX") from None
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from rows
    except csv.Error as error:
        raise _NotATable(f"this is not CSV: {error}", rows.line_num) from None


def _workbook(raw: bytes) -> Iterator[Sequence[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0)
        lines = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError, IndexError) as error:
        raise _NotATable(f"this is not an XLSX workbook: {' '.join(str(error).split())}") from None
    for line in lines:
        yield [_text(cell) for cell in line]


def _text(cell: object) -> str:
    """What a cell of a workbook says, as one would write it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _names(
    heading: Sequence[str], known: Sequence[str], repeated: re.Pattern[str], source: str, mistakes: list[Mistake]
) -> dict[Number, str]:
    names: dict[Number, str] = {}
    for column, cell in enumerate(heading, 1):
        name = cell.strip().casefold()
        if name and name not in known and not repeated.fullmatch(name):
            close = get_close_matches(name, known, n=1, cutoff=0.6)
            hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}"
            mistakes.append(Mistake(source, 1, column, f"unknown column `{cell.strip()[:40]}`; {hint}"))
            names[column] = ""  # once is enough: its cells are no mistakes
            continue
        if name in names.values():
            mistakes.append(Mistake(source, 1, column, f"the column `{name}` is here twice; keep one"))
        if name:
            names[column] = name
    return names


def _row(number: Number, line: Iterable[str], names: Mapping[Number, str], source: str, mistakes: list[Mistake]) -> Row:
    cells = {}
    for column, raw in enumerate(line, 1):
        text = as_meant(raw).strip()
        if text and column not in names:
            mistakes.append(Mistake(source, number, column, "the first row has no name for this column"))
        elif text and names[column]:
            cells[names[column]] = Cell(text, column)
    return Row(number, cells)
