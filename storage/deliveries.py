"""Deliveries: what is due in which group, and what became of it; of several who try at once, one succeeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.deliveries import Note, State
from storage.audiences import EVERYWHERE, Where, in_groups
from storage.playbook_questions import PlaybookQuestionRepository
from storage.prepared import Prepared
from storage.tables import (
    Instant,
    deliveries,
    delivery_posts,
    groups,
    library_turns,
    playbook_halts,
    playbook_pauses,
    rings,
)

IS_ALIVE = text("deliveries.state IN ('queued', 'sending')")
_IS_SENDING = text("deliveries.state = 'sending'")
_MICROSECOND = timedelta(microseconds=1)
_HASHES = 1 << 32

LONGEST_REASON = 200
"""Characters of what operators read about a failure."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of so many parts of all groups, in the order in which their turns come."""

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Due:
    """A slot of a step, to become a delivery in every group of `where`, scattered over `spread` from its instant on.

    One that is not to be sent has a `note` that says why. What is queued in one group needs no `where`.
    """

    playbook: str
    step: str
    slot: str
    slot_at: datetime
    where: Where = EVERYWHERE
    spread: timedelta = timedelta(0)
    note: Note = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as it is stored, with the chat that its group has now.

    `lease` is known to who has claimed it: until then it is theirs alone. `positions` is how many actions its step had
    when the last one was done; None before the first.
    """

    id: int
    playbook: str
    step: str
    group_id: int
    chat_id: int
    slot: str
    state: State
    note: Note
    position: int
    slot_at: datetime
    due_at: datetime
    tries: int
    event: Mapping[str, Any]
    uncertain: Sequence[int]
    positions: int | None = None
    is_paused: bool = False
    lease: datetime | None = None

    @property
    def is_ordered(self) -> bool:
        """Whether an operator wants it now: no pause, condition or quiet hours keep it back."""
        return not self.event.keys().isdisjoint(("ordered", "again"))

    def fits(self, positions: int) -> bool:
        """Whether a step that has so many actions is still the one that the delivery has begun."""
        return self.position < positions and self.positions in {None, positions}

    def after(self, position: int, positions: int) -> int | None:
        """The position that comes after another one, of so many; where some are done once more, the next of those."""
        left = self.event.get("again", range(positions))
        return min((other for other in left if other > position), default=None)


_COLUMNS = (
    deliveries.c.id, deliveries.c.playbook, deliveries.c.step, deliveries.c.group_id, groups.c.chat_id,
    deliveries.c.slot, deliveries.c.state, deliveries.c.note, deliveries.c.position, deliveries.c.slot_at,
    deliveries.c.due_at, deliveries.c.tries, deliveries.c.event, deliveries.c.uncertain, deliveries.c.positions,
)  # fmt: skip


def _lasts(until: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(until.is_(None), until > bindparam("now"))


_IS_PAUSED = or_(
    exists().where(
        playbook_pauses.c.playbook == deliveries.c.playbook,
        playbook_pauses.c.group_id == deliveries.c.group_id,
        _lasts(playbook_pauses.c.until),
    ),
    exists().where(playbook_halts.c.playbook == deliveries.c.playbook, _lasts(playbook_halts.c.until)),
)
"""Whether the delivery's playbook rests in its group, or everywhere."""

_HEAD = Prepared(
    select(*_COLUMNS, _IS_PAUSED)
    .join(groups, groups.c.id == deliveries.c.group_id)
    .where(IS_ALIVE, deliveries.c.group_id == bindparam("of_group"), deliveries.c.due_at <= bindparam("now"))
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(1)
)
_other = deliveries.alias("other")
_being_sent = select(_other.c.id).where(
    text("other.state IN ('queued', 'sending')"),  # the partial index's own words, or all of the group's past is read
    _other.c.state == "sending",
    _other.c.group_id == bindparam("of_group"),
    _other.c.due_at > bindparam("now"),
)
_TAKE = Prepared(
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("one"),
        deliveries.c.state == bindparam("was"),
        deliveries.c.due_at == bindparam("was_due"),
        ~_being_sent.exists(),  # asked within the update: another sender may have claimed since the row was read
    )
    .values(state="sending", due_at=bindparam("lease"), tries=deliveries.c.tries + 1)
)
# The lease tells one claim from the next: who was frozen for longer finds that somebody else went on.
_settle = update(deliveries).where(
    deliveries.c.id == bindparam("one"), _IS_SENDING, deliveries.c.due_at == bindparam("lease")
)
_END = Prepared(
    _settle.values(
        state=bindparam("new_state"),
        note=bindparam("new_note"),
        reason=bindparam("why"),
        ended_at=bindparam("at"),
        uncertain=bindparam("new_uncertain"),
    )
)
_NEXT_DUE = Prepared(
    select(func.min(deliveries.c.due_at)).where(IS_ALIVE, deliveries.c.group_id == bindparam("of_group"))
)
_NEW = ("playbook", "step", "group_id", "slot", "state", "note", "slot_at", "due_at", "ended_at")


