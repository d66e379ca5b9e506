"""Letting newcomers in: what they are asked, what they answer, and what the platform has yet to be told of it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from bot.domain.admissions import (
    Admission,
    CaptchaFirst,
    Door,
    Entrance,
    NobodyWaits,
    NotYourCaptcha,
    Step,
    steps_of_join,
    steps_of_request,
)
from bot.domain.captchas import MOST_ALONE, WINDOW, Captcha, Kind, is_crowd, is_right, make_captcha
from bot.domain.groups import Group
from bot.domain.members import Actor, Person
from bot.services.clock import Clock
from storage.admissions import Challenge
from storage.database import Database
from storage.outbox import Post
from storage.transaction import Transaction

AT_ONCE = 100
"""Newcomers seen to in one round of the alarm."""

SECOND_CHANCE = timedelta(seconds=60)
"""What those get after a start whose time ran out while nobody could hear their answer."""

TRY_AGAIN = timedelta(seconds=30)
"""Pause until the platform is told again what it would not hear."""

HEARTHBOT = Actor(0, "Hearthbot")

Verdict = Literal["right", "wrong", "out", "next"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a press came to."""

    verdict: Verdict
    admission: Admission
    tries_left: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A newcomer at the door, the challenge that tells what to do, and whom else it stands for."""

    admission: Admission
    challenge: Challenge
    waiting: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class AdmissionService:
    """Moves newcomers, one transaction each. `number` brings chance into captchas."""

    database: Database
    clock: Clock
    number: Callable[[], int] = field(default=lambda: secrets.randbits(64))

    async def arrive(
        self, group: Group, person: Person, update_id: int, *, is_suspicious: bool, is_muted: bool = False
    ) -> Admission:
        """Somebody has joined and is not exempt. The same update again changes nothing.

        Whom somebody else has muted stays so: they are asked nothing, since an answer would give them their voice.
        """
        return await self.database.write(
            lambda tx: _Arriving(self, tx, group, person, update_id).join(is_suspicious, is_muted=is_muted)
        )

    async def ask_to_join(self, group: Group, person: Person, update_id: int, *, is_suspicious: bool) -> Admission:
        """Somebody asks to be let in; the door opens at once if nothing is to be done."""
        return await self.database.write(
            lambda tx: _Arriving(self, tx, group, person, update_id).request(is_suspicious)
        )

    async def exempt(self, group: Group, user_id: int) -> Admission:
        """Somebody is in whom nobody asks anything; whoever was held here before is let go."""

        def work(tx: Transaction) -> Admission:
            found = tx.admissions.find(group.id, user_id)
            if not found.is_pending and found.state != "left":
                return found
            return self._move(tx, found, replace(found, door="join").let_in(self.clock()))

        return await self.database.write(work)

    async def depart(self, group: Group, user_id: int) -> None:
        """Somebody has left who was still held here, or an operator has removed or promoted them."""

        def work(tx: Transaction) -> None:
            found = tx.admissions.find(group.id, user_id)
            if found.is_pending:
                self._move(tx, found, found.gone())

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
                self._clear(tx, held.challenge.id)

        await self.database.write(work)

    async def answer(self, group: Group, challenge_id: int, user_id: int, place: int, update_id: int) -> Judged:
        """Judges the press of an answer. Raises `NotYourCaptcha` for all whom the challenge does not stand for."""

        def work(tx: Transaction) -> Judged:
            before = tx.admissions.find(group.id, user_id)
            challenge = tx.admissions.challenge(challenge_id)
            if before.state != "captcha" or before.challenge_id != challenge_id or challenge is None:
                raise NotYourCaptcha
            if is_right(challenge.captcha, place):
                return self._further(tx, before, update_id)
            most = group.settings.captcha_tries
            after = self._move(tx, before, before.missed(most, update_id, self.clock()))
            return Judged("wrong" if after.is_pending else "out", after, most - after.tries)

        return await self.database.write(work)

    async def agree(self, group: Group, user_id: int, update_id: int) -> Judged:
        """Agrees to the rules. Raises `NotYourCaptcha`, and `CaptchaFirst` if something else is to be done before."""

        def work(tx: Transaction) -> Judged:
            before = tx.admissions.find(group.id, user_id)
            if not before.is_pending:
                raise NotYourCaptcha
            if before.state != "rules":
                raise CaptchaFirst
            return self._further(tx, before, update_id)

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
            return [self._decide(tx, one, names[one.user_id], actor, update_id, lets_in=lets_in) for one in held]

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
            return self._decide(tx, found, person.name, actor, update_id, lets_in=lets_in)

        return await self.database.write(work)

    async def waiting(self, group: Group) -> Sequence[tuple[str, Admission]]:
        """Who stands at a group's door, by name."""
        return await self.database.read(lambda tx: tx.admissions.of_group(group.id, AT_ONCE))

    async def expire(self) -> None:
        """Turns away those whose time is up."""
        now = self.clock()
        for group_id, user_id in await self.database.read(lambda tx: tx.admissions.due(now, AT_ONCE)):
            await self.database.write(lambda tx, g=group_id, u=user_id: self._expire(tx, g, u))  # type: ignore[misc]

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
                self._move(tx, now, replace(now.gone(), state="passed"))
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
                challenge_id = self._challenge(tx, group, "review", "request")
                stopped = now.stopped("request", ("review",), challenge_id, now.update_id or 0, self.clock())
                tx.admissions.save(stopped)

        await self.database.write(work)

    async def resume(self) -> None:
        """After a start: what is owed is done at once; whose time ran out while the bot was away gets a little more."""
        now = self.clock()
        await self.database.write(lambda tx: tx.admissions.take_up(now, now + SECOND_CHANCE))

    # Within a transaction.

    def _challenge(self, tx: Transaction, group: Group, step: Step, door: Door) -> int:
        now = self.clock()
        since, is_shared = now - WINDOW, False
        if door == "join" or step == "review":
            is_shared = is_crowd(tx.admissions.recent(group.id, step, door, since, MOST_ALONE))
            standing = tx.admissions.shared(group.id, step, door, since) if is_shared else None
            if standing is not None:
                return standing
        captcha = self._captcha(group) if step == "captcha" else Captcha("button")
        return tx.admissions.add_challenge(group.id, step, door, captcha, now, is_shared=is_shared)

    def _captcha(self, group: Group) -> Captcha:
        kind: Kind = "button" if group.settings.captcha == "off" else group.settings.captcha
        return make_captcha(kind, group.settings.captcha_question, self.number())

    def _further(self, tx: Transaction, before: Admission, update_id: int) -> Judged:
        after = self._move(tx, before, before.completed(update_id, self.clock()))
        return Judged("next" if after.is_pending else "right", after)

    def _decide(
        self, tx: Transaction, before: Admission, name: str, actor: Actor, update_id: int, *, lets_in: bool
    ) -> Admission:
        now = self.clock()
        done = {"name": name, "user_id": before.user_id, "done": "let_in" if lets_in else "removed"}
        tx.changes.add(before.group_id, update_id, actor, f"admission:{before.user_id}", None, done, now)
        if lets_in:
            return self._move(tx, before, before.vouched_for(update_id, now))
        return self._move(tx, before, before.turned_away(now, for_good=before.state == "review"))

    def _expire(self, tx: Transaction, group_id: int, user_id: int) -> None:
        found, now = tx.admissions.find(group_id, user_id), self.clock()
        if found.due_at is not None and found.due_at <= now:
            self._move(tx, found, replace(found.turned_away(now), owed_at=now))

    def _move(self, tx: Transaction, before: Admission, after: Admission) -> Admission:
        """Stores where somebody stands now; a challenge for which nobody waits any more is taken away."""
        tx.admissions.save(after)
        if before.is_pending and not after.is_pending and before.challenge_id is not None:
            self._clear(tx, before.challenge_id)
        return after

    def _clear(self, tx: Transaction, challenge_id: int) -> None:
        challenge = tx.admissions.challenge(challenge_id)
        if challenge is None or challenge.chat_id is None or tx.admissions.waiting(challenge_id):
            return
        tx.deletions.add(challenge.chat_id, challenge.message_id or 0, self.clock())
        tx.admissions.place_challenge(challenge_id, None, None)

    async def _if_unchanged(self, admission: Admission, change: Callable[[Admission], Admission]) -> None:
        def work(tx: Transaction) -> None:
            now = tx.admissions.find(admission.group_id, admission.user_id)
            if now.owed == admission.owed and now.state == admission.state:
                tx.admissions.save(change(now))

        await self.database.write(work)


