from collections.abc import Callable
from datetime import date

import pytest

from bot.domain.points import Owner
from storage.database import EmbeddedDatabase
from storage.playbook_reports import Replies
from storage.transaction import Transaction
from tests.storage.conftest import NOW

SHORT_SCANS = {
    "SCAN updates USING INDEX ix_updates_waiting",
    "SCAN deliveries USING INDEX ix_deliveries_asked",
    "SCAN delivery_questions",
    "SCAN outbox USING INDEX ix_outbox_waiting",
    "SCAN outbox USING INDEX ix_outbox_pin",
    "SCAN alive",
    "SCAN anon_1",
}
"""Over what was picked by an index already: updates and posts that wait, days since yesterday, the few that count."""

REPLIES = Replies(1, 7, NOW, 1)

Question = Callable[[Transaction], object]


async def plan_of(database: EmbeddedDatabase, question: Question) -> list[str]:
    """How SQLite finds the answers to all that the question asks."""
    asked = list[str]()

    def explain(tx: Transaction) -> list[str]:
        driver = tx.connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(asked.append)
        question(tx)
        driver.set_trace_callback(None)
        rows = [driver.execute(f"EXPLAIN QUERY PLAN {text}") for text in asked]
        return [row[3] for found in rows for row in found]

    return await database.write(explain)


