"""The FAQ entries that operators made in their groups, and the questions that nobody answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.faq import Entry
from bot.domain.faq_own import Missed
from storage.faq_json import as_json, from_json
from storage.tables import faq_entries, faq_missed, faq_pictures, faq_versions, former_chats, groups

_STORED = ("keywords", "unless", "answer", "more", "changed_at")
_COLUMNS = tuple(faq_entries.c[name] for name in ("key", "keywords", "unless", "answer", "more"))

_ALL_GROUPS = 0


@dataclass(frozen=True, slots=True)
class FaqRepository:
    """The FAQ of one transaction."""

    connection: Connection

    def of_group(self, group_id: int) -> Sequence[Entry]:
        """A group's own entries, in the order of their keys."""
        statement = select(*_COLUMNS).where(faq_entries.c.group_id == group_id).order_by(faq_entries.c.key)
        return [_entry(row) for row in self.connection.execute(statement)]

    def find(self, group_id: int, key: str) -> Entry | None:
        """One of a group's own entries, locked until the end of the transaction."""
        statement = select(*_COLUMNS).where(faq_entries.c.group_id == group_id, faq_entries.c.key == key)
        row = self.connection.execute(statement.with_for_update()).one_or_none()
        return _entry(row) if row else None

    def count(self, group_id: int) -> int:
        """How many entries of its own a group has."""
        statement = select(func.count()).select_from(faq_entries).where(faq_entries.c.group_id == group_id)
        return self.connection.execute(statement).scalar_one()

    def put(self, group_id: int, key: str, entry: Entry | None, at: datetime) -> Entry | None:
        """Stores an entry in the place of the one with its key (None: leaves the place empty), and returns that one."""
        self.lock()
        before = self.find(group_id, key)
        self.put_all(group_id, {key: entry}, at)
        return before

    def put_all(self, group_id: int, entries: Mapping[str, Entry | None], at: datetime) -> None:
        """Stores entries in the places of those with their keys (None: leaves the place empty)."""
        self.count_change(group_id)
        gone = [key for key, entry in entries.items() if entry is None]
        self.connection.execute(
            delete(faq_entries).where(faq_entries.c.group_id == group_id, faq_entries.c.key.in_(gone))
        )
        rows = [
            {"more": {}} | as_json(entry) | {"group_id": group_id, "changed_at": at}
            for entry in entries.values()
            if entry is not None
        ]
        stored = insert(faq_entries)
        stored = stored.on_conflict_do_update(
            index_elements=[faq_entries.c.group_id, faq_entries.c.key],
            set_={name: stored.excluded[name] for name in _STORED},
        )
        if rows:
            self.connection.execute(stored, rows)

    def lock(self) -> None:
        """Lets others who change entries wait until the end of the transaction."""
        self.connection.execute(insert(faq_versions).values(group_id=_ALL_GROUPS, version=0).on_conflict_do_nothing())
        is_it = faq_versions.c.group_id == _ALL_GROUPS
        self.connection.execute(select(faq_versions.c.version).where(is_it).with_for_update())

    def version(self, group_id: int = _ALL_GROUPS) -> int:
        """A number that grows whenever entries of a group, or of any group, change."""
        statement = select(faq_versions.c.version).where(faq_versions.c.group_id == group_id)
        return self.connection.execute(statement).scalar() or 0

    def changed_since(self, version: int) -> Sequence[int]:
        """The groups whose own entries have changed since a version."""
        statement = select(faq_versions.c.group_id).where(
            faq_versions.c.version > version, faq_versions.c.group_id != _ALL_GROUPS
        )
        return self.connection.execute(statement).scalars().all()

    def count_change(self, group_id: int) -> None:
        """Counts a change; the row of all groups is locked, so that versions are committed in their order."""
        counted = insert(faq_versions).values(group_id=_ALL_GROUPS, version=1)
        version = self.connection.execute(
            counted.on_conflict_do_update(
                index_elements=[faq_versions.c.group_id], set_={"version": faq_versions.c.version + 1}
            ).returning(faq_versions.c.version)
        ).scalar_one()
        own = insert(faq_versions).values(group_id=group_id, version=version)
        self.connection.execute(
            own.on_conflict_do_update(index_elements=[faq_versions.c.group_id], set_={"version": version})
        )

    def picture(self, bot_id: int, digest: str) -> str | None:
        """What the platform calls a picture that the bot has sent before."""
        statement = select(faq_pictures.c.file_id).where(
            faq_pictures.c.bot_id == bot_id, faq_pictures.c.digest == digest
        )
        return self.connection.execute(statement).scalar()

    def keep_picture(self, bot_id: int, digest: str, file_id: str) -> None:
        """Remembers what the platform calls a picture."""
        kept = insert(faq_pictures).values(bot_id=bot_id, digest=digest, file_id=file_id)
        self.connection.execute(
            kept.on_conflict_do_update(index_elements=list(faq_pictures.primary_key), set_={"file_id": file_id})
        )

    def chats(self, group_id: int) -> Sequence[int]:
        """The chat ids of a group, former ones too."""
        now = select(groups.c.chat_id).where(groups.c.id == group_id, groups.c.chat_id.is_not(None))
        former = select(former_chats.c.chat_id).where(former_chats.c.group_id == group_id)
        return self.connection.execute(now.union_all(former)).scalars().all()

    def groups(self) -> Sequence[int]:
        """The groups that have entries of their own."""
        return self.connection.execute(select(faq_entries.c.group_id).distinct()).scalars().all()

    def miss(self, group_id: int, key: str, question: str, times: int, at: datetime) -> None:
        """Counts a question that found no answer; its latest wording is kept."""
        row = {"group_id": group_id, "key": key, "question": question, "asked": times, "last_at": at}
        new = insert(faq_missed).values(row)
        both = {"asked": faq_missed.c.asked + new.excluded.asked} | {
            name: new.excluded[name] for name in ("question", "last_at")
        }
        self.connection.execute(new.on_conflict_do_update(index_elements=list(faq_missed.primary_key), set_=both))

    def missed(self, group_id: int) -> Sequence[Missed]:
        """A group's questions without an answer: the most frequent first, of those the latest."""
        statement = select(faq_missed.c.key, faq_missed.c.question, faq_missed.c.asked)
        rows = self.connection.execute(
            statement.where(faq_missed.c.group_id == group_id).order_by(
                faq_missed.c.asked.desc(), faq_missed.c.last_at.desc(), faq_missed.c.key
            )
        )
        return [Missed(*row) for row in rows]

    def find_missed(self, group_id: int, ref: str) -> Missed | None:
        """A question by its short name, locked until the end of the transaction."""
        wanted = next((one for one in self.missed(group_id) if one.ref == ref), None)
        if wanted is None:
            return None
        is_it = (faq_missed.c.group_id == group_id) & (faq_missed.c.key == wanted.key)
        locked = self.connection.execute(select(faq_missed.c.key).where(is_it).with_for_update()).first()
        return wanted if locked else None

    def forget_missed(self, group_id: int, keys: Sequence[str]) -> None:
        """Drops questions from the list."""
        self.connection.execute(delete(faq_missed).where(faq_missed.c.group_id == group_id, faq_missed.c.key.in_(keys)))


def _entry(row: Any) -> Entry:
    return from_json(row._mapping)
