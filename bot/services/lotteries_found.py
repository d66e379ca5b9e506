"""The lottery that somebody means, its lines, and who did what to it."""

from datetime import datetime

from bot.domain.draws import Entrant, id_of, nonce_of
from bot.domain.groups import Group
from bot.domain.lotteries import UnknownLottery
from bot.domain.members import Actor
from storage.lotteries import Lottery
from storage.lotteries_lines import Line
from storage.transaction import Transaction


def chosen(tx: Transaction, group: Group, lottery_id: int | None) -> Lottery:
    """The group's lottery of an id, or its only open one. Raises `UnknownLottery`."""
    if lottery_id is not None:
        return named(tx, group, lottery_id)
    found = tx.lotteries.latest(group.id, 2, "open")
    if len(found) != 1:
        raise UnknownLottery
    return found[0]


def named(tx: Transaction, group: Group, lottery_id: int) -> Lottery:
    """The group's lottery of an id. Raises `UnknownLottery`."""
    lottery = tx.lotteries.find(group.id, lottery_id)
    if lottery is None:
        raise UnknownLottery
    return lottery


def locked(tx: Transaction, group: Group, lottery_id: int) -> Lottery:
    """The group's lottery of an id, which nobody else changes before the transaction ends. Raises `UnknownLottery`."""
    lottery = tx.lotteries.find(group.id, lottery_id, lock=True)
    if lottery is None:
        raise UnknownLottery
    return lottery


def line_of(lottery: Lottery, user_id: int, tickets: int) -> Line:
    """A member's line of the list."""
    return Line(Entrant(id_of(nonce_of(lottery.salt, user_id), user_id), tickets), user_id)


def record(
    tx: Transaction, group: Group, lottery_id: int, actor: Actor, update_id: int, after: str, now: datetime,
    about: str | None = None,
) -> None:  # fmt: skip
    """Writes down what an operator did; `about` whom, and why."""
    tx.changes.add(group.id, update_id, actor, f"lottery:{lottery_id}", about, after, now)
