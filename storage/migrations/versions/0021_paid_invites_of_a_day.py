"""The paid invites of a member's day are counted from the index alone; SQLite read all of the group's before."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.drop_index("ix_invites_group_id_inviter_id_day", table_name="invites")
    op.create_index("ix_invites_inviter", "invites", ["group_id", "inviter_id", "day", "reward"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_invites_inviter", table_name="invites")
    op.create_index("ix_invites_group_id_inviter_id_day", "invites", ["group_id", "inviter_id", "day"], unique=False)
