"""What a rehearsal found: what would be posted where and when, and what would not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from bot.domain.groups import Group
from bot.playbooks.model import Playbook, Step
from bot.playbooks.rendering import Post


@dataclass(frozen=True, slots=True)
class Turn:
    """One action's turn: of which step, in which group, for which slot, at which instant.

    `is_sample` tells that it was only shown what happens when the step's event does.
    """

    playbook: Playbook
    step: Step
    group: Group
    slot: str
    position: int
    at: datetime
    is_sample: bool = False

    @property
    def local(self) -> datetime:
        """What the group's clocks show."""
        return self.at.astimezone(self.group.zone)


@dataclass(slots=True)
class Posted:
    """A message as the group would see it; `delivered_at` is when the platform's limits would let it through."""

    turn: Turn
    post: Post
    is_pinned: bool = False
    delivered_at: datetime | None = None

    @property
    def is_promo(self) -> bool:
        """Whether it counts against the day's promotions."""
        return bool(getattr(self.turn.step.actions[self.turn.position], "promo", False))

    @property
    def kind(self) -> Literal["message", "photo", "video", "document", "animation", "album", "poll", "quiz"]:
        """What it is on the platform."""
        if self.post.poll:
            return "poll" if self.post.poll.correct is None else "quiz"
        if len(self.post.media) > 1:
            return "album"
        return self.post.media[0].kind if self.post.media else "message"


@dataclass(frozen=True, slots=True)
class Acted:
    """An action that posts nothing, or whose post only members make: what it would do, in English and in Chinese."""

    turn: Turn
    what: tuple[str, str]
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotPosted:
    """A slot that ended otherwise than by being posted, and why."""

    playbook: str
    step: str
    group: Group
    slot: str
    slot_at: datetime
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to look at before it happens. A `note` is information, which is never wrong."""

    kind: str
    facts: Mapping[str, object]
    groups: Sequence[Group] = ()
    is_note: bool = False


@dataclass(frozen=True, slots=True, repr=False)  # `asyncio.run` writes its result down when it ends, all of it
class Rehearsed:
    """Days of groups as they would be; the first is `first`, in each group's own zone.

    What is told of them is told in the operator's `language`: 0 is English, 1 Chinese.
    """

    first: date
    days: int
    playbooks: Sequence[Playbook]
    groups: Sequence[Group]
    posts: Sequence[Posted] = ()
    acts: Sequence[Acted] = ()
    samples: Sequence[Posted | Acted] = ()
    not_posted: Sequence[NotPosted] = ()
    assumptions: Sequence[Warned] = ()
    warnings: Sequence[Warned] = ()
    language: int = 0

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=self.days - 1)


@dataclass(frozen=True, slots=True)
class Folded:
    """The same at the same local time in many groups, as the first of them sees it."""

    shown: Posted | Acted
    groups: tuple[Group, ...]


def fold(entries: Sequence[Posted | Acted]) -> list[Folded]:
    """Entries that differ in the groups' names alone become one, in the order of the local time."""
    found: dict[object, list[Posted | Acted]] = {}
    for entry in entries:
        found.setdefault((*_place(entry), _without_title(entry)), []).append(entry)
    folded = [Folded(same[0], tuple(entry.turn.group for entry in same)) for same in found.values()]
    return sorted(folded, key=lambda one: _order(one.shown.turn))


def _order(turn: Turn) -> tuple[str, str, int, int]:
    time = "" if turn.is_sample else f"{turn.local:%Y-%m-%d %H:%M}"
    return time, turn.playbook.name, turn.playbook.steps.index(turn.step), turn.position


def _place(entry: Posted | Acted) -> tuple[str, str, str, int]:
    turn = entry.turn
    return f"{turn.local:%Y-%m-%d %H:%M}", turn.playbook.name, turn.step.id, turn.position


def _without_title(entry: Posted | Acted) -> object:
    if isinstance(entry, Acted):
        return entry.what
    return replace(entry.post, text=entry.post.text.replace(entry.turn.group.title, "\0")), entry.is_pinned
