"""What playbooks post: deliveries, the messages they became, pauses, and whose turn it is in a library."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "rings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rings")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("playbook", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=16), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("slot_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("event", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("uncertain", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'unknown', 'failed', 'skipped')", name=op.f("ck_deliveries_state")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_deliveries_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "playbook", "step", "group_id", "slot", name=op.f("uq_deliveries_playbook_step_group_id_slot")
        ),
    )
    op.create_index(
        "ix_deliveries_alive",
        "deliveries",
        ["due_at", "group_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index("ix_deliveries_group_id_slot_at", "deliveries", ["group_id", "slot_at"], unique=False)
    op.create_index(
        "ix_deliveries_line",
        "deliveries",
        ["group_id", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_table(
        "playbook_pauses",
        sa.Column("playbook", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_playbook_pauses_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("playbook", "group_id", name=op.f("pk_playbook_pauses")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_posts",
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_posts_delivery_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "position", "message_id", name=op.f("pk_delivery_posts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "library_turns",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("library", sa.String(length=255), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_library_turns_delivery_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_library_turns_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "library", "turn", "item", name=op.f("pk_library_turns")),
        sa.UniqueConstraint("delivery_id", "position", name=op.f("uq_library_turns_delivery_id_position")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:

    op.drop_table("library_turns")
    op.drop_table("delivery_posts")
    op.drop_table("playbook_pauses")
    op.drop_index(
        "ix_deliveries_line",
        table_name="deliveries",
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_index("ix_deliveries_group_id_slot_at", table_name="deliveries")
    op.drop_index(
        "ix_deliveries_alive",
        table_name="deliveries",
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_table("deliveries")
    op.drop_table("rings")
