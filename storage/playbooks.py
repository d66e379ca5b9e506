"""What operators steer and see of playbooks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.deliveries import Note, State
from bot.domain.playbooks import Pause
from bot.domain.slots import Slot
from storage.deliveries import IS_ALIVE
from storage.playbook_questions import is_open
from storage.tables import deliveries, delivery_posts, delivery_questions, playbook_halts, playbook_pauses


@dataclass(frozen=True, slots=True)
class Shown:
    """A delivery as operators see it, whether they are to decide about it, and the first message that it became."""

    id: int
    playbook: str
    step: str
    slot: str
    state: State
    note: Note
    slot_at: datetime
    due_at: datetime
    position: int
    reason: str | None
    is_open: bool
    message_id: int | None


_FIRST_MESSAGE = (
    select(func.min(delivery_posts.c.message_id))
    .where(delivery_posts.c.delivery_id == deliveries.c.id)
    .scalar_subquery()
)
_SHOWN: Select[Any] = select(
    deliveries.c.id, deliveries.c.playbook, deliveries.c.step, deliveries.c.slot, deliveries.c.state, deliveries.c.note,
    deliveries.c.slot_at, deliveries.c.due_at, deliveries.c.position, deliveries.c.reason, is_open(), _FIRST_MESSAGE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaybookRepository:
    """The playbooks of one transaction."""

    connection: Connection

    def pauses(self, group_id: int, now: datetime) -> Mapping[str, Pause]:
        """The playbooks that rest in a group now; a rest everywhere hides one of the group's own."""
        here = select(playbook_pauses.c.playbook, playbook_pauses.c.until).where(
            playbook_pauses.c.group_id == group_id, _lasts(playbook_pauses.c.until, now)
        )
        everywhere = select(playbook_halts).where(_lasts(playbook_halts.c.until, now))
        found = {name: Pause(until) for name, until in self.connection.execute(here)}
        return found | {name: Pause(until, is_everywhere=True) for name, until in self.connection.execute(everywhere)}

    def set_pause(self, playbook: str, group_id: int, pause: Pause | None) -> Pause | None:
        """Lets a playbook rest in a group, or go on; returns what was before."""
        mine = (playbook_pauses.c.playbook == playbook, playbook_pauses.c.group_id == group_id)
        row = self.connection.execute(select(playbook_pauses.c.until).where(*mine).with_for_update()).one_or_none()
        if pause is None:
            self.connection.execute(delete(playbook_pauses).where(*mine))
        else:
            new = insert(playbook_pauses).values(playbook=playbook, group_id=group_id, until=pause.until)
            self.connection.execute(
                new.on_conflict_do_update(index_elements=["playbook", "group_id"], set_={"until": pause.until})
            )
        return Pause(row.until) if row else None

    def set_halt(self, playbook: str, pause: Pause | None) -> Pause | None:
        """Lets a playbook rest everywhere, or go on; returns what was before."""
        mine = playbook_halts.c.playbook == playbook
        row = self.connection.execute(select(playbook_halts.c.until).where(mine).with_for_update()).one_or_none()
        if pause is None:
            self.connection.execute(delete(playbook_halts).where(mine))
        else:
            new = insert(playbook_halts).values(playbook=playbook, until=pause.until)
            self.connection.execute(new.on_conflict_do_update(index_elements=["playbook"], set_={"until": pause.until}))
        return Pause(row.until, is_everywhere=True) if row else None

    def skip(self, group_id: int, playbook: str, step: str, slots: Sequence[Slot], now: datetime) -> str | None:
        """Ends what waits to be begun of a step, else takes the first of these slots that is free; returns its key."""
        waiting = (
            deliveries.c.playbook == playbook,
            deliveries.c.step == step,
            deliveries.c.group_id == group_id,
            deliveries.c.state == "queued",
            deliveries.c.position == 0,
        )
        statement = select(deliveries.c.id, deliveries.c.slot).where(*waiting).order_by(deliveries.c.id).limit(1)
        row = self.connection.execute(statement.with_for_update()).one_or_none()
        if row is not None:
            ended = update(deliveries).where(deliveries.c.id == row.id)
            self.connection.execute(ended.values(state="skipped", note="operator", ended_at=now))
            return str(row.slot)
        for slot in slots:
            new = {"playbook": playbook, "step": step, "group_id": group_id, "slot": slot.key, "state": "skipped",
                   "note": "operator", "slot_at": slot.at, "due_at": slot.at, "ended_at": now}  # fmt: skip
            if self.connection.execute(insert(deliveries).values(new).on_conflict_do_nothing()).rowcount:
                return slot.key
        return None

    def unskip(self, group_id: int, playbook: str, step: str, slot: str, now: datetime) -> bool:
        """Lets a slot that is still to come be done after all; whether that was possible."""
        skipped = (
            deliveries.c.playbook == playbook,
            deliveries.c.step == step,
            deliveries.c.group_id == group_id,
            deliveries.c.slot == slot,
            deliveries.c.state == "skipped",
            deliveries.c.note == "operator",
            deliveries.c.slot_at > now,
        )
        return bool(self.connection.execute(delete(deliveries).where(*skipped)).rowcount)

    def between(self, group_id: int, start: datetime, end: datetime, limit: int) -> Sequence[Shown]:
        """The deliveries of a time in a group, and what waits there from before, in order; of many the newest."""
        of_group = _SHOWN.where(deliveries.c.group_id == group_id)
        asked = deliveries.c.id.in_(select(delivery_questions.c.delivery_id))
        found = list[Shown]()
        for where in (
            (deliveries.c.slot_at >= start, deliveries.c.slot_at < end),
            (deliveries.c.slot_at < start, IS_ALIVE),
            (deliveries.c.slot_at < start, asked),
        ):
            newest = of_group.where(*where).order_by(deliveries.c.slot_at.desc(), deliveries.c.id.desc()).limit(limit)
            found += [Shown(*row) for row in self.connection.execute(newest)]
        return sorted(found, key=lambda one: (one.slot_at, one.id))


def pause_json(playbook: str, pause: Pause | None) -> Mapping[str, Any]:
    """A pause as the log keeps it."""
    until = pause.until.isoformat() if pause and pause.until else None
    return {"playbook": playbook, "paused": pause is not None, "until": until}


def pause_from(logged: Mapping[str, Any]) -> Pause | None:
    """A pause as the log kept it."""
    until = datetime.fromisoformat(logged["until"]) if logged["until"] else None
    return Pause(until) if logged["paused"] else None


def _lasts(until: Any, now: datetime) -> Any:
    return or_(until.is_(None), until > now)
