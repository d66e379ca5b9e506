"""Invites: whose they are, when they count, what they pay, and what looks like abuse."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.domain.refusals import Refusal

Needs = Literal["nothing", "speaking", "checkin"]
"""What the one invited has to do before the invite counts; a check-in is as good as a message."""

LONGEST_LINK_NAME = 32
"""Characters of an invite link's name (Bot API, createChatInviteLink)."""

PATIENCE = timedelta(days=30)
"""For how long after its probation an invite can still come to count."""

_LOOK_EVERY = timedelta(hours=1)
_MANY = 5


class CannotInvite(Refusal):
    """The platform does not let the bot make links into the group."""

    text = "invite.no_right"


class NothingToVoid(Refusal):
    """The member has invited nobody whose invite could be struck."""

    text = "invite.nothing_to_void"


@dataclass(frozen=True, slots=True)
class InviteRules:
    """A group's rules: days of probation, what is needed, points for each, and how many a day are paid (0: all)."""

    days: int
    needs: Needs
    points: int
    daily_cap: int

    def ripe_at(self, joined_at: datetime) -> datetime:
        """The end of the probation."""
        return joined_at + timedelta(days=self.days)

    def reward(self, paid_that_day: int) -> int:
        """What one more invite pays, when so many of the same day have been paid already."""
        return 0 if self.daily_cap and paid_that_day >= self.daily_cap else self.points


@dataclass(frozen=True, slots=True)
class Invited:
    """What is known by now of someone who was invited. `is_proved` is false as long as a captcha is open."""

    joined_at: datetime
    is_here: bool
    has_spoken: bool
    has_checked_in: bool
    is_proved: bool = True


@dataclass(frozen=True, slots=True)
class Tally:
    """What a member's link brought: who joined, who of them is still here, whose invite counts, who never spoke."""

    joined: int
    here: int
    valid: int
    silent: int = 0

    @property
    def is_suspicious(self) -> bool:
        """Whether somebody should look at it: many came, and most of them never spoke or have left."""
        return self.joined >= _MANY and max(self.silent, self.joined - self.here) * 2 > self.joined


def is_valid(rules: InviteRules, invited: Invited, now: datetime) -> bool:
    """Whether an invite counts by now: the probation is over, they are here, and have done what is needed."""
    if now < rules.ripe_at(invited.joined_at) or not (invited.is_here and invited.is_proved):
        return False
    has_spoken = rules.needs == "speaking" and invited.has_spoken
    return rules.needs == "nothing" or has_spoken or invited.has_checked_in


def look_again_at(rules: InviteRules, invited: Invited, now: datetime) -> datetime | None:
    """When to look again at an invite that does not count yet, ever more rarely; None for not any more.

    Whoever has left is looked at again when they come back.
    """
    ripe_at = rules.ripe_at(invited.joined_at)
    if now < ripe_at:
        return ripe_at
    if not invited.is_here or now >= ripe_at + PATIENCE:
        return None
    return now + max(_LOOK_EVERY, (now - ripe_at) / 4)


def link_name(name: str, user_id: int) -> str:
    """What operators see a member's link called, in the platform's list of links."""
    number = f" #{user_id}"
    return name[: LONGEST_LINK_NAME - len(number)] + number