@pytest.mark.parametrize(
    ("question", "index"),
    [
        (lambda tx: tx.updates.waiting(7), "ix_updates_waiting"),
        (lambda tx: tx.updates.last_id(7), "PRIMARY KEY"),
        (lambda tx: tx.checkins.last(1, 11), "PRIMARY KEY"),
        (lambda tx: tx.checkins.before(1, 11, date(2026, 11, 22)), "PRIMARY KEY"),
        (lambda tx: tx.checkins.made_up_since(1, 11, NOW), "PRIMARY KEY"),
        (lambda tx: tx.leaderboards.points(1, 10), "ix_wallets_rank"),
        (lambda tx: tx.leaderboards.points_since(1, NOW, 10), "ix_ledger_wallet_id_unit_at"),
        (lambda tx: tx.leaderboards.streaks(1, date(2026, 11, 21), 10), "ix_check_ins_group_id_day_streak"),
        (lambda tx: tx.points.balance(Owner(1, 11)), "PRIMARY KEY"),
        (lambda tx: tx.points.held_at(Owner(1, 11), "freeze", NOW), "ix_ledger_wallet_id_unit_at"),
        (lambda tx: tx.deletions.due(NOW, 10), "ix_deletions_due_at"),
        (lambda tx: tx.deliveries.claim(1, NOW, NOW), "ix_deliveries_line"),
        (lambda tx: tx.deliveries.next_due(1), "ix_deliveries_line"),
        (lambda tx: tx.changes.latest(1, 10), "ix_changes_group_id_id"),
        (lambda tx: tx.lotteries.due(NOW), "ix_lotteries_state_draw_at"),
        (lambda tx: tx.lotteries.outdated(NOW, NOW), "ix_lotteries_ended_at"),
        (lambda tx: tx.lotteries.keywords(), "ix_lotteries_state_draw_at"),
        (lambda tx: tx.lottery_reviews.suspects(1, 1, 11, 10), "joins USING PRIMARY KEY"),
        (lambda tx: tx.lotteries.latest(1, 10), "ix_lotteries_group_id_id"),
        (lambda tx: tx.lotteries.tickets_of(1, 11), "PRIMARY KEY"),
        (lambda tx: tx.lotteries.tickets_in_open(1, 11), "ix_lotteries_state_draw_at"),
        (lambda tx: tx.claims.overdue(NOW), "ix_lottery_winners_claim_by"),
        (lambda tx: tx.claims.unheard_since(), "ix_updates_waiting"),
        (lambda tx: tx.claims.won(1, 11, 5), "ix_lottery_winners_user_id"),
        (lambda tx: tx.prize_codes.known(1, ["A"]), "sqlite_autoindex_prize_codes"),
        (lambda tx: tx.outbox.pins(), "ix_outbox_pin"),
        (lambda tx: tx.outbox.due(NOW, 1), "ix_outbox_waiting"),
        (lambda tx: tx.outbox.due(NOW), "ix_outbox_waiting"),
        (lambda tx: tx.moderation.by_key(1, "links:7"), "sqlite_autoindex_offences"),
        (lambda tx: tx.moderation.counting(1, 11, NOW), "ix_offences_group_id_user_id_at"),
        (lambda tx: tx.moderation.latest(1, 11, 10), "ix_offences_group_id_user_id_at"),
        (lambda tx: tx.moderation.is_exempt(1, 11), "PRIMARY KEY"),
        (lambda tx: tx.joins.latest(1, 11), "PRIMARY KEY"),
        (lambda tx: tx.joins.within_span(1, NOW, 10), "ix_joins_group_id_at"),
        (lambda tx: tx.joins.since(1, NOW), "ix_joins_group_id_at"),
        (lambda tx: tx.joins.ungreeted(NOW, 10), "ix_joins_greet_at"),
        (lambda tx: tx.joins.greeted(1, NOW), "ix_joins_greet_at"),
        (lambda tx: tx.joins.raid(1), "uq_raids_under_way"),
        (lambda tx: tx.admissions.find(1, 11), "PRIMARY KEY"),
        (lambda tx: tx.admissions.due(NOW, 100), "ix_admissions_due_at"),
        (lambda tx: tx.admissions.owed(NOW, 100), "ix_admissions_owed_at"),
        (lambda tx: tx.admissions.waiting(7), "ix_admissions_challenge_id"),
        (lambda tx: tx.admissions.recent(1, "captcha", "join", NOW, 3), "ix_challenges_group_id_opened_at"),
        (lambda tx: tx.admissions.shared(1, "captcha", "join", NOW), "ix_challenges_group_id_opened_at"),
        (lambda tx: tx.invites.due(NOW), "ix_invites_waiting"),
        (lambda tx: tx.invites.waiting(1, NOW), "ix_invites_waiting"),
        (lambda tx: tx.invites.paid_on(1, 2, date(2026, 11, 22)), "ix_invites_inviter"),
        (lambda tx: tx.introductions.due(NOW), "ix_introductions_waiting"),
        (lambda tx: tx.hand_overs.due(NOW), "ix_hand_overs_next_ping_at"),
        (
            lambda tx: tx.playbook_reports.add_replies([REPLIES]),
            "lately USING COVERING INDEX ix_deliveries_group_id_slot_at",
        ),
        (lambda tx: tx.playbook_reports.add_replies([REPLIES]), "deliveries USING INTEGER PRIMARY KEY"),
        (lambda tx: tx.playbook_reports.outcomes([1, 2], NOW, NOW), "ix_deliveries_group_id_slot_at"),
        (lambda tx: tx.playbook_reports.check_ins([1, 2], date(2026, 11, 22)), "PRIMARY KEY"),
        (lambda tx: tx.playbook_reports.silent([1, 2], NOW), "sqlite_autoindex_chatter_1"),
        (lambda tx: tx.playbook_questions.has_news(), "ix_deliveries_asked"),
        (lambda tx: tx.playbook_questions.all(), "deliveries USING INTEGER PRIMARY KEY"),
        (lambda tx: tx.playbooks.between(1, NOW, NOW, 10), "ix_deliveries_group_id_slot_at"),
        (lambda tx: tx.groups.find(-1001), "sqlite_autoindex_groups"),
        (lambda tx: tx.members.by_username(1, "alice"), "ix_people_username"),
    ],
)
async def test_a_question_of_the_hot_path_is_answered_from_an_index(
    embedded: EmbeddedDatabase, question: Question, index: str
) -> None:
    plan = await plan_of(embedded, question)

    assert any(index in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN") and step not in SHORT_SCANS]


@pytest.mark.parametrize(
    "question",
    [
        lambda tx: tx.leaderboards.points(1, 10),
        lambda tx: tx.updates.waiting(7),
        lambda tx: tx.checkins.last(1, 11),
        lambda tx: tx.deletions.due(NOW, 10),
        lambda tx: tx.changes.latest(1, 10),
    ],
)
async def test_an_order_that_an_index_holds_is_not_sorted_anew(embedded: EmbeddedDatabase, question: Question) -> None:
    assert not [step for step in await plan_of(embedded, question) if "TEMP B-TREE" in step]
