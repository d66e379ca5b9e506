"""Whether a text that ops wrote is HTML that the platform takes (Bot API, HTML style)."""

import re
from html.parser import HTMLParser
from typing import Any

_TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "blockquote", "span"}
) | {"tg-spoiler", "tg-emoji", "tg-time"}
_TAG = re.compile(r"</?[a-z](?:\"[^\"]*\"|[^<>\"])*>", re.IGNORECASE)

_AMPERSAND = r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);)"
_NEEDED = {
    "a": ("href", '<a href="https://example.org">'),
    "span": ("class", '<span class="tg-spoiler">'),
    "tg-emoji": ("emoji-id", '<tg-emoji emoji-id="5368324170671202286">'),
}
"""What a tag means nothing without."""


def wrong_html(text: str) -> str:
    """What is wrong with it, and what to write instead; nothing when it can be sent."""
    return found[1] if (found := html_problem(text)) else ""


def html_problem(text: str) -> tuple[int, str] | None:
    """What is wrong with it, on which of its lines (the first is 1), and what to write instead."""
    if "<" not in text and "&" not in text:
        return None
    parser = _Html()
    parser.feed(text)
    parser.close()
    said = _TAG.sub(lambda tag: "\n" * tag[0].count("\n"), text)  # an address in a tag may hold a plain &
    for pattern, told in ((r"<(?![/a-z])", "write &lt; for a <"), (_AMPERSAND, "write &amp; for a &")):
        if found := re.search(pattern, said, re.IGNORECASE):
            return said.count("\n", 0, found.start()) + 1, told
    if parser.wrong is None and parser.open:
        tag, line = parser.open[-1]
        return line, f"<{tag}> is never closed"
    return parser.wrong


class _Html(HTMLParser):
    """Remembers which tags are open, and the first that should not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[tuple[str, int]] = []
        self.wrong: tuple[int, str] | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in _TAGS:
            self._note(f"<{tag}> is not a tag that Telegram knows; write &lt; for a <")
        elif tag in _NEEDED and _NEEDED[tag][0] not in dict(attrs):
            self._note(f"<{tag}> needs more; write {_NEEDED[tag][1]}")
        self.open.append((tag, self.getpos()[0]))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop()[0] != tag:
            self._note(f"</{tag}> closes nothing")

    def _note(self, what: str) -> None:
        self.wrong = self.wrong or (self.getpos()[0], what)
