"""Offences, forbidden words, and whom no rule is for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.moderation import Action, Rule
from storage.tables import exempt_members, forbidden_words, offences, people


@dataclass(frozen=True, slots=True)
class Offence:
    """Something a member (or a channel) did, and what it cost. `until` is the end of a mute."""

    id: int
    user_id: int
    key: str
    update_id: int
    rule: Rule
    action: Action
    note: str
    at: datetime
    until: datetime | None
    undone_at: datetime | None

    def binds(self, now: datetime) -> bool:
        """Whether it keeps the member quiet or away, unless it is undone."""
        return self.action == "ban" or (self.until is not None and self.until > now)


_COLUMNS = (
    offences.c.id, offences.c.user_id, offences.c.key, offences.c.update_id, offences.c.rule, offences.c.action,
    offences.c.note, offences.c.at, offences.c.until, offences.c.undone_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModerationRepository:
    """What one transaction knows of offences."""

    connection: Connection

    def by_key(self, group_id: int, key: str) -> Offence | None:
        """The offence that is known by a key."""
        statement = select(*_COLUMNS).where(offences.c.group_id == group_id, offences.c.key == key)
        row = self.connection.execute(statement).one_or_none()
        return _offence(row) if row else None

    def of_ids(self, group_id: int, offence_ids: Collection[int]) -> Sequence[Offence]:
        """Some of a group's offences."""
        statement = select(*_COLUMNS).where(offences.c.group_id == group_id, offences.c.id.in_(offence_ids))
        return [_offence(row) for row in self.connection.execute(statement)]

    def add(self, group_id: int, offence: Offence) -> Offence:
        """Stores an offence, and returns it with its id."""
        row = {column.name: getattr(offence, column.name) for column in _COLUMNS if column.name != "id"}
        statement = insert(offences).values(group_id=group_id, **row).returning(*_COLUMNS)
        return _offence(self.connection.execute(statement).one())

    def counting(self, group_id: int, user_id: int, since: datetime) -> int:
        """How many offences of a member count."""
        statement = select(func.count()).select_from(offences).where(*_counting(group_id, user_id, since))
        return self.connection.execute(statement).scalar_one()

    def latest(self, group_id: int, user_id: int, limit: int) -> Sequence[Offence]:
        """A member's latest offences, newest first, undone ones too."""
        statement = (
            select(*_COLUMNS)
            .where(offences.c.group_id == group_id, offences.c.user_id == user_id)
            .order_by(offences.c.at.desc(), offences.c.id.desc())
            .limit(limit)
        )
        return [_offence(row) for row in self.connection.execute(statement)]

    def undo_all(self, group_id: int, user_id: int, since: datetime, now: datetime) -> Sequence[Offence]:
        """Undoes all offences of a member that count, and returns them as they were."""
        found = select(*_COLUMNS).where(*_counting(group_id, user_id, since))
        undone = [_offence(row) for row in self.connection.execute(found)]
        self.set_undone([offence.id for offence in undone], now)
        return undone

    def set_undone(self, offence_ids: Collection[int], at: datetime | None) -> None:
        """Undoes offences, or (None) lets them count again."""
        self.connection.execute(update(offences).where(offences.c.id.in_(offence_ids)).values(undone_at=at))

    def end_mutes(self, group_id: int, user_id: int, now: datetime) -> None:
        """Ends what keeps a member quiet; the offences still count."""
        self.connection.execute(
            update(offences)
            .where(offences.c.group_id == group_id, offences.c.user_id == user_id, offences.c.until > now)
            .values(until=now)
        )

    def words(self, group_id: int) -> Sequence[str]:
        """A group's forbidden words as they were written."""
        statement = select(forbidden_words.c.word).where(forbidden_words.c.group_id == group_id)
        return self.connection.execute(statement.order_by(forbidden_words.c.key)).scalars().all()

    def all_words(self) -> Mapping[int, Sequence[str]]:
        """The forbidden words of every group, by its id."""
        found: dict[int, list[str]] = {}
        for group_id, word in self.connection.execute(select(forbidden_words.c.group_id, forbidden_words.c.word)):
            found.setdefault(group_id, []).append(word)
        return found

    def add_words(self, group_id: int, words: Mapping[str, str]) -> Sequence[str]:
        """Forbids words (by their normal form), and returns those that were not forbidden before."""
        added = []
        for key, word in words.items():
            row = insert(forbidden_words).values(group_id=group_id, key=key, word=word).on_conflict_do_nothing()
            if self.connection.execute(row.returning(forbidden_words.c.key)).first() is not None:
                added.append(word)
        return added

    def delete_words(self, group_id: int, keys: Collection[str]) -> Sequence[str]:
        """Allows words again, and returns those that were forbidden."""
        statement = delete(forbidden_words).where(
            forbidden_words.c.group_id == group_id, forbidden_words.c.key.in_(keys)
        )
        return self.connection.execute(statement.returning(forbidden_words.c.word)).scalars().all()

    def set_exempt(self, group_id: int, user_id: int, *, is_exempt: bool) -> bool:
        """Says whether rules are for a member, and returns whether that was so before."""
        was_exempt = self.is_exempt(group_id, user_id)
        if is_exempt:
            row = insert(exempt_members).values(group_id=group_id, user_id=user_id)
            self.connection.execute(row.on_conflict_do_nothing())
        else:
            self.connection.execute(delete(exempt_members).where(*_exempt(group_id, user_id)))
        return was_exempt

    def is_exempt(self, group_id: int, user_id: int) -> bool:
        """Whether no rule is for a member."""
        statement = select(exempt_members.c.user_id).where(*_exempt(group_id, user_id))
        return self.connection.execute(statement).first() is not None

    def exempt(self, group_id: int) -> Sequence[str]:
        """The names of those for whom no rule is."""
        statement = select(people.c.name).join(exempt_members, exempt_members.c.user_id == people.c.id)
        named = statement.where(exempt_members.c.group_id == group_id).order_by(people.c.name, people.c.id)
        return self.connection.execute(named).scalars().all()


def _counting(group_id: int, user_id: int, since: datetime) -> tuple[Any, ...]:
    return (
        offences.c.group_id == group_id,
        offences.c.user_id == user_id,
        offences.c.at > since,
        offences.c.undone_at.is_(None),
    )


def _exempt(group_id: int, user_id: int) -> tuple[Any, ...]:
    return exempt_members.c.group_id == group_id, exempt_members.c.user_id == user_id


def _offence(row: Any) -> Offence:
    return Offence(*row)
