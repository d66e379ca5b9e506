"""FAQ entries in a table: each row becomes what a FAQ file would say, so that one reader finds every mistake."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from bot.domain.faq_written import ANSWER, COLUMNS, GROUP, GROUP_ID
from bot.playbooks.tables import Cell, Row, Table, read_table
from bot.yaml_places import Mistake, Place

_LISTS = frozenset({"keywords", "unless"})
_DAYS = frozenset({"from", "until"})
_BUTTON = re.compile(r"(.*?)\s*\|\s*((?:https?|tg)://\S+)")
_OTHER_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")


def read_faq_table(path: Path, mistakes: list[Mistake]) -> Table | None:
    """A CSV or XLSX file of entries; None, and a mistake, when it cannot be read."""
    table = read_table(path, (GROUP_ID, GROUP, *COLUMNS), ANSWER, mistakes)
    for name in ("keywords", ANSWER) if table else ():
        if table and name not in table.names.values():
            mistakes.append(Mistake(str(path), 1, 1, f"the column `{name}` is missing"))
    return table


def document_of(table: Table, mistakes: list[Mistake]) -> Place:
    """A table as the document of a FAQ file; lines and columns are the table's."""
    entries = yaml.SequenceNode("", [_entry(row) for row in table.rows], *_marks(1, 1))
    document = yaml.MappingNode("", [(_scalar("entries", 1, 1), entries)], *_marks(1, 1))
    return Place(document, table.source, mistakes)


def with_column(mistake: Mistake, table: Table) -> Mistake:
    """The same mistake with the name of its column, unless it says so itself."""
    name = table.names.get(mistake.column, "")
    if mistake.line == 1 or mistake.column == 1 or not name or f"`{name}`" in mistake.what:
        return mistake
    return replace(mistake, what=f"{name}: {mistake.what}")


def _entry(row: Row) -> yaml.Node:
    cells = dict(row.cells)
    group = cells.pop(GROUP, None)
    group = cells.pop(GROUP_ID, group)
    answers = [cells.pop(name) for name in list(cells) if name.partition("_")[0] == ANSWER]
    values = {name: _value(name, cell, row.number) for name, cell in cells.items()}
    values.setdefault("name", _scalar(f"row {row.number}", row.number, 1))  # a new row needs none
    if answers:
        values["answers"] = _list([(cell.text, cell.column) for cell in answers], row.number, answers[0].column)
    if group is not None:
        values["groups"] = _list([(group.text, group.column)], row.number, group.column)
    pairs = [(_scalar(name, row.number, 1), value) for name, value in values.items()]
    return yaml.MappingNode("", pairs, *_marks(row.number, 1))


def _value(name: str, cell: Cell, row: int) -> yaml.Node:
    if name in _LISTS:
        lines = [line.strip() for line in re.split(r"[\r\n]+", cell.text)]
        return _list([(line, cell.column) for line in lines if line], row, cell.column)
    if name == "topics":
        return _list([(topic, cell.column) for topic in re.split(r"[\s,;]+", cell.text)], row, cell.column)
    if name == "buttons":
        lines = re.split(r"[\r\n]+", cell.text)
        return yaml.SequenceNode("", [_button(line, row, cell.column) for line in lines], *_marks(row, cell.column))
    # A spreadsheet turns a day into its own way of writing one; where the year is first there is no doubt about it.
    found = _OTHER_DAY.fullmatch(cell.text) if name in _DAYS else None
    text = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else cell.text
    return _scalar(text, row, cell.column)


def _button(line: str, row: int, column: int) -> yaml.Node:
    found = _BUTTON.fullmatch(line.strip())
    parts = (("text", found[1]), ("url", found[2])) if found else (("text", line.strip()),)
    pairs = [(_scalar(key, row, column), _scalar(part, row, column)) for key, part in parts if part]
    return yaml.MappingNode("", pairs, *_marks(row, column))


def _list(texts: Sequence[tuple[str, int]], row: int, column: int) -> yaml.Node:
    return yaml.SequenceNode("", [_scalar(text, row, at) for text, at in texts], *_marks(row, column))


def _scalar(text: str, row: int, column: int) -> yaml.Node:
    return yaml.ScalarNode("", text, *_marks(row, column))


def _marks(row: int, column: int) -> tuple[yaml.Mark, yaml.Mark]:
    mark = yaml.Mark("", 0, row - 1, column - 1, "", 0)
    return mark, mark
