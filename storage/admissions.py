"""Newcomers at the door, and the messages that tell them what to do."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.admissions import Admission, Door, Step
from bot.domain.captchas import Captcha
from bot.domain.members import Person
from storage.members import is_called
from storage.tables import admissions, challenges, people

PENDING = ("review", "captcha", "rules")
"""The states of those who wait at a door."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A message to newcomers who stand at a step, or to operators about them; `chat_id` is where it was sent."""

    id: int
    group_id: int
    step: Step
    door: Door
    is_shared: bool
    captcha: Captcha
    chat_id: int | None
    message_id: int | None


@dataclass(frozen=True, slots=True)
class AdmissionRepository:
    """The admissions and challenges of one transaction."""

    connection: Connection

    def find(self, group_id: int, user_id: int) -> Admission:
        """Where a person stands, locked until the end of the transaction; someone never seen has nothing to do."""
        statement = select(admissions).where(admissions.c.group_id == group_id, admissions.c.user_id == user_id)
        row = self.connection.execute(statement.with_for_update()).one_or_none()
        return _admission(row) if row else Admission(group_id, user_id)

    def save(self, admission: Admission) -> None:
        """Stores where a person stands now."""
        row = asdict(admission) | {"steps": list(admission.steps), "done": sorted(admission.done)}
        self.connection.execute(
            insert(admissions).values(row).on_conflict_do_update(index_elements=list(admissions.primary_key), set_=row)
        )

    def due(self, now: datetime, limit: int) -> Sequence[tuple[int, int]]:
        """The (group id, user id) whose time is up, the longest first."""
        statement = select(admissions.c.group_id, admissions.c.user_id).where(admissions.c.due_at <= now)
        rows = self.connection.execute(statement.order_by(admissions.c.due_at).limit(limit))
        return [(group_id, user_id) for group_id, user_id in rows]

    def owed(self, now: datetime, limit: int) -> Sequence[Admission]:
        """Those of whom the platform should know something by now, the longest first."""
        statement = select(admissions).where(admissions.c.owed_at <= now).order_by(admissions.c.owed_at)
        return [_admission(row) for row in self.connection.execute(statement.limit(limit))]

    def of_group(self, group_id: int, limit: int) -> Sequence[tuple[Person, Admission]]:
        """Some of those who wait at a group's door, who came first before the others."""
        statement = (
            select(admissions, people.c.name, people.c.username)
            .join(people, people.c.id == admissions.c.user_id)
            .where(*_waiting(group_id))
            .order_by(admissions.c.challenge_id, admissions.c.user_id)
        )
        rows = self.connection.execute(statement.limit(limit))
        return [(Person(row.user_id, row.name, row.username), _admission(row)) for row in rows]

    def number(self, group_id: int) -> int:
        """How many wait at a group's door."""
        statement = select(func.count()).select_from(admissions).where(*_waiting(group_id))
        return self.connection.execute(statement).scalar_one()

    def called(self, group_id: int, username: str) -> Person | None:
        """Who waits at a group's door and is called so."""
        statement = (
            select(people.c.id, people.c.name, people.c.username)
            .join(admissions, admissions.c.user_id == people.c.id)
            .where(*_waiting(group_id), is_called(username))
            .limit(1)
        )
        row = self.connection.execute(statement).one_or_none()
        return Person(*row) if row else None

    def take_up(self, now: datetime, until: datetime) -> None:
        """Lets what is owed be done at once; whose time is up before an instant gets time until then."""
        self.connection.execute(update(admissions).where(admissions.c.owed_at.is_not(None)).values(owed_at=now))
        self.connection.execute(update(admissions).where(admissions.c.due_at < until).values(due_at=until))

    def waiting(self, challenge_id: int) -> Sequence[tuple[int, str]]:
        """The (user id, name) of those whom a challenge still stands for, in no order."""
        statement = (
            select(admissions.c.user_id, func.coalesce(people.c.name, ""))
            .outerjoin(people, people.c.id == admissions.c.user_id)
            .where(admissions.c.challenge_id == challenge_id, admissions.c.state.in_(PENDING))
        )
        return [(user_id, name) for user_id, name in self.connection.execute(statement)]

    def add_challenge(
        self, group_id: int, step: Step, door: Door, captcha: Captcha, at: datetime, *, is_shared: bool
    ) -> int:
        """Makes a challenge, which has yet to be sent, and returns its id."""
        row = {"group_id": group_id, "step": step, "door": door, "is_shared": is_shared, "kind": captcha.kind,
               "question": captcha.question, "answers": list(captcha.answers), "right": sorted(captcha.right),
               "opened_at": at}  # fmt: skip
        inserted = self.connection.execute(insert(challenges).values(row).returning(challenges.c.id))
        challenge_id: int = inserted.scalar_one()
        return challenge_id

    def challenge(self, challenge_id: int) -> Challenge | None:
        """A challenge by its id."""
        row = self.connection.execute(select(challenges).where(challenges.c.id == challenge_id)).one_or_none()
        if row is None:
            return None
        captcha = Captcha(row.kind, row.question, tuple(row.answers), frozenset(row.right))
        return Challenge(row.id, row.group_id, row.step, row.door, row.is_shared, captcha, row.chat_id, row.message_id)

    def recent(self, group_id: int, step: Step, door: Door, since: datetime, most: int) -> int:
        """How many challenges of a kind were made since an instant; counting stops at `most`."""
        lately = select(challenges.c.id).where(*_alike(group_id, step, door, since)).limit(most)
        return self.connection.execute(select(func.count()).select_from(lately.subquery())).scalar_one()

    def shared(self, group_id: int, step: Step, door: Door, since: datetime) -> int | None:
        """The challenge that a crowd shares since an instant."""
        statement = select(func.max(challenges.c.id)).where(
            *_alike(group_id, step, door, since), challenges.c.is_shared
        )
        return self.connection.execute(statement).scalar()

    def place_challenge(self, challenge_id: int, chat_id: int | None, message_id: int | None) -> None:
        """Notes which message a challenge is; None when it is gone."""
        statement = update(challenges).where(challenges.c.id == challenge_id)
        self.connection.execute(statement.values(chat_id=chat_id, message_id=message_id))

    def forget_challenges(self, before: datetime, limit: int) -> int:
        """Forgets some challenges that are older and for which nobody waits; how many."""
        waits = select(admissions.c.user_id).where(
            admissions.c.challenge_id == challenges.c.id, admissions.c.state.in_(PENDING)
        )
        old = select(challenges.c.id).where(challenges.c.opened_at < before, ~waits.exists()).limit(limit)
        ids = self.connection.execute(old).scalars().all()
        let_go = update(admissions).where(admissions.c.challenge_id.in_(ids)).values(challenge_id=None)
        self.connection.execute(let_go)
        self.connection.execute(delete(challenges).where(challenges.c.id.in_(ids)))
        return len(ids)


def _waiting(group_id: int) -> tuple[Any, ...]:
    return admissions.c.group_id == group_id, admissions.c.state.in_(PENDING)


def _alike(group_id: int, step: Step, door: Door, since: datetime) -> tuple[Any, ...]:
    return (
        challenges.c.group_id == group_id,
        challenges.c.opened_at > since,
        challenges.c.step == step,
        challenges.c.door == door,
    )


def _admission(row: Any) -> Admission:
    stored = {column.name: row._mapping[column.name] for column in admissions.c}
    return Admission(**stored | {"steps": tuple(row.steps), "done": frozenset(row.done)})