@dataclass(frozen=True, slots=True)
class DeliveryRepository:
    """The deliveries of one transaction."""

    connection: Connection

    def rung_until(self) -> datetime | None:
        """The instant up to which it was worked out what is due; None before the first time."""
        return self.connection.execute(select(rings.c.until).where(rings.c.id == 1)).scalar()

    def ring(self, after: datetime | None, until: datetime) -> bool:
        """Moves that instant, unless somebody else has meanwhile; whether it was moved."""
        if after is None:
            new = insert(rings).values(id=1, until=until).on_conflict_do_nothing()
            return bool(self.connection.execute(new).rowcount)
        moved = update(rings).where(rings.c.id == 1, rings.c.until == after).values(until=until)
        return bool(self.connection.execute(moved).rowcount)

    def fan_out(self, due: Due, now: datetime, part: Part) -> int:
        """Queues a slot in a part of its groups, in one statement; how many were new. What was there stays as it is."""
        slot_at = literal(due.slot_at, Instant())
        new = (
            literal(due.playbook),
            literal(due.step),
            groups.c.id,
            literal(due.slot),
            literal("skipped" if due.note else "queued"),
            literal(due.note),
            slot_at,
            cast(slot_at, BigInteger) + _scattered(due.spread),
            literal(None if due.note in {"", "asked"} else now, Instant()),
        )
        rows = select(*new)
        if part.of > 1:
            rows = rows.where(_scattered(part.of * _MICROSECOND) == part.number)
        statement = insert(deliveries).from_select(_NEW, in_groups(rows, due.where, now))
        return self.connection.execute(statement.on_conflict_do_nothing()).rowcount

    def queue(self, due: Due, group_id: int, at: datetime, event: Mapping[str, Any]) -> bool:
        """Queues one delivery; whether it was new. One that has a note is over with that."""
        row = {"playbook": due.playbook, "step": due.step, "group_id": group_id, "slot": due.slot,
               "state": "skipped" if due.note else "queued", "note": due.note, "slot_at": due.slot_at, "due_at": at,
               "ended_at": at if due.note else None, "event": dict(event)}  # fmt: skip
        return bool(self.connection.execute(insert(deliveries).values(row).on_conflict_do_nothing()).rowcount)

    def upcoming(self, until: datetime) -> Sequence[tuple[int, datetime]]:
        """The groups in which something is to be done by an instant, or was left undone by a sender; and when."""
        statement = select(deliveries.c.group_id, func.min(deliveries.c.due_at))
        statement = statement.where(IS_ALIVE, deliveries.c.due_at <= until).group_by(deliveries.c.group_id)
        return [(group_id, at) for group_id, at in self.connection.execute(statement)]

    def next_due(self, group_id: int) -> datetime | None:
        """When something is to be done next in a group."""
        found: datetime | None = _NEXT_DUE.rows(self.connection, of_group=group_id)[0][0]
        return found

    def all(self) -> Sequence[Delivery]:
        """Every delivery, in the order in which they were queued."""
        statement = select(*_COLUMNS).join(groups, groups.c.id == deliveries.c.group_id).order_by(deliveries.c.id)
        return [_delivery(row) for row in self.connection.execute(statement)]

    def claim(self, group_id: int, now: datetime, until: datetime) -> Delivery | None:
        """Takes the first delivery of a group that is due, unless one is being sent; it is this caller's `until` then.

        It comes as it was before: one that is `sending` was interrupted.
        """
        head = _HEAD.rows(self.connection, of_group=group_id, now=now)
        if not head:
            return None
        delivery = _delivery((*head[0], until))
        taken = _TAKE.change(
            self.connection,
            one=delivery.id,
            was=delivery.state,
            was_due=delivery.due_at,
            of_group=group_id,
            now=now,
            lease=until,
        )
        return delivery if taken else None

    def release(self, now: datetime) -> None:
        """Lets everything that is `sending` be taken over at once, when its senders are known to be dead."""
        self.connection.execute(update(deliveries).where(_IS_SENDING, deliveries.c.due_at > now).values(due_at=now))

    def newer(self, delivery: Delivery, now: datetime) -> bool:
        """Whether a later slot of the same step has come in the group."""
        later = (deliveries.c.slot_at > delivery.slot_at, deliveries.c.slot_at <= now)
        statement = select(deliveries.c.id).where(*of_same_step(delivery), *later)
        return self.connection.execute(statement.limit(1)).first() is not None

    def group_of(self, delivery_id: int) -> int | None:
        """The group in which a delivery is."""
        return self.connection.execute(select(deliveries.c.group_id).where(deliveries.c.id == delivery_id)).scalar()

    def waiting_steps(self) -> Sequence[tuple[str, str]]:
        """The (playbook, step) that are to be done, or to be gone on with, in any group."""
        statement = select(deliveries.c.playbook, deliveries.c.step).where(IS_ALIVE).distinct()
        return [(playbook, step) for playbook, step in self.connection.execute(statement)]

    def old(self, before: datetime, limit: int) -> Sequence[int]:
        """Deliveries of slots before an instant that have ended.

        Not those that hold a library's place, nor those of milestones, which come once for good.
        """
        # By groups, because their index is there already: a search a group, however many deliveries there are.
        holds = select(library_turns.c.delivery_id).where(library_turns.c.delivery_id == deliveries.c.id)
        statement = (
            select(deliveries.c.id)
            .select_from(groups.join(deliveries, deliveries.c.group_id == groups.c.id))
            .where(deliveries.c.slot_at < before, deliveries.c.ended_at < before, ~holds.exists())
            .where(~deliveries.c.slot.startswith("members:"), ~deliveries.c.slot.startswith("messages:"))
        )
        return self.connection.execute(statement.limit(limit)).scalars().all()

    def forget(self, ids: Sequence[int]) -> None:
        """Forgets deliveries and what they posted."""
        PlaybookQuestionRepository(self.connection).close(ids)
        self.connection.execute(delete(delivery_posts).where(delivery_posts.c.delivery_id.in_(ids)))
        self.connection.execute(delete(deliveries).where(deliveries.c.id.in_(ids)))

    def rest(self, group_id: int, at: datetime) -> None:
        """Ends what waits in a group in which the bot may not write."""
        waiting = (deliveries.c.group_id == group_id, deliveries.c.state == "queued", IS_ALIVE)
        self.connection.execute(update(deliveries).where(*waiting).values(state="skipped", note="gone", ended_at=at))

    def cancel(self, playbook: str, step: str, at: datetime) -> int:
        """Ends what waits of a step that is no more; what is being sent comes to its end by itself."""
        statement = update(deliveries).where(
            deliveries.c.state == "queued", deliveries.c.playbook == playbook, deliveries.c.step == step
        )
        return self.connection.execute(statement.values(state="skipped", note="removed", ended_at=at)).rowcount

    def go_on(self, delivery: Delivery, position: int, positions: int, at: datetime, uncertain: Sequence[int]) -> bool:
        """Lets a delivery that is being sent wait for its action at one of so many positions; whether it still was the
        caller's.
        """
        values = {"position": position, "positions": positions, "due_at": at, "tries": 0, "uncertain": list(uncertain)}
        return self._settle(delivery, state="queued", **values)

    def try_later(self, delivery: Delivery, at: datetime, tries: int) -> bool:
        """Lets the same action of a delivery be tried again."""
        return self._settle(delivery, state="queued", due_at=at, tries=tries)

    def end(
        self, delivery: Delivery, state: State, note: Note, at: datetime, uncertain: Sequence[int] = (),
        reason: str = "",
    ) -> bool:  # fmt: skip
        """Ends a delivery that is being sent; whether it still was the caller's.

        One that operators are to be asked about is not ended until they are.
        """
        ended_at = None if note == "asked" else at
        ended = _END.change(
            self.connection,
            one=delivery.id,
            lease=delivery.lease,
            new_state=state,
            new_note=note,
            why=reason[:LONGEST_REASON] or None,
            at=ended_at,
            new_uncertain=list(uncertain),
        )
        if ended and state == "unknown":
            PlaybookQuestionRepository(self.connection).open_about([delivery.id])
        return bool(ended)

    def note_effect(self, delivery_id: int, position: int) -> bool:
        """Notes that an action has had its effect, in the transaction of that effect; False if it had it before."""
        mine = select(deliveries.c.event).where(deliveries.c.id == delivery_id).with_for_update()
        event = self.connection.execute(mine).scalar_one()
        done = event.get("done", [])
        if position in done:
            return False
        noted = update(deliveries).where(deliveries.c.id == delivery_id)
        self.connection.execute(noted.values(event={**event, "done": [*done, position]}))
        return True

    def _settle(self, delivery: Delivery, **values: object) -> bool:
        mine = {"one": delivery.id, "lease": delivery.lease}
        return bool(self.connection.execute(_settle, {**mine, **values}).rowcount)


def of_same_step(delivery: Delivery) -> tuple[ColumnElement[bool], ...]:
    """What tells the deliveries of a delivery's step in its group from all others."""
    return (
        deliveries.c.playbook == delivery.playbook,
        deliveries.c.step == delivery.step,
        deliveries.c.group_id == delivery.group_id,
    )


def _delivery(row: Any) -> Delivery:
    return Delivery(*row)


def _scattered(spread: timedelta) -> ColumnElement[int]:
    """Microseconds within `spread`, always the same for a group: Knuth's multiplicative hash of its id."""
    if not spread:
        return literal(0, BigInteger())
    of_group = groups.c.id * literal(2_654_435_761, BigInteger()) % literal(_HASHES, BigInteger())
    return of_group * literal(spread // _MICROSECOND, BigInteger()) // literal(_HASHES, BigInteger())
