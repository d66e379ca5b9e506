"""Newcomers at the door: captchas, rules to agree to, names to be looked at, requests to join."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "challenges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("right", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_challenges_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
    )
    op.create_index("ix_challenges_group_id_opened_at", "challenges", ["group_id", "opened_at"])
    op.create_table(
        "admissions",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("owed", sa.String(length=16), nullable=True),
        sa.Column("owed_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("challenge_id", sa.BigInteger(), nullable=True),
        sa.Column("update_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('review', 'captcha', 'rules', 'passed', 'failed', 'left')", name=op.f("ck_admissions_state")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_admissions_group_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenges.id"], name=op.f("fk_admissions_challenge_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_admissions")),
        sqlite_with_rowid=False,
    )
    for column in ("due_at", "owed_at"):
        is_set = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_admissions_{column}", "admissions", [column], sqlite_where=is_set, postgresql_where=is_set)
    op.create_index("ix_admissions_challenge_id", "admissions", ["challenge_id"])


def downgrade() -> None:
    op.drop_table("admissions")
    op.drop_table("challenges")
