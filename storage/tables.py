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
    LargeBinary,
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
    Column("rests_since", Instant),
    Column("is_present", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Instant, nullable=False),
    Column("presence_changed_at", Instant, nullable=False),
    Column("reported_on", Date),
)
"""`wallet_id` is null while the group has a wallet of its own; `is_present` says whether the bot is in the chat.
`reported_on` is the last of the group's days of which operators were told what its playbooks brought.

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
    Column("is_reachable", Boolean, nullable=False, server_default=text("false")),
)
"""`chosen_group_id` is the group that a private chat with the bot is about; one is reachable who has written there:
to others a bot may not write first.
"""

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

lotteries = Table(
    "lotteries",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rules", JSON, nullable=False),
    Column("seed", LargeBinary, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("draw_at", Instant),
    Column("at_entrants", Integer),
    Column("entrants", Integer, nullable=False, server_default=text("0")),
    Column("tickets", BigInteger, nullable=False, server_default=text("0")),
    Column("entrants_hash", String(64)),
    Column("redraws", JSON, nullable=False, server_default=text("'[]'")),
    Column("opened_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("shown", String(32), nullable=False, server_default=""),
    Column("shown_at", Instant, nullable=False),
    Column("lines", LargeBinary),
    Column("closed_at", Instant),
    Column("round", BigInteger),
    Column("signature", LargeBinary),
    Column("retry_at", Instant),
    UniqueConstraint("group_id", "update_id"),
    CheckConstraint("state IN ('open', 'closed', 'drawn', 'cancelled')", name="state"),
    Index("ix_lotteries_state_draw_at", "state", "draw_at"),
    Index("ix_lotteries_ended_at", "ended_at"),
    Index("ix_lotteries_group_id_id", "group_id", "id"),
)
"""`rules` are what was committed to; `seed` and `salt` are secret, the seed until the draw. `entrants` and `tickets`
count the entries; `lines` is the list at the closing, as `storage.lotteries_lines` packs it; `shown` is the state and
count that the post in the group shows since `shown_at`. Where a public beacon takes part, `round` is fixed at the
closing, and `signature` is what the beacon said. A lottery that is closed is left alone until `retry_at`.
"""

lottery_bans = Table(
    "lottery_bans",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("group_id", "user_id"),
    sqlite_with_rowid=False,
)
"""Who may not enter the group's lotteries, nor win."""

