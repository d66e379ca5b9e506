"""Libraries: texts and products in files of their own, of which a step takes one at a time."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.libraries import Pick
from bot.playbooks.media_files import WrongFileError, media_in
from bot.playbooks.model import Button, Item, Library
from bot.playbooks.templates import TemplateProblem, Text, Variables, compile_text, units
from bot.yaml_places import Mistake, Place, read_file, whole

MOST_ITEMS = 5_000
ADDRESS = re.compile(r"(https?|tg)://[^\s/?#]\S*$")
"""What a button may open."""

_OF_PRODUCT = re.compile(r"\{\{\s*product\.(\w+)\s*\}\}")

LONGEST_VALUE = 1_000


@dataclass(frozen=True, slots=True)
class RawItem:
    """An item as it stands in its file: its text, if it has one, and its other values."""

    source: str
    line: int
    column: int
    text: str
    weight: int
    photo: str
    values: Mapping[str, str]

    @property
    def key(self) -> str:
        """The same as long as the item says the same, wherever it stands."""
        said = "\n".join([self.text, self.photo, *(f"{name}={value}" for name, value in sorted(self.values.items()))])
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def mistake(self, what: str) -> Mistake:
        """Something that is wrong with it."""
        return Mistake(self.source, self.line, self.column, what)


@dataclass(slots=True)
class Libraries:
    """The libraries of a directory, each read once; what is wrong with them goes to `mistakes`, once."""

    root: Path
    mistakes: list[Mistake]
    _read: dict[Path, tuple[RawItem, ...]] = field(default_factory=dict)

    def items(self, path: Path) -> tuple[RawItem, ...]:
        """The items of a file; none, and a mistake, when it cannot be read."""
        if path not in self._read:
            known = len(self.mistakes)
            self._read[path] = tuple(self._items_of(path))
            if not self._read[path] and len(self.mistakes) == known:
                self.mistakes.append(
                    Mistake(str(path), 1, 1, "there is nothing in it; a library has at least one item")
                )
            if len(self._read[path]) > MOST_ITEMS:
                self.mistakes.append(Mistake(str(path), 1, 1, f"a library has at most {MOST_ITEMS} items"))
        return self._read[path]

    def _items_of(self, path: Path) -> Iterator[RawItem]:
        kind = path.suffix.lower()
        if kind in {".csv", ".yaml", ".yml"}:
            yield from (_csv_items if kind == ".csv" else _yaml_items)(path, self.mistakes)
        else:
            self.mistakes.append(Mistake(str(path), 1, 1, "a library is a .yaml file, or a spreadsheet saved as .csv"))

    def check_addresses(self, path: Path, buttons: Iterable[Iterable[Button]]) -> None:
        """Finds items with a value that a button opens, and that is no address."""
        urls = (button.url.source for row in buttons for button in row if button.url)
        for name in {found[1] for url in urls if (found := _OF_PRODUCT.fullmatch(url))}:
            for raw in self.items(path):
                if name in raw.values and not ADDRESS.match(raw.values[name]):
                    shown = f"an address such as https://example.org, not `{raw.values[name][:40]}`"
                    self.mistakes.append(raw.mistake(f"a button opens its `{name}`, which must be {shown}"))

    def library(
        self, path: Path, pick: Pick, template: Text | None, variables: Variables, longest: int, *, has_text: bool
    ) -> Library:
        """The library as a step uses it: an item without a text of its own is said by the step's, if it `has_text`."""
        items = []
        for raw in self.items(path):
            text = template
            if raw.text:
                text = self._text(raw, variables, longest)
            elif not has_text:
                self.mistakes.append(raw.mistake("this has no `text`, and the step has none either"))
            items.append(Item(raw.key, text, raw.weight, raw.values, self._photo(raw)))
        return Library(path, pick, tuple({item.key: item for item in items}.values()))

    def _photo(self, raw: RawItem) -> Path | None:
        try:
            return media_in(self.root, raw.photo, "photo").path if raw.photo else None
        except WrongFileError as wrong:
            self.mistakes.append(raw.mistake(str(wrong)))
            return None

    def _text(self, raw: RawItem, variables: Variables, longest: int) -> Text | None:
        try:
            return compile_text(raw.text, {**variables, **product_variables([raw])}, longest=longest)
        except TemplateProblem as found:
            self.mistakes.extend(raw.mistake(str(problem)) for problem in found.all)
            return None


