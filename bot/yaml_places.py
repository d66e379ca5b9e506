"""YAML values that know their place in the file, so that every mistake can name it."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import yaml
from yaml.composer import Composer

from bot.yaml_slips import hint

T = TypeVar("T")

_BREAK = re.compile("\r\n?")
_VARIABLE = "a text that begins with {{ needs quotes"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """Something in a file that cannot stand; shown as `FILE:LINE:COLUMN: WHAT`."""

    file: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}"


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a file. Single values are read as they are written: `no` and `010` are texts.

    What cannot stand is noted in `mistakes`, which all places of a file share, and reads as None or as nothing, so that
    one reading finds every mistake.
    """

    node: yaml.Node
    source: str
    mistakes: list[Mistake]

    @property
    def line(self) -> int:
        """Where it starts; the first line is 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def column(self) -> int:
        """Where it starts in its line; the first column is 1."""
        return int(self.node.start_mark.column) + 1

    def mistake(self, what: str) -> None:
        """Notes what is wrong with this value."""
        self.mistakes.append(Mistake(self.source, self.line, self.column, what))

    def mistake_on(self, line: int, what: str) -> None:
        """Notes what is wrong on a line of this text (the first is 1), which begins below its key if it is a block."""
        if line > 1 or self._is_block():
            first = self.line + (1 if self._is_block() else 0)
            self.mistakes.append(Mistake(self.source, first + line - 1, 1, what))
        else:
            self.mistake(what)

    def _is_block(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.style in {"|", ">"}

    def is_scalar(self, value: str) -> bool:
        """Whether it is just this word."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.value == value

    def is_mapping(self) -> bool:
        """Whether it is keys with values."""
        return isinstance(self.node, yaml.MappingNode) and not self._is_variable()

    def _is_variable(self) -> bool:
        """Whether it is `{{ name }}`, which without quotes is keys within keys."""
        return isinstance(self.node, yaml.MappingNode) and any(
            isinstance(key, yaml.MappingNode) for key, _ in self.node.value
        )

    def _other_kind(self, wanted: str) -> None:
        self.mistake(_VARIABLE if self._is_variable() else f"this must be {wanted}")

    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    def text(self) -> str | None:
        """A single value that says something."""
        if not isinstance(self.node, yaml.ScalarNode):
            self._other_kind("a single value")
            return None
        text = _BREAK.sub("\n", str(self.node.value)).strip()
        if not text:
            self.mistake("this is empty; write a text")
        control = _CONTROL.search(text)
        if control:
            self.mistake(f"this holds a control character (U+{ord(control[0]):04X}); take it out")
        return text or None

    def flag(self) -> bool | None:
        """True or false."""
        text = self.text()
        if text is not None and text.lower() not in _FLAGS:
            self.mistake(f"must be true or false, not `{text[:40]}`")
        return _FLAGS.get(text.lower()) if text is not None else None

    def day(self) -> date | None:
        """A date."""
        text = self.text()
        try:
            return date.fromisoformat(text if _DAY.fullmatch(text) else "") if text is not None else None
        except ValueError:
            self.mistake("a day must be like 2026-01-31")
            return None

    def items(self) -> list["Place"]:
        """The items of a list."""
        return [Place(node, self.source, self.mistakes) for node in self._nodes()]

    def drained(self) -> Iterator["Place"]:
        """The items of a list, each let go once it was read: to let go of thousands at once would stall the loop."""
        nodes = self._nodes()
        nodes.reverse()
        while nodes:
            yield Place(nodes.pop(), self.source, self.mistakes)

    def each(self, read: Callable[["Place"], T | None]) -> tuple[T, ...]:
        """What a reader makes of the items of a list; those it cannot read are left out."""
        return tuple(value for item in self.items() if (value := read(item)) is not None)

    def some(self, read: Callable[["Place"], T | None]) -> tuple[T, ...]:
        """As `each`; a list without items is a mistake, because nobody means it."""
        if self.is_list() and not self.node.value:
            self.mistake("there is nothing in this list; take the key out, or write what belongs in it")
        return self.each(read)

    def one_or_some(self, read: Callable[["Place"], T | None]) -> tuple[T, ...]:
        """What a reader makes of a single value, or of the items of a list."""
        if self.is_list():
            return self.some(read)
        value = read(self)
        return () if value is None else (value,)

    def entries(self) -> dict[str, "Place"]:
        """The values under their keys, whatever these are."""
        if not self.is_mapping():
            self._other_kind("keys with values")
            return {}
        return self._entries(None)

    def keys(self, *known: str, needed: Sequence[str] = ()) -> "Keys":
        """The values under their keys, of which there are no others."""
        if not self.is_mapping():
            self._other_kind(f"keys with values, such as `{known[0]}: …`")
            return Keys({})
        values = self._entries(known)
        for name in needed:
            if name not in values:
                self.mistake(f"`{name}` is missing")
        return Keys(values)

    def _entries(self, known: Sequence[str] | None) -> dict[str, "Place"]:
        values: dict[str, Place] = {}
        for key_node, value_node in self.node.value:
            key, name = Place(key_node, self.source, self.mistakes), str(key_node.value)
            if known is not None and name not in known:
                close = get_close_matches(name, known, n=1, cutoff=0.6)
                hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}"
                key.mistake(f"unknown key `{name[:40]}`; {hint}")
            elif name in values:
                key.mistake(f"`{name}` is here twice, first on line {values[name].line}; keep one")
            else:
                values[name] = Place(value_node, self.source, self.mistakes)
        return values

    def _nodes(self) -> list[yaml.Node]:
        if not isinstance(self.node, yaml.SequenceNode):
            self._other_kind("a list: one item a line, each after a `-`")
            return []
        nodes: list[yaml.Node] = self.node.value
        return nodes


