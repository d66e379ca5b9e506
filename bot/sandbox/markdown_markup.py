"""`parse_mode: MarkdownV2` as the platform reads it."""

from dataclasses import dataclass, replace

from bot.sandbox.entities import utf16_length
from bot.sandbox.errors import BadRequest
from bot.sandbox.markup_entities import cannot_parse, custom_emoji_entity, date_entity, link_entity
from bot.sandbox.wire import Json

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
# Longest first: `__` is underline, not italic twice.
STYLES = {
    "__": ("underline", "Underline"),
    "||": ("spoiler", "Spoiler"),
    "_": ("italic", "Italic"),
    "*": ("bold", "Bold"),
    "~": ("strikethrough", "Strikethrough"),
}
EMOJI = "tg://emoji?id="
TIME = "tg://time?"


@dataclass(frozen=True, slots=True)
class _Open:
    """A mark that waits for its end; `name` is what the platform calls it in a complaint."""

    mark: str
    kind: str
    name: str
    offset: int
    at: int
    written: int


def parse_markdown(source: str) -> tuple[str, list[Json]]:
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
        self._end_quote()
        if self.stack:
            raise self._unended(self.stack[-1])
        return "".join(self.written), self.entities

    def _step(self) -> None:
        character = self.source[self.at]
        if character == "\\" and self.at + 1 < len(self.source) and 0 < ord(self.source[self.at + 1]) < 127:
            self.at += 1
            self._write(self.source[self.at])
        elif self._starts_line() and self._quote():
            pass
        elif character == "\n":
            self._line_end()
        elif character not in RESERVED:
            self._write(character)
        elif not (self._code() or self._link() or self._style()):
            raise cannot_parse(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")

    def _write(self, text: str, length: int | None = None) -> None:
        self.written.append(text)
        self.offset += utf16_length(text)
        self.at += len(text) if length is None else length

    def _starts_line(self) -> bool:
        return self.at == 0 or self.source[self.at - 1] == "\n"

    def _quote(self) -> bool:
        for mark, kind in (("**>", "expandable_blockquote"), (">", "blockquote")):
            if self.source.startswith(mark, self.at):
                if mark == "**>" or not self._quoted():
                    self._end_quote()
                    self._open(mark, kind, "BlockQuote")
                self.at += len(mark)
                return True
        return False

    def _line_end(self) -> None:
        if self._quoted() and not self.source.startswith(">", self.at + 1):
            self._end_quote()
        self._write("\n")

    def _quoted(self) -> bool:
        return any(opened.name == "BlockQuote" for opened in self.stack)

    def _end_quote(self) -> None:
        if not self._quoted():
            return
        # The mark that ends an expandable quotation looks like the beginning of a spoiler.
        if self.stack[-1].kind == "spoiler" and self.stack[-1].written == len(self.written):
            self.stack.pop()
            self.stack[-1] = replace(self.stack[-1], kind="expandable_blockquote")
        if self.stack[-1].name != "BlockQuote":
            raise self._unended(self.stack[-1])
        self._close()

    def _style(self) -> bool:
        mark = next((mark for mark in STYLES if self.source.startswith(mark, self.at)), None)
        if mark is None:
            return False
        kind, name = STYLES[mark]
        if self.stack and self.stack[-1].mark == mark:
            self._close()
        elif any(opened.mark == mark for opened in self.stack):
            raise self._unended(self.stack[-1])
        else:
            self._open(mark, kind, name)
        self.at += len(mark)
        return True

    def _code(self) -> bool:
        mark = next((mark for mark in ("```", "`") if self.source.startswith(mark, self.at)), None)
        if mark is None:
            return False
        begin, code = self.at, []
        self.at += len(mark)
        while not self.source.startswith(mark, self.at):
            if self.at >= len(self.source):
                raise cannot_parse(
                    f"Can't find end of {'Pre' if mark == '```' else 'Code'} entity {self._place(begin)}"
                )
            self.at += self.source[self.at] == "\\" and self.at + 1 < len(self.source)
            code.append(self.source[self.at])
            self.at += 1
        self.at += len(mark)
        self._append_code("".join(code), is_block=mark == "```")
        return True

    def _append_code(self, code: str, *, is_block: bool) -> None:
        entity: Json = {"type": "pre" if is_block else "code"}
        first, newline, rest = code.partition("\n")
        if is_block and newline and not any(character.isspace() for character in first):
            code = rest
            entity |= {"language": first} if first else {}
        if code:
            self.entities.append({**entity, "offset": self.offset, "length": utf16_length(code)})
        self._write(code, 0)

    def _link(self) -> bool:
        for mark, name in (("![", "CustomEmoji"), ("[", "TextUrl")):
            if self.source.startswith(mark, self.at):
                self._open(mark, "", name)
                self.at += len(mark)
                return True
        if self.source[self.at] != "]" or not self.stack or self.stack[-1].mark not in ("[", "!["):
            return False
        self.at += 1
        opened = self.stack.pop()
        url = self._address() or "".join(self.written[opened.written :])
        entity = _link_entity(opened.mark, url)
        if entity and self.offset > opened.offset:
            self.entities.append({**entity, "offset": opened.offset, "length": self.offset - opened.offset})
        return True

    def _address(self) -> str:
        if not self.source.startswith("(", self.at):
            return ""
        begin, address = self.at, []
        self.at += 1
        while self.at < len(self.source) and self.source[self.at] != ")":
            self.at += self.source[self.at] == "\\" and self.at + 1 < len(self.source)
            address.append(self.source[self.at])
            self.at += 1
        if self.at >= len(self.source):
            raise cannot_parse(f"Can't find end of a URL {self._place(begin)}")
        self.at += 1
        return "".join(address)

    def _open(self, mark: str, kind: str, name: str) -> None:
        self.stack.append(_Open(mark, kind, name, self.offset, self.at, len(self.written)))

    def _close(self) -> None:
        opened = self.stack.pop()
        if self.offset > opened.offset:
            length = self.offset - opened.offset
            self.entities.append({"type": opened.kind, "offset": opened.offset, "length": length})

    def _unended(self, opened: _Open) -> BadRequest:
        return cannot_parse(f"Can't find end of {opened.name} entity {self._place(opened.at)}")

    def _place(self, at: int) -> str:
        return f"at byte offset {len(self.source[:at].encode('utf-8', 'surrogatepass'))}"


def _link_entity(mark: str, url: str) -> Json | None:
    if mark == "[":
        return link_entity(url)
    if url.startswith(TIME):
        fields = dict(field.partition("=")[::2] for field in url.removeprefix(TIME).split("&"))
        return date_entity(fields.get("unix", ""), fields.get("format", ""))
    if not url.startswith(EMOJI):
        raise cannot_parse("Custom emoji entity must contain a tg://emoji URL")
    return custom_emoji_entity(url.removeprefix(EMOJI))
