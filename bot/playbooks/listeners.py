"""Which steps wait for what happens in groups."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.faq import LONGEST_QUESTION, Entry, Keyword, default_mode
from bot.domain.groups import Group
from bot.domain.slots import ONE_DAY, Calendar, Days, instant_of, slots_between
from bot.playbooks.model import On, Playbook, Step
from bot.services.faq_index import FaqIndex, normal_form
from bot.services.happenings import Event, Listener
from storage.audiences import Where
from storage.deliveries import Due
from storage.happenings import Newcomers, Silence

_LONGEST_LOOK_BACK = timedelta(days=3)
"""How far back missed days of newcomers are looked for."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    playbook: Playbook
    step: Step
    on: On

    def listener(self) -> Listener:
        number = self.on.streak or self.on.members or self.on.messages
        return Listener(self.playbook.name, self.step.id, number)


class Listeners:
    """Finds the steps that wait for an event, in groups and on days of their playbooks."""

    def __init__(self, playbooks: Iterable[Playbook], default_zone: str, calendar: Calendar) -> None:
        self._default_zone = default_zone
        self._calendar = calendar
        self._of_kind: dict[str, list[_Waiting]] = {}
        for playbook in playbooks:
            for step in playbook.steps:
                if isinstance(step.trigger, On):
                    waiting = _Waiting(playbook, step, step.trigger)
                    self._of_kind.setdefault(_kind(step.trigger), []).append(waiting)
        self._of_words = {str(number): one for number, one in enumerate(self._of_kind.get("message", ()))}
        self._words = FaqIndex.of(_entry(key, one.on.words) for key, one in self._of_words.items())

    def to(self, event: Event, group: Group, at: datetime) -> Sequence[Listener]:
        """The steps that wait for such an event."""
        return [one.listener() for one in self._of_kind.get(event, ()) if self._is_for(one, group, at)]

    def hears(self, text: str) -> bool:
        """Whether any step, in whatever group, waits for a word of a text."""
        return bool(self._of_words) and len(text) <= LONGEST_QUESTION and bool(self._words.hits(normal_form(text)))

    def to_words(self, text: str, group: Group, at: datetime) -> Sequence[Listener]:
        """The steps that wait for a word of a text."""
        if not self._of_words or len(text) > LONGEST_QUESTION:
            return ()
        found = {hit.entry.id for hit in self._words.hits(normal_form(text))}
        waiting = (self._of_words[key] for key in sorted(found))
        return [one.listener() for one in waiting if self._is_for(one, group, at)]

    def silences(self, now: datetime, zones: Sequence[str]) -> Sequence[Silence]:
        """The steps that wait for a silence."""
        return [
            Silence(one.playbook.name, one.step.id, one.on.duration, where)
            for one in self._of_kind.get("silent", ())
            if one.on.duration is not None
            for where in self._where(one, now, zones)
        ]

    def newcomers(self, after: datetime, until: datetime, zones: Sequence[str]) -> Sequence[Newcomers]:
        """The steps that are due some days after a join."""
        after = max(after, until - _LONGEST_LOOK_BACK)
        return [
            found
            for one in self._of_kind.get("days_later", ())
            for name in ([one.playbook.zone] if one.playbook.zone else zones)
            for found in self._newcomers(one, after, until, ZoneInfo(name))
        ]

    def _newcomers(self, one: _Waiting, after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Newcomers]:
        assert one.on.times is not None  # noqa: S101 - the reader asks for it
        for slot in slots_between(one.on.times, one.playbook.days, after, until, zone, self._calendar):
            if not one.step.days.include(slot.local.date(), self._calendar):
                continue
            joined_on = slot.local.date() - one.on.days * ONE_DAY
            first, last = (datetime.combine(joined_on + n * ONE_DAY, time()) for n in (0, 1))
            note = one.step.if_missed.note(until - slot.at, is_newest=True)  # each has but one such day
            where = self._in_zone(one.playbook, None if one.playbook.zone else zone.key)
            due = Due(one.playbook.name, one.step.id, "", slot.at, where, note=note)
            yield Newcomers(due, instant_of(first, zone), instant_of(last, zone))

    def _is_for(self, one: _Waiting, group: Group, at: datetime) -> bool:
        playbook, audience = one.playbook, one.playbook.audience
        is_meant = audience.is_all or not audience.tags.isdisjoint(group.tags)
        if not is_meant and audience.names.isdisjoint((group.title, str(group.chat_id))):
            return False
        return self._runs_on(one, at, ZoneInfo(playbook.zone) if playbook.zone else group.zone)

    def _where(self, one: _Waiting, now: datetime, zones: Sequence[str]) -> list[Where]:
        """Where a playbook runs at present; a single place for all zones, if it runs every day."""
        zone = one.playbook.zone
        if zone or one.playbook.days == one.step.days == Days():
            runs = self._runs_on(one, now, ZoneInfo(zone or self._default_zone))
            return [self._in_zone(one.playbook, None)] if runs else []
        return [self._in_zone(one.playbook, name) for name in zones if self._runs_on(one, now, ZoneInfo(name))]

    def _runs_on(self, one: _Waiting, at: datetime, zone: ZoneInfo) -> bool:
        day = at.astimezone(zone).date()
        return one.playbook.days.include(day, self._calendar) and one.step.days.include(day, self._calendar)

    def _in_zone(self, playbook: Playbook, zone: str | None) -> Where:
        return Where(zone, self._default_zone, playbook.audience.tags, playbook.audience.names)


def _kind(on: On) -> str:
    if on.event == "milestone":
        return "members" if on.members is not None else "messages"
    return "days_later" if on.event == "member_joined" and on.days else on.event


def _entry(key: str, words: Sequence[str]) -> Entry:
    return Entry(key, tuple(Keyword(word, default_mode(word)) for word in words), ())
