"""Who joins, raids, and how newcomers are greeted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "joins",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("is_raid", sa.Boolean(), nullable=False),
        sa.Column("inviter_id", sa.BigInteger()),
        sa.Column("link", sa.Text()),
        sa.Column("link_name", sa.Text()),
        sa.Column("link_creator_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_joins_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", "user_id", "update_id", name=op.f("pk_joins")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_joins_group_id_at", "joins", ["group_id", "at"])
    op.create_table(
        "raids",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_raids_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", "update_id", name=op.f("pk_raids")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_raids_under_way",
        "raids",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "welcome_texts",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media_kind", sa.String(length=16)),
        sa.Column("media_id", sa.Text()),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_welcome_texts_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "slot", name=op.f("pk_welcome_texts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "welcome_posts",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_welcome_posts_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_welcome_posts")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("welcome_posts")
    op.drop_table("welcome_texts")
    op.drop_table("raids")
    op.drop_table("joins")
