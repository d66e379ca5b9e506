"""Flooding: too many messages in too little time, or the same one again and again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain.moderation import Pace, Rule, Rules

LEAST_REPEATED = 5
"""Characters of the shortest text whose repetition counts: everybody says "haha" three times."""

_MOST_KEPT = 100
"""Messages of one sender that are remembered; no pace asks for as many."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message: when (Unix seconds), its id, its text, and the album that it is a part of."""

    at: int
    message_id: int
    text: str = ""
    album: str = ""


@dataclass(slots=True)
class Burst:
    """A flood under way: one offence, up to the moment (Unix seconds) when what follows is counted anew."""

    rule: Rule
    message_ids: Sequence[int]
    until: int
    later_ids: set[int] = field(default_factory=set)

    @property
    def first_id(self) -> int:
        """The message with which it began, which names it."""
        return self.message_ids[0]

    def joined_by(self, message_id: int) -> Sequence[int]:
        """The messages that one more makes an offence: with the one that completed it, all before."""
        if message_id in self.message_ids:
            return self.message_ids
        self.later_ids.add(message_id)
        return (message_id,)

    def includes(self, message_id: int) -> bool:
        """Whether a message is a part of it."""
        return message_id in self.message_ids or message_id in self.later_ids


@dataclass(slots=True)
class Recent:
    """What one sender said lately; never more messages than the rules need."""

    _said: list[Said] = field(default_factory=list)
    _bursts: dict[str, Burst] = field(default_factory=dict)

    def add(self, rules: Rules, said: Said) -> tuple[Burst, Sequence[int]] | None:
        """The burst that a message is a part of, with the messages that now turn out to be; None if it is no flood.

        The same message again is counted once, and answered as the first time.
        """
        if all(said.message_id != other.message_id for other in self._said):
            self._said.append(said)
            self._forget(rules, said.at)
        for rule, pace, key in _asked(rules, said):
            found = self._burst(rule, pace, key, said)
            if found is not None:
                return found
        return None

    def _burst(self, rule: Rule, pace: Pace, key: str, said: Said) -> tuple[Burst, Sequence[int]] | None:
        burst = self._bursts.get(key)
        if burst is None or said.at >= burst.until:
            close = [
                one
                for one in self._said
                if abs(said.at - one.at) < pace.seconds
                and (not key or one.text == key)
                and not (burst is not None and burst.includes(one.message_id))
            ]
            if len({one.album or one.message_id for one in close}) < pace.messages:
                return None
            burst = self._bursts[key] = Burst(rule, [one.message_id for one in close], said.at + pace.seconds)
        return burst, burst.joined_by(said.message_id)

    def _forget(self, rules: Rules, now: int) -> None:
        """Lets go what is too old for any rule."""
        paces = [pace for pace in (rules.flood, rules.repeats) if pace is not None]
        longest = max((pace.seconds for pace in paces), default=0)
        if self._said[0].at <= now - longest or len(self._said) > _MOST_KEPT:
            self._said = [one for one in self._said[-_MOST_KEPT:] if one.at > now - longest]
            self._bursts = {key: burst for key, burst in self._bursts.items() if burst.until > now - longest}


def _asked(rules: Rules, said: Said) -> Iterator[tuple[Rule, Pace, str]]:
    if rules.repeats is not None and len(said.text) >= LEAST_REPEATED:
        yield "repeats", rules.repeats, said.text
    if rules.flood is not None:
        yield "flood", rules.flood, ""
