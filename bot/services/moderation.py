"""Moderation: what members did against the rules, what it costs them, and taking it back.

What is decided here is committed before anything happens on the platform.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.groups import Group
from bot.domain.members import Actor, Person
from bot.domain.moderation import (
    BACKLOG,
    Action,
    NothingToForgive,
    Rule,
    Step,
    Suspicion,
    step_at,
)
from bot.services.clock import Clock
from storage.database import Database
from storage.moderation import Offence
from storage.outbox import Post
from storage.transaction import Transaction

LENGTH = 10
"""Offences that `/warns` shows."""

BY_ITSELF = Actor(0, "Hearthbot")
"""Who acts where no operator does."""


@dataclass(frozen=True, slots=True)
class Punished:
    """An offence and what follows. `number` says the how manieth it is, `next` what one more would cost.

    `is_known` is true when this is only one more message of an offence that another update has brought.
    """

    offence: Offence
    number: int
    next: Step
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class ModerationRecord:
    """A member's latest offences, how many count, and what one more would cost."""

    offences: Sequence[Offence]
    number: int
    next: Step


@dataclass(frozen=True, slots=True)
class ModerationService:
    """The offences of groups, each counted once."""

    database: Database
    clock: Clock

    async def exempts(self, group: Group, user_id: int, suspicion: Suspicion) -> bool:
        """Whether the rule is not for a member: named by `/exempt`, here for long enough, or no longer new."""
        trusted, newcomers = group.settings.trusted_days, group.settings.links_days
        days = min((days for days in (trusted, newcomers * (suspicion.rule == "links")) if days), default=0)

        def work(tx: Transaction) -> bool:
            if tx.moderation.is_exempt(group.id, user_id):
                return True
            joined_at = tx.members.joined_at(group.id, user_id) if days else None
            return joined_at is not None and self.clock() - joined_at >= timedelta(days=days)

        return await self.database.read(work)

    async def is_person(self, username: str) -> bool:
        """Whether an @NAME is that of someone the bot has seen."""
        return await self.database.read(lambda tx: tx.members.is_username(username))

    async def punish(self, group: Group, offender: Actor, suspicion: Suspicion, update_id: int) -> Punished | None:
        """Counts an offence and decides what it costs; the same update, or offence, again changes nothing.

        None when it was forgiven meanwhile, or is too old to be counted.
        """

        def work(tx: Transaction) -> Punished | None:
            tx.groups.lock(group.id)
            known = tx.moderation.by_key(group.id, suspicion.key)
            if known is not None:
                return self._again(tx, group, known, update_id) if known.undone_at is None else None
            if self.clock().timestamp() - suspicion.at > BACKLOG.total_seconds():
                return None
            number = self._counting(tx, group, offender.id) + 1
            step = step_at(group.settings.steps, number)
            return self._add(tx, group, offender, (suspicion.rule, suspicion.key, ""), step, BY_ITSELF, update_id)

        return await self.database.write(work)

    async def punish_by_hand(
        self, group: Group, person: Person, step: Step | None, reason: str, actor: Actor, update_id: int
    ) -> Punished:
        """Counts what an operator holds against a member; without a step it costs what the ladder says, a warning at
        least.
        """
        key = f"operator:{update_id}"

        def work(tx: Transaction) -> Punished:
            tx.groups.lock(group.id)
            known = tx.moderation.by_key(group.id, key)
            if known is not None:
                return self._again(tx, group, known, update_id)
            tx.members.save_people([person])
            cost = step or step_at(group.settings.steps, self._counting(tx, group, person.id) + 1)
            cost = Step("warn") if cost.action == "delete" else cost
            offender = Actor(person.id, person.name)
            return self._add(tx, group, offender, ("operator", key, reason), cost, actor, update_id)

        return await self.database.write(work)

    async def knows(self, group: Group, update_id: int) -> bool:
        """Whether what an operator holds against a member in an update has been counted."""
        return await self.database.read(lambda tx: tx.moderation.by_key(group.id, f"operator:{update_id}")) is not None

    async def record(self, group: Group, person: Person) -> ModerationRecord:
        """What is known of a member."""

        def work(tx: Transaction) -> ModerationRecord:
            number = self._counting(tx, group, person.id)
            latest = tx.moderation.latest(group.id, person.id, LENGTH)
            return ModerationRecord(latest, number, step_at(group.settings.steps, number + 1))

        return await self.database.read(work)

    async def forgive(self, group: Group, person: Person, actor: Actor, update_id: int) -> Sequence[Offence]:
        """Undoes all offences of a member that count, and returns them. Raises `NothingToForgive`."""

        def work(tx: Transaction) -> Sequence[Offence]:
            tx.groups.lock(group.id)
            done = tx.changes.by_update(group.id, update_id)
            if done is not None:
                return tx.moderation.of_ids(group.id, done.after["offences"])
            undone = tx.moderation.undo_all(group.id, person.id, self._since(group), self.clock())
            if not undone:
                raise NothingToForgive(name=person.name)
            after = {"user_id": person.id, "name": person.name, "offences": [offence.id for offence in undone]}
            tx.changes.add(group.id, update_id, actor, "forgiven", None, after, self.clock())
            return undone

        return await self.database.write(work)

    async def end_mutes(self, group: Group, person: Person, actor: Actor, update_id: int) -> None:
        """Lets a member speak again; what they did still counts."""

        def work(tx: Transaction) -> None:
            tx.groups.lock(group.id)
            tx.moderation.end_mutes(group.id, person.id, self.clock())
            after = {"user_id": person.id, "name": person.name}
            tx.changes.add(group.id, update_id, actor, "unmuted", None, after, self.clock())

        await self.database.write(work)

    async def offence(self, group: Group, offence_id: int) -> Sequence[Offence]:
        """One of a group's offences, if there is such a one."""
        return await self.database.read(lambda tx: tx.moderation.of_ids(group.id, [offence_id]))

    async def in_force(self, group: Group, user_id: int) -> Set[Action]:
        """What keeps a member quiet or away now."""
        now = self.clock()
        latest = await self.database.read(lambda tx: tx.moderation.latest(group.id, user_id, LENGTH))
        return {offence.action for offence in latest if offence.undone_at is None and offence.binds(now)}

    async def muted_until(self, group: Group, user_id: int) -> datetime | None:
        """Until when a member is muted, if they are."""
        now = self.clock()
        latest = await self.database.read(lambda tx: tx.moderation.latest(group.id, user_id, LENGTH))
        mutes = [one.until for one in latest if one.until is not None and one.until > now and one.undone_at is None]
        return max(mutes, default=None)

    async def say_once_a_day(self, group: Group, what: str, text: str) -> None:
        """Puts a notice into the outbox, unless the same was said today."""
        now = self.clock()
        post = Post(f"moderation:{what}:{now.astimezone(group.zone).date()}", text)
        await self.database.write(lambda tx: tx.outbox.add(group.id, [post], now))

    def _add(
        self, tx: Transaction, group: Group, offender: Actor, what: tuple[Rule, str, str], step: Step, actor: Actor,
        update_id: int,
    ) -> Punished:  # fmt: skip
        now = self.clock()
        until = now + timedelta(seconds=step.seconds) if step.seconds else None
        rule, key, note = what
        offence = tx.moderation.add(
            group.id, Offence(0, offender.id, key, update_id, rule, step.action, note, now, until, None)
        )
        after = {"user_id": offender.id, "name": offender.name, "rule": rule, "action": step.action, "note": note,
                 "seconds": step.seconds}  # fmt: skip
        tx.changes.add(group.id, update_id, actor, f"offence:{offence.id}", None, after, now)
        return self._again(tx, group, offence, update_id)

    def _again(self, tx: Transaction, group: Group, offence: Offence, update_id: int) -> Punished:
        number = self._counting(tx, group, offence.user_id)
        following = step_at(group.settings.steps, number + 1)
        return Punished(offence, number, following, is_known=offence.update_id != update_id)

    def _counting(self, tx: Transaction, group: Group, user_id: int) -> int:
        return tx.moderation.counting(group.id, user_id, self._since(group))

    def _since(self, group: Group) -> datetime:
        return self.clock() - timedelta(days=group.settings.offence_days)