@dataclass(frozen=True, slots=True)
class _Arriving:
    """One person coming to one group."""

    service: AdmissionService
    tx: Transaction
    group: Group
    person: Person
    update_id: int

    def join(self, is_suspicious: bool, *, is_muted: bool) -> Admission:
        found = self._found()
        if found.update_id == self.update_id or (is_muted and found.state in {"passed", "failed"}):
            return found
        if found.is_pending and found.door == "request":  # an operator has opened the door
            return self.service._move(self.tx, found, replace(found.gone(), state="passed"))
        steps = steps_of_join(entrance_of(self.group), found.done, is_suspicious=is_suspicious)
        if steps:
            return self._stop(found, "join", steps)
        if found.is_pending or found.state == "left":
            return self.service._move(self.tx, found, replace(found, door="join").let_in(self.service.clock()))
        return found

    def request(self, is_suspicious: bool) -> Admission:
        found = self._found()
        if found.update_id == self.update_id or (found.is_pending and found.door == "request"):
            return found
        steps = steps_of_request(entrance_of(self.group), found.done, is_suspicious=is_suspicious)
        if steps:
            return self._stop(found, "request", steps)
        opened = replace(found, door="request", update_id=self.update_id).let_in(self.service.clock())
        return self.service._move(self.tx, found, opened)

    def _found(self) -> Admission:
        self.tx.members.save_people([self.person])
        return self.tx.admissions.find(self.group.id, self.person.id)

    def _stop(self, found: Admission, door: Door, steps: Sequence[Step]) -> Admission:
        now = self.service.clock()
        if found.is_pending and found.challenge_id is not None:
            self.service._move(self.tx, found, found.gone())
        challenge_id = self.service._challenge(self.tx, self.group, steps[0], door)
        if steps[0] == "review":
            done = {"name": self.person.name, "user_id": self.person.id, "done": "held"}
            what = f"admission:{self.person.id}"
            self.tx.changes.add(self.group.id, self.update_id, HEARTHBOT, what, None, done, now)
        stopped = found.stopped(door, steps, challenge_id, self.update_id, now)
        self.tx.admissions.save(stopped)
        return stopped


def entrance_of(group: Group) -> Entrance:
    """What the group asks of newcomers; rules that nobody wrote need no agreement."""
    chosen = group.settings
    return Entrance(
        captcha=chosen.captcha,
        rules=chosen.rules_agree and bool(group.rules),
        join_requests=chosen.join_requests,
    )
