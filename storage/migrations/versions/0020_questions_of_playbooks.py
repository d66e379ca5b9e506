"""Questions of playbooks to operators, and who can be asked in private."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "delivery_questions",
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_delivery_questions_delivery_id_deliveries"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery_questions")),
    )
    op.add_column("people", sa.Column("is_reachable", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    # Those were left to the operators, who are not asked about them now.
    op.execute("UPDATE deliveries SET ended_at = due_at WHERE note = 'asked' AND ended_at IS NULL")


def downgrade() -> None:
    op.drop_column("people", "is_reachable")
    op.drop_table("delivery_questions")
