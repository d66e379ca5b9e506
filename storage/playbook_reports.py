"""What playbooks brought: answers to their posts, and what operators are told of in the evening."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select, update

from bot.domain.playbook_reports import Outcome
from storage.tables import chatter, check_in_days, deliveries, delivery_posts, groups

_LONGEST = timedelta(days=2)
"""How long after its slot a delivery may still post, or end, and be in a report."""

# Within, so that SQLite looks through the group's last days and not through all that it was ever posted.
_lately = deliveries.alias("lately")
_ANSWERED = (
    select(_lately.c.id)
    .join(delivery_posts, delivery_posts.c.delivery_id == _lately.c.id)
    .where(_lately.c.group_id == bindparam("of_group"), _lately.c.slot_at >= bindparam("since"))
    .where(delivery_posts.c.message_id == bindparam("of_message"))
)
_ADD_REPLIES = (
    update(deliveries).where(deliveries.c.id.in_(_ANSWERED)).values(replies=deliveries.c.replies + bindparam("more"))
)


@dataclass(frozen=True, slots=True)
class Replies:
    """So many answers to a message of a group; perhaps a playbook's."""

    group_id: int
    message_id: int
    posted_at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Reported:
    """A group's settings that say when its report comes, as they are stored, and the day that was reported last."""

    chat_id: int
    settings: Mapping[str, str]
    day: date | None


@dataclass(frozen=True, slots=True)
class PlaybookReportRepository:
    """What playbooks brought, in one transaction."""

    connection: Connection

    def add_replies(self, replies: Sequence[Replies]) -> None:
        """Adds answers to the deliveries whose posts they answer, in an order that every process keeps."""
        rows = [
            {
                "of_group": one.group_id,
                "of_message": one.message_id,
                "since": one.posted_at - _LONGEST,
                "more": one.number,
            }
            for one in sorted(replies, key=lambda one: (one.group_id, one.message_id))
        ]
        if rows:
            self.connection.execute(_ADD_REPLIES, rows)

    def reported(self) -> Sequence[Reported]:
        """Every group; those that the bot was put out of as well, since their last posts failed."""
        timezone, at = (groups.c.settings[key].as_string() for key in ("timezone", "playbook_report"))
        statement = select(groups.c.chat_id, timezone, at, groups.c.reported_on).where(groups.c.chat_id.is_not(None))
        return [
            Reported(chat_id, {key: text for key, text in (("timezone", zone), ("playbook_report", at)) if text}, day)
            for chat_id, zone, at, day in self.connection.execute(statement)
        ]

    def mark(self, group_ids: Collection[int], day: date) -> set[int]:
        """Notes that a day of groups is reported; returns those of which it was not before."""
        not_yet = or_(groups.c.reported_on.is_(None), groups.c.reported_on < day)
        marked = update(groups).where(groups.c.id.in_(group_ids), not_yet).values(reported_on=day)
        return set(self.connection.execute(marked.returning(groups.c.id)).scalars())

    def outcomes(self, group_ids: Collection[int], since: datetime, until: datetime) -> Sequence[Outcome]:
        """What ended in groups from one instant on and before another, in the order of its slots."""
        columns = (deliveries.c.group_id, deliveries.c.playbook, deliveries.c.step, deliveries.c.state,
                   deliveries.c.note, deliveries.c.replies, deliveries.c.reason)  # fmt: skip
        statement = (
            select(*columns)
            .where(deliveries.c.group_id.in_(group_ids), deliveries.c.slot_at >= since - _LONGEST)
            .where(deliveries.c.ended_at >= since, deliveries.c.ended_at < until)
            .order_by(deliveries.c.group_id, deliveries.c.slot_at, deliveries.c.id)
        )
        return [Outcome(*row) for row in self.connection.execute(statement)]

    def check_ins(self, group_ids: Collection[int], day: date) -> Mapping[int, int]:
        """How many checked in on a day, by group; those where nobody did are left out."""
        statement = select(check_in_days.c.group_id, check_in_days.c.count.label("number"))
        statement = statement.where(check_in_days.c.group_id.in_(group_ids), check_in_days.c.day == day)
        return {row.group_id: row.number for row in self.connection.execute(statement)}

    def silent(self, group_ids: Collection[int], since: datetime) -> set[int]:
        """The groups in which somebody spoke once, and nobody since an instant."""
        statement = select(chatter.c.group_id).where(chatter.c.group_id.in_(group_ids), chatter.c.spoken_at < since)
        return set(self.connection.execute(statement).scalars())
