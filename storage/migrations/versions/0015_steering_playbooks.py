"""What operators steer of playbooks: rests everywhere, questions about what was missed, and answers to posts."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "playbook_halts",
        sa.Column("playbook", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("playbook", name=op.f("pk_playbook_halts")),
    )
    op.add_column("deliveries", sa.Column("replies", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index(
        "ix_deliveries_asked",
        "deliveries",
        ["id"],
        unique=False,
        sqlite_where=sa.text("note = 'asked' AND ended_at IS NULL"),
        postgresql_where=sa.text("note = 'asked' AND ended_at IS NULL"),
    )
    op.create_index("ix_delivery_posts_posted_at", "delivery_posts", ["posted_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_delivery_posts_posted_at", table_name="delivery_posts")
    op.drop_index(
        "ix_deliveries_asked",
        table_name="deliveries",
        sqlite_where=sa.text("note = 'asked' AND ended_at IS NULL"),
        postgresql_where=sa.text("note = 'asked' AND ended_at IS NULL"),
    )
    op.drop_column("deliveries", "replies")
    op.drop_table("playbook_halts")
