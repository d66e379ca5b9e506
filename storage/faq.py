"""The FAQ entries that operators made in their groups, and the questions that nobody answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.faq import Keyword, Missed, OwnEntry
from storage.tables import faq_entries, faq_missed, former_chats, groups

_COLUMNS = (faq_entries.c.key, faq_entries.c.keywords, faq_entries.c.unless, faq_entries.c.answer)


@dataclass(frozen=True, slots=True)
class FaqRepository:
    """The FAQ of one transaction."""

    connection: Connection

    def of_group(self, group_id: int) -> Sequence[OwnEntry]:
        """A group's own entries, in the order of their keys."""
        statement = select(*_COLUMNS).where(faq_entries.c.group_id == group_id).order_by(faq_entries.c.key)
        return [_entry(row) for row in self.connection.execute(statement)]

    def find(self, group_id: int, key: str) -> OwnEntry | None:
        """One of a group's own entries, locked until the end of the transaction."""
        statement = select(*_COLUMNS).where(faq_entries.c.group_id == group_id, faq_entries.c.key == key)
        row = self.connection.execute(statement.with_for_update()).one_or_none()
        return _entry(row) if row else None

    def count(self, group_id: int) -> int:
        """How many entries of its own a group has."""
        statement = select(func.count()).select_from(faq_entries).where(faq_entries.c.group_id == group_id)
        return self.connection.execute(statement).scalar_one()

    def put(self, group_id: int, key: str, entry: OwnEntry | None, at: datetime) -> OwnEntry | None:
        """Stores an entry in the place of the one with its key (None: leaves the place empty), and returns that one."""
        before = self.find(group_id, key)
        if entry is None:
            self.connection.execute(
                delete(faq_entries).where(faq_entries.c.group_id == group_id, faq_entries.c.key == key)
            )
            return before
        row = as_json(entry) | {"group_id": group_id, "changed_at": at}
        stored = insert(faq_entries).values(row)
        self.connection.execute(
            stored.on_conflict_do_update(
                index_elements=[faq_entries.c.group_id, faq_entries.c.key],
                set_={name: stored.excluded[name] for name in ("keywords", "unless", "answer", "changed_at")},
            )
        )
        return before

    def by_chat(self) -> Mapping[int, Sequence[OwnEntry]]:
        """Every group's own entries by chat id, former ones too."""
        found: dict[int, list[OwnEntry]] = {}
        for chats in (
            select(groups.c.chat_id, *_COLUMNS).join(faq_entries, faq_entries.c.group_id == groups.c.id),
            select(former_chats.c.chat_id, *_COLUMNS).join(
                faq_entries, faq_entries.c.group_id == former_chats.c.group_id
            ),
        ):
            for chat_id, *row in self.connection.execute(chats):
                if chat_id is not None:
                    found.setdefault(chat_id, []).append(_entry(row))
        return found

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

    def forget_missed(self, group_id: int, keys: Sequence[str]) -> None:
        """Drops questions from the list."""
        self.connection.execute(delete(faq_missed).where(faq_missed.c.group_id == group_id, faq_missed.c.key.in_(keys)))


def as_json(entry: OwnEntry) -> dict[str, Any]:
    """An entry as plain data: what is stored, and what an undo puts back."""
    return {
        "key": entry.key,
        "keywords": [[keyword.text, keyword.mode, keyword.threshold] for keyword in entry.keywords],
        "unless": list(entry.unless),
        "answer": entry.answer,
    }


def from_json(stored: Mapping[str, Any]) -> OwnEntry:
    """The entry that `as_json` made plain."""
    return _entry([stored[name] for name in ("key", "keywords", "unless", "answer")])


def _entry(row: Any) -> OwnEntry:
    key, keywords, unless, answer = row
    return OwnEntry(key, tuple(Keyword(*keyword) for keyword in keywords), tuple(unless), answer)
