"""Questions of playbooks that only operators can answer: shall what was missed be posted, and did it arrive?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.deliveries import State
from storage.tables import deliveries, delivery_questions

_IS_MISSED = text("deliveries.note = 'asked' AND deliveries.ended_at IS NULL")
_later = deliveries.alias("later")
_HAS_LATER = exists().where(
    _later.c.group_id == deliveries.c.group_id,
    _later.c.playbook == deliveries.c.playbook,
    _later.c.step == deliveries.c.step,
    _later.c.slot_at > deliveries.c.slot_at,
    _later.c.state != "skipped",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A delivery about which operators are asked, since an instant (None: they are to be asked), by its number.

    Its state is `skipped` if its slot was missed, else `unknown`. One that is `outdated` has a later slot of its step.
    """

    id: int
    group_id: int
    playbook: str
    step: str
    slot: str
    slot_at: datetime
    state: State
    event: Mapping[str, Any]
    uncertain: Sequence[int]
    is_outdated: bool
    asked_at: datetime | None


_SELECT: Select[Any] = (
    select(
        deliveries.c.id, deliveries.c.group_id, deliveries.c.playbook,
        deliveries.c.step, deliveries.c.slot, deliveries.c.slot_at, deliveries.c.state, deliveries.c.event,
        deliveries.c.uncertain, _HAS_LATER, delivery_questions.c.asked_at,
    )
    .join(delivery_questions, delivery_questions.c.delivery_id == deliveries.c.id)
    .order_by(deliveries.c.slot_at, deliveries.c.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaybookQuestionRepository:
    """The open questions of one transaction."""

    connection: Connection

    def has_news(self) -> bool:
        """Whether there are questions that nobody was asked yet."""
        missed = select(deliveries.c.id).where(_IS_MISSED).limit(1)
        untold = select(delivery_questions.c.delivery_id).where(delivery_questions.c.asked_at.is_(None)).limit(1)
        return any(self.connection.execute(one).first() for one in (missed, untold))

    def collect(self, now: datetime) -> None:
        """Opens a question about each slot that was missed and is to be asked about."""
        missed = self.connection.execute(select(deliveries.c.id).where(_IS_MISSED).with_for_update()).scalars().all()
        self.open_about(missed)
        self.connection.execute(update(deliveries).where(deliveries.c.id.in_(missed)).values(ended_at=now))

    def open_about(self, ids: Collection[int]) -> None:
        """Opens a question about each of these deliveries."""
        if ids:
            rows = [{"delivery_id": one} for one in ids]
            self.connection.execute(insert(delivery_questions).on_conflict_do_nothing(), rows)

    def all(self) -> Sequence[Question]:
        """Every open question."""
        return self._select()

    def these(self, ids: Collection[int]) -> Sequence[Question]:
        """Those of these questions that are open."""
        return self._select(delivery_questions.c.delivery_id.in_(ids))

    def untold(self) -> Sequence[Question]:
        """The questions that nobody was asked yet, locked until the end of the transaction."""
        waiting = select(delivery_questions.c.delivery_id).where(delivery_questions.c.asked_at.is_(None))
        ids = self.connection.execute(waiting.with_for_update()).scalars().all()
        return self.these(ids)

    def tell(self, ids: Collection[int], now: datetime) -> None:
        """Notes that operators are asked."""
        self.connection.execute(
            update(delivery_questions).where(delivery_questions.c.delivery_id.in_(ids)).values(asked_at=now)
        )

    def close(self, ids: Collection[int]) -> int:
        """Closes questions; how many were open."""
        return self.connection.execute(
            delete(delivery_questions).where(delivery_questions.c.delivery_id.in_(ids))
        ).rowcount

    def settle(self, question: Question, state: State, now: datetime) -> None:
        """Notes what an operator has said became of a delivery."""
        note = "operator" if state == "skipped" else ""
        self._set(question, state=state, note=note, ended_at=now, uncertain=[])

    def queue(self, question: Question, order: Mapping[str, Any], now: datetime) -> None:
        """Lets a delivery be gone on with now, by an operator's order; an unknown one where it is not known."""
        values: dict[str, object] = {"state": "queued", "note": "", "due_at": now, "tries": 0, "ended_at": None}
        if question.state == "unknown":
            values |= {"position": min(question.uncertain), "uncertain": []}
        self._set(question, **values, event={**question.event, **order})

    def _set(self, question: Question, **values: object) -> None:
        self.connection.execute(update(deliveries).where(deliveries.c.id == question.id).values(**values))

    def _select(self, *where: ColumnElement[bool]) -> Sequence[Question]:
        return [Question(*row) for row in self.connection.execute(_SELECT.where(*where))]


def is_open() -> ColumnElement[bool]:
    """Whether a delivery has an open question, or will have one in a moment."""
    is_asked = exists().where(delivery_questions.c.delivery_id == deliveries.c.id)
    return or_(is_asked, (deliveries.c.note == "asked") & deliveries.c.ended_at.is_(None))
