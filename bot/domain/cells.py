"""Texts in the cells of a table that people open in a spreadsheet."""

import re

_FORMULA = "=+\\-@\t\r\n＝＋－＠"
_RISKY = re.compile(f"'*[{_FORMULA}]")
_MARKED = re.compile(f"'+[{_FORMULA}]")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `as_meant` turns it back."""
    return f"'{text}" if _RISKY.match(text) else text


def literal(text: str) -> str:
    """The same for a cell that is known to hold text: only what `as_meant` would take for a mark gets one."""
    return f"'{text}" if _MARKED.match(text) else text


def as_meant(cell: str) -> str:
    """The text of a cell without the mark that keeps it from being a formula."""
    return cell[1:] if _MARKED.match(cell) else cell
