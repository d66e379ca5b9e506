"""Whether a text that ops wrote is HTML that the platform takes (Bot API, HTML style)."""

import re
from html.parser import HTMLParser
from typing import Any

_TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "blockquote", "span"}
) | {"tg-spoiler", "tg-emoji", "tg-time"}
_TAG = re.compile(r"</?[a-z](?:\"[^\"]*\"|[^<>\"])*>", re.IGNORECASE)


def wrong_html(text: str) -> str:
    """What is wrong with it, and what to write instead; nothing when it can be sent."""
    if "<" not in text and "&" not in text:
        return ""
    parser = _Html()
    parser.feed(text)
    parser.close()
    said = _TAG.sub("", text)  # an address in a tag may hold a plain &
    if re.search(r"<(?![/a-z])", said, re.IGNORECASE):
        return "write &lt; for a <"
    if re.search(r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);)", said, re.IGNORECASE):
        return "write &amp; for a &"
    return parser.wrong or (f"<{parser.open[-1]}> is never closed" if parser.open else "")


class _Html(HTMLParser):
    """Remembers which tags are open, and the first that should not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.wrong = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in _TAGS:
            self.wrong = self.wrong or f"<{tag}> is not a tag that Telegram knows; write &lt; for a <"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong = self.wrong or f"</{tag}> closes nothing"
