"""Newcomers: what they have to do before they may speak, and what becomes of those who do not."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.domain.captchas import Kind
from bot.domain.refusals import Refusal

Step = Literal["review", "captcha", "rules"]
State = Literal["review", "captcha", "rules", "passed", "failed", "left"]
Door = Literal["join", "request"]
Owed = Literal["restrict", "ask", "lift", "kick", "ban", "unban", "approve", "decline"]
JoinRequests = Literal["off", "approve", "captcha", "operators"]

AGREE_WITHIN = timedelta(days=1)
"""How long somebody may take to agree to the rules."""

ANSWER_A_REQUEST_WITHIN = timedelta(seconds=285)
"""For five minutes the platform lets a bot write to who asks to join (Bot API, ChatJoinRequest)."""

LEASE = timedelta(minutes=3)
"""How long whoever has decided something has to do it; then the alarm does it for them."""


class NotYourCaptcha(Refusal):
    """Somebody else is meant, or it was answered already."""

    text = "captcha.not_yours"


class CaptchaFirst(Refusal):
    """The rules come after the captcha."""

    text = "captcha.first"


class NobodyWaits(Refusal):
    """There is nothing to decide about this person, or somebody has decided by now."""

    text = "captcha.nobody_waits"


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a group asks of newcomers."""

    captcha: Kind | Literal["off"]
    rules: bool
    join_requests: JoinRequests


@dataclass(frozen=True, slots=True)
class Admission:
    """Where a person stands at a group's door. `steps` are those still to go, the present one first.

    `done` is remembered for good. `owed` is what the platform has yet to be told, and is told again from `owed_at`
    on; at `due_at` the person's time is up. `update_id` is the update that moved them last.
    """

    group_id: int
    user_id: int
    door: Door = "join"
    state: State = "passed"
    steps: tuple[Step, ...] = ()
    done: frozenset[str] = frozenset()
    tries: int = 0
    owed: Owed | None = None
    owed_at: datetime | None = None
    due_at: datetime | None = None
    challenge_id: int | None = None
    update_id: int | None = None

    @property
    def is_pending(self) -> bool:
        """Whether they may not speak yet."""
        return bool(self.steps)

    def has_let_in(self, update_id: int) -> bool:
        """Whether they got in after the join that an update told of; what was decided before it tells nothing."""
        return self.state == "passed" or (self.update_id or 0) < update_id

    def stopped(
        self, door: Door, steps: Sequence[Step], challenge_id: int, update_id: int, now: datetime
    ) -> "Admission":
        """Held at the door. Their time runs from the moment in which they are asked."""
        return replace(
            self, door=door, state=steps[0], steps=tuple(steps), tries=0, due_at=None, challenge_id=challenge_id,
            update_id=update_id, owed="restrict" if door == "join" else "ask", owed_at=now + LEASE,
        )  # fmt: skip

    def asked(self, seconds: int, now: datetime) -> "Admission":
        """They have been told what to do: now their time runs."""
        return replace(self, owed=None, owed_at=None, due_at=self._due(self.state, seconds, now))

    def completed(self, update_id: int, now: datetime) -> "Admission":
        """One step further; behind the last one they are in."""
        step, *rest = self.steps
        moved = replace(self, steps=tuple(rest), done=self.done | {step}, tries=0, update_id=update_id)
        return replace(moved, state=rest[0], due_at=self._due(rest[0], 0, now)) if rest else moved.let_in(now)

    def let_in(self, now: datetime) -> "Admission":
        """They are in, whatever was still to be done."""
        owed: Owed = "approve" if self.door == "request" else "lift"
        return replace(self, state="passed", steps=(), due_at=None, owed=owed, owed_at=now + LEASE)

    def vouched_for(self, update_id: int, now: datetime) -> "Admission":
        """An operator lets them in, for good."""
        let_in = self.let_in(now)
        return replace(let_in, done=self.done | {"review", "captcha"}, update_id=update_id)

    def missed(self, most: int, update_id: int, now: datetime) -> "Admission":
        """A wrong answer; the last one that is allowed ends it. The same press twice counts once."""
        if self.update_id == update_id:
            return self
        missed = replace(self, tries=self.tries + 1, update_id=update_id)
        return missed.turned_away(now) if missed.tries >= most else missed

    def turned_away(self, now: datetime, *, for_good: bool = False) -> "Admission":
        """They go, and may come again unless it is for good."""
        owed: Owed = "decline" if self.door == "request" else "ban" if for_good else "kick"
        return replace(self, state="failed", steps=(), due_at=None, owed=owed, owed_at=now + LEASE)

    def kept_waiting(self) -> "Admission":
        """Their time is up: they stay, without a voice, until an operator decides."""
        return replace(self, due_at=None, challenge_id=None)

    def forgiven(self, now: datetime) -> "Admission":
        """They were sent away, and may come again without being asked."""
        return replace(
            self, state="left", steps=(), done=self.done | {"review", "captcha"}, due_at=None, owed="unban",
            owed_at=now, door="join",
        )  # fmt: skip

    def gone(self) -> "Admission":
        """They have left by themselves, or somebody else has seen to them."""
        return replace(self, state="left", steps=(), due_at=None, owed=None, owed_at=None)

    def settled(self) -> "Admission":
        """The platform knows."""
        return replace(self, owed=None, owed_at=None)

    def _due(self, state: State, seconds: int, now: datetime) -> datetime | None:
        if state == "review":
            return None
        if state == "rules" and self.door == "join":
            return now + AGREE_WITHIN
        within = timedelta(seconds=seconds) if seconds else ANSWER_A_REQUEST_WITHIN
        return now + (min(within, ANSWER_A_REQUEST_WITHIN) if self.door == "request" else within)


def steps_of_join(entrance: Entrance, done: Set[str], *, is_suspicious: bool) -> tuple[Step, ...]:
    """What somebody has to do who has come in; what was done once is never asked again."""
    if is_suspicious and "review" not in done:
        return ("review",)
    steps: list[Step] = []
    if entrance.captcha != "off":
        steps.append("captcha")
    if entrance.rules:
        steps.append("rules")
    return tuple(step for step in steps if step not in done)


def asks_for_captcha(entrance: Entrance) -> bool:
    """Whether newcomers can pass a captcha, by whichever door they come."""
    return entrance.captcha != "off" or entrance.join_requests == "captcha"


def steps_of_request(entrance: Entrance, done: Set[str], *, is_suspicious: bool) -> tuple[Step, ...]:
    """What somebody has to do who asks to come in; empty opens the door."""
    if "review" not in done and (is_suspicious or entrance.join_requests == "operators"):
        return ("review",)
    if entrance.join_requests != "captcha":
        return ()
    steps: tuple[Step, ...] = ("captcha", "rules") if entrance.rules else ("captcha",)
    return tuple(step for step in steps if step not in done)
