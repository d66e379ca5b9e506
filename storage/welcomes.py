"""How newcomers are greeted, and the welcome that stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.welcomes import Media, WelcomeText
from storage.deletions import DeletionRepository
from storage.tables import welcome_posts, welcome_texts

_new_post = insert(welcome_posts)
_REPLACE_POST = _new_post.on_conflict_do_update(
    index_elements=[welcome_posts.c.group_id],
    set_={"chat_id": _new_post.excluded.chat_id, "message_id": _new_post.excluded.message_id},
)


def as_json(text: WelcomeText) -> dict[str, Any]:
    """A text as the log of changes keeps it."""
    media = text.media
    return {"text": text.text, "media": [media.kind, media.file_id] if media else None}


def from_json(stored: Mapping[str, Any]) -> WelcomeText:
    """What `as_json` made."""
    return WelcomeText(stored["text"], Media(*stored["media"]) if stored["media"] else None)


@dataclass(frozen=True, slots=True)
class WelcomeRepository:
    """The welcomes of one transaction."""

    connection: Connection

    def of_group(self, group_id: int) -> Mapping[str, WelcomeText]:
        """A group's texts by slot."""
        rows = self.connection.execute(select(welcome_texts).where(welcome_texts.c.group_id == group_id))
        return {
            row.slot: WelcomeText(row.text, Media(row.media_kind, row.media_id) if row.media_kind else None)
            for row in rows
        }

    def put(self, group_id: int, slot: str, stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Replaces a text (None: there is none any more), and returns the former one; both as JSON."""
        before = self.of_group(group_id).get(slot)
        here = (welcome_texts.c.group_id == group_id, welcome_texts.c.slot == slot)
        self.connection.execute(delete(welcome_texts).where(*here))
        if stored is not None:
            text = from_json(stored)
            kind, file_id = (text.media.kind, text.media.file_id) if text.media else (None, None)
            row = {"group_id": group_id, "slot": slot, "text": text.text, "media_kind": kind, "media_id": file_id}
            self.connection.execute(insert(welcome_texts).values(row))
        return as_json(before) if before else None

    def posted(self, group_id: int, chat_id: int, message_id: int, at: datetime) -> None:
        """Notes the welcome that stands now; the one before is to disappear at once."""
        former = self.connection.execute(
            select(welcome_posts.c.chat_id, welcome_posts.c.message_id).where(welcome_posts.c.group_id == group_id)
        ).one_or_none()
        self.connection.execute(_REPLACE_POST, {"group_id": group_id, "chat_id": chat_id, "message_id": message_id})
        if former is not None:
            DeletionRepository(self.connection).add(former.chat_id, former.message_id, at)
