"""Who changed what, and what an undo puts back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.members import Actor
from storage.tables import changes

_FINAL = frozenset(
    {"wallet", "lottery", "held", "turned_away", "unmuted", "playbook_answer", "playbook_everywhere", "playbook_run"}
)
_UNDONE_ONCE = frozenset({"points", "offence", "forgiven", "invites", "playbook_skip"})


@dataclass(frozen=True, slots=True)
class Change:
    """What an actor changed. `what` names the thing (`rules`, `setting:timezone`, `points`); the rest depends on it."""

    id: int
    group_id: int
    actor: Actor
    what: str
    before: Any
    after: Any
    at: datetime
    undone_at: datetime | None

    @property
    def can_be_undone(self) -> bool:
        """Whether an undo knows what to put back; that of points or an offence does not, and a draw stays drawn.

        Newcomers who were sent away may come again; the rest of what became of them stays.
        """
        kind = self.what.partition(":")[0]
        is_final = kind in _FINAL or (kind in _UNDONE_ONCE and self.after is None)
        is_final |= kind == "admission" and self.after["done"] != "removed"
        return self.undone_at is None and not is_final


MOST_NAMES = 3
"""Names that a line of the log has room for where the bot did one thing many times."""

_NO_UPDATE = 0
"""Stands where no update has brought a change."""

_COLUMNS = (
    changes.c.id, changes.c.group_id, changes.c.actor_id, changes.c.actor, changes.c.what, changes.c.before,
    changes.c.after, changes.c.at, changes.c.undone_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChangeRepository:
    """The changes of one transaction."""

    connection: Connection

    def add(
        self, group_id: int, update_id: int | None, actor: Actor, what: str, before: Any, after: Any, at: datetime
    ) -> bool:
        """Records a change; False when the same update was recorded before (it comes a second time).

        `update_id` is None for what was not asked for in a chat.
        """
        row = {"group_id": group_id, "update_id": update_id, "actor_id": actor.id, "actor": actor.name, "what": what,
               "before": before, "after": after, "at": at}  # fmt: skip
        statement = insert(changes).values(row).on_conflict_do_nothing().returning(changes.c.id)
        return self.connection.execute(statement).first() is not None

    def count(self, group_id: int, actor: Actor, what: str, name: str, at: datetime) -> None:
        """Records that something happened to one more, in one line with all others to whom it did."""
        if self.add(group_id, _NO_UPDATE, actor, what, None, {"names": [name], "n": 1}, at):
            return
        is_it = (changes.c.group_id == group_id) & (changes.c.update_id == _NO_UPDATE) & (changes.c.what == what)
        line = select(changes.c.id, changes.c.after).where(is_it).with_for_update()
        row_id, before = self.connection.execute(line).one()
        after = {"names": [*before["names"], name][:MOST_NAMES], "n": before["n"] + 1}
        self.connection.execute(update(changes).where(changes.c.id == row_id).values(after=after))

    def made_by(self, group_id: int, update_id: int) -> Change | None:
        """The change that an update has brought already."""
        is_it = (changes.c.group_id == group_id) & (changes.c.update_id == update_id)
        row = self.connection.execute(select(*_COLUMNS).where(is_it)).one_or_none()
        return _change(row) if row else None

    def was_made_by(self, group_id: int, update_id: int) -> bool:
        """Whether an update has brought a change already."""
        statement = select(changes.c.id).where(changes.c.group_id == group_id, changes.c.update_id == update_id)
        return self.connection.execute(statement).first() is not None

    def by_update(self, group_id: int, update_id: int) -> Change | None:
        """The change that an update has brought already."""
        statement = select(*_COLUMNS).where(changes.c.group_id == group_id, changes.c.update_id == update_id)
        row = self.connection.execute(statement.limit(1)).one_or_none()
        return _change(row) if row else None

    def latest(self, group_id: int, limit: int) -> Sequence[Change]:
        """The group's latest changes, newest first."""
        statement = select(*_COLUMNS).where(changes.c.group_id == group_id).order_by(changes.c.id.desc()).limit(limit)
        return [_change(row) for row in self.connection.execute(statement)]

    def find(self, group_id: int, change_id: int) -> Change | None:
        """One of the group's changes, locked until the end of the transaction."""
        row = self.connection.execute(
            select(*_COLUMNS).where(changes.c.group_id == group_id, changes.c.id == change_id).with_for_update()
        ).one_or_none()
        return _change(row) if row else None

    def undone(self, change_id: int, at: datetime) -> None:
        """Marks a change as undone."""
        self.connection.execute(update(changes).where(changes.c.id == change_id).values(undone_at=at))


def _change(row: Any) -> Change:
    number, group_id, actor_id, actor, what, before, after, at, undone_at = row
    return Change(number, group_id, Actor(actor_id, actor), what, before, after, at, undone_at)