@dataclass(frozen=True, slots=True)
class Keys:
    """The places under the keys of one place."""

    places: Mapping[str, Place]

    def __contains__(self, name: str) -> bool:
        return name in self.places

    def __getitem__(self, name: str) -> Place:
        return self.places[name]

    def read(self, name: str, read: Callable[[Place], T | None]) -> T | None:
        """What a reader, such as `Place.text`, makes of the value under a key; None without the key."""
        return read(self.places[name]) if name in self.places else None

    def each(self, name: str, read: Callable[[Place], T | None]) -> tuple[T, ...]:
        """What a reader makes of the items of the list under a key; none without the key."""
        return self.places[name].each(read) if name in self.places else ()

    def some(self, name: str, read: Callable[[Place], T | None]) -> tuple[T, ...]:
        """As `each`, of a list that cannot be empty."""
        return self.places[name].some(read) if name in self.places else ()


def whole(least: int, most: int) -> Callable[[Place], int | None]:
    """A reader of whole numbers."""

    def read(place: Place) -> int | None:
        text = place.text()
        if text is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,15}", text) or not least <= int(text) <= most:
            place.mistake(f"must be a whole number from {least} to {most}, not `{text[:40]}`")
            return None
        return int(text)

    return read


def one_of(choices: Mapping[str, T], or_else: str = "") -> Callable[[Place], T | None]:
    """A reader of a few words, each of which stands for something; `or_else` is what else could be written."""
    known = ", ".join([*choices, *filter(None, [or_else])])

    def read(place: Place) -> T | None:
        text = place.text()
        if text is not None and text not in choices:
            place.mistake(f"must be one of {known}, not `{text[:40]}`")
        return choices.get(text) if text is not None else None

    return read


_BREATH = 0.0005
"""Seconds in which a waiting thread takes its turn."""


class _Loader(Composer, yaml.CSafeLoader):
    """Parses in C and composes in Python, so that the event loop gets its turns while a long file is read."""

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)


def read_file(path: Path, mistakes: list[Mistake]) -> Place | None:
    """The document of a file; None, and a mistake, when it cannot be read.

    Threads that wait for the interpreter come to their turn first. They ask for it after 5 ms (`sys.getswitchinterval`)
    and begin to count anew whenever somebody else lets go for an instant, as one does to open a file: while many small
    files were read, the event loop would not ask for its turn for a long time.
    """
    time.sleep(_BREATH)  # noqa: TID251 - this is no coroutine
    try:
        return read_yaml(path.read_text("utf-8"), str(path), mistakes)
    except UnicodeDecodeError:
        mistakes.append(Mistake(str(path), 1, 1, "this is not UTF-8 text; save it again as UTF-8"))
    except OSError as error:
        mistakes.append(Mistake(str(path), 1, 1, f"cannot be read: {error.strerror}"))
    return None


def read_yaml(text: str, source: str, mistakes: list[Mistake]) -> Place | None:
    """The document in a text, an empty one as keys without any; None, and a mistake, when it is no YAML."""
    try:
        node = _Loader(text).get_single_node()
    except RecursionError:
        mistakes.append(Mistake(source, 1, 1, "lists within lists, too deep to be meant"))
        return None
    except yaml.YAMLError as error:
        mistakes.append(_not_yaml(error, source, text))
        return None
    return Place(node or _no_keys(), source, mistakes)


def _no_keys() -> yaml.Node:
    start = yaml.Mark("", 0, 0, 0, "", 0)
    return yaml.MappingNode("tag:yaml.org,2002:map", [], start, start)


def _not_yaml(error: yaml.YAMLError, source: str, text: str) -> Mistake:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Mistake(source, 1, 1, f"this is not YAML: {' '.join(str(error).split())}")
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Mistake(source, line, column, f"this is not YAML: {error.problem}{hint(text, line, column)}")
