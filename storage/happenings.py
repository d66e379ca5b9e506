"""What has happened in groups that steps of playbooks wait for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from storage.audiences import Where, in_groups
from storage.deliveries import Due
from storage.tables import chatter, deliveries, groups, joins, members, people

_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_NEW = ("playbook", "step", "group_id", "slot", "state", "slot_at", "due_at")


@dataclass(frozen=True, slots=True)
class Silence:
    """A step that is due in groups of `where` when nobody has spoken for so long."""

    playbook: str
    step: str
    duration: timedelta
    where: Where


@dataclass(frozen=True, slots=True)
class Newcomers:
    """A step that is due for those who joined from one instant on and before another; `due.slot` is not used."""

    due: Due
    joined_from: datetime
    joined_until: datetime


@dataclass(frozen=True, slots=True)
class HappeningRepository:
    """What has happened, in one transaction."""

    connection: Connection

    def fall_silent(self, silence: Silence, after: datetime, until: datetime) -> int:
        """Queues a step, in one statement, where a silence has become long enough in between; how often."""
        spoken = cast(chatter.c.spoken_at, BigInteger)
        due_at = spoken + literal(silence.duration // _MICROSECOND, BigInteger())
        slot = literal("silent:") + cast(spoken // literal(_SECOND, BigInteger()), String)
        new = select(
            literal(silence.playbook), literal(silence.step), groups.c.id, slot, literal("queued"), due_at, due_at
        )
        new = new.join(chatter, chatter.c.group_id == groups.c.id).where(
            chatter.c.spoken_at > after - silence.duration, chatter.c.spoken_at <= until - silence.duration
        )
        statement = insert(deliveries).from_select(_NEW, in_groups(new, silence.where, until))
        return self.connection.execute(statement.on_conflict_do_nothing()).rowcount

    def next_silence(self, silence: Silence, after: datetime, until: datetime) -> datetime | None:
        """When a silence becomes long enough first between two instants, if nobody speaks until then."""
        spoken = select(func.min(chatter.c.spoken_at)).select_from(groups)
        spoken = spoken.join(chatter, chatter.c.group_id == groups.c.id).where(
            chatter.c.spoken_at > after - silence.duration, chatter.c.spoken_at <= until - silence.duration
        )
        at: datetime | None = self.connection.execute(in_groups(spoken, silence.where, after)).scalar()
        return at + silence.duration if at is not None else None

    def newcomers(self, found: Newcomers) -> Sequence[tuple[int, int, str]]:
        """The (group id, user id, name) of those who joined in time, not in a raid, and are still there."""
        statement = (
            select(groups.c.id, joins.c.user_id, func.coalesce(people.c.name, ""))
            .join(joins, joins.c.group_id == groups.c.id)
            .join(members, (members.c.group_id == groups.c.id) & (members.c.user_id == joins.c.user_id))
            .outerjoin(people, people.c.id == joins.c.user_id)
            .where(joins.c.at >= found.joined_from, joins.c.at < found.joined_until, joins.c.is_first)
            .where(~joins.c.is_raid, members.c.status == "member")
            .order_by(groups.c.id, joins.c.at)
        )
        rows = self.connection.execute(in_groups(statement, found.due.where, found.due.slot_at))
        return [(group_id, user_id, name) for group_id, user_id, name in rows]

    def is_cooling_down(self, playbook: str, step: str, group_id: int, since: datetime) -> bool:
        """Whether a step was set off in a group since an instant."""
        lately = select(deliveries.c.id).where(
            deliveries.c.group_id == group_id,
            deliveries.c.slot_at > since,
            deliveries.c.playbook == playbook,
            deliveries.c.step == step,
        )
        return self.connection.execute(lately.limit(1)).first() is not None
