"""The tables of the first slice."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_LEDGER_TRIGGERS = {
    "sqlite": [
        f"CREATE TRIGGER ledger_no_{verb} BEFORE {verb} ON ledger "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        for verb in ("update", "delete")
    ],
    "postgresql": [
        "CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
        "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger "
        "FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()",
    ],
}

_TABLES = (
    "wallets",
    "members",
    "ledger",
    "former_chats",
    "check_ins",
    "check_in_days",
    "changes",
    "activity",
    "updates",
    "people",
    "groups",
    "deletions",
)


def upgrade() -> None:
    op.create_table(
        "deletions",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_deletions")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_deletions_due_at", "deletions", ["due_at"], unique=False)

    op.create_table(
        "groups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=True),
        sa.Column("rules", sa.Text(), server_default="", nullable=False),
        sa.Column("settings", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_present", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("presence_changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["wallet_id"], ["groups.id"], name=op.f("fk_groups_wallet_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("chat_id", name=op.f("uq_groups_chat_id")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("chosen_group_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chosen_group_id"], ["groups.id"], name=op.f("fk_people_chosen_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index("ix_people_username", "people", [sa.text("lower(username)")], unique=False)

    op.create_table(
        "updates",
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "update_id", name=op.f("pk_updates")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_updates_received_at", "updates", ["received_at"], unique=False)
    op.create_index(
        "ix_updates_waiting",
        "updates",
        ["bot_id", "update_id"],
        unique=False,
        sqlite_where=sa.text("payload IS NOT NULL"),
        postgresql_where=sa.text("payload IS NOT NULL"),
    )

    op.create_table(
        "activity",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_activity_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", "day", "user_id", name=op.f("pk_activity")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_changes_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sa.UniqueConstraint("group_id", "update_id", "what", name=op.f("uq_changes_group_id_update_id_what")),
    )
    op.create_index("ix_changes_group_id_id", "changes", ["group_id", "id"], unique=False)

    op.create_table(
        "check_in_days",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("bonus", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_check_in_days_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "day", name=op.f("pk_check_in_days")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "check_ins",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('checked_in', 'made_up', 'frozen')", name=op.f("ck_check_ins_kind")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_check_ins_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", "user_id", "day", name=op.f("pk_check_ins")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_check_ins_group_id_day_streak", "check_ins", ["group_id", "day", "streak"], unique=False)

    op.create_table(
        "former_chats",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_former_chats_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_former_chats")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=96), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0 OR earned <> 0", name=op.f("ck_ledger_amount")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_ledger_group_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["wallet_id"], ["groups.id"], name=op.f("fk_ledger_wallet_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint(
            "wallet_id", "user_id", "unit", "reason", name=op.f("uq_ledger_wallet_id_user_id_unit_reason")
        ),
    )
    op.create_index("ix_ledger_wallet_id_unit_at", "ledger", ["wallet_id", "unit", "at"], unique=False)

    op.create_table(
        "members",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), server_default="member", nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_members_group_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_members")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "wallets",
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_wallets_balance")),
        sa.ForeignKeyConstraint(["wallet_id"], ["groups.id"], name=op.f("fk_wallets_wallet_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("wallet_id", "user_id", "unit", name=op.f("pk_wallets")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_wallets_rank",
        "wallets",
        ["wallet_id", "unit", sa.text("balance DESC"), "changed_at", "user_id"],
        unique=False,
    )
    for statement in _LEDGER_TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_is_append_only()")
