"""A group chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from bot.domain.days import day_start, local_day
from bot.domain.refusals import Refusal
from bot.domain.settings import GroupSettings

LONGEST_RULES = 3000
"""Characters of the group rules; what is left of a message's 4,096 holds the heading."""


class RulesTooLong(Refusal):
    """The rules would not fit a message."""

    text = "rules.too_long"


class NoRules(Refusal):
    """Nobody has set any rules."""

    text = "rules.none"


class NoSuchGroup(Exception):
    """A group that is not known by that name; the text says which ones are."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group chat. `id` is ours and never changes; `chat_id` is the platform's, which a migration changes.

    `wallet_id` is the group whose wallet its members' points go into: its own, unless groups share one.
    """

    id: int
    chat_id: int
    title: str
    wallet_id: int
    rules: str
    is_present: bool
    settings: GroupSettings

    @property
    def tags(self) -> tuple[str, ...]:
        """The words by which files can mean several groups at once."""
        return self.settings.tags

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the group lives."""
        return ZoneInfo(self.settings.timezone)

    def day_of(self, at: datetime) -> date:
        """The group's own day at an instant, which begins at the hour that is set."""
        return local_day(at, self.settings.timezone, self.settings.day_starts_at)

    def start_of(self, day: date) -> datetime:
        """The instant at which a day of the group's begins."""
        return day_start(day, self.settings.timezone, self.settings.day_starts_at)


class Named(Protocol):
    """A group, or what is stored of one."""

    @property
    def chat_id(self) -> int: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102


N = TypeVar("N", bound=Named)


def group_named(groups: Sequence[N], wanted: str) -> N:
    """The one group with that chat id or title. Raises `NoSuchGroup` when there is none, or several."""
    found = [group for group in groups if str(group.chat_id) == wanted]
    found = found or [group for group in groups if group.title.casefold() == wanted.casefold()]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{group.chat_id} ({' '.join(group.title.split())})" for group in (found or groups)[:20])
    raise NoSuchGroup(f"{'several groups are' if found else 'no group is'} called {wanted!r}; known: {known or 'none'}")
