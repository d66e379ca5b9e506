"""How much is said in groups, and when somebody last spoke."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.prepared import Prepared
from storage.tables import chatter

_new = insert(chatter)
_ADD = _new.on_conflict_do_update(
    index_elements=[chatter.c.group_id],
    set_={
        "messages": chatter.c.messages + _new.excluded.messages,
        "spoken_at": case(
            (chatter.c.spoken_at > _new.excluded.spoken_at, chatter.c.spoken_at), else_=_new.excluded.spoken_at
        ),
    },
)
_MARK_POST = Prepared(
    update(chatter).where(chatter.c.group_id == bindparam("of_group")).values(messages_at_post=chatter.c.messages)
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Messages of a group's members; `at` is the latest one's instant."""

    group_id: int
    messages: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Chatter:
    """When a member of a group last spoke, all messages ever, and those since a playbook last posted."""

    spoken_at: datetime
    messages: int
    since_post: int


@dataclass(frozen=True, slots=True)
class ChatterRepository:
    """What was said, in one transaction."""

    connection: Connection

    def add(self, spoken: Sequence[Spoken]) -> None:
        """Adds to what is stored, in an order that every process keeps (so that none waits in a circle)."""
        rows = [
            {"group_id": one.group_id, "messages": one.messages, "spoken_at": one.at}
            for one in sorted(spoken, key=lambda one: one.group_id)
        ]
        if rows:
            self.connection.execute(_ADD, rows)

    def of(self, group_id: int) -> Chatter | None:
        """What was said in a group; None where nobody has spoken yet."""
        since_post = chatter.c.messages - chatter.c.messages_at_post
        statement = select(chatter.c.spoken_at, chatter.c.messages, since_post).where(chatter.c.group_id == group_id)
        row = self.connection.execute(statement).one_or_none()
        return Chatter(*row) if row else None

    def mark_post(self, group_id: int) -> None:
        """Lets the messages since the last post be counted from now on."""
        _MARK_POST.change(self.connection, of_group=group_id)

    def merge(self, from_group_id: int, into_group_id: int) -> None:
        """Adds what was said in one group to another one."""
        said = self.of(from_group_id)
        if said is not None:
            self.add([Spoken(into_group_id, said.messages, said.spoken_at)])
