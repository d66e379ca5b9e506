"""Letting newcomers in: what they are asked, what they answer, and what the platform has yet to be told of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.admissions import Admission, CaptchaFirst, NobodyWaits, NotYourCaptcha
from bot.domain.captchas import is_right
from bot.domain.groups import Group
from bot.domain.members import Actor, Person
from bot.services.admissions_moves import Arriving, Judged, Moves, entrance_of
from bot.services.clock import Clock
from storage.admissions import Challenge
from storage.database import Database
from storage.outbox import Post
from storage.transaction import Transaction

__all__ = ["AdmissionService", "Held", "Judged", "entrance_of"]

AT_ONCE = 100
"""Newcomers seen to in one round of the alarm."""

SECOND_CHANCE = timedelta(seconds=60)
"""What those get after a start whose time ran out while nobody could hear their answer."""

TRY_AGAIN = timedelta(seconds=30)
"""Pause until the platform is told again what it would not hear."""

KEPT_FOR = timedelta(days=2)
"""How long a challenge is remembered for which nobody waits: longer than anybody may take to agree to the rules."""


@dataclass(frozen=True, slots=True)
class Held:
    """A newcomer at the door, the challenge that tells what to do, and whom else it stands for."""

    admission: Admission
    challenge: Challenge
    waiting: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class AdmissionService:
    """Moves newcomers, one transaction each."""

    database: Database
    clock: Clock

    async def arrive(
        self, group: Group, person: Person, update_id: int, *, is_suspicious: bool, is_muted: bool = False
    ) -> Admission:
        """Somebody has joined and is not exempt. The same update again changes nothing.

        Whom somebody else has muted stays so: they are asked nothing, since an answer would give them their voice.
        """
        return await self.database.write(
            lambda tx: Arriving(self._moves(tx), group, person, update_id).join(is_suspicious, is_muted=is_muted)
        )

    async def ask_to_join(self, group: Group, person: Person, update_id: int, *, is_suspicious: bool) -> Admission:
        """Somebody asks to be let in; the door opens at once if nothing is to be done."""
        return await self.database.write(
            lambda tx: Arriving(self._moves(tx), group, person, update_id).request(is_suspicious)
        )

    async def exempt(self, group: Group, user_id: int) -> Admission:
        """Somebody is in whom nobody asks anything; whoever was held here before is let go."""

        def work(tx: Transaction) -> Admission:
            found = tx.admissions.find(group.id, user_id)
            if not found.is_pending and found.state != "left":
                return found
            return self._moves(tx).move(found, replace(found, door="join").let_in(self.clock()))

        return await self.database.write(work)

    async def freed(self, group: Group, user_id: int) -> Sequence[Admission]:
        """An administrator has given somebody their voice by hand: whoever was held here is in."""

        def work(tx: Transaction) -> Sequence[Admission]:
            found = tx.admissions.find(group.id, user_id)
            return [self._moves(tx).move(found, found.let_in(self.clock()))] if found.is_pending else []

        return await self.database.write(work)

    async def depart(self, group: Group, user_id: int) -> None:
        """Somebody has left who was still held here, or an operator has removed or promoted them."""

        def work(tx: Transaction) -> None:
            found = tx.admissions.find(group.id, user_id)
            if found.is_pending:
                self._moves(tx).move(found, found.gone())

        await self.database.write(work)

    async def held(self, admission: Admission) -> Held | None:
        """What a newcomer waits for, if they still do."""

        def work(tx: Transaction) -> Held | None:
            now = tx.admissions.find(admission.group_id, admission.user_id)
            challenge = tx.admissions.challenge(now.challenge_id or 0)
            if not now.is_pending or challenge is None:
                return None
            return Held(now, challenge, tx.admissions.waiting(challenge.id))

        return await self.database.write(work)

    async def group_of(self, challenge_id: int) -> int:
        """The group whose challenge it is. Raises `NotYourCaptcha`."""
        found = await self.database.read(lambda tx: tx.admissions.challenge(challenge_id))
        if found is None:
            raise NotYourCaptcha
        return found.group_id

    async def asked(self, group: Group, held: Held, posted: tuple[int, int] | None) -> None:
        """A newcomer has been told what to do, by a message (chat id, message id) or by one that stood there."""

        def work(tx: Transaction) -> None:
            now = tx.admissions.find(held.admission.group_id, held.admission.user_id)
            if posted is not None:
                tx.admissions.place_challenge(held.challenge.id, *posted)
            if now.is_pending and now.owed in {"restrict", "ask"}:
                tx.admissions.save(now.asked(group.settings.captcha_seconds, self.clock()))
            elif posted is not None:
                self._moves(tx).clear(held.challenge.id)

        await self.database.write(work)

    async def answer(self, group: Group, challenge_id: int, user_id: int, place: int, update_id: int) -> Judged:
        """Judges the press of an answer. Raises `NotYourCaptcha` for all whom the challenge does not stand for."""

        def work(tx: Transaction) -> Judged:
            before = tx.admissions.find(group.id, user_id)
            challenge = tx.admissions.challenge(challenge_id)
            if before.state != "captcha" or before.challenge_id != challenge_id or challenge is None:
                raise NotYourCaptcha
            if is_right(challenge.captcha, place):
                return self._moves(tx).further(before, update_id)
            return self._moves(tx).miss(before, group.settings.captcha_tries, update_id)

        return await self.database.write(work)

    async def agree(self, group: Group, user_id: int, update_id: int) -> Judged:
        """Agrees to the rules. Raises `NotYourCaptcha`, and `CaptchaFirst` if something else is to be done before."""

        def work(tx: Transaction) -> Judged:
            before = tx.admissions.find(group.id, user_id)
            if not before.is_pending:
                raise NotYourCaptcha
            if before.state != "rules":
                raise CaptchaFirst
            return self._moves(tx).further(before, update_id)

        return await self.database.write(work)

    async def decide(
        self, group: Group, challenge_id: int, actor: Actor, update_id: int, *, lets_in: bool
    ) -> Sequence[Admission]:
        """An operator decides about all for whom a notice stands. Raises `NobodyWaits`."""

        def work(tx: Transaction) -> Sequence[Admission]:
            challenge = tx.admissions.challenge(challenge_id)
            waiting = tx.admissions.waiting(challenge_id) if challenge and challenge.group_id == group.id else ()
            found = [tx.admissions.find(group.id, user_id) for user_id, _ in waiting]
            held = [admission for admission in found if admission.state == "review"]
            if not held:
                raise NobodyWaits
            names = dict(waiting)
            return [self._moves(tx).decide(one, names[one.user_id], actor, update_id, lets_in=lets_in) for one in held]

        return await self.database.write(work)

    async def decide_about(
        self, group: Group, person: Person, actor: Actor, update_id: int, *, lets_in: bool
    ) -> Admission:
        """An operator decides about one newcomer. Raises `NobodyWaits`."""

        def work(tx: Transaction) -> Admission:
            found = tx.admissions.find(group.id, person.id)
            if not found.is_pending:
                if tx.changes.was_made_by(group.id, update_id):
                    return found
                raise NobodyWaits
            return self._moves(tx).decide(found, person.name, actor, update_id, lets_in=lets_in)

        return await self.database.write(work)

    async def waiting(self, group: Group, most: int) -> tuple[Sequence[tuple[Person, Admission]], int]:
        """Who stands at a group's door: some of them, and how many there are beside."""

        def work(tx: Transaction) -> tuple[Sequence[tuple[Person, Admission]], int]:
            some = tx.admissions.of_group(group.id, most)
            return some, tx.admissions.number(group.id) - len(some)

        return await self.database.read(work)

    async def named(self, group: Group, username: str) -> Person | None:
        """Who stands at a group's door and is called @username, or @ID; they need not be in the group."""
        return await self.database.read(lambda tx: tx.admissions.called(group.id, username))

    async def overdue(self) -> Sequence[tuple[int, int]]:
        """The (group id, user id) of those whose time is up."""
        return await self.database.read(lambda tx: tx.admissions.due(self.clock(), AT_ONCE))

    async def expire(self, group_id: int, user_id: int, *, may_stay: bool) -> None:
        """Turns somebody away whose time is up; who `may_stay` stays without a voice until an operator decides."""
        await self.database.write(lambda tx: self._moves(tx).expire(group_id, user_id, may_stay=may_stay))

    async def owed(self) -> Sequence[Admission]:
        """Those of whom the platform should know something by now."""
        return await self.database.read(lambda tx: tx.admissions.owed(self.clock(), AT_ONCE))

    async def settled(self, admission: Admission) -> None:
        """The platform has been told, or will never listen."""
        await self._if_unchanged(admission, Admission.settled)

    async def try_later(self, admission: Admission) -> None:
        """The platform could not be told."""
        later = self.clock() + TRY_AGAIN
        await self._if_unchanged(admission, lambda now: replace(now, owed_at=later))

    async def stand_open(self, group: Group, admission: Admission, notice: Post) -> None:
        """The bot may not restrict anybody: the newcomer is in all the same, and operators are told why."""

        def work(tx: Transaction) -> None:
            now = tx.admissions.find(admission.group_id, admission.user_id)
            if now.is_pending:
                self._moves(tx).move(now, replace(now.gone(), state="passed"))
            tx.outbox.add(group.id, [notice], self.clock())

        await self.database.write(work)

    async def notify(self, group: Group, notice: Post) -> None:
        """Tells operators something, once."""
        await self.database.write(lambda tx: tx.outbox.add(group.id, [notice], self.clock()))

    async def to_operators(self, group: Group, admission: Admission) -> None:
        """Whoever asks to join and cannot be written to is for operators to decide about."""

        def work(tx: Transaction) -> None:
            now = tx.admissions.find(admission.group_id, admission.user_id)
            if now.is_pending and now.state != "review":
                challenge_id = self._moves(tx).challenge(group, "review", "request")
                stopped = now.stopped("request", ("review",), challenge_id, now.update_id or 0, self.clock())
                tx.admissions.save(stopped)

        await self.database.write(work)

    async def resume(self) -> None:
        """After a start: what is owed is done at once; whose time ran out while the bot was away gets a little more."""
        now = self.clock()
        await self.database.write(lambda tx: tx.admissions.take_up(now, now + SECOND_CHANCE))

    async def forget_old(self) -> None:
        """Forgets challenges that nobody waits for any more, some at a time."""
        before = self.clock() - KEPT_FOR
        forgotten = AT_ONCE
        while forgotten == AT_ONCE:
            forgotten = await self.database.write(lambda tx: tx.admissions.forget_challenges(before, AT_ONCE))

    def _moves(self, tx: Transaction) -> Moves:
        return Moves(tx, self.clock())

    async def _if_unchanged(self, admission: Admission, change: Callable[[Admission], Admission]) -> None:
        def work(tx: Transaction) -> None:
            now = tx.admissions.find(admission.group_id, admission.user_id)
            if now.owed == admission.owed and now.state == admission.state:
                tx.admissions.save(change(now))

        await self.database.write(work)
