"""How many of an entry's tickets are for invites."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column(
        "lottery_entries", sa.Column("from_invites", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )


def downgrade() -> None:
    op.drop_column("lottery_entries", "from_invites")
