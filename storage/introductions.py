"""Who has introduced themselves, and who is to be reminded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.admissions import PENDING
from storage.tables import admissions, groups, introduction_templates, introductions, members, people

_IS_AT_THE_DOOR = (
    select(admissions.c.user_id)
    .where(
        admissions.c.group_id == introductions.c.group_id,
        admissions.c.user_id == introductions.c.user_id,
        admissions.c.state.in_(PENDING),
    )
    .exists()
)


@dataclass(frozen=True, slots=True)
class Silent:
    """A newcomer whose reminder is due; `is_here` is true for one who is in, and free to speak."""

    user_id: int
    name: str
    joined_at: datetime
    is_here: bool


@dataclass(frozen=True, slots=True)
class IntroductionRepository:
    """The introductions of one transaction."""

    connection: Connection

    def expect(self, group_id: int, user_id: int, joined_at: datetime, remind_at: datetime) -> None:
        """Notes a newcomer; the time of one who came before, and was not let in then, runs anew."""
        since = {"joined_at": joined_at, "remind_at": remind_at}
        statement = insert(introductions).values(group_id=group_id, user_id=user_id, **since)
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[introductions.c.group_id, introductions.c.user_id],
                set_=since,
                where=introductions.c.introduced_at.is_(None),
            )
        )

    def introduce(self, group_id: int, user_id: int, at: datetime) -> datetime:
        """Notes that a member has introduced themselves, and returns since when they have: `at` is the first time."""
        new = insert(introductions).values(group_id=group_id, user_id=user_id, introduced_at=at)
        statement = new.on_conflict_do_update(
            index_elements=[introductions.c.group_id, introductions.c.user_id],
            set_={"introduced_at": at, "remind_at": None},
            where=introductions.c.introduced_at.is_(None),
        )
        self.connection.execute(statement)
        first: datetime = self.connection.execute(
            select(introductions.c.introduced_at).where(
                introductions.c.group_id == group_id, introductions.c.user_id == user_id
            )
        ).scalar_one()
        return first

    def due(self, now: datetime) -> Sequence[int]:
        """The chats in which reminders are due."""
        statement = (
            select(groups.c.chat_id)
            .join(introductions, introductions.c.group_id == groups.c.id)
            .where(introductions.c.remind_at <= now, groups.c.chat_id.is_not(None))
            .distinct()
        )
        return self.connection.execute(statement).scalars().all()

    def take_silent(self, group_id: int, now: datetime) -> Sequence[Silent]:
        """Takes all whose reminder is due off the list, and returns them, those who came first before the others."""
        statement = (
            update(introductions)
            .where(introductions.c.group_id == group_id, introductions.c.remind_at <= now)
            .values(remind_at=None)
            .returning(introductions.c.user_id)
        )
        taken = self.connection.execute(statement).scalars().all()
        is_here = func.coalesce(members.c.status.in_(("member", "operator")), False) & ~_IS_AT_THE_DOOR
        rows = self.connection.execute(
            select(introductions.c.user_id, func.coalesce(people.c.name, ""), introductions.c.joined_at, is_here)
            .outerjoin(people, people.c.id == introductions.c.user_id)
            .outerjoin(
                members,
                (members.c.group_id == introductions.c.group_id) & (members.c.user_id == introductions.c.user_id),
            )
            .where(introductions.c.group_id == group_id, introductions.c.user_id.in_(taken))
            .order_by(introductions.c.joined_at, introductions.c.user_id)
        )
        return [Silent(user_id, name, joined_at, bool(here)) for user_id, name, joined_at, here in rows]

    def template(self, group_id: int) -> str | None:
        """What an introduction looks like in the group, as HTML."""
        return self.connection.execute(
            select(introduction_templates.c.template).where(introduction_templates.c.group_id == group_id)
        ).scalar()

    def set_template(self, group_id: int, template: str | None) -> str | None:
        """Replaces the template (None: none any more), and returns the former one."""
        before = self.template(group_id)
        if template is None:
            of_group = introduction_templates.c.group_id == group_id
            self.connection.execute(delete(introduction_templates).where(of_group))
        else:
            new = insert(introduction_templates).values(group_id=group_id, template=template)
            self.connection.execute(
                new.on_conflict_do_update(
                    index_elements=[introduction_templates.c.group_id], set_={"template": template}
                )
            )
        return before
