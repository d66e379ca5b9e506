"""Invites: a link for each member, credit for whom it brought, paid once when it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.groups import Group
from bot.domain.invites import NothingToVoid, Tally, is_valid, look_again_at
from bot.domain.joins import Join
from bot.domain.lotteries import PRESENT
from bot.domain.members import Actor, Person
from bot.domain.points import Entry, Owner
from bot.services.clock import Clock
from bot.services.groups import GroupService
from storage.database import Database
from storage.invites import Inviter, Waiting, invite_reason
from storage.transaction import Transaction

COUNTED_WITHIN = timedelta(minutes=15)
"""A newcomer's first messages may be written down before the join, with the quarter of an hour in which they fell."""

LENGTH = 10
"""Members that `/invite list` shows."""


@dataclass(frozen=True, slots=True)
class InviteService:
    """Keeps members' links, and lets invites count when it is time."""

    database: Database
    groups: GroupService
    clock: Clock

    async def link_of(self, group: Group, person: Person) -> str | None:
        """The member's link that is alive, as far as we know."""
        return await self.database.read(lambda tx: tx.invites.link_of(group.id, person.id))

    async def keep_link(self, group: Group, person: Person, link: str, instead_of: str | None) -> str:
        """Stores a new link in the place of one that is dead, and returns the one that the member has now.

        That is another one when somebody else stored theirs meanwhile.
        """
        now = self.clock()

        def work(tx: Transaction) -> str:
            if instead_of is not None:
                tx.invites.bury_link(instead_of, now)
            tx.members.seen(group.id, person.id, now)
            tx.invites.keep_link(group.id, person.id, link, now)
            return tx.invites.link_of(group.id, person.id) or link

        return await self.database.write(work)

    async def tally(self, group: Group, person: Person) -> Tally:
        """How the member's invites went, after a look at those that may count by now."""
        now = self.clock()

        def work(tx: Transaction) -> Tally:
            settle(tx, group, now, person.id)
            return tx.invites.tally(group.id, person.id)

        return await self.database.write(work)

    async def inviters(self, group: Group) -> Sequence[Inviter]:
        """Who has invited most."""
        return await self.database.read(lambda tx: tx.invites.inviters(group.id, LENGTH))

    async def void(self, group: Group, inviter: Person, actor: Actor, update_id: int) -> int:
        """Strikes all that a member has brought by now, and returns how many; what was paid stays paid.

        Raises `NothingToVoid`.
        """
        now = self.clock()

        def work(tx: Transaction) -> int:
            done = tx.changes.by_update(group.id, update_id)
            if done is not None:  # the update comes a second time
                return len(done.after["user_ids"])
            struck = tx.invites.strike(group.id, inviter.id, now)
            if not struck:
                raise NothingToVoid(name=inviter.name)
            after = {"name": inviter.name, "user_ids": struck}
            tx.changes.add(group.id, update_id, actor, f"invites:{inviter.id}", None, after, now)
            return len(struck)

        return await self.database.write(work)

    async def settle(self) -> None:
        """Looks at every invite whose time has come, group by group."""
        now = self.clock()
        for chat_id in await self.database.read(lambda tx: tx.invites.due(now)):
            group = await self.groups.known(chat_id)
            if group is not None:
                await self.database.write(lambda tx, group=group: settle(tx, group, now))  # type: ignore[misc]


def credit(tx: Transaction, group: Group, join: Join) -> None:
    """Books who brought somebody on their first join. Twice is the same as once."""
    if not join.is_first or _was_known(tx, group, join.user_id, join.at):
        tx.invites.look_again(group.id, join.user_id, join.at)  # one that has waited for them to come back
        return
    inviter_id = _inviter(tx, group, join)
    if inviter_id is not None:
        ripe_at = group.settings.invite_rules.ripe_at(join.at)
        tx.invites.add(group.id, join.user_id, inviter_id, join.at, group.day_of(join.at), ripe_at)
        tx.invites.look_again(group.id, join.user_id, ripe_at)  # they may have been sent away before they were let in


def give(tx: Transaction, group: Group, user_id: int, joined_at: datetime) -> None:
    """Pays the gift for a first join, once a person."""
    if not _was_known(tx, group, user_id, joined_at):
        reason, owner = f"join-gift:{group.id}:{user_id}", Owner(group.wallet_id, user_id)
        tx.points.add(Entry(owner, group.id, "points", group.settings.join_points, reason, joined_at))


def _was_known(tx: Transaction, group: Group, user_id: int, joined_at: datetime) -> bool:
    """Whether somebody was a member before the first join that we saw."""
    known_since = tx.members.joined_at(group.id, user_id)
    return known_since is not None and known_since < joined_at - COUNTED_WITHIN


def _inviter(tx: Transaction, group: Group, join: Join) -> int | None:
    """Who brought somebody: a member, not themselves, nor one whom they have brought."""
    found = join.inviter_id
    if found is not None:
        tx.members.seen(group.id, found, join.at)  # who adds somebody is in, and may never have said a word
    elif join.link is not None:
        found = tx.invites.owner_of(group.id, join.link.url)
    if found is None or found == join.user_id or tx.members.status(group.id, found) not in PRESENT:
        return None
    return None if tx.invites.inviter_of(group.id, found) == join.user_id else found


def settle(tx: Transaction, group: Group, now: datetime, inviter_id: int | None = None) -> None:
    """Lets the group's invites (or one member's) count whose time has come, and pays for them."""
    rules = group.settings.invite_rules
    for waiting in tx.invites.waiting(group.id, now, inviter_id):
        if is_valid(rules, waiting.invited, now):
            tx.invites.make_valid(group.id, waiting.user_id, _paid(tx, group, waiting, now), now)
        else:
            tx.invites.look_again(group.id, waiting.user_id, look_again_at(rules, waiting.invited, now))


def _paid(tx: Transaction, group: Group, waiting: Waiting, now: datetime) -> int:
    """Pays for an invite, and returns how much. The cap is that of the day of the join, whenever it is paid."""
    inviter_id = waiting.inviter_id
    points = group.settings.invite_rules.reward(tx.invites.paid_on(group.id, inviter_id, waiting.day))
    if not points or tx.members.status(group.id, inviter_id) not in PRESENT:
        return 0
    reason = invite_reason(group.id, waiting.user_id)
    tx.points.add(Entry(Owner(group.wallet_id, inviter_id), group.id, "points", points, reason, now))
    return points
