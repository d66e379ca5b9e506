"""Flooding: too many messages in too little time, or the same one again and again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.domain.moderation import Pace, Rule, Rules

LEAST_REPEATED = 5
"""Characters of the shortest text whose repetition counts: everybody says "haha" three times."""

_MOST_KEPT = 100
"""Messages of one sender that are remembered; no pace asks for as many."""


class Said(NamedTuple):
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
        if rules.repeats is not None and len(said.text) >= LEAST_REPEATED:
            found = self._burst("repeats", rules.repeats, said.text, said)
            if found is not None:
                return found
        return self._burst("flood", rules.flood, "", said) if rules.flood is not None else None

    def _burst(self, rule: Rule, pace: Pace, key: str, said: Said) -> tuple[Burst, Sequence[int]] | None:
        burst = self._bursts.get(key)
        if burst is None and len(self._said) < pace.messages:
            return None
        if burst is None or said.at >= burst.until:
            close = self._close(pace, key, said.at)
            if len(close) < pace.messages or len({one.album or one.message_id for one in close}) < pace.messages:
                return None
            burst = self._bursts[key] = Burst(rule, [one.message_id for one in close], said.at + pace.seconds)
        return burst, burst.joined_by(said.message_id)

    def _close(self, pace: Pace, key: str, at: int) -> list[Said]:
        """The messages that count together with one, but for those of a burst: each has its price once."""
        return [
            one
            for one in self._said
            if abs(at - one.at) < pace.seconds
            and (not key or one.text == key)
            and not any(burst.includes(one.message_id) for burst in self._bursts.values())
        ]

    def _forget(self, rules: Rules, now: int) -> None:
        """Lets go what is too old for any rule."""
        oldest = now - rules.longest_pace
        if self._said[0].at <= oldest or len(self._said) > _MOST_KEPT:
            self._said = [one for one in self._said[-_MOST_KEPT:] if one.at > oldest]
            self._bursts = {key: burst for key, burst in self._bursts.items() if burst.until > oldest}
