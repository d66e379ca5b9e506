"""Invite links, who came by which, and self-introductions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "invite_links",
        sa.Column("link", sa.String(length=128), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("dead_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_invite_links_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("link", name=op.f("pk_invite_links")),
    )
    _waiting("ix_invite_links_alive", "invite_links", ["group_id", "user_id"], "dead_at IS NULL", unique=True)
    op.create_table(
        "invites",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("inviter_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("look_at", sa.BigInteger(), nullable=True),
        sa.Column("valid_at", sa.BigInteger(), nullable=True),
        sa.Column("reward", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("void_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_invites_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_invites")),
        sa.CheckConstraint("user_id <> inviter_id", name=op.f("ck_invites_inviter")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_invites_group_id_inviter_id_day", "invites", ["group_id", "inviter_id", "day"])
    op.create_index("ix_invites_group_id_at", "invites", ["group_id", "at"])
    _waiting("ix_invites_waiting", "invites", ["look_at"], "look_at IS NOT NULL")
    op.create_table(
        "introductions",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=True),
        sa.Column("remind_at", sa.BigInteger(), nullable=True),
        sa.Column("introduced_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_introductions_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_introductions")),
        sqlite_with_rowid=False,
    )
    _waiting("ix_introductions_waiting", "introductions", ["remind_at"], "remind_at IS NOT NULL")
    op.create_table(
        "introduction_templates",
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_introduction_templates_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_introduction_templates")),
    )


def _waiting(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_table("introduction_templates")
    op.drop_table("introductions")
    op.drop_table("invites")
    op.drop_table("invite_links")
