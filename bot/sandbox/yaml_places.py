"""YAML values that know their line, so that a mistake can name it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import yaml

from bot.sandbox.errors import WorldError

Choice = TypeVar("Choice")
_INTEGER = re.compile(r"[-+]?\d[\d_]*")
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a file. Scalars are read as they are written: a title of `2024` or `no` is a text."""

    node: yaml.Node
    source: str

    def mistake(self, sentence: str) -> WorldError:
        """The error to raise about this value."""
        return WorldError(f"{self.source}:{self.node.start_mark.line + 1}: {sentence}")

    def each(self) -> list["Place"]:
        """The items of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.mistake("this must be a list: one item a line, each after a `-`")
        return [Place(item, self.source) for item in self.node.value]

    def allow(self, *names: str) -> None:
        """Refuse keys that mean nothing here, and any that comes twice."""
        seen: set[str] = set()
        for key, _ in self._pairs():
            name = str(key.value)
            if name not in names:
                raise Place(key, self.source).mistake(f"unknown key `{name}`; known are {', '.join(names)}")
            if name in seen:
                raise Place(key, self.source).mistake(f"`{name}` is here twice; keep one")
            seen.add(name)

    def has(self, name: str) -> bool:
        """Whether the key is there."""
        return any(key.value == name for key, _ in self._pairs())

    def member(self, name: str) -> "Place":
        """The value of a key, which must be there."""
        for key, value in self._pairs():
            if key.value == name:
                return Place(value, self.source)
        raise self.mistake(f"`{name}` is missing")

    def items(self, name: str) -> list["Place"]:
        """The items of a list under a key; none without the key."""
        return self.member(name).each() if self.has(name) else []

    def text(self, name: str) -> str:
        """A text that says something."""
        text = self.member(name).scalar()
        if not text:
            raise self.member(name).mistake(f"`{name}` is empty; write a text")
        return text

    def optional_text(self, name: str) -> str | None:
        """A text, or None without the key."""
        return self.text(name) if self.has(name) else None

    def integer(self, name: str) -> int:
        """A whole number."""
        text = self.member(name).scalar()
        if not _INTEGER.fullmatch(text):
            raise self.member(name).mistake(f"`{name}` must be a whole number, not `{text}`")
        return int(text)

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        if not self.has(name):
            return default
        text = self.member(name).scalar()
        if text.lower() not in _FLAGS:
            raise self.member(name).mistake(f"`{name}` must be true or false, not `{text}`")
        return _FLAGS[text.lower()]

    def choice(self, name: str, choices: Mapping[str, Choice], default: Choice) -> Choice:
        """One of a few words."""
        if not self.has(name):
            return default
        text = self.member(name).scalar()
        if text not in choices:
            raise self.member(name).mistake(f"`{name}` must be one of {', '.join(choices)}, not `{text}`")
        return choices[text]

    def scalar(self) -> str:
        """A single value as it is written."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.mistake("this must be a single value")
        return str(self.node.value)

    def _pairs(self) -> list[tuple[yaml.Node, yaml.Node]]:
        if not isinstance(self.node, yaml.MappingNode):
            raise self.mistake("this must be keys with values, such as `id: 1001`")
        return list(self.node.value)


def read_yaml(text: str, source: str) -> Place:
    """The document in a text. Raises `WorldError` when it is no YAML."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WorldError(f"{source}:{line}: this is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise WorldError(f"{source}:1: this is not YAML: {error}") from error
    if node is None:
        raise WorldError(f"{source}:1: the file is empty; it must have `bot` and `users`")
    return Place(node, source)
