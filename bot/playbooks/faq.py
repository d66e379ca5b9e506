"""FAQ files: YAML that ops write, read as a whole; every mistake is named by its file, line and column."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar

import yaml
from yaml.composer import Composer

from bot.domain.faq import (
    LONGEST_ANSWER,
    MODES,
    THRESHOLD,
    VARIABLES,
    Entry,
    Hours,
    Keyword,
    LinkButton,
    parse_keyword,
    variables_of,
)
from bot.services.faq_index import MOST_FUZZY, FaqIndex, KeywordError, check_keyword, normal_form

T = TypeVar("T")

MOST_ENTRIES = 10_000
"""Entries of all files together."""

_ENTRY_KEYS = (
    "name", "keywords", "unless", "answers", "pick", "priority", "hours", "otherwise", "from", "until", "buttons",
    "delete_after", "cooldown",
)  # fmt: skip
_TAGS = frozenset({"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "blockquote"})
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]\d|2[0-3]):([0-5]\d)")


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
class FaqFile:
    """What was read of one file; of a file with mistakes nothing is used."""

    path: Path
    entries: tuple[Entry, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


class _Loader(Composer, yaml.CSafeLoader):
    """Parses in C and composes in Python, so that the event loop gets its turns while a long file is read."""

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)


def faq_files(directory: Path) -> list[Path]:
    """The FAQ files of a playbooks directory, in the order in which they are read."""
    return sorted(path for path in (directory / "faq").glob("*.y*ml") if path.suffix in {".yaml", ".yml"})


def read_faq_file(path: Path) -> FaqFile:
    """The entries of a file, or all its mistakes."""
    reading = _Reading(str(path))
    try:
        entries = reading.document(path.read_text("utf-8"))
    except UnicodeDecodeError:
        reading.mistakes.append(Mistake(str(path), 1, 1, "this is not UTF-8 text; save it again as UTF-8"))
    except OSError as error:
        reading.mistakes.append(Mistake(str(path), 1, 1, f"cannot be read: {error.strerror}"))
    else:
        if not reading.mistakes:
            return FaqFile(path, tuple(entries))
    return FaqFile(path, mistakes=tuple(sorted(reading.mistakes)))


def mistakes_between(files: Collection[FaqFile]) -> list[Mistake]:
    """What is wrong with files that are right each by itself: too much of something."""
    entries = [entry for file in files for entry in file.entries]
    last = max((str(file.path) for file in files if file.entries), default="")
    fuzzy = sum(keyword.mode == "fuzzy" for entry in entries for keyword in entry.keywords)
    found = []
    if len(entries) > MOST_ENTRIES:
        found.append(Mistake(last, 1, 1, f"all files together have {len(entries)} entries; at most {MOST_ENTRIES}"))
    if fuzzy > MOST_FUZZY:
        found.append(Mistake(last, 1, 1, f"all files together have {fuzzy} fuzzy keywords; at most {MOST_FUZZY}"))
    return found


class FaqFiles:
    """The FAQ files of a directory, read again when they change; a file with mistakes keeps its last good version."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._good: dict[Path, FaqFile] = {}

    def have_changed(self) -> bool:
        """Whether there is anything to be read."""
        return self._stamps_now() != self._stamps

    def look(self) -> tuple[FaqIndex, list[Mistake]] | None:
        """The index of all files and the mistakes of those read just now; None when nothing has changed."""
        stamps = self._stamps_now()
        if stamps == self._stamps:
            return None
        changed = [path for path, stamp in stamps.items() if self._stamps.get(path) != stamp]
        good = {path: file for path, file in self._good.items() if path in stamps}
        mistakes: list[Mistake] = []
        for file in map(read_faq_file, changed):
            if file.mistakes:
                mistakes += file.mistakes
            else:
                good[file.path] = file
        self._stamps = stamps
        too_much = mistakes_between(good.values())
        if too_much:
            good = {path: file for path, file in self._good.items() if path in stamps}
        self._good = good
        index = FaqIndex.of(entry for path in sorted(good) for entry in good[path].entries)
        return index, mistakes + too_much

    def _stamps_now(self) -> dict[Path, tuple[int, int]]:
        return {path: _stamp(path) for path in faq_files(self._directory)}


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


