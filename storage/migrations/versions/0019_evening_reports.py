"""Which day of a group operators were told of last."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("groups", sa.Column("reported_on", sa.Date()))


def downgrade() -> None:
    op.drop_column("groups", "reported_on")
