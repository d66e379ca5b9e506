"""Joins: recorded once, whatever tells of them, and counted so that a raid is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.groups import Group
from bot.domain.joins import RAID_SPAN, Arrival, InviteLink, Join, is_calm, is_raid, is_same_join
from bot.domain.members import Person
from bot.services.clock import Clock
from bot.services.introductions import expect
from bot.services.invites import credit, give
from storage.database import Database
from storage.joins import Raid, Ungreeted
from storage.outbox import Post
from storage.transaction import Transaction

GREETED_WITHIN = timedelta(seconds=30)
"""Within so much a newcomer is greeted, or whoever was to do it is no more."""

AT_ONCE = 100
"""Newcomers greeted in one round of the alarm."""


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
            inviter = people.get(join.inviter_id or 0)
            return Arrival(
                person=people[user_id],
                at=join.at,
                update_id=join.update_id,
                is_first=join.is_first,
                is_raid=join.is_raid,
                inviter=inviter,
                link=join.link,
                brought_by=inviter or _owner(tx, group, join.link),
            )

        return await self.database.read(work)

    async def give(self, group: Group, arrival: Arrival) -> None:
        """Pays the gift for a first join to a newcomer who is in. The same arrival again changes nothing."""
        if arrival.is_first and group.settings.join_points:
            await self.database.write(lambda tx: give(tx, group, arrival.person.id, arrival.at))

    async def greet_at(self, group: Group, arrival: Arrival) -> datetime:
        """Notes that a newcomer will be greeted in a moment, and returns until when nobody else does it."""
        at = self.clock() + GREETED_WITHIN
        await self.database.write(lambda tx: tx.joins.greet_at(group.id, arrival.person.id, arrival.update_id, at))
        return at

    async def greeted(self, group: Group, until: datetime) -> None:
        """Everybody has been greeted who was to be until an instant."""
        await self.database.write(lambda tx: tx.joins.greeted(group.id, until))

    def is_over(self, group: Group, at: datetime) -> bool:
        """Whether nobody is greeted any more who came at an instant."""
        return self.clock() - at > timedelta(minutes=group.settings.welcome_backlog)

    async def take_ungreeted(self) -> Sequence[Ungreeted]:
        """Those whom a kill has kept from being greeted: each to one caller, who is to do it now."""
        now = self.clock()

        def work(tx: Transaction) -> Sequence[Ungreeted]:
            taken = {
                (group_id, user_id)
                for group_id in {one.group_id for one in found}
                for user_id in tx.joins.greeted(group_id, found[-1].greet_at)
            }
            return [one for one in found if one.is_here and (one.group_id, one.user_id) in taken]

        found = await self.database.read(lambda tx: tx.joins.ungreeted(now, AT_ONCE))
        return await self.database.write(work) if found else ()

    async def raids(self) -> Sequence[Raid]:
        """The raids that are under way."""
        return await self.database.read(lambda tx: tx.joins.raids())

    async def end_raid(self, group: Group, raid: Raid, posts: Callable[[int], Sequence[Post]]) -> bool:
        """Ends a raid if it is calm, and lets posts say so: they are given how many came."""
        now = self.clock()

        def work(tx: Transaction) -> bool:
            limit = group.settings.raid_joins
            if not is_calm(tx.joins.within_span(group.id, now, limit), limit) or not tx.joins.end_raid(raid, now):
                return False
            tx.outbox.add(group.id, posts(tx.joins.since(group.id, raid.began_at - RAID_SPAN)), now)
            return True

        return await self.database.write(work)


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
        join = self._join(tx, is_first=left_at is None if latest is None else self._is_still_new(tx, latest))
        tx.members.set_status(self.group.id, self.person.id, "member", self.at)
        tx.joins.add(self.group.id, join)
        credit(tx, self.group, join)
        expect(tx, self.group, join)
        if join.is_raid and not self._is_over(now):
            tx.joins.begin_raid(self.group.id, self.update_id, self.at)
        return self._arrival(tx, join, now)

    def _is_still_new(self, tx: Transaction, latest: Join) -> bool:
        """Whether somebody who joined before was never let in: then that was not their first join, this one is."""
        if not latest.is_first or tx.admissions.find(self.group.id, self.person.id).has_let_in(latest.update_id):
            return False
        tx.joins.not_first(self.group.id, latest)
        return True

    def _is_over(self, now: datetime) -> bool:
        return now - self.at > timedelta(minutes=self.group.settings.welcome_backlog)

    def _join(self, tx: Transaction, *, is_first: bool) -> Join:
        limit = self.group.settings.raid_joins
        joined = 1 + tx.joins.within_span(self.group.id, self.at, limit)
        is_under_way = tx.joins.raid(self.group.id) is not None
        is_too_many = is_raid(joined, limit, is_under_way=is_under_way)
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
            is_backlog=self._is_over(now),
            is_told=is_told,
            inviter=self.inviter,
            link=join.link,
            brought_by=self.inviter or _owner(tx, self.group, join.link),
        )


def _owner(tx: Transaction, group: Group, link: InviteLink | None) -> Person | None:
    """The member whose own link it is."""
    owner_id = tx.invites.owner_of(group.id, link.url) if link is not None else None
    return tx.members.people([owner_id]).get(owner_id) if owner_id is not None else None
