"""The rest of the FAQ: what is special about an entry, versions, what was heard, pictures, and people on duty."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("faq_entries", sa.Column("more", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
    op.create_table(
        "faq_versions",
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_faq_versions")),
    )
    op.create_index("ix_faq_versions_version", "faq_versions", ["version"])
    op.create_table(
        "faq_heard",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_faq_heard_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_heard")),
    )
    op.create_index("ix_faq_heard_group_id_id", "faq_heard", ["group_id", "id"])
    op.create_index("ix_faq_heard_at", "faq_heard", ["at"])
    op.create_table(
        "faq_pictures",
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "digest", name=op.f("pk_faq_pictures")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "on_duty",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_on_duty_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_on_duty")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hand_overs",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("pings", sa.Integer(), nullable=False),
        sa.Column("next_ping_at", sa.BigInteger()),
        sa.Column("taken_by", sa.Text()),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_hand_overs_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
        sa.UniqueConstraint("group_id", "update_id", name=op.f("uq_hand_overs_group_id_update_id")),
    )
    op.create_index("ix_hand_overs_next_ping_at", "hand_overs", ["next_ping_at"])
    op.create_index("ix_hand_overs_group_id_asked_at", "hand_overs", ["group_id", "asked_at"])


def downgrade() -> None:
    for table in ("hand_overs", "on_duty", "faq_pictures", "faq_heard", "faq_versions"):
        op.drop_table(table)
    op.drop_column("faq_entries", "more")