@dataclass(slots=True)
class _Reading:
    """Reads one file and gathers its mistakes; where there is one, it goes on with a value that does no harm."""

    source: str
    mistakes: list[Mistake] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)

    def document(self, text: str) -> list[Entry]:
        try:
            loader = _Loader(text)
            node = loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            self.mistakes.append(Mistake(self.source, line, column, f"this is not YAML: {error.problem}"))
            return []
        except RecursionError:
            self.mistakes.append(Mistake(self.source, 1, 1, "lists within lists, too deep to be meant"))
            return []
        except yaml.YAMLError as error:
            self.mistakes.append(Mistake(self.source, 1, 1, f"this is not YAML: {' '.join(str(error).split())}"))
            return []
        if node is None:
            self.mistakes.append(Mistake(self.source, 1, 1, "the file is empty; it must have `entries`"))
            return []
        top = self._mapping(node, ("groups", "entries"))
        groups = self._groups(top.get("groups"))
        if "entries" not in top and isinstance(node, yaml.MappingNode):
            self._mistake(node, "`entries` is missing")
        nodes = self._items(top.get("entries"))
        nodes.reverse()
        entries = []
        while nodes:  # each is let go at once: to let go of ten thousand together would stall the event loop
            entry = self._entry(nodes.pop(), groups)
            if entry is not None:
                entries.append(entry)
        return entries

    def _entry(self, node: yaml.Node, groups: frozenset[str]) -> Entry | None:
        before = len(self.mistakes)
        values = self._mapping(node, _ENTRY_KEYS)
        for needed in ("name", "keywords", "answers"):
            if needed not in values and isinstance(node, yaml.MappingNode):
                self._mistake(node, f"`{needed}` is missing")
        entry = Entry(
            id=f"{Path(self.source).name}:{self._name(values.get('name'))}",
            keywords=tuple(k for item in self._items(values.get("keywords")) if (k := self._keyword(item))),
            answers=tuple(self._html(item) for item in self._items(values.get("answers"))),
            picks=self._choice(values.get("pick"), {"turn": "turn", "random": "random"}, "turn"),
            priority=self._whole(values.get("priority"), -100, 100) or 0,
            unless=tuple(self._unwanted(item) for item in self._items(values.get("unless"))),
            groups=groups,
            hours=self._hours(values.get("hours")),
            otherwise=self._html(values["otherwise"]) if "otherwise" in values else None,
            valid_from=self._date(values.get("from")),
            valid_until=self._date(values.get("until")),
            buttons=tuple(b for item in self._items(values.get("buttons")) if (b := self._button(item))),
            lifetime=self._whole(values.get("delete_after"), 1, 172_000) or 0,
            cooldown=self._whole(values.get("cooldown"), 0, 86_400),
        )
        if entry.otherwise is not None and entry.hours is None:
            self._mistake(values["otherwise"], "`otherwise` is said outside `hours`, which are missing")
        if entry.valid_from and entry.valid_until and entry.valid_from > entry.valid_until:
            self._mistake(values["until"], "`until` is before `from`")
        return entry if len(self.mistakes) == before else None

    def _name(self, node: yaml.Node | None) -> str:
        if node is None:
            return ""
        name = self._text(node)
        if name in self._names:
            self._mistake(node, f"the name `{name}` is taken, on line {self._names[name]}")
        self._names.setdefault(name, node.start_mark.line + 1)
        return name

    def _keyword(self, node: yaml.Node) -> Keyword | None:
        if isinstance(node, yaml.MappingNode):
            values = self._mapping(node, (*MODES, "threshold"))
            modes = [mode for mode in MODES if mode in values]
            if len(modes) != 1:
                self._mistake(node, f"a keyword has one of {', '.join(MODES)}")
                return None
            threshold = self._whole(values.get("threshold"), 50, 100)
            if threshold is not None and modes[0] != "fuzzy":
                self._mistake(values["threshold"], "`threshold` is for fuzzy keywords")
            keyword = Keyword(self._text(values[modes[0]]), modes[0], THRESHOLD if threshold is None else threshold)
        else:
            keyword = parse_keyword(self._text(node))
        try:
            check_keyword(keyword)
        except KeywordError as error:
            self._mistake(node, f"keyword `{keyword.text[:40]}`: {error}")
            return None
        return keyword

    def _unwanted(self, node: yaml.Node) -> str:
        text = self._text(node)
        if text and not normal_form(text):
            self._mistake(node, "this has no letter and no digit")
        return text

    def _html(self, node: yaml.Node) -> str:
        text = self._text(node).strip()
        if len(text) > LONGEST_ANSWER:
            self._mistake(node, f"an answer has at most {LONGEST_ANSWER} characters, this has {len(text)}")
        for name in sorted(variables_of(text) - set(VARIABLES)):
            self._mistake(node, f"unknown variable `{name}`; known are {', '.join(VARIABLES)}")
        wrong = _wrong_html(text)
        if wrong:
            self._mistake(node, wrong)
        return text

    def _button(self, node: yaml.Node) -> LinkButton | None:
        values = self._mapping(node, ("text", "url"))
        for needed in ("text", "url"):
            if needed not in values and isinstance(node, yaml.MappingNode):
                self._mistake(node, f"`{needed}` is missing")
        if len(values) < 2:
            return None
        url = self._text(values["url"])
        if not re.fullmatch(r"(https?|tg)://\S+", url):
            self._mistake(values["url"], "`url` must be an address such as https://example.org")
        return LinkButton(self._text(values["text"])[:64], url)

    def _groups(self, node: yaml.Node | None) -> frozenset[str]:
        if node is None or (isinstance(node, yaml.ScalarNode) and node.value == "all"):
            return frozenset()
        groups = frozenset(self._text(item) for item in self._items(node))
        if not groups and isinstance(node, yaml.SequenceNode):
            self._mistake(node, "no group is named; write titles or chat ids, or `groups: all`")
        return groups

    def _hours(self, node: yaml.Node | None) -> Hours | None:
        if node is None:
            return None
        found = _HOURS.fullmatch(self._text(node))
        if found is None:
            self._mistake(node, "`hours` must be like 09:00-18:00")
            return None
        first, first_minute, last, last_minute = map(int, found.groups())
        return Hours(time(first, first_minute), time(last, last_minute))

    def _date(self, node: yaml.Node | None) -> date | None:
        if node is None:
            return None
        try:
            return date.fromisoformat(self._text(node))
        except ValueError:
            self._mistake(node, "a day must be like 2026-01-31")
            return None

    def _whole(self, node: yaml.Node | None, least: int, most: int) -> int | None:
        if node is None:
            return None
        text = self._text(node)
        if not re.fullmatch(r"-?[0-9]{1,7}", text) or not least <= int(text) <= most:
            self._mistake(node, f"must be a whole number from {least} to {most}, not `{text[:40]}`")
            return None
        return int(text)

    def _choice(self, node: yaml.Node | None, choices: Mapping[str, T], default: T) -> T:
        if node is None:
            return default
        text = self._text(node)
        if text not in choices:
            self._mistake(node, f"must be one of {', '.join(choices)}, not `{text[:40]}`")
        return choices.get(text, default)

    def _text(self, node: yaml.Node) -> str:
        """A single value as it is written: `no` and `010` are texts."""
        if not isinstance(node, yaml.ScalarNode):
            self._mistake(node, "this must be a single value")
            return ""
        if not str(node.value).strip():
            self._mistake(node, "this is empty; write a text")
        return str(node.value).strip()

    def _items(self, node: yaml.Node | None) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._mistake(node, "this must be a list: one item a line, each after a `-`")
            return []
        items: list[yaml.Node] = node.value
        return items

    def _mapping(self, node: yaml.Node, known: Sequence[str]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._mistake(node, f"this must be keys with values, such as `{known[0]}: …`")
            return {}
        values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                self._mistake(key, f"unknown key `{name[:40]}`; known are {', '.join(known)}")
            elif name in values:
                self._mistake(key, f"`{name}` is here twice; keep one")
            values.setdefault(name, value)
        return {name: value for name, value in values.items() if name in known}

    def _mistake(self, node: yaml.Node, what: str) -> None:
        mark = node.start_mark
        self.mistakes.append(Mistake(self.source, mark.line + 1, mark.column + 1, what))


class _Html(HTMLParser):
    """Looks whether a text is HTML that the platform takes."""

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


def _wrong_html(text: str) -> str:
    if "<" not in text and "&" not in text:
        return ""
    parser = _Html()
    parser.feed(text)
    parser.close()
    if re.search(r"<(?![/a-z])", text, re.IGNORECASE):
        return "write &lt; for a <"
    if re.search(r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);)", text, re.IGNORECASE):
        return "write &amp; for a &"
    return parser.wrong or (f"<{parser.open[-1]}> is never closed" if parser.open else "")