def product_variables(items: list[RawItem] | tuple[RawItem, ...]) -> Variables:
    """What a text may name of the items: the names that all of them have, and how long their values are."""
    names = set.intersection(*(set(item.values) for item in items)) if items else set()
    return {f"product.{name}": max(units(item.values[name]) for item in items) for name in sorted(names)}


def _yaml_items(path: Path, mistakes: list[Mistake]) -> Iterator[RawItem]:
    document = read_file(path, mistakes)
    for place in document.items() if document else ():
        if not place.is_mapping():
            text = place.text()
            if text:
                yield _item(place, text=text)
            continue
        entries = place.entries()
        values = {name: text for name, value in entries.items() if name not in _OWN and (text := value.text())}
        weight = whole(1, 1000)(entries["weight"]) if "weight" in entries else 1
        own = {name: entries[name].text() or "" for name in ("text", "photo") if name in entries}
        yield _item(place, own.get("text", ""), weight or 1, own.get("photo", ""), values)


_OWN = ("text", "photo", "weight")
_NO_NAME = "cannot be named in a text; use letters, digits and _"
_COLON = "is read as a name, because a colon and a space follow; put the text in quotes"


def _item(
    place: Place, text: str, weight: int = 1, photo: str = "", values: Mapping[str, str] | None = None
) -> RawItem:
    for name, value in (values or {}).items():
        if not name.isidentifier():
            place.mistake(f"`{name[:40]}` {_NO_NAME if ' ' not in name else _COLON}")
        if len(value) > LONGEST_VALUE:
            place.mistake(f"`{name}` has at most {LONGEST_VALUE} characters")
    return RawItem(place.source, place.line, place.column, text, weight, photo, values or {})


def _csv_items(path: Path, mistakes: list[Mistake]) -> Iterator[RawItem]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        mistakes.append(Mistake(str(path), 1, 1, f"cannot be read: {error.strerror}"))
        return
    text = _decoded(raw)
    heading = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=heading.count))
    names = _column_names(next(rows, []), str(path), mistakes)
    for cells in rows:
        said = [cell.strip() for cell in cells]
        if len(said) > len(names) and any(said[len(names) :]):
            extra = f"{len(said)} cells, and the first row names {len(names)}; a text that holds a comma needs quotes"
            mistakes.append(Mistake(str(path), rows.line_num, 1, f"this row has {extra}"))
        if any(said):
            yield _row(dict(zip(names, said + [""] * len(names), strict=False)), str(path), rows.line_num, mistakes)


def _column_names(row: list[str], source: str, mistakes: list[Mistake]) -> list[str]:
    names = [name.strip() for name in row]
    if not any(names):
        mistakes.append(Mistake(source, 1, 1, "the first line must name the columns, such as name,price,link,photo"))
    for name in dict.fromkeys(name for name in names if name):
        if not name.isidentifier():
            mistakes.append(Mistake(source, 1, 1, f"the column `{name[:40]}` cannot be named in a text"))
        if names.count(name) > 1:
            mistakes.append(Mistake(source, 1, 1, f"the column `{name}` is here twice; keep one"))
    return names


def _row(said: dict[str, str], source: str, line: int, mistakes: list[Mistake]) -> RawItem:
    values = {name: text for name, text in said.items() if name}
    weight = values.pop("weight", "") or "1"
    if not (weight.isascii() and weight.isdigit() and 1 <= int(weight) <= 1000):
        mistakes.append(Mistake(source, line, 1, "`weight` must be a whole number from 1 to 1000"))
        weight = "1"
    text, photo = values.pop("text", ""), values.pop("photo", "")
    return RawItem(source, line, 1, text, int(weight), photo, values)


def _decoded(raw: bytes) -> str:
    """Spreadsheets write UTF-8 with a mark, or the Chinese GB 18030."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")
