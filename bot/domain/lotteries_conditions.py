"""Who may enter a lottery: what an operator asks for, and what a member still lacks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.levels import level_of
from bot.domain.members import Status
from bot.domain.refusals import Refusal

MOST = {"days": 3_650, "messages": 1_000_000, "level": 1_000, "invited": 10_000, "cooldown": 3_650}
"""The largest number that each condition takes."""


class TooNew(Refusal):
    """The member has not been in the group for long enough."""

    text = "lottery.too_new"


class CheckInFirst(Refusal):
    """The member has not checked in today."""

    text = "lottery.check_in_first"


class TooQuiet(Refusal):
    """The member has written too few messages."""

    text = "lottery.too_quiet"


class LevelTooLow(Refusal):
    """The member has not come far enough."""

    text = "lottery.level_too_low"


class TooFewInvites(Refusal):
    """Too few of those whom the member brought count."""

    text = "lottery.too_few_invites"


class NotInChannel(Refusal):
    """The member is not in the channel."""

    text = "lottery.not_in_channel"


class WonLately(Refusal):
    """The member has won a lottery of the group not long ago."""

    text = "lottery.won_lately"


class Banned(Refusal):
    """Operators keep the member out of the group's lotteries."""

    text = "lottery.is_banned"


class CannotAsk(Refusal):
    """The platform does not say whether somebody is a member."""

    text = "lottery.cannot_ask"


class CaptchaNeeded(Refusal):
    """The member has not passed the group's captcha."""

    text = "lottery.captcha_needed"


class NoCaptcha(Refusal):
    """The group asks nobody for a captcha, so that nobody could enter."""

    text = "lottery.no_captcha"


class WrongChannel(Refusal):
    """The platform does not tell the bot who is in that chat."""

    text = "lottery.wrong_channel"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel or group that one must be in; `name` is as it was written, with its @."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Conditions:
    """What it takes to enter; 0, False and None ask for nothing. `cooldown` are days after a win."""

    days: int = 0
    check_in: bool = False
    messages: int = 0
    level: int = 0
    invited: int = 0
    channel: Channel | None = None
    cooldown: int = 0
    captcha: bool = False

    def rules(self) -> dict[str, Any]:
        """As the rules of a lottery tell them: those alone that ask for something."""
        told: dict[str, Any] = {name: getattr(self, name) for name in MOST if getattr(self, name)}
        if self.check_in:
            told["check_in"] = True
        if self.captcha:
            told["captcha"] = True
        if self.channel is not None:
            told["channel"] = {"id": self.channel.id, "name": self.channel.name}
        return told


ANYBODY = Conditions()


def conditions_of(rules: Mapping[str, Any]) -> Conditions:
    """The conditions that stored rules were made of."""
    channel = rules.get("channel")
    return Conditions(**{**rules, "channel": Channel(channel["id"], channel["name"]) if channel else None})


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of somebody in a group; without a `status` they were never seen there."""

    status: Status | None = None
    joined_at: datetime | None = None
    messages: int = 0
    earned: int = 0
    won_at: datetime | None = None
    is_banned: bool = False
    has_passed_captcha: bool = False
    has_checked_in: bool = False
    is_in_channel: bool = False
    valid_invites: int = 0


def require_standing(conditions: Conditions, standing: Standing, now: datetime) -> None:
    """Looks whether somebody may enter. Raises the refusal that says what is lacking."""
    _require_lasting(conditions, standing, now)
    days = (now - (standing.joined_at or now)) // timedelta(days=1)
    if days < conditions.days:
        raise TooNew(n=conditions.days - days)
    if standing.messages < conditions.messages:
        raise TooQuiet(n=conditions.messages - standing.messages)
    if (level := level_of(standing.earned).number) < conditions.level:
        raise LevelTooLow(level=conditions.level, own=level)
    if conditions.check_in and not standing.has_checked_in:
        raise CheckInFirst


def may_win(conditions: Conditions, standing: Standing, now: datetime) -> bool:
    """Whether an entrant takes part at the closing, or in a redraw: what may have changed is looked at again."""
    try:
        _require_lasting(conditions, standing, now)
    except Refusal:
        return False
    return True


def _require_lasting(conditions: Conditions, standing: Standing, now: datetime) -> None:
    if standing.is_banned:
        raise Banned
    if conditions.captcha and not standing.has_passed_captcha:
        raise CaptchaNeeded
    if standing.won_at is not None and (left := standing.won_at + timedelta(days=conditions.cooldown) - now) > _NOTHING:
        raise WonLately(n=-(-left // timedelta(days=1)))
    if standing.valid_invites < conditions.invited:
        raise TooFewInvites(n=conditions.invited - standing.valid_invites)
    if conditions.channel is not None and not standing.is_in_channel:
        raise NotInChannel(channel=conditions.channel.name)


_NOTHING = timedelta(0)
