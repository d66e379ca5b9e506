"""Topics of forum groups: a call for a person stands in the one in which the member asked."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("topic", sa.BigInteger(), nullable=True))
    op.add_column("hand_overs", sa.Column("topic", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("hand_overs", "topic")
    op.drop_column("outbox", "topic")
