"""Who may win a place that is drawn again: the few who are looked at are all whom it may concern."""

from datetime import UTC, datetime
from itertools import product

import pytest

from bot.domain.groups import Group
from bot.domain.lotteries_terms import parse_terms
from bot.services import lotteries_candidates
from bot.services.groups import GroupService
from bot.services.lotteries_candidates import Candidates, can_win
from bot.services.lotteries_found import named
from storage.database import Database
from storage.tables import admissions, lotteries, lottery_entries, lottery_winners, members
from storage.transaction import Transaction
from tests.conftest import StoppedClock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = (None, "member", "operator", "left", "kicked")
DONE: tuple[list[str] | None, ...] = (None, [], ["captcha"], ["review"])
EVERYBODY = list(enumerate(product(STATUSES, DONE, (False, True), (False, True)), 1))
"""One of every kind, by user id: status, what was done at the door, banned, has won."""


def fill(tx: Transaction, group: Group, lottery_id: int, earlier_id: int) -> None:
    """Lets everybody enter; the earlier lottery was won by some."""
    run = tx.connection.execute
    run(lotteries.update().where(lotteries.c.id == earlier_id).values(ended_at=NOON))
    for user_id, (status, done, is_banned, has_won) in EVERYBODY:
        run(lottery_entries.insert().values(lottery_id=lottery_id, user_id=user_id, tickets=1, at=NOON))
        row = {"group_id": group.id, "user_id": user_id}
        if status is not None:
            run(members.insert().values(row | {"status": status, "joined_at": NOON, "last_seen_at": NOON}))
        if done is not None:
            door = {"door": "join", "state": "passed", "steps": [], "done": done, "tries": 0}
            run(admissions.insert().values(row | door))
        if is_banned:
            tx.standings(group).ban(user_id)
        if has_won:
            won = {"lottery_id": earlier_id, "prize": 0, "place": user_id, "redraw": 0, "user_id": user_id}
            run(lottery_winners.insert().values(won))


@pytest.mark.parametrize("options", ["", "no operators captcha cooldown 7d", "invited 1"])
async def test_nobody_is_overlooked_who_may_not_win_any_more(
    database: Database, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.setattr(lotteries_candidates, "PAGE", 7)
    group = await GroupService(database, StoppedClock(NOON)).of_chat(-1001, "Hearth")
    terms = parse_terms(f"Tea x1 {options}", NOON, "UTC")

    def opened(tx: Transaction) -> list[int]:
        rules = terms.rules(group.id, "", NOON)
        ids = [found.id for n in (1, 2) if (found := tx.lotteries.open(group.id, n, terms, rules, b"", b"", NOON))]
        fill(tx, group, *ids)
        return ids

    lottery_id, _ = await database.write(opened)
    lottery = await database.read(lambda tx: named(tx, group, lottery_id))
    candidates = Candidates(database, group, lottery)

    everybody, doubtful = await candidates.all(), await candidates.doubtful()

    fit = can_win(lottery, everybody, terms.conditions, NOON)
    still_fit = can_win(lottery, doubtful, terms.conditions, NOON)
    assert len(everybody) == len(EVERYBODY)
    assert [one for one in doubtful if one not in still_fit] == [one for one in everybody if one not in fit]
    assert options == "invited 1" or (fit and len(doubtful) < len(everybody)), "otherwise it tells nothing"
