"""The FAQ: what operators answer in their groups, and what nobody has answered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "faq_entries",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("unless", sa.JSON(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_faq_entries_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", "key", name=op.f("pk_faq_entries")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "faq_missed",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_faq_missed_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", "key", name=op.f("pk_faq_missed")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("faq_missed")
    op.drop_table("faq_entries")
