"""Where newcomers at the door go from where they stand, within a transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.domain.admissions import Admission, Door, Entrance, Step, steps_of_join, steps_of_request
from bot.domain.captchas import MOST_ALONE, WINDOW, Captcha, Kind, is_crowd, make_captcha
from bot.domain.groups import Group
from bot.domain.members import Actor, Person
from storage.transaction import Transaction

HEARTHBOT = Actor(0, "Hearthbot")

Verdict = Literal["right", "wrong", "out", "next"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a press came to."""

    verdict: Verdict
    admission: Admission
    tries_left: int = 0


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves of one transaction, at one instant."""

    tx: Transaction
    now: datetime

    def challenge(self, group: Group, step: Step, door: Door) -> int:
        """The id of the challenge that somebody stands before: one of their own, or that of a crowd."""
        since, is_shared = self.now - WINDOW, False
        if door == "join" or step == "review":
            is_shared = is_crowd(self.tx.admissions.recent(group.id, step, door, since, MOST_ALONE))
            standing = self.tx.admissions.shared(group.id, step, door, since) if is_shared else None
            if standing is not None:
                return standing
        captcha = self._captcha(group) if step == "captcha" else Captcha("button")
        return self.tx.admissions.add_challenge(group.id, step, door, captcha, self.now, is_shared=is_shared)

    def further(self, before: Admission, update_id: int) -> Judged:
        """One step further, or in."""
        after = self.move(before, before.completed(update_id, self.now))
        return Judged("next" if after.is_pending else "right", after)

    def miss(self, before: Admission, most: int, update_id: int) -> Judged:
        """A wrong answer; after `most` of them they are sent away."""
        after = before.missed(most, update_id, self.now)
        if after.is_pending:
            return Judged("wrong", self.move(before, after), most - after.tries)
        return Judged("out", self._turn_away(before, after))

    def decide(self, before: Admission, name: str, actor: Actor, update_id: int, *, lets_in: bool) -> Admission:
        """An operator lets somebody in or sends them away."""
        self.log(before.group_id, update_id, actor, (before.user_id, name), "let_in" if lets_in else "removed")
        if lets_in:
            return self.move(before, before.vouched_for(update_id, self.now))
        return self.move(before, before.turned_away(self.now, for_good=before.state == "review"))

    def expire(self, group_id: int, user_id: int, *, may_stay: bool) -> None:
        """Sends somebody away whose time is up, or takes their challenge away if they `may_stay` and have come in."""
        found = self.tx.admissions.find(group_id, user_id)
        if found.due_at is None or found.due_at > self.now:
            return
        if may_stay and found.door == "join":
            self.tx.admissions.save(found.kept_waiting())
            self.clear(found.challenge_id or 0)
        else:
            self._turn_away(found, replace(found.turned_away(self.now), owed_at=self.now))

    def move(self, before: Admission, after: Admission) -> Admission:
        """Stores where somebody stands now; a challenge for which nobody waits any more is taken away."""
        self.tx.admissions.save(after)
        if before.is_pending and not after.is_pending and before.challenge_id is not None:
            self.clear(before.challenge_id)
        return after

    def clear(self, challenge_id: int) -> None:
        """Takes the message of a challenge away, unless somebody waits for it still."""
        challenge = self.tx.admissions.challenge(challenge_id)
        if challenge is None or challenge.chat_id is None or self.tx.admissions.waiting(challenge_id):
            return
        self.tx.deletions.add(challenge.chat_id, challenge.message_id or 0, self.now)
        self.tx.admissions.place_challenge(challenge_id, None, None)

    def log(self, group_id: int, update_id: int, actor: Actor, person: tuple[int, str], done: str) -> None:
        """Writes down what was done about one person (user id, name)."""
        user_id, name = person
        after = {"name": name, "user_id": user_id, "done": done}
        self.tx.changes.add(group_id, update_id, actor, f"admission:{user_id}", None, after, self.now)

    def _turn_away(self, before: Admission, after: Admission) -> Admission:
        """The bot itself sends somebody away: in the log that is one line a challenge, however big a crowd."""
        person = self.tx.members.people([before.user_id]).get(before.user_id)
        name, what = person.name if person else "", f"turned_away:{before.challenge_id}"
        self.tx.changes.count(before.group_id, HEARTHBOT, what, name, self.now)
        return self.move(before, after)

    def _captcha(self, group: Group) -> Captcha:
        kind: Kind = "button" if group.settings.captcha == "off" else group.settings.captcha
        return make_captcha(kind, group.settings.captcha_question, secrets.randbits(64))


@dataclass(frozen=True, slots=True)
class Arriving:
    """One person coming to one group."""

    moves: Moves
    group: Group
    person: Person
    update_id: int

    def join(self, is_suspicious: bool, *, is_muted: bool) -> Admission:
        """They have joined."""
        found = self._found()
        if found.update_id == self.update_id or (is_muted and found.state in {"passed", "failed"}):
            return found
        if found.is_pending and found.door == "request":  # an operator has opened the door
            return self.moves.move(found, replace(found.gone(), state="passed"))
        steps = steps_of_join(entrance_of(self.group), found.done, is_suspicious=is_suspicious)
        if steps:
            return self._stop(found, "join", steps)
        if found.is_pending or found.state == "left":
            return self.moves.move(found, replace(found, door="join").let_in(self.moves.now))
        return found

    def request(self, is_suspicious: bool) -> Admission:
        """They ask to be let in."""
        found = self._found()
        if found.update_id == self.update_id or (found.is_pending and found.door == "request"):
            return found
        steps = steps_of_request(entrance_of(self.group), found.done, is_suspicious=is_suspicious)
        if steps:
            return self._stop(found, "request", steps)
        opened = replace(found, door="request", update_id=self.update_id).let_in(self.moves.now)
        return self.moves.move(found, opened)

    def _found(self) -> Admission:
        self.moves.tx.members.save_people([self.person])
        return self.moves.tx.admissions.find(self.group.id, self.person.id)

    def _stop(self, found: Admission, door: Door, steps: Sequence[Step]) -> Admission:
        if found.is_pending and found.challenge_id is not None:
            self.moves.move(found, found.gone())
        challenge_id = self.moves.challenge(self.group, steps[0], door)
        if steps[0] == "review":
            held, name = f"held:{challenge_id}", self.person.name
            self.moves.tx.changes.count(self.group.id, HEARTHBOT, held, name, self.moves.now)
        stopped = found.stopped(door, steps, challenge_id, self.update_id, self.moves.now)
        self.moves.tx.admissions.save(stopped)
        return stopped


def entrance_of(group: Group) -> Entrance:
    """What the group asks of newcomers; rules that nobody wrote need no agreement."""
    chosen = group.settings
    return Entrance(
        captcha=chosen.captcha,
        rules=chosen.rules_agree and bool(group.rules),
        join_requests=chosen.join_requests,
    )
