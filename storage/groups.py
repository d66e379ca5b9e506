"""Group chats and what is set for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.faq import FaqRepository
from storage.groups_merging import GroupRow, Merging
from storage.tables import former_chats, groups

__all__ = ["GroupRepository", "GroupRow"]

_COLUMNS = (
    groups.c.id,
    groups.c.chat_id,
    groups.c.title,
    func.coalesce(groups.c.wallet_id, groups.c.id).label("wallet_id"),
    groups.c.rules,
    groups.c.settings,
    groups.c.is_present,
)

IS_PRESENT = (groups.c.is_present, groups.c.chat_id.is_not(None))
"""What is true of the groups that the bot is in, none of them merged into another one."""


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

    def count_present(self) -> int:
        """How many groups the bot is in."""
        return self.connection.execute(select(func.count()).where(*IS_PRESENT)).scalar_one()

    def zones(self, default_zone: str) -> Sequence[str]:
        """The zones of the groups that the bot is in."""
        zones = select(zone_of(default_zone)).where(*IS_PRESENT).distinct()
        return sorted(self.connection.execute(zones).scalars())

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
        # Whatever changed, playbooks may try again.
        rested = update(groups).where(groups.c.id == group_id, groups.c.rests_since.is_not(None))
        self.connection.execute(rested.values(rests_since=None))

    def lock(self, group_id: int) -> None:
        """Lets works that ask for this happen one at a time in the group, each until the end of its transaction."""
        one = select(groups.c.id).where(groups.c.id == group_id)
        self.connection.execute(one.with_for_update(key_share=True))

    def rest(self, group_id: int, at: datetime, again_after: datetime) -> bool:
        """Notes that playbooks rest in a group from now on; False if they did already, since later than an instant."""
        not_yet = or_(groups.c.rests_since.is_(None), groups.c.rests_since <= again_after)
        statement = update(groups).where(groups.c.id == group_id, not_yet).values(rests_since=at)
        return bool(self.connection.execute(statement).rowcount)

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
            Merging(self.connection, newcomer, group).merge()
        self.connection.execute(
            insert(former_chats).values(chat_id=group.chat_id, group_id=group.id).on_conflict_do_nothing()
        )
        self.connection.execute(update(groups).where(groups.c.id == group.id).values(chat_id=new_chat_id))
        FaqRepository(self.connection).count_change(group.id)


def zone_of(default_zone: str) -> ColumnElement[str]:
    """The name of the zone in which a group lives; the default for one that has set none."""
    return func.coalesce(groups.c.settings["timezone"].as_string(), default_zone)
