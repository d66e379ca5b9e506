"""A playbook as it runs: what the loader makes of a file, and what the scheduler and the rehearsal work with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from bot.domain.deliveries import IfMissed
from bot.domain.groups import Group
from bot.domain.libraries import Pick
from bot.domain.slots import Days, QuietHours, TimesOfDay


class Template(Protocol):
    """A text with variables (`names`), checked when it was loaded; `source` is how it is written."""

    @property
    def source(self) -> str: ...  # noqa: D102

    @property
    def names(self) -> frozenset[str]: ...  # noqa: D102

    def render(self, values: Mapping[str, Any]) -> str:
        """The text as the platform's HTML. Raises `RenderError` for what only the values can do wrong."""
        ...


class RenderError(Exception):
    """A text that cannot be made of these values: too long, or a value is missing. One line for ops people."""


@dataclass(frozen=True, slots=True)
class Library:
    """Texts or products from a file, of which one is taken at a time, none again until all were taken.

    An item's `values` are what its template may name (a product's `name`, `price`, `link`, `photo`).
    """

    path: Path
    pick: Pick
    items: tuple["Item", ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One text of a library. `key` stays the same when others are added or taken away."""

    key: str
    text: Template | None
    weight: int = 1
    values: Mapping[str, Any] = field(default_factory=dict)
    photo: Path | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a post: it opens an address, or does what the bot's button of that name does (`checkin`)."""

    text: Template
    url: Template | None = None
    do: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, video or document. The first time it is uploaded; later the platform's own id is used."""

    kind: Literal["photo", "video", "document", "animation"]
    path: Path


@dataclass(frozen=True, slots=True)
class Send:
    """Posts a text, media with a caption, or an album (several media).

    Of several `texts` a group always gets the same one (A/B, by a stable hash of the group). `replaces` deletes the
    step's previous copy; `pin` unpins the step's own former pin; `topic` is a forum topic's id.
    """

    texts: tuple[Template, ...] = ()
    library: Library | None = None
    media: tuple[Media, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    silent: bool = False
    pin: bool = False
    replaces: bool = False
    promo: bool = False
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """Posts a poll, or a quiz if `correct` (an option's place, from 0) is given."""

    question: Template
    options: tuple[Template, ...]
    anonymous: bool = True
    multiple: bool = False
    correct: int | None = None
    explanation: Template | None = None
    open_for: timedelta | None = None
    silent: bool = False
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Lets the rest of the step come so much later."""

    duration: timedelta


@dataclass(frozen=True, slots=True)
class CheckinReminder:
    """Posts how many have checked in today, with the button. It mentions nobody."""

    text: Template | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class OpenLottery:
    """Opens a lottery; `terms` are those of `/lottery new`, checked when the file was loaded."""

    terms: str


@dataclass(frozen=True, slots=True)
class Award:
    """Pays points, once a slot: to the member of the event, or to all who checked in today."""

    points: int
    to: Literal["member", "checked_in"] = "member"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShowLeaderboard:
    """Posts the leaderboard."""

    of: Literal["points", "streak", "invites"] = "points"
    period: Literal["week", "month", "all"] = "week"
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """Calls a webhook of the shop with the group, step and slot as JSON; what it answers is not read."""

    url: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PluginAction:
    """An action that a plugin brings: its name and its own checked parameters."""

    name: str
    parameters: Any
    is_repeatable: bool = False


Action = (
    Send | Poll | Wait | CheckinReminder | OpenLottery | Award | ShowLeaderboard | Call | PluginAction
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class After:
    """Due when another step of the playbook has been sent in the group, and so much time has passed."""

    step: str
    delay: timedelta


Event = Literal["member_joined", "checked_in", "silent", "message", "milestone"]


@dataclass(frozen=True, slots=True)
class On:
    """Due when something happens in a group.

    `member_joined`: `days` after the join (0: at once; else at `times`' first time of that day). `checked_in`: at a
    streak of `streak` days. `silent`: nobody spoke for `duration`. `message`: one that is or holds one of `words`.
    `milestone`: so many `members` or `messages`.
    """

    event: Event
    days: int = 0
    times: TimesOfDay | None = None
    streak: int | None = None
    duration: timedelta | None = None
    words: tuple[str, ...] = ()
    members: int | None = None
    messages: int | None = None


Trigger = TimesOfDay | After | On

_POSTS = Send | Poll | CheckinReminder | ShowLeaderboard


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of `only_if`, all of which must hold when the step's turn has come. `value` is as its kind reads it.

    `silent_for` (timedelta), `active_within` (timedelta), `messages_since_post` and `members` (least, most),
    `tags` (any of), `weekdays`, `chance` (percent; by a stable hash of group and slot), `promos_today` (under),
    `no_live_lottery`.
    """

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step; of the playbook's days it runs on those that `days` include. `line` is where it stands in the file."""

    id: str
    trigger: Trigger
    actions: tuple[Action, ...]
    conditions: tuple[Condition, ...] = ()
    if_missed: IfMissed = IfMissed()  # noqa: RUF009 - it is frozen
    days: Days = Days()  # noqa: RUF009 - it is frozen
    line: int = 0

    def is_repeatable(self, position: int) -> bool:
        """Whether an action may be carried out again when nobody knows if it was: its effect is known by its key.

        A post is not: a greeting that is lost does no harm, one that comes twice does.
        """
        action = self.actions[position]
        return action.is_repeatable if isinstance(action, PluginAction) else not isinstance(action, _POSTS)

    @property
    def is_promo(self) -> bool:
        """Whether it counts against the day's promotions."""
        return any(isinstance(action, Send) and action.promo for action in self.actions)


@dataclass(frozen=True, slots=True)
class Audience:
    """The groups of a playbook: those with any of the tags or of the names (titles or chat ids); all by default."""

    tags: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @property
    def is_all(self) -> bool:
        """Whether no group is left out."""
        return not (self.tags or self.names)


@dataclass(frozen=True, slots=True)
class Playbook:
    """A whole file. `zone` is None for the group's own.

    `values` are what templates may name: a group's, by its title or chat id, and under "" those of all. `promo_budget`
    is how many promotions it posts in a group on one day.
    """

    name: str
    path: Path
    steps: tuple[Step, ...]
    description: str = ""
    audience: Audience = Audience()
    zone: str | None = None
    days: Days = Days()  # noqa: RUF009 - it is frozen
    quiet_hours: QuietHours | None = None
    promo_budget: int | None = None
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def zone_in(self, group: Group) -> ZoneInfo:
        """The zone in which its times are meant in a group."""
        return ZoneInfo(self.zone) if self.zone else group.zone

    def step(self, step_id: str) -> Step | None:
        """The step of an id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def followers_of(self, step_id: str) -> Mapping[str, timedelta]:
        """The steps that come after a step, and how long after."""
        triggers = {step.id: step.trigger for step in self.steps}
        return {one: on.delay for one, on in triggers.items() if isinstance(on, After) and on.step == step_id}
