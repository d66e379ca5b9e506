"""Posts are found by their deliveries; nobody looks for them by their time."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.drop_index("ix_delivery_posts_posted_at", table_name="delivery_posts")


def downgrade() -> None:
    op.create_index("ix_delivery_posts_posted_at", "delivery_posts", ["posted_at"], unique=False)
