"""Lotteries at a glance: a group's latest, and what one member has to do with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.groups import Group
from storage.lotteries import Lottery
from storage.transaction import Transaction

LISTED = 10
"""Lotteries that `/lottery list` shows."""

PRIZES = 5
"""Prizes that `/me` shows."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A lottery, its winners and who of them claimed; `codes_left` is None where it has no codes."""

    lottery: Lottery
    winners: int
    claimed: int
    codes_left: int | None


@dataclass(frozen=True, slots=True)
class Holding:
    """A member's tickets in an open lottery, of how many."""

    lottery_id: int
    tickets: int
    total: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a member has to do with the lotteries of a group: tickets, and the latest prizes with their lotteries."""

    tickets: Sequence[Holding]
    prizes: Sequence[tuple[int, str]]


def overviews(tx: Transaction, group: Group) -> Sequence[Overview]:
    """The group's latest lotteries, newest first."""
    latest = tx.lotteries.latest(group.id, LISTED)
    ids = [lottery.id for lottery in latest]
    claims, left = tx.claims.counts(ids), tx.prize_codes.left(ids)
    return [Overview(lottery, *claims.get(lottery.id, (0, 0)), left.get(lottery.id)) for lottery in latest]


def holdings(tx: Transaction, group: Group, user_id: int) -> Holdings:
    """What a member has to do with the group's lotteries."""
    held = [Holding(*row) for row in tx.lotteries.tickets_in_open(group.id, user_id)]
    won = tx.claims.won(group.id, user_id, PRIZES)
    return Holdings(held, [(lottery_id, rules["prizes"][prize]["name"]) for lottery_id, rules, prize in won])
