"""People the bot has seen, and their membership in groups."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.members import Person, Status
from storage.prepared import Prepared
from storage.tables import groups, members, people

_PRESENT = ("member", "operator")

_new_person = insert(people)
_SAVE_PERSON = _new_person.on_conflict_do_update(
    index_elements=[people.c.id],
    set_={
        "name": _new_person.excluded.name,
        "username": _new_person.excluded.username,
        "language": func.coalesce(_new_person.excluded.language, people.c.language),
    },
)
_new_member = insert(members).values(
    group_id=bindparam("group"), user_id=bindparam("user"), joined_at=bindparam("at"), last_seen_at=bindparam("at")
)
_SEEN = Prepared(
    _new_member.on_conflict_do_update(
        index_elements=[members.c.group_id, members.c.user_id],
        set_={"last_seen_at": _new_member.excluded.last_seen_at},
    ).returning(members.c.joined_at)
)
_SET_STATUS = (
    update(members)
    .where(members.c.group_id == bindparam("group"), members.c.user_id == bindparam("user"))
    .values(status=bindparam("new_status"), left_at=bindparam("new_left_at"))
)


def is_called(username: str) -> ColumnElement[bool]:
    """Whether a person has a username, whatever the case of the letters, or an id; no username is a number."""
    is_id = username.isascii() and username.isdigit() and len(username) <= LONGEST_ID
    return people.c.id == int(username) if is_id else func.lower(people.c.username) == username.lower()


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with the person's names, for lists and exports."""

    user_id: int
    name: str
    username: str | None
    status: Status
    joined_at: datetime
    last_seen_at: datetime
    messages: int


LONGEST_ID = 18
"""Digits of a user's id that fit into a column."""


