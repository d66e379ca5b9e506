"""Moderation: offences, forbidden words, and whom no rule is for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "offences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_offences_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offences")),
        sa.UniqueConstraint("group_id", "key", name=op.f("uq_offences_group_id_key")),
    )
    op.create_index("ix_offences_group_id_user_id_at", "offences", ["group_id", "user_id", "at"])
    op.create_table(
        "forbidden_words",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_forbidden_words_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "key", name=op.f("pk_forbidden_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exempt_members",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_exempt_members_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_exempt_members")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("exempt_members")
    op.drop_table("forbidden_words")
    op.drop_index("ix_offences_group_id_user_id_at", "offences")
    op.drop_table("offences")
