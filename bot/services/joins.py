"""Joins: recorded once, whatever tells of them, and counted so that a raid is known."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.groups import Group
from bot.domain.joins import Arrival, InviteLink, Join, is_raid, is_same_join
from bot.domain.members import Person
from bot.services.clock import Clock
from bot.services.introductions import expect
from bot.services.invites import credit
from storage.database import Database
from storage.transaction import Transaction

RAID_JOINS = 20
BACKLOG = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class JoinService:
    """Notes who joined and says what there is to know about it."""

    database: Database
    clock: Clock

    async def record(
        self,
        group: Group,
        person: Person,
        at: datetime,
        update_id: int,
        *,
        inviter: Person | None = None,
        link: InviteLink | None = None,
    ) -> Arrival:
        """Records that somebody is in the group now, who was not before.

        The same update again changes nothing and gets the same answer; other news of the same join is known as such.
        """
        news = _News(group, person, at, update_id, inviter, link)
        return await self.database.write(lambda tx: news.record(tx, self.clock()))

    async def latest(self, group: Group, user_id: int) -> Arrival | None:
        """The latest join of somebody who was held at the door, to be greeted now."""

        def work(tx: Transaction) -> Arrival | None:
            join = tx.joins.latest(group.id, user_id)
            people = tx.members.people([user_id, join.inviter_id or 0]) if join is not None else {}
            if join is None or user_id not in people:
                return None
            return Arrival(
                person=people[user_id],
                at=join.at,
                update_id=join.update_id,
                is_first=join.is_first,
                is_raid=join.is_raid,
                inviter=people.get(join.inviter_id or 0),
                link=join.link,
            )

        return await self.database.read(work)


@dataclass(frozen=True, slots=True)
class _News:
    """What one update tells of one join."""

    group: Group
    person: Person
    at: datetime
    update_id: int
    inviter: Person | None
    link: InviteLink | None

    def record(self, tx: Transaction, now: datetime) -> Arrival:
        """The join, recorded unless it is known already."""
        tx.members.save_people([one for one in (self.person, self.inviter) if one is not None])
        join = tx.joins.of_update(self.group.id, self.person.id, self.update_id)
        if join is not None:
            return self._arrival(tx, join, now)
        left_at = tx.members.left_at(self.group.id, self.person.id)
        latest = tx.joins.latest(self.group.id, self.person.id)
        if latest is not None and is_same_join(latest, self.at, left_at):
            join = self._add_link(tx, latest)
            credit(tx, self.group, join)
            return self._arrival(tx, join, now, is_told=True)
        join = self._join(tx, is_first=latest is None and left_at is None)
        tx.members.set_status(self.group.id, self.person.id, "member", self.at)
        tx.joins.add(self.group.id, join)
        credit(tx, self.group, join)
        expect(tx, self.group, join)
        if join.is_raid and now - self.at <= BACKLOG:
            tx.joins.begin_raid(self.group.id, self.update_id, self.at)
        return self._arrival(tx, join, now)

    def _join(self, tx: Transaction, *, is_first: bool) -> Join:
        joined = 1 + tx.joins.within_span(self.group.id, self.at, RAID_JOINS)
        is_under_way = tx.joins.raid(self.group.id) is not None
        is_too_many = is_raid(joined, RAID_JOINS, is_under_way=is_under_way)
        inviter_id = self.inviter.id if self.inviter else None
        return Join(self.person.id, self.update_id, self.at, is_first, is_too_many, inviter_id, self.link)

    def _add_link(self, tx: Transaction, join: Join) -> Join:
        if join.link is not None or self.link is None:
            return join
        tx.joins.set_link(self.group.id, join, self.link)
        return replace(join, link=self.link)

    def _arrival(self, tx: Transaction, join: Join, now: datetime, *, is_told: bool = False) -> Arrival:
        return Arrival(
            person=self.person,
            at=join.at,
            update_id=join.update_id,
            is_first=join.is_first,
            is_raid=join.is_raid,
            begins_raid=join.is_raid and tx.joins.began_raid(self.group.id, join.update_id),
            is_backlog=now - join.at > BACKLOG,
            is_told=is_told,
            inviter=self.inviter,
            link=join.link,
        )
