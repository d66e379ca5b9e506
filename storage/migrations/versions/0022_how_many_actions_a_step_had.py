"""A step that was changed between two of its posts goes no further: its positions mean something else now."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("positions", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "positions")