lottery_entries = Table(
    "lottery_entries",
    metadata,
    Column("lottery_id", BigInteger, ForeignKey("lotteries.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("tickets", Integer, nullable=False),
    Column("from_invites", Integer, nullable=False, server_default=text("0")),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("lottery_id", "user_id"),
    CheckConstraint("tickets > 0", name="tickets"),
    sqlite_with_rowid=False,
)

lottery_winners = Table(
    "lottery_winners",
    metadata,
    Column("lottery_id", BigInteger, ForeignKey("lotteries.id", ondelete="RESTRICT"), nullable=False),
    Column("prize", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("redraw", Integer, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("missing_at", Instant),
    Column("claim_by", Instant),
    Column("claimed_at", Instant),
    PrimaryKeyConstraint("lottery_id", "prize", "place", "redraw"),
    UniqueConstraint("lottery_id", "user_id"),
    Index("ix_lottery_winners_user_id", "user_id"),
    Index(
        "ix_lottery_winners_claim_by",
        "claim_by",
        sqlite_where=text("claimed_at IS NULL AND missing_at IS NULL"),
        postgresql_where=text("claimed_at IS NULL AND missing_at IS NULL"),
    ),
    sqlite_with_rowid=False,
)
"""`redraw` is 0 for the draw; `missing_at` is set when the place was drawn again. Nobody wins a lottery twice.

`claim_by` is null where nothing has to be claimed, or where nobody waits for it any more.
"""

prize_codes = Table(
    "prize_codes",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("lottery_id", BigInteger, ForeignKey("lotteries.id", ondelete="RESTRICT"), nullable=False),
    Column("prize", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("added_by", BigInteger, nullable=False),
    Column("user_id", BigInteger),
    Column("given_at", Instant),
    Column("shown_at", Instant),
    UniqueConstraint("code", "lottery_id"),
    UniqueConstraint("lottery_id", "user_id"),
    CheckConstraint("(user_id IS NULL) = (given_at IS NULL)", name="given_at"),
)
"""`user_id` is the winner to whom a code was given, once; `shown_at` is when that winner asked for it and saw it."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("reason", String(96), nullable=False),
    Column("text", Text, nullable=False),
    Column("buttons", JSON, nullable=False),
    Column("file_name", String(64)),
    Column("file", Text),
    Column("state", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("message_id", BigInteger),
    Column("user_id", BigInteger),
    Column("pin", String(16)),
    Column("topic", BigInteger),
    UniqueConstraint("group_id", "reason"),
    CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed')", name="state"),
    Index(
        "ix_outbox_waiting",
        "group_id",
        "user_id",
        "id",
        sqlite_where=text("state IN ('waiting', 'sending')"),
        postgresql_where=text("state IN ('waiting', 'sending')"),
    ),
    Index(
        "ix_outbox_pin",
        "id",
        sqlite_where=text("pin IN ('wanted', 'unwanted')"),
        postgresql_where=text("pin IN ('wanted', 'unwanted')"),
    ),
)
"""What the bot has to say in groups, word for word, before it says it. One that is `sending` is tried again after
`due_at`: its sender has died. With a `user_id` it is said to that member in private. `pin` is what is to be done
(`wanted`, `unwanted`) or was (`pinned`, `unpinned`); null for what is never pinned.
"""

faq_entries = Table(
    "faq_entries",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("key", String(256), nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("unless", JSON, nullable=False),
    Column("answer", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("more", JSON, nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("group_id", "key"),
    sqlite_with_rowid=False,
)
"""What operators answer in their own group; `key` is the first keyword in its normal form, `more` what is special."""

faq_versions = Table(
    "faq_versions",
    metadata,
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Index("ix_faq_versions_version", "version"),
)
"""When a group's own entries changed, as a number that grows over all groups; the row of group 0 has the last one."""

faq_heard = Table(
    "faq_heard",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_faq_heard_group_id_id", "group_id", "id"),
    Index("ix_faq_heard_at", "at"),
)
"""What was said lately, without who said it, to try new answers on."""

faq_pictures = Table(
    "faq_pictures",
    metadata,
    Column("bot_id", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("file_id", Text, nullable=False),
    PrimaryKeyConstraint("bot_id", "digest"),
    sqlite_with_rowid=False,
)
"""What the platform calls pictures that a bot has sent, by the hash of their content."""

on_duty = Table(
    "on_duty",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("group_id", "user_id"),
    sqlite_with_rowid=False,
)
"""Operators who are called when a member wants a person."""

hand_overs = Table(
    "hand_overs",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("pings", Integer, nullable=False),
    Column("next_ping_at", Instant),
    Column("taken_by", Text),
    Column("topic", BigInteger),
    UniqueConstraint("group_id", "update_id"),
    Index("ix_hand_overs_next_ping_at", "next_ping_at"),
    Index("ix_hand_overs_group_id_asked_at", "group_id", "asked_at"),
)
"""Members who wanted a person; `next_ping_at` is None when nobody is called for it any more."""

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

joins = Table(
    "joins",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("is_first", Boolean, nullable=False),
    Column("is_raid", Boolean, nullable=False),
    Column("inviter_id", BigInteger),
    Column("link", Text),
    Column("link_name", Text),
    Column("link_creator_id", BigInteger),
    Column("greet_at", Instant),
    PrimaryKeyConstraint("group_id", "user_id", "update_id"),
    Index("ix_joins_group_id_at", "group_id", "at"),
    Index(
        "ix_joins_greet_at",
        "greet_at",
        sqlite_where=text("greet_at IS NOT NULL"),
        postgresql_where=text("greet_at IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)
"""Every join that was seen. `inviter_id` added the member; `link` is what they came by, and who made it; `greet_at` is
when an alarm greets them who should have been by then.
"""

raids = Table(
    "raids",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("group_id", "update_id"),
    Index(
        "uq_raids_under_way",
        "group_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    sqlite_with_rowid=False,
)
"""Times in which too many joined at once; a group has one at a time."""

welcome_texts = Table(
    "welcome_texts",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("slot", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("media_kind", String(16)),
    Column("media_id", Text),
    PrimaryKeyConstraint("group_id", "slot"),
    sqlite_with_rowid=False,
)
"""How newcomers are greeted; `slot` says on which occasion, or in which language."""

welcome_posts = Table(
    "welcome_posts",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("group_id"),
    sqlite_with_rowid=False,
)
"""The welcome that stands in a group, to be replaced by the next."""

offences = Table(
    "offences",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("key", String(96), nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("rule", String(16), nullable=False),
    Column("action", String(16), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Column("until", Instant),
    Column("undone_at", Instant),
    UniqueConstraint("group_id", "key"),
    Index("ix_offences_group_id_user_id_at", "group_id", "user_id", "at"),
)
"""`user_id` may be a channel's; `key` is what happened, so that it counts once; `until` is the end of a mute."""

forbidden_words = Table(
    "forbidden_words",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("key", String(256), nullable=False),
    Column("word", Text, nullable=False),
    PrimaryKeyConstraint("group_id", "key"),
    sqlite_with_rowid=False,
)
"""`key` is the word in its normal form."""

exempt_members = Table(
    "exempt_members",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("group_id", "user_id"),
    sqlite_with_rowid=False,
)
"""Whom no rule is for."""

invite_links = Table(
    "invite_links",
    metadata,
    Column("link", String(128), primary_key=True),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("dead_at", Instant),
    Index(
        "ix_invite_links_alive",
        "group_id",
        "user_id",
        unique=True,
        sqlite_where=text("dead_at IS NULL"),
        postgresql_where=text("dead_at IS NULL"),
    ),
)
"""Members' own links; one that was revoked is dead, and kept for joins that are told of late."""

invites = Table(
    "invites",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("inviter_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("day", Date, nullable=False),
    Column("look_at", Instant),
    Column("valid_at", Instant),
    Column("reward", BigInteger, nullable=False, server_default=text("0")),
    Column("void_at", Instant),
    PrimaryKeyConstraint("group_id", "user_id"),
    CheckConstraint("user_id <> inviter_id", name="inviter"),
    Index("ix_invites_inviter", "group_id", "inviter_id", "day", "reward"),
    Index("ix_invites_group_id_at", "group_id", "at"),
    Index(
        "ix_invites_waiting",
        "look_at",
        sqlite_where=text("look_at IS NOT NULL"),
        postgresql_where=text("look_at IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)
"""Who was first brought by whom, once a person and group. `day` is the group's own; `look_at` is when to look whether
it counts by now; `void_at` says that operators struck it.
"""

introductions = Table(
    "introductions",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("joined_at", Instant),
    Column("remind_at", Instant),
    Column("introduced_at", Instant),
    PrimaryKeyConstraint("group_id", "user_id"),
    Index(
        "ix_introductions_waiting",
        "remind_at",
        sqlite_where=text("remind_at IS NOT NULL"),
        postgresql_where=text("remind_at IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)
"""Newcomers of groups that want introductions, and all who have introduced themselves; `remind_at` is null once the
reminder was given, or is not due any more.
"""

introduction_templates = Table(
    "introduction_templates",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False),
    Column("template", Text, nullable=False),
)

challenges = Table(
    "challenges",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("step", String(16), nullable=False),
    Column("door", String(16), nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("question", Text, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("right", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("chat_id", BigInteger),
    Column("message_id", BigInteger),
    Index("ix_challenges_group_id_opened_at", "group_id", "opened_at"),
)
"""Messages that tell newcomers, or operators about them, what to do; one that `is_shared` is for a crowd.

`chat_id` and `message_id` are null until it was sent, and again when nobody waits for it any more.
"""

admissions = Table(
    "admissions",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("door", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("steps", JSON, nullable=False),
    Column("done", JSON, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("owed", String(16)),
    Column("owed_at", Instant),
    Column("due_at", Instant),
    Column("challenge_id", BigInteger, ForeignKey("challenges.id", ondelete="RESTRICT")),
    Column("update_id", BigInteger),
    PrimaryKeyConstraint("group_id", "user_id"),
    CheckConstraint("state IN ('review', 'captcha', 'rules', 'passed', 'failed', 'left')", name="state"),
    Index(
        "ix_admissions_due_at",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index(
        "ix_admissions_owed_at",
        "owed_at",
        sqlite_where=text("owed_at IS NOT NULL"),
        postgresql_where=text("owed_at IS NOT NULL"),
    ),
    Index("ix_admissions_challenge_id", "challenge_id"),
    sqlite_with_rowid=False,
)
"""Where a person stands at a group's door (see `bot.domain.admissions.Admission`)."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("playbook", String(64), nullable=False),
    Column("step", String(64), nullable=False),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("slot", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("note", String(16), nullable=False, server_default=""),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("positions", Integer),
    Column("slot_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("event", JSON, nullable=False, server_default=text("'{}'")),
    Column("uncertain", JSON, nullable=False, server_default=text("'[]'")),
    Column("ended_at", Instant),
    Column("replies", Integer, nullable=False, server_default=text("0")),
    Column("reason", String(200)),
    UniqueConstraint("playbook", "step", "group_id", "slot"),
    CheckConstraint("state IN ('queued', 'sending', 'sent', 'unknown', 'failed', 'skipped')", name="state"),
    Index(
        "ix_deliveries_alive",
        "due_at",
        "group_id",
        sqlite_where=text("state IN ('queued', 'sending')"),
        postgresql_where=text("state IN ('queued', 'sending')"),
    ),
    Index(
        "ix_deliveries_line",
        "group_id",
        "due_at",
        "id",
        sqlite_where=text("state IN ('queued', 'sending')"),
        postgresql_where=text("state IN ('queued', 'sending')"),
    ),
    Index("ix_deliveries_group_id_slot_at", "group_id", "slot_at"),
    Index(
        "ix_deliveries_asked",
        "id",
        sqlite_where=text("note = 'asked' AND ended_at IS NULL"),
        postgresql_where=text("note = 'asked' AND ended_at IS NULL"),
    ),
)
"""A step of a playbook in one group at one slot (local time, or the event). `position` is the action whose turn it is,
`event` what an event step knows of its event, `uncertain` the positions whose outcome is unknown. One that is `sending`
may be taken over after `due_at`: its sender has died. One that is `asked` about and not ended waits for the question.
`replies` are the answers that members gave to its posts soon after them, `reason` what operators read of a failure.
"""

delivery_posts = Table(
    "delivery_posts",
    metadata,
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id", ondelete="RESTRICT"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("pin", String(16)),
    PrimaryKeyConstraint("delivery_id", "position", "message_id"),
    Index(
        "ix_delivery_posts_pin_due",
        "delivery_id",
        sqlite_where=text("pin IN ('wanted', 'unwanted')"),
        postgresql_where=text("pin IN ('wanted', 'unwanted')"),
    ),
    sqlite_with_rowid=False,
)
"""The messages that a delivery became. `pin` is what is to be done about its pin, or was; null for nothing."""

delivery_questions = Table(
    "delivery_questions",
    metadata,
    Column(
        "delivery_id", BigInteger, ForeignKey("deliveries.id", ondelete="RESTRICT"), primary_key=True,
        autoincrement=False,
    ),
    Column("asked_at", Instant),
)  # fmt: skip
"""What operators are asked about deliveries (since when; null: they are to be), until it is answered or over."""

playbook_pauses = Table(
    "playbook_pauses",
    metadata,
    Column("playbook", String(64), nullable=False),
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("until", Instant),
    PrimaryKeyConstraint("playbook", "group_id"),
    sqlite_with_rowid=False,
)
"""Playbooks that rest in a group: until an instant, or until somebody lets them go on."""

library_turns = Table(
    "library_turns",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), nullable=False),
    Column("library", String(255), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("item", String(64), nullable=False),
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id", ondelete="RESTRICT"), nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("group_id", "library", "turn", "item"),
    UniqueConstraint("delivery_id", "position"),
    sqlite_with_rowid=False,
)
"""Which items of a library a group has had in which turn (from 0); a turn is over when all were taken."""

rings = Table(
    "rings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("until", Instant, nullable=False),
)
"""One row: the instant up to which it was worked out what is due."""

chatter = Table(
    "chatter",
    metadata,
    Column("group_id", BigInteger, ForeignKey("groups.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False),
    Column("spoken_at", Instant, nullable=False),
    Column("messages", BigInteger, nullable=False, server_default=text("0")),
    Column("messages_at_post", BigInteger, nullable=False, server_default=text("0")),
    Index("ix_chatter_spoken_at", "spoken_at"),
)
"""How much is said in a group: when a member last spoke, all messages ever, and how many those were when a
playbook last posted.
"""

playbook_halts = Table(
    "playbook_halts",
    metadata,
    Column("playbook", String(64), primary_key=True),
    Column("until", Instant),
)
"""Playbooks that rest in every group: until an instant, or until an owner lets them go on."""
