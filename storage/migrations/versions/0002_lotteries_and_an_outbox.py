"""Lotteries, and an outbox for what must be said once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "lotteries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("draw_at", sa.BigInteger(), nullable=True),
        sa.Column("at_entrants", sa.Integer(), nullable=True),
        sa.Column("entrants", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tickets", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("entrants_hash", sa.String(length=64), nullable=True),
        sa.Column("listed", sa.JSON(), nullable=True),
        sa.Column("redraws", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("shown", sa.String(length=32), server_default="", nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed', 'drawn', 'cancelled')", name=op.f("ck_lotteries_state")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_lotteries_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lotteries")),
        sa.UniqueConstraint("group_id", "update_id", name=op.f("uq_lotteries_group_id_update_id")),
    )
    op.create_index("ix_lotteries_ended_at", "lotteries", ["ended_at"], unique=False)
    op.create_index("ix_lotteries_group_id_id", "lotteries", ["group_id", "id"], unique=False)
    op.create_index("ix_lotteries_state_draw_at", "lotteries", ["state", "draw_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=96), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("button", sa.JSON(), nullable=False),
        sa.Column("file_name", sa.String(length=64), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_outbox_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("group_id", "reason", name=op.f("uq_outbox_group_id_reason")),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["group_id", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_table(
        "lottery_entries",
        sa.Column("lottery_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("tickets > 0", name=op.f("ck_lottery_entries_tickets")),
        sa.ForeignKeyConstraint(
            ["lottery_id"], ["lotteries.id"], name=op.f("fk_lottery_entries_lottery_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("lottery_id", "user_id", name=op.f("pk_lottery_entries")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lottery_winners",
        sa.Column("lottery_id", sa.BigInteger(), nullable=False),
        sa.Column("prize", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("redraw", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("missing_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lottery_id"], ["lotteries.id"], name=op.f("fk_lottery_winners_lottery_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("lottery_id", "prize", "place", "redraw", name=op.f("pk_lottery_winners")),
        sa.UniqueConstraint("lottery_id", "user_id", name=op.f("uq_lottery_winners_lottery_id_user_id")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("outbox", "lottery_winners", "lottery_entries", "lotteries"):
        op.drop_table(table)
