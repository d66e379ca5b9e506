"""Whoever joined and was not greeted before a kill is greeted after it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("joins", sa.Column("greet_at", sa.BigInteger(), nullable=True))
    where = sa.text("greet_at IS NOT NULL")
    op.create_index("ix_joins_greet_at", "joins", ["greet_at"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_joins_greet_at", table_name="joins")
    op.drop_column("joins", "greet_at")
