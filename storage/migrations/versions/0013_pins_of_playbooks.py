"""What is to be done about the pin of a playbook's post, and groups in which playbooks rest."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

IS_DUE = sa.text("pin IN ('wanted', 'unwanted')")


def upgrade() -> None:
    op.drop_column("delivery_posts", "is_pinned")
    op.add_column("delivery_posts", sa.Column("pin", sa.String(16)))
    op.create_index(
        "ix_delivery_posts_pin_due", "delivery_posts", ["delivery_id"], sqlite_where=IS_DUE, postgresql_where=IS_DUE
    )
    op.add_column("groups", sa.Column("rests_since", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("groups", "rests_since")
    op.drop_index("ix_delivery_posts_pin_due", "delivery_posts")
    op.drop_column("delivery_posts", "pin")
    op.add_column(
        "delivery_posts", sa.Column("is_pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
