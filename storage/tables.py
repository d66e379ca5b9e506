"""The tables. Ids of the platform are 64-bit; instants are UTC, days are a group's own calendar days."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as microseconds since 1970: the same on every database, exact, quick to compare."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: D102
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: D102
        return None if value is None else _EPOCH + value * _MICROSECOND


# SQLite numbers rows by itself only in a column declared INTEGER, which is 64-bit there.
_RowId = BigInteger().with_variant(Integer, "sqlite")

groups = Table(
    "groups",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("chat_id", BigInteger, unique=True),
    Column("title", Text, nullable=False),
    Column("wallet_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=True),
    Column("rules", Text, nullable=False, server_default=""),
    Column("settings", JSON, nullable=False, server_default=text("'{}'")),
    Column("is_present", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Instant, nullable=False),
    Column("presence_changed_at", Instant, nullable=False),
)
"""`wallet_id` is null while the group has a wallet of its own; `is_present` says whether the bot is in the chat.

`chat_id` is null for a group that was merged into another one (see `GroupRepository.move`).
"""

former_chats = Table(
    "former_chats",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
)
"""Chat ids that a group had before it became a supergroup."""

people = Table(
    "people",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("username", String(64)),
    Column("language", String(16)),
    Column("chosen_group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT")),
)
"""`chosen_group_id` is the group that a private chat with the bot is about."""

Index("ix_people_username", func.lower(people.c.username))

members = Table(
    "members",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("status", String(16), nullable=False, server_default="member"),
    Column("joined_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("last_seen_at", Instant, nullable=False),
    Column("messages", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("group_id", "user_id"),
    sqlite_with_rowid=False,
)
"""`joined_at` is the first join, or when the bot first saw the member; `messages` counts for good."""

check_ins = Table(
    "check_ins",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("streak", Integer, nullable=False),
    Column("update_id", BigInteger),
    PrimaryKeyConstraint("group_id", "user_id", "day"),
    CheckConstraint("kind IN ('checked_in', 'made_up', 'frozen')", name="kind"),
    Index("ix_check_ins_group_id_day_streak", "group_id", "day", "streak"),
    sqlite_with_rowid=False,
)
"""`at` and `zone` are the message's; `update_id` is the update that caused the row, so that its repeat is known."""

check_in_days = Table(
    "check_in_days",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("day", Date, nullable=False),
    Column("count", Integer, nullable=False),
    Column("bonus", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("group_id", "day"),
    sqlite_with_rowid=False,
)
"""How many checked in on a group's day, and what was paid in bonuses beside the rewards."""

wallets = Table(
    "wallets",
    metadata,
    Column("wallet_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("earned", BigInteger, nullable=False),
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("wallet_id", "user_id", "unit"),
    CheckConstraint("balance >= 0", name="balance"),
    Index("ix_wallets_rank", "wallet_id", "unit", text("balance DESC"), "changed_at", "user_id"),
    sqlite_with_rowid=False,
)
"""What the ledger's entries add up to, kept in the same transaction; `earned` adds up their `earned`."""

ledger = Table(
    "ledger",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("wallet_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("earned", BigInteger, nullable=False),
    Column("reason", String(96), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    UniqueConstraint("wallet_id", "user_id", "unit", "reason"),
    CheckConstraint("amount <> 0 OR earned <> 0", name="amount"),
    Index("ix_ledger_wallet_id_unit_at", "wallet_id", "unit", "at"),
)
"""Append-only (triggers see to it); `earned` is what an entry adds to all that was ever earned."""

activity = Table(
    "activity",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("day", Date, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("messages", Integer, nullable=False),
    PrimaryKeyConstraint("group_id", "day", "user_id"),
    sqlite_with_rowid=False,
)

updates = Table(
    "updates",
    metadata,
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("payload", Text),
    Column("received_at", Instant, nullable=False),
    PrimaryKeyConstraint("bot_id", "update_id"),
    Index(
        "ix_updates_waiting",
        "bot_id",
        "update_id",
        sqlite_where=text("payload IS NOT NULL"),
        postgresql_where=text("payload IS NOT NULL"),
    ),
    Index("ix_updates_received_at", "received_at"),
    sqlite_with_rowid=False,
)
"""Updates taken in. `payload` is the update as JSON until it was handled, then null: the row says "seen before"."""

changes = Table(
    "changes",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("update_id", BigInteger),
    Column("actor_id", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("what", String(64), nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    UniqueConstraint("group_id", "update_id", "what"),
    Index("ix_changes_group_id_id", "group_id", "id"),
)
"""Who changed what; `before` is what an undo puts back."""

deletions = Table(
    "deletions",
    metadata,
    Column("chat_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("due_at", Instant, nullable=False),
    PrimaryKeyConstraint("chat_id", "message_id"),
    Index("ix_deletions_due_at", "due_at"),
    sqlite_with_rowid=False,
)
"""The bot's own messages that are to disappear at a time."""

faq_entries = Table(
    "faq_entries",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("key", String(256), nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("unless", JSON, nullable=False),
    Column("answer", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("group_id", "key"),
    sqlite_with_rowid=False,
)
"""What operators answer in their own group; `key` is the first keyword in its normal form."""

faq_missed = Table(
    "faq_missed",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("key", String(256), nullable=False),
    Column("question", Text, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    PrimaryKeyConstraint("group_id", "key"),
    sqlite_with_rowid=False,
)
"""Questions that found no answer, without who asked; `key` is the question in its normal form."""