@dataclass(frozen=True, slots=True)
class MemberRepository:
    """The people and members of one transaction."""

    connection: Connection

    def save_people(self, seen: Iterable[Person]) -> None:
        """Stores what people are called now."""
        rows = [{"id": p.id, "name": p.name, "username": p.username, "language": p.language} for p in seen]
        if rows:
            self.connection.execute(_SAVE_PERSON, rows)

    def seen(self, group_id: int, user_id: int, at: datetime) -> datetime:
        """Records that the member did something, and returns since when they are known.

        The row is locked until the end of the transaction, so that what one member does happens one at a time.
        """
        [[joined_at]] = _SEEN.rows(self.connection, group=group_id, user=user_id, at=at)
        return joined_at  # type: ignore[no-any-return]

    def set_status(self, group_id: int, user_id: int, status: Status, at: datetime) -> None:
        """Records that a member joined, left or was promoted."""
        self.connection.execute(_new_member.on_conflict_do_nothing(), {"group": group_id, "user": user_id, "at": at})
        left_at = at if status in {"left", "kicked"} else None
        self.connection.execute(
            _SET_STATUS, {"group": group_id, "user": user_id, "new_status": status, "new_left_at": left_at}
        )

    def note_operators(self, group_id: int, user_ids: Collection[int]) -> None:
        """Records that of a group's members these, and no others, are operators; who is no member stays none."""
        rows = self.connection.execute(
            select(members.c.user_id, members.c.status).where(
                members.c.group_id == group_id,
                or_(members.c.status == "operator", members.c.status.in_(_PRESENT) & members.c.user_id.in_(user_ids)),
            )
        )
        for user_id, known in list(rows):
            if known != (status := "operator" if user_id in user_ids else "member"):
                changed = {"group": group_id, "user": user_id, "new_status": status, "new_left_at": None}
                self.connection.execute(_SET_STATUS, changed)

    def status(self, group_id: int, user_id: int) -> Status | None:
        """What the person is in the group; None for someone never seen there."""
        status: Status | None = self.connection.execute(
            select(members.c.status).where(members.c.group_id == group_id, members.c.user_id == user_id)
        ).scalar()
        return status

    def left_at(self, group_id: int, user_id: int) -> datetime | None:
        """When the person left the group; None for one who is in it, or was never seen there."""
        left_at: datetime | None = self.connection.execute(
            select(members.c.left_at).where(members.c.group_id == group_id, members.c.user_id == user_id)
        ).scalar()
        return left_at

    def joined_at(self, group_id: int, user_id: int) -> datetime | None:
        """Since when the person is known in the group; None for someone never seen there."""
        joined_at: datetime | None = self.connection.execute(
            select(members.c.joined_at).where(members.c.group_id == group_id, members.c.user_id == user_id)
        ).scalar()
        return joined_at

    def is_username(self, username: str) -> bool:
        """Whether someone the bot has seen is called so, whatever the case of the letters."""
        statement = select(people.c.id).where(func.lower(people.c.username) == username.lower())
        return self.connection.execute(statement).first() is not None

    def people(self, user_ids: Collection[int]) -> dict[int, Person]:
        """People by id; those never seen are left out."""
        columns = (people.c.id, people.c.name, people.c.username, people.c.language)
        rows = self.connection.execute(select(*columns).where(people.c.id.in_(user_ids)))
        return {row.id: Person(*row) for row in rows}

    def count(self, group_id: int) -> int:
        """How many members of a group the bot knows."""
        present = select(func.count()).where(members.c.group_id == group_id, members.c.status.in_(_PRESENT))
        return self.connection.execute(present).scalar_one()

    def by_username(self, group_id: int, username: str) -> Person | None:
        """The group's member who is called so."""
        called_so = select(people.c.id).where(is_called(username))
        row = self.connection.execute(
            select(people.c.id, people.c.name, people.c.username)
            .join(members, (members.c.user_id == people.c.id) & (members.c.group_id == group_id))
            .where(members.c.user_id.in_(called_so))
            .order_by(members.c.last_seen_at.desc())
            .limit(1)
        ).one_or_none()
        return Person(row.id, row.name, row.username) if row else None

    def groups_of(self, user_id: int) -> Sequence[tuple[int, int, str]]:
        """The (id, chat id, title) of the groups in which the bot is and the person is a member."""
        rows = self.connection.execute(
            select(groups.c.id, groups.c.chat_id, groups.c.title)
            .join(members, members.c.group_id == groups.c.id)
            .where(members.c.user_id == user_id, members.c.status.in_(_PRESENT), groups.c.is_present)
            .order_by(groups.c.title, groups.c.id)
        )
        return [(group_id, chat_id, title) for group_id, chat_id, title in rows]

    def is_elsewhere_in_wallet(self, group_id: int, wallet_id: int, user_id: int) -> bool:
        """Whether the person is a member of another group that shares the wallet."""
        shares = func.coalesce(groups.c.wallet_id, groups.c.id) == wallet_id
        return (
            self.connection.execute(
                select(groups.c.id)
                .join(members, members.c.group_id == groups.c.id)
                .where(shares, groups.c.id != group_id, members.c.user_id == user_id, members.c.status.in_(_PRESENT))
            ).first()
            is not None
        )

    def set_reachable(self, user_id: int, *, is_reachable: bool = True) -> None:
        """Notes whether the bot may write to someone in private."""
        self.connection.execute(update(people).where(people.c.id == user_id).values(is_reachable=is_reachable))

    def reachable(self, user_ids: Collection[int]) -> Mapping[int, str | None]:
        """Those of these people to whom the bot may write in private, with their languages."""
        statement = select(people.c.id, people.c.language).where(people.c.id.in_(user_ids), people.c.is_reachable)
        return {row.id: row.language for row in self.connection.execute(statement)}

    def choose_group(self, user_id: int, group_id: int) -> None:
        """Stores which group the person's private chat is about."""
        self.connection.execute(update(people).where(people.c.id == user_id).values(chosen_group_id=group_id))

    def chosen_group(self, user_id: int) -> int | None:
        """The group that was chosen last."""
        return self.connection.execute(select(people.c.chosen_group_id).where(people.c.id == user_id)).scalar()

    def all(self, group_id: int) -> Sequence[MemberRow]:
        """Every member ever seen in a group, in the order in which they came."""
        rows = self.connection.execute(
            select(
                members.c.user_id,
                func.coalesce(people.c.name, ""),
                people.c.username,
                members.c.status,
                members.c.joined_at,
                members.c.last_seen_at,
                members.c.messages,
            )
            .outerjoin(people, people.c.id == members.c.user_id)
            .where(members.c.group_id == group_id)
            .order_by(members.c.joined_at, members.c.user_id)
        )
        return [MemberRow(*row) for row in rows]
