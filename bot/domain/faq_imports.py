"""Entries on their way from a file into a group: what becomes of those that are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.faq import OWN, Entry
from bot.domain.faq_own import own_key


@dataclass(frozen=True, slots=True)
class Incoming:
    """An own entry as a file has it. `name` is what the file calls it: the id that it had when it was exported."""

    entry: Entry
    name: str

    @property
    def key(self) -> str:
        """The key under which it will be found."""
        return own_key(self.entry)

    @property
    def former_key(self) -> str:
        """The key that it had when it was exported; another one if its first keyword was changed since."""
        return self.name.removeprefix(OWN) if self.name.startswith(OWN) else self.key


@dataclass(frozen=True, slots=True)
class Merged:
    """A group's entries by their keys as they will be, or what stands against it: an incoming one's number, and why."""

    entries: Mapping[str, Entry]
    problems: Sequence[tuple[int, str]]


def merged(present: Mapping[str, Entry], incoming: Sequence[Incoming], *, replaces: bool) -> Merged:
    """What a group has after an import: an entry that is there already is changed, not doubled.

    With `replaces` nothing stays that is not incoming.
    """
    known = {one.former_key for one in incoming}
    entries = {key: entry for key, entry in present.items() if key not in known and not replaces}
    numbers: dict[str, int] = {}
    problems = []
    for number, one in enumerate(incoming):
        if one.key in numbers:
            problems.append((number, "another entry of the file has the same first keyword; give each its own"))
        elif entries.get(one.key, one.entry) != one.entry and one.former_key in present:
            problems.append(
                (number, "the group has another entry with this first keyword; change the keyword, or delete that one")
            )
        numbers.setdefault(one.key, number)
    return Merged(entries | {one.key: one.entry for one in incoming}, problems)


@dataclass(frozen=True, slots=True)
class Difference:
    """What an import changed in a group: the entries before and after, by their keys; None where there is none."""

    before: Mapping[str, Entry | None]
    after: Mapping[str, Entry | None]
    kept: int

    @property
    def new(self) -> int:
        """How many entries were not there before."""
        return sum(entry is None for entry in self.before.values())

    @property
    def deleted(self) -> int:
        """How many are no longer there."""
        return sum(entry is None for entry in self.after.values())

    @property
    def changed(self) -> int:
        """How many are there, but different."""
        return len(self.after) - self.new - self.deleted


def difference(present: Mapping[str, Entry], wanted: Mapping[str, Entry]) -> Difference:
    """What turns the one into the other."""
    keys = sorted(key for key in present.keys() | wanted.keys() if present.get(key) != wanted.get(key))
    before, after = ({key: entries.get(key) for key in keys} for entries in (present, wanted))
    return Difference(before, after, len(wanted.keys() - set(keys)))
