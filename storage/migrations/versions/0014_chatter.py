"""How much is said in a group, and when somebody last spoke."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "chatter",
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("spoken_at", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("messages_at_post", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_chatter_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_chatter")),
    )
    op.create_index("ix_chatter_spoken_at", "chatter", ["spoken_at"], unique=False)
    op.execute(
        "INSERT INTO chatter (group_id, spoken_at, messages, messages_at_post) "
        "SELECT group_id, MAX(last_seen_at), SUM(messages), SUM(messages) FROM members "
        "WHERE messages > 0 GROUP BY group_id"
    )


def downgrade() -> None:
    op.drop_index("ix_chatter_spoken_at", table_name="chatter")
    op.drop_table("chatter")
