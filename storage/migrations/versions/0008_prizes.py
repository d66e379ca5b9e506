"""Prizes: codes, claims, posts to members, and posts that are pinned."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_UNCLAIMED = sa.text("claimed_at IS NULL AND missing_at IS NULL")
_WAITING = sa.text("state IN ('waiting', 'sending')")
_PIN = sa.text("pin IN ('wanted', 'unwanted')")
_POSTS = sa.table("outbox", sa.column("id", sa.Integer), sa.column("buttons", sa.JSON))


def upgrade() -> None:
    op.create_table(
        "prize_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("lottery_id", sa.BigInteger(), nullable=False),
        sa.Column("prize", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("given_at", sa.BigInteger()),
        sa.Column("shown_at", sa.BigInteger()),
        sa.CheckConstraint("(user_id IS NULL) = (given_at IS NULL)", name=op.f("ck_prize_codes_given_at")),
        sa.ForeignKeyConstraint(
            ["lottery_id"], ["lotteries.id"], name=op.f("fk_prize_codes_lottery_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prize_codes")),
        sa.UniqueConstraint("code", "lottery_id", name=op.f("uq_prize_codes_code_lottery_id")),
        sa.UniqueConstraint("lottery_id", "user_id", name=op.f("uq_prize_codes_lottery_id_user_id")),
    )
    for column in ("claim_by", "claimed_at"):
        op.add_column("lottery_winners", sa.Column(column, sa.BigInteger()))
    op.create_index(
        "ix_lottery_winners_claim_by", "lottery_winners", ["claim_by"],
        sqlite_where=_UNCLAIMED, postgresql_where=_UNCLAIMED,
    )  # fmt: skip
    op.add_column("outbox", sa.Column("user_id", sa.BigInteger()))
    op.add_column("outbox", sa.Column("pin", sa.String(length=16)))
    op.create_index("ix_outbox_pin", "outbox", ["id"], sqlite_where=_PIN, postgresql_where=_PIN)
    _index_waiting(["group_id", "user_id", "id"])
    op.execute("ALTER TABLE outbox RENAME COLUMN button TO buttons")
    _rewrite(lambda button: [button] if button else [])


def downgrade() -> None:
    _rewrite(lambda buttons: buttons[0] if buttons else None)
    op.execute("ALTER TABLE outbox RENAME COLUMN buttons TO button")
    op.execute("DELETE FROM outbox WHERE user_id IS NOT NULL")
    _index_waiting(["group_id", "id"])
    op.drop_index("ix_outbox_pin", "outbox")
    op.drop_column("outbox", "pin")
    op.drop_column("outbox", "user_id")
    op.drop_index("ix_lottery_winners_claim_by", "lottery_winners")
    for column in ("claimed_at", "claim_by"):
        op.drop_column("lottery_winners", column)
    op.drop_table("prize_codes")


def _index_waiting(columns: list[str]) -> None:
    op.drop_index("ix_outbox_waiting", "outbox")
    op.create_index("ix_outbox_waiting", "outbox", columns, sqlite_where=_WAITING, postgresql_where=_WAITING)


def _rewrite(rewritten: Any) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_POSTS)).all():
        statement = sa.update(_POSTS).where(_POSTS.c.id == row.id).values(buttons=rewritten(row.buttons))
        connection.execute(statement)
