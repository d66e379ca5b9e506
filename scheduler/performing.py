"""What carrying out an action of a step may come to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.deliveries import Note
from bot.domain.groups import Group
from bot.playbooks.model import Playbook, Step
from storage.deliveries import Delivery


@dataclass(frozen=True, slots=True)
class Occasion:
    """One action's turn: of which step, in which group, for which slot, at which instant."""

    playbook: Playbook
    step: Step
    group: Group
    delivery: Delivery
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the step's times are meant."""
        return self.playbook.zone_in(self.group)

    @property
    def reason(self) -> str:
        """What this action's effects are known by, the same however often it runs: `playbook:DELIVERY:POSITION`."""
        return f"playbook:{self.delivery.id}:{self.delivery.position}"


@dataclass(frozen=True, slots=True)
class Done:
    """The action was carried out: the messages it became, and how long the next action waits.

    The first message is to be pinned in place of the step's former one (`pins`), or to replace its former copy. What is
    done `afterwards` comes when all this is recorded, so that a kill between the two loses nothing.
    """

    posted: Sequence[int] = ()
    wait: timedelta = timedelta(0)
    pins: bool = False
    replaces: bool = False
    afterwards: Callable[[], Awaitable[None]] | None = None


class NotSent(Exception):
    """The platform certainly took nothing: it may be tried again, after `pause`."""

    def __init__(self, why: str, pause: timedelta) -> None:
        super().__init__(why)
        self.pause = pause


class TooMany(NotSent):
    """The platform wants no more in this chat for a while."""


class Uncertain(Exception):
    """The platform may have taken it or not; it has no way to be asked."""


class Impossible(Exception):
    """It will never be taken: the bot was removed, or may not write, or the platform refuses what is posted."""

    def __init__(self, why: str, note: Note = "") -> None:
        super().__init__(why)
        self.note: Note = note


Perform = Callable[[Occasion, Any], Awaitable[Done]]
"""Carries out an action. Raises `NotSent`, `Uncertain`, `Impossible`, and `RenderError`."""

Performers = Mapping[type, Perform]
