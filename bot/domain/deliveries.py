"""What becomes of a step's post in one group: the states of a delivery, and what is done about one that is late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.domain.refusals import Refusal

State = Literal["queued", "sending", "sent", "unknown", "failed", "skipped"]
"""`unknown` is a post that the platform may have taken or not: it has no way to ask (tdlib/telegram-bot-api#482)."""

PUNCTUAL = timedelta(minutes=5)
"""What is later than this was missed: a restart takes less, and a greeting is still one."""

Missing = Literal["skip", "within", "next", "ask"]

Note = Literal["", "late", "asked", "condition", "removed", "paused", "quiet", "gone", "operator", "error"]
"""Why a delivery was skipped, is not known, or failed (`error`: by a mistake of our own)."""

Answer = Literal["now", "never", "arrived", "again"]
"""What operators decide: what was missed is posted now, or never; what is unknown has arrived, or is sent again."""

ANSWERS: Mapping[State, frozenset[Answer]] = {
    "skipped": frozenset({"now", "never"}), "unknown": frozenset({"arrived", "again"}),
}  # fmt: skip
"""The answers to a question, by the state of the delivery that it is about."""


class QuestionOver(Refusal):
    """It was answered, or nobody did in time."""

    text = "question.over"


def is_over(asked_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the day on which a question was asked has ended: by then nobody wants what it is about."""
    return now.astimezone(zone).date() > asked_at.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class IfMissed:
    """What is done about a slot that passed while nobody could act on it.

    `skip`: nothing; `within`: it is made up for at most `grace` later; `next`: it is made up as soon as possible,
    however late, the newest missed slot alone; `ask`: operators decide.
    """

    kind: Missing = "skip"
    grace: timedelta = PUNCTUAL

    def note(self, late: timedelta, *, is_newest: bool) -> Note:
        """Why a slot so late is not posted, "" if it is; `is_newest` is the last one of its step that is due."""
        if late <= PUNCTUAL:
            return ""
        if self.kind == "within":
            return "" if late <= self.grace else "late"
        if self.kind == "skip" or not is_newest:
            return "late"
        return "" if self.kind == "next" else "asked"
