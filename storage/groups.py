"""Group chats and what is set for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.checkins import recount
from bot.domain.groups import settings_from
from storage.checkins import CheckInRepository
from storage.faq import FaqRepository
from storage.tables import (
    activity,
    admissions,
    challenges,
    check_in_days,
    check_ins,
    exempt_members,
    faq_entries,
    faq_heard,
    faq_missed,
    forbidden_words,
    former_chats,
    groups,
    hand_overs,
    introduction_templates,
    introductions,
    invite_links,
    invites,
    joins,
    ledger,
    lotteries,
    members,
    offences,
    on_duty,
    outbox,
    raids,
    wallets,
    welcome_posts,
    welcome_texts,
)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as it is stored; `settings` holds the texts of those that were set."""

    id: int
    chat_id: int
    title: str
    wallet_id: int
    rules: str
    settings: Mapping[str, str]
    is_present: bool


_COLUMNS = (
    groups.c.id,
    groups.c.chat_id,
    groups.c.title,
    func.coalesce(groups.c.wallet_id, groups.c.id).label("wallet_id"),
    groups.c.rules,
    groups.c.settings,
    groups.c.is_present,
)


@dataclass(frozen=True, slots=True)
class GroupRepository:
    """The groups of one transaction."""

    connection: Connection

    def find(self, chat_id: int) -> GroupRow | None:
        """The group of a chat id, present or former."""
        row = self.connection.execute(select(*_COLUMNS).where(groups.c.chat_id == chat_id)).one_or_none()
        if row is None:
            former = select(former_chats.c.group_id).where(former_chats.c.chat_id == chat_id).scalar_subquery()
            row = self.connection.execute(select(*_COLUMNS).where(groups.c.id == former)).one_or_none()
        return GroupRow(*row) if row else None

    def all(self) -> Sequence[GroupRow]:
        """Every group, oldest first."""
        return [GroupRow(*row) for row in self.connection.execute(select(*_COLUMNS).order_by(groups.c.id))]

    def chat_id(self, group_id: int) -> int | None:
        """The chat id that a group has now; None when it was merged into another one."""
        return self.connection.execute(select(groups.c.chat_id).where(groups.c.id == group_id)).scalar()

    def save(self, chat_id: int, title: str, at: datetime) -> None:
        """Makes the group known, or its new title."""
        self.connection.execute(
            insert(groups)
            .values(chat_id=chat_id, title=title, created_at=at, presence_changed_at=at, settings={})
            .on_conflict_do_update(index_elements=[groups.c.chat_id], set_={"title": title})
        )

    def copy(self, rows: Sequence[GroupRow], at: datetime) -> None:
        """Makes groups of another database known, under the ids that they have there."""
        values = [
            {"id": row.id, "chat_id": row.chat_id, "title": row.title, "rules": row.rules, "is_present": row.is_present,
             "settings": dict(row.settings), "created_at": at, "presence_changed_at": at}
            for row in rows
        ]  # fmt: skip
        self.connection.execute(insert(groups), values)

    def set_presence(self, group_id: int, is_present: bool, at: datetime) -> None:
        """Records that the bot was added or is gone."""
        self.connection.execute(
            update(groups)
            .where(groups.c.id == group_id, groups.c.is_present != is_present)
            .values(is_present=is_present, presence_changed_at=at)
        )

    def set_rules(self, group_id: int, rules: str) -> str:
        """Replaces the rules, and returns the former ones."""
        statement = select(groups.c.rules).where(groups.c.id == group_id).with_for_update()
        before: str = self.connection.execute(statement).scalar_one()
        self.connection.execute(update(groups).where(groups.c.id == group_id).values(rules=rules))
        return before

    def set_setting(self, group_id: int, key: str, value: str | None) -> str | None:
        """Stores the text of a setting (None: the default again), and returns the former one."""
        statement = select(groups.c.settings).where(groups.c.id == group_id).with_for_update()
        stored: dict[str, str] = dict(self.connection.execute(statement).scalar_one())
        before = stored.pop(key, None)
        if value is not None:
            stored[key] = value
        self.connection.execute(update(groups).where(groups.c.id == group_id).values(settings=stored))
        return before

    def set_wallet(self, group_id: int, wallet_id: int) -> None:
        """Lets the group pay into the wallet of another one, or its own again."""
        self.connection.execute(
            update(groups).where(groups.c.id == group_id).values(wallet_id=None if wallet_id == group_id else wallet_id)
        )

    def repoint_wallet(self, wallet_id: int, into_wallet_id: int) -> None:
        """Lets all groups that share a wallet pay into another one."""
        self.connection.execute(update(groups).where(groups.c.wallet_id == wallet_id).values(wallet_id=into_wallet_id))

    def move(self, old_chat_id: int, new_chat_id: int) -> None:
        """Gives the group of a chat its new id; the old one leads to it for good.

        Where a message of the new chat was handled first and made a group for it, that one is merged into the old one.
        """
        group = self.find(old_chat_id)
        if group is None or group.chat_id == new_chat_id:
            return
        newcomer = self.find(new_chat_id)
        if newcomer is not None and newcomer.id != group.id:
            self._merge(newcomer.id, group)
        self.connection.execute(
            insert(former_chats).values(chat_id=group.chat_id, group_id=group.id).on_conflict_do_nothing()
        )
        self.connection.execute(update(groups).where(groups.c.id == group.id).values(chat_id=new_chat_id))
        FaqRepository(self.connection).count_change(group.id)

    def _merge(self, newcomer_id: int, group: GroupRow) -> None:
        """Copies all that hangs on a group to another one, and retires it; its own ledger stays, being append-only."""
        for table in (members, activity):
            self._copy(table, newcomer_id, {"group_id": literal(group.id)}, adding="messages")
        hanging = (check_ins, faq_entries, faq_missed, joins, raids, welcome_texts, welcome_posts, forbidden_words)
        for table in (*hanging, exempt_members, on_duty):
            self._copy(table, newcomer_id, {"group_id": literal(group.id)})
        self._move_links(newcomer_id, group.id)
        for table in (invites, introductions, introduction_templates):
            self._copy(table, newcomer_id, {"group_id": literal(group.id)})
        # A reason names the group (`checkin:GROUP:DAY`): renamed, a day paid under both ids is paid once.
        reason = func.replace(ledger.c.reason, f":{newcomer_id}:", f":{group.id}:")
        self._copy(
            ledger,
            newcomer_id,
            {"group_id": literal(group.id), "wallet_id": literal(group.wallet_id), "reason": reason},
        )
        self.connection.execute(delete(wallets).where(wallets.c.wallet_id == group.wallet_id))
        self.connection.execute(insert(wallets).from_select(list(wallets.c.keys()), _sums_of(group.wallet_id)))
        self._copy(admissions, newcomer_id, {"group_id": literal(group.id)})
        self.connection.execute(
            update(admissions).where(admissions.c.group_id == newcomer_id).values(owed=None, owed_at=None, due_at=None)
        )
        for table in (lotteries, outbox, offences, challenges, faq_heard, hand_overs):
            moved = update(table).where(table.c.group_id == newcomer_id).values(group_id=group.id)
            self.connection.execute(moved)
        self._count_days(newcomer_id, group.id)
        self._recount_streaks(newcomer_id, group)
        self.connection.execute(update(groups).where(groups.c.id == newcomer_id).values(chat_id=None, is_present=False))

    def _copy(self, table: Table, newcomer_id: int, replaced: Mapping[str, Any], adding: str | None = None) -> None:
        columns = [column for column in table.c if column.name != "id"]
        values = [replaced.get(c.name, c) for c in columns]
        copied = insert(table).from_select(
            [c.name for c in columns], select(*values).where(table.c.group_id == newcomer_id)
        )
        if adding is None:
            self.connection.execute(copied.on_conflict_do_nothing())
        else:
            both = {adding: table.c[adding] + copied.excluded[adding]}
            self.connection.execute(copied.on_conflict_do_update(index_elements=list(table.primary_key), set_=both))

    def _move_links(self, newcomer_id: int, group_id: int) -> None:
        """Gives the group the newcomer's invite links, which are the younger ones."""
        now = self.connection.execute(select(func.max(invite_links.c.made_at))).scalar()
        younger = select(invite_links.c.user_id).where(invite_links.c.group_id == newcomer_id)
        of_group = (invite_links.c.group_id == group_id) & invite_links.c.dead_at.is_(None)
        self.connection.execute(
            update(invite_links).where(of_group, invite_links.c.user_id.in_(younger)).values(dead_at=now)
        )
        moved = update(invite_links).where(invite_links.c.group_id == newcomer_id).values(group_id=group_id)
        self.connection.execute(moved)

    def _count_days(self, newcomer_id: int, group_id: int) -> None:
        rows = (
            select(func.count())
            .where(
                check_ins.c.group_id == group_id,
                check_ins.c.day == check_in_days.c.day,
                check_ins.c.kind == "checked_in",
            )
            .scalar_subquery()
        )
        counted = insert(check_in_days).from_select(
            ["group_id", "day", "count", "bonus"],
            select(literal(group_id), check_in_days.c.day, rows, check_in_days.c.bonus).where(
                check_in_days.c.group_id == newcomer_id
            ),
        )
        both = {"count": counted.excluded.count, "bonus": check_in_days.c.bonus + counted.excluded.bonus}
        self.connection.execute(
            counted.on_conflict_do_update(index_elements=list(check_in_days.primary_key), set_=both)
        )

    def _recount_streaks(self, newcomer_id: int, group: GroupRow) -> None:
        starts_at = settings_from(group.settings, {}).day_starts_at
        days = CheckInRepository(self.connection)
        first_days = self.connection.execute(
            select(check_ins.c.user_id, func.min(check_ins.c.day))
            .where(check_ins.c.group_id == newcomer_id)
            .group_by(check_ins.c.user_id)
        ).all()
        for user_id, first in first_days:
            earlier = days.before(group.id, user_id, first)
            counted = recount(earlier, days.since(group.id, user_id, first), starts_at)
            days.set_streaks(group.id, user_id, counted)


def _sums_of(wallet_id: int) -> Select[Any]:
    owner = (ledger.c.wallet_id, ledger.c.user_id, ledger.c.unit)
    return (
        select(*owner, func.sum(ledger.c.amount), func.sum(ledger.c.earned), func.max(ledger.c.at))
        .where(ledger.c.wallet_id == wallet_id)
        .group_by(*owner)
    )
