"""What people often write that is no YAML, and what it should be."""

import re

_SLIPS = (
    (r"^\s*(?:- +)?[\w-]+：", "after a key write `:` and a space, not the full-width ："),
    (r"[\[{](?!\{).*，", "between items write `,` and a space, not the full-width ，"),
    (r"^\s*-[^\s-]", "write a space after the `-` of an item"),
)
"""How a slip looks, and what is right."""


def hint(text: str, line: int, column: int) -> str:
    """What people most often mean when it is no YAML."""
    lines = text.splitlines()
    written = lines[line - 1] if line <= len(lines) else ""
    at = written[column - 1 : column + 1]
    if at.startswith("\t"):
        return "; indent with spaces, not with tabs"
    begins = "{{" if "{{" in written[:column] else at[:1]
    if begins and begins in "{{@`%":
        return f"; a text that begins with {begins} needs quotes"
    for near in (written, lines[line - 2] if 1 < line <= len(lines) + 1 else ""):
        for slip, right in _SLIPS:
            if re.search(slip, near):
                return f"; {right}"
    if at == ": ":
        return "; a text that holds a colon and a space needs quotes"
    is_first = bool(written) and not written[: column - 1].strip(" -")
    return "; are the spaces at the beginning of this line, or of those above, as many as they should be?" * is_first
