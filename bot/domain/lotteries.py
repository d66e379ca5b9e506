"""Lotteries: what is announced, who may enter with how many tickets, and when to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from bot.domain.beacons import beacon_rules
from bot.domain.draws import ALGORITHM
from bot.domain.lotteries_conditions import ANYBODY, Conditions, conditions_of
from bot.domain.members import Status
from bot.domain.refusals import Refusal

State = Literal["open", "closed", "drawn", "cancelled"]

STREAK_DAYS = 7
"""Days of a check-in streak that are worth one ticket more."""

TICKETS_PER_INVITE = 1
"""Tickets for every invite that counts, where the operator names no other number."""

MOST_TICKETS = 5
"""Tickets that one member may hold."""

PRESENT: frozenset[Status] = frozenset({"member", "operator"})
"""Members who may enter and win."""


class UnknownLottery(Refusal):
    """The group has no lottery of this number, or none that this could be about."""

    text = "lottery.unknown"


class LotteryClosed(Refusal):
    """Nobody can enter any more."""

    text = "lottery.is_closed"


class CannotEnter(Refusal):
    """Only members of the group may enter."""

    text = "lottery.members_only"


class OperatorsLeftOut(Refusal):
    """The lottery is not for operators."""

    text = "lottery.no_operators"


class CannotCancel(Refusal):
    """What has been drawn stays drawn."""

    text = "lottery.cannot_cancel"


class RulesFrozen(Refusal):
    """Rules stay once somebody relies on them."""

    text = "lottery.rules_frozen"


class CannotAddCodes(Refusal):
    """Nobody wins what was called off."""

    text = "lottery.cannot_add_codes"


class CannotRedraw(Refusal):
    """Only a place of a drawn lottery that this member holds can be drawn again."""

    text = "lottery.cannot_redraw"


@dataclass(frozen=True, slots=True)
class Prize:
    """A tier: what is won, and by how many."""

    name: str
    places: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What an operator announces; frozen from then on.

    Winners must `claim` within that span, if there is one. Every invite that counts is worth `invites` tickets.
    Whether the post is to be pinned is no rule of the draw.
    """

    prizes: Sequence[Prize]
    draw_at: datetime | None = None
    at_entrants: int | None = None
    cost: int = 0
    no_operators: bool = False
    keyword: str | None = None
    beacon: bool = False
    claim: timedelta | None = None
    pin: bool = False
    invites: int = TICKETS_PER_INVITE
    conditions: Conditions = ANYBODY

    def rules(self, group_id: int, salt_hash: str, opened_at: datetime) -> dict[str, Any]:
        """The rules as they are committed to and published. `group_id` and the time keep two lotteries apart."""
        return {
            "algorithm": ALGORITHM,
            "group": group_id,
            "opened_at": _written(opened_at),
            "prizes": [{"name": prize.name, "places": prize.places} for prize in self.prizes],
            "draw_at": _written(self.draw_at) if self.draw_at else None,
            "at_entrants": self.at_entrants,
            "cost": self.cost,
            "no_operators": self.no_operators,
            "keyword": self.keyword,
            "claim": int(self.claim.total_seconds()) if self.claim else None,
            "tickets": {"base": 1, "streak_days": STREAK_DAYS, "most": MOST_TICKETS, "invites": self.invites},
            "salt_hash": salt_hash,
            "beacon": beacon_rules(self.draw_at) if self.beacon else None,
            "conditions": self.conditions.rules(),
        }


def terms_of(rules: Mapping[str, Any]) -> Terms:
    """The terms that stored rules were made of."""
    draw_at, claim = rules["draw_at"], rules.get("claim")  # lotteries of before there were claims have none
    return Terms(
        [Prize(prize["name"], prize["places"]) for prize in rules["prizes"]],
        datetime.fromisoformat(draw_at) if draw_at else None,
        rules["at_entrants"],
        rules["cost"],
        rules["no_operators"],
        rules["keyword"],
        rules.get("beacon") is not None,
        timedelta(seconds=claim) if claim else None,
        invites=rules["tickets"].get("invites", 0),
        conditions=conditions_of(rules.get("conditions", {})),
    )


def tickets_for(streak: int) -> int:
    """One ticket, and one more for every full week of the check-in streak, up to `MOST_TICKETS`."""
    return min(1 + streak // STREAK_DAYS, MOST_TICKETS)


def with_invites(base: int, invites: int, each: int) -> int:
    """What somebody holds whose invites are worth `each`, beside the tickets of their own; up to `MOST_TICKETS`."""
    return min(base + invites * each, MOST_TICKETS)


def require_fit(status: Status | None, *, no_operators: bool) -> None:
    """Looks whether a member may enter. Raises `CannotEnter` and `OperatorsLeftOut`."""
    if status not in PRESENT:
        raise CannotEnter
    if no_operators and status == "operator":
        raise OperatorsLeftOut


def is_fit(status: Status | None, *, no_operators: bool) -> bool:
    """Whether a member may win."""
    return status in PRESENT and not (no_operators and status == "operator")


def is_due(draw_at: datetime | None, at_entrants: int | None, entrants: int, now: datetime) -> bool:
    """Whether it is time to draw: at a time or with so many entrants, whichever comes first."""
    return (draw_at is not None and draw_at <= now) or (at_entrants is not None and entrants >= at_entrants)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
