"""`parse_mode: HTML` as the platform reads it, with its complaints in its own words."""

import re
from dataclasses import dataclass

from bot.sandbox.entities import utf16_length
from bot.sandbox.errors import BadRequest
from bot.sandbox.markup_entities import cannot_parse, code_blocks, custom_emoji_entity, date_entity, link_entity
from bot.sandbox.wire import Json

STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
}
TAGS = frozenset({*STYLES, "a", "tg-emoji", "tg-time"})

_TEXT = re.compile(r"[^<&]+")
_REFERENCE = re.compile(r"&(?:#(?P<decimal>\d+)|#x(?P<hex>[0-9A-Fa-f]+)|(?P<name>lt|gt|amp|quot)(?![A-Za-z]));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TAG_NAME = re.compile(r"[^\s>]*")
_SPACE = re.compile(r"\s*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>]*")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")


@dataclass(frozen=True, slots=True)
class _Open:
    """A start tag that waits for its end."""

    tag: str
    attributes: dict[str, str]
    offset: int
    at: int


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The text without its markup, and the entities in the order of their ends."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.offset = 0
        self.written: list[str] = []
        self.stack: list[_Open] = []
        self.entities: list[Json] = []

    def parse(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            self._step()
        if self.stack:
            raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return _whole("".join(self.written)), code_blocks(self.entities)

    def _step(self) -> None:
        if text := _TEXT.match(self.source, self.at):
            self._write(text.group())
            self.at = text.end()
        elif self.source[self.at] == "&":
            self._write(self._reference())
        elif self.source.startswith("</", self.at):
            self._end_tag()
        else:
            self._start_tag()

    def _write(self, text: str) -> None:
        self.written.append(text)
        self.offset += utf16_length(text)

    def _reference(self) -> str:
        character, self.at = _reference_at(self.source, self.at)
        return character

    def _start_tag(self) -> None:
        begin = self.at
        name = self._take(_TAG_NAME, begin + 1)
        if self.at >= len(self.source):
            raise self._complaint("Unclosed start tag", begin)
        tag = name.lower()
        if tag not in TAGS:
            raise self._complaint(f'Unsupported start tag "{tag}"', begin)
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self._complaint('Tag "span" must have class "tg-spoiler"', begin)
        self.stack.append(_Open(tag, attributes, self.offset, len(self.written)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._take(_SPACE, self.at)
            if self.at >= len(self.source):
                raise self._complaint("Unclosed start tag", begin)
            if self.source[self.at] == ">":
                self.at += 1
                return attributes
            name, value = self._attribute(tag, begin)
            attributes[name] = value

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._take(_ATTRIBUTE_NAME, self.at)
        if not name:
            raise self._complaint(f'Empty attribute name in the tag "{tag}"', begin)
        self._take(_SPACE, self.at)
        if not self.source.startswith("=", self.at):
            if tag == "blockquote" and name == "expandable":
                return name, ""
            raise self._complaint(f'Expected equal sign in declaration of an attribute of the tag "{tag}"', begin)
        self._take(_SPACE, self.at + 1)
        if self.at >= len(self.source):
            raise self._complaint(f'Unclosed start tag "{tag}"', begin)
        return name, self._quoted(begin) if self.source[self.at] in "'\"" else self._token()

    def _token(self) -> str:
        begin = self.at
        value = self._take(_NAME_TOKEN, begin)
        if self.at < len(self.source) and not (self.source[self.at].isspace() or self.source[self.at] == ">"):
            raise self._complaint("Unexpected end of name token", begin)
        return value.lower()

    def _quoted(self, begin: int) -> str:
        close = self.source.find(self.source[self.at], self.at + 1)
        if close < 0 or close + 1 >= len(self.source):
            raise self._complaint("Unclosed start tag", begin)
        value = _REFERENCE.sub(lambda found: _reference_at(found.group(), 0)[0], self.source[self.at + 1 : close])
        self.at = close + 1
        return value

    def _end_tag(self) -> None:
        begin = self.at
        if not self.stack:
            raise self._complaint("Unexpected end tag", begin)
        found = self._take(_TAG_NAME, begin + 2).lower()
        self._take(_SPACE, self.at)
        if not self.source.startswith(">", self.at):
            raise self._complaint("Unclosed end tag", begin)
        self.at += 1
        opened = self.stack.pop()
        if found and found != opened.tag:
            raise cannot_parse(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{opened.tag}>", found "</{found}>"'
            )
        if self.offset > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity = self._entity(opened)
        if entity is None:
            return
        self.entities.append({**entity, "offset": opened.offset, "length": self.offset - opened.offset})

    def _entity(self, opened: _Open) -> Json | None:
        match opened.tag:
            case "a":
                return link_entity(opened.attributes.get("href") or "".join(self.written[opened.at :]))
            case "tg-emoji":
                return custom_emoji_entity(opened.attributes.get("emoji-id", ""))
            case "tg-time":
                return date_entity(opened.attributes.get("unix", ""), opened.attributes.get("format", ""))
            case "blockquote" if "expandable" in opened.attributes:
                return {"type": "expandable_blockquote"}
            case "code":
                return {"type": "code"} | _language(opened)
            case tag:
                return {"type": STYLES[tag]}

    def _take(self, pattern: re.Pattern[str], at: int) -> str:
        match = pattern.match(self.source, at)
        taken = match.group() if match else ""
        self.at = at + len(taken)
        return taken

    def _complaint(self, what: str, at: int) -> BadRequest:
        return cannot_parse(f"{what} at byte offset {self._byte(at)}")

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))


def _language(opened: _Open) -> Json:
    name = opened.attributes.get("class", "")
    return {"language": name.removeprefix("language-")} if name.startswith("language-") else {}


def _reference_at(source: str, at: int) -> tuple[str, int]:
    """The character that a reference at this place means, and the place after it; else the `&` itself."""
    found = _REFERENCE.match(source, at)
    if not found:
        return "&", at + 1
    if found["name"]:
        return _NAMED[found["name"]], found.end()
    code = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
    return (chr(code), found.end()) if 0 < code <= 0x10FFFF else ("&", at + 1)


def _whole(text: str) -> str:
    """The text with surrogate halves, as numeric references may have written them, put together."""
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise cannot_parse(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        ) from error
