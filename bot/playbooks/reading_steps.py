"""Reads the steps of a playbook: what sets them off, on which conditions, what they do, and what if it was missed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from bot.domain.deliveries import IfMissed
from bot.domain.faq import Keyword, default_mode
from bot.domain.slots import Days, Times
from bot.playbooks.model import Action, After, Condition, Event, On, OpenLottery, Send, Step, Trigger
from bot.playbooks.reading_actions import ActionReader
from bot.playbooks.reading_times import WEEKDAYS, cron, days, duration, every, time_of_day, times_of_day
from bot.playbooks.templates import Variables, suggestion
from bot.playbooks.variables import variables_of
from bot.services.faq_index import KeywordError, check_keyword
from bot.yaml_places import Place, one_of, whole

MOST_ACTIONS = 20

_STEP = ("id", "description", "at", "cron", "every", "after", "on", "days", "only_if", "do", "if_missed")
_TRIGGERS = ("at", "cron", "every", "after", "on")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_MINUTE, _DAY, _MONTH = timedelta(minutes=1), timedelta(days=1), timedelta(days=31)
_MOST = 10**9

ReadActions = Callable[[Variables], ActionReader]
"""A reader of actions whose texts may name these variables."""


@dataclass(frozen=True, slots=True)
class StepReader:
    """Reads one step after the other."""

    actions: ReadActions

    def step(self, place: Place) -> Step | None:
        """A step; None, and every mistake, for what cannot stand."""
        keys = place.keys(*_STEP, needed=["id", "do"])
        if not place.is_mapping():
            return None
        step_id = keys.read("id", _step_id)
        named = [name for name in _TRIGGERS if name in keys]
        if not named:
            place.mistake(f"nothing sets this step off; write one of {', '.join(_TRIGGERS)}")
        for name in named[1:]:
            keys[name].mistake(f"a step is set off by one thing, and there is `{named[0]}` already")
        trigger = _trigger(named[0], keys[named[0]]) if named else None
        actions: tuple[Action, ...] = keys.each("do", self.actions(variables_of(trigger)).action)
        if "do" in keys and keys["do"].is_list() and not 1 <= len(keys["do"].items()) <= MOST_ACTIONS:
            keys["do"].mistake(f"a step does 1 to {MOST_ACTIONS} things")
        span = days(keys["days"]) if "days" in keys else Days()
        if "days" in keys and not {"at", "cron", "every"}.intersection(named):
            keys["days"].mistake("`days` are for `at`, `cron` and `every`; `only_if` may name a `weekday`")
        conditions = keys.each("only_if", _condition)
        if_missed = keys.read("if_missed", _if_missed) or default_if_missed(actions)
        if step_id is None or trigger is None:
            return None
        return Step(step_id, trigger, actions, conditions, if_missed, span, place.line)


def default_if_missed(actions: tuple[Action, ...]) -> IfMissed:
    """Greetings are skipped, promotions are made up for within half an hour, lotteries always."""
    if any(isinstance(action, OpenLottery) for action in actions):
        return IfMissed("next")
    if any(isinstance(action, Send) and action.promo for action in actions):
        return IfMissed("within", timedelta(minutes=30))
    return IfMissed("skip")


def _step_id(place: Place) -> str | None:
    text = place.text()
    if text is not None and not _ID.fullmatch(text):
        place.mistake("an id has small letters, digits, - and _ only, such as new-product")
        return None
    return text


def _trigger(name: str, place: Place) -> Trigger | None:
    match name:
        case "at":
            return times_of_day(place)
        case "cron":
            return cron(place)
        case "every":
            return every(place)
        case "after":
            return _after(place)
        case _:
            return _on(place)


def _after(place: Place) -> After | None:
    keys = place.keys("step", "delay", needed=["step", "delay"])
    step, delay = keys.read("step", Place.text), keys.read("delay", duration(timedelta(0), _MONTH))
    return After(step, delay) if step and delay is not None else None


def _on(place: Place) -> On | None:
    if not place.is_mapping():
        event = place.text()
        if event == "member_joined":
            return On("member_joined")
        if event is not None:
            known = tuple(_EVENTS)
            unknown = f"nothing is called `{event[:40]}`{suggestion(event, known)}"
            place.mistake(f"`{event}` needs more, such as `{event}: …`" if event in _EVENTS else unknown)
        return None
    entries = place.entries()
    if len(entries) != 1:
        place.mistake("a step is set off by one thing, such as `on: {silent: 3h}`")
        return None
    ((event, details),) = entries.items()
    if event not in _EVENTS:
        place.mistake(f"nothing is called `{event[:40]}`{suggestion(event, tuple(_EVENTS))}")
        return None
    return _EVENTS[event](details)


def _joined(place: Place) -> On:
    keys = place.keys("days", "at")
    after, at = keys.read("days", whole(0, 365)) or 0, keys.read("at", time_of_day)
    if "at" in keys and not after:
        keys["at"].mistake("`at` is for so many `days` later; at once needs no time")
    if after and "at" not in keys:
        place.mistake("`at` is missing: the time of day, so many days after the join")
    return On("member_joined", days=after, times=Times((at,)) if at else None)


def _checked_in(place: Place) -> On:
    keys = place.keys("streak")
    return On("checked_in", streak=keys.read("streak", whole(1, 3650)))


def _silent(place: Place) -> On | None:
    found = duration(timedelta(minutes=10), timedelta(days=30))(place)
    return On("silent", duration=found) if found else None


def _message(place: Place) -> On | None:
    words = place.one_or_some(Place.text)
    for word in words:
        try:
            check_keyword(Keyword(word, default_mode(word)))
        except KeywordError as error:
            place.mistake(f"the word `{word[:40]}` {error}")
    return On("message", words=words) if words else None


def _milestone(place: Place) -> On | None:
    keys = place.keys("members", "messages")
    members, messages = keys.read("members", whole(2, _MOST)), keys.read("messages", whole(2, _MOST))
    if ("members" in keys) == ("messages" in keys):
        place.mistake("a milestone is so many `members`, or so many `messages`")
        return None
    return On("milestone", members=members, messages=messages)


_EVENTS: dict[str, Callable[[Place], On | None]] = {
    "member_joined": _joined,
    "checked_in": _checked_in,
    "silent": _silent,
    "message": _message,
    "milestone": _milestone,
}


def _condition(place: Place) -> Condition | None:
    if not place.is_mapping():
        kind = place.text()
        if kind == "no_live_lottery":
            return Condition("no_live_lottery", True)
        if kind is not None:
            known = (*_CONDITIONS, "no_live_lottery")
            place.mistake(f"`{kind[:40]}` is no condition, or needs more{suggestion(kind, known)}")
        return None
    entries = place.entries()
    if len(entries) != 1:
        place.mistake("a condition is one name with its value; start each of them with a `-`")
        return None
    ((kind, value_place),) = entries.items()
    if kind not in _CONDITIONS:
        place.mistake(f"unknown condition `{kind[:40]}`{suggestion(kind, (*_CONDITIONS, 'no_live_lottery'))}")
        return None
    value = _CONDITIONS[kind](value_place)
    return None if value is None else Condition(kind, value)


def _bounds(place: Place) -> tuple[int, int] | None:
    """`{at_least: 5, under: 50}`, either of which may be left out."""
    keys = place.keys("at_least", "under")
    least, under = keys.read("at_least", whole(0, _MOST)), keys.read("under", whole(1, _MOST))
    if place.is_mapping() and not keys.places:
        place.mistake("write `at_least`, `under`, or both")
    if least is not None and under is not None and least >= under:
        keys["under"].mistake("`under` must be more than `at_least`")
    return (least or 0, _MOST if under is None else under) if keys.places else None


def tag(place: Place) -> str | None:
    """A tag of groups, which are told apart whatever their case."""
    text = place.text()
    if text is not None and re.search(r"[\s,，、;；#]", text):
        place.mistake("a tag is one word, without # and commas")
    return text.casefold() if text else None


def _tags(place: Place) -> frozenset[str] | None:
    return frozenset(place.one_or_some(tag)) or None


def _weekdays(place: Place) -> frozenset[int] | None:
    read = one_of({name: number for number, name in enumerate(WEEKDAYS)})
    return frozenset(place.one_or_some(read)) or None


_CONDITIONS: dict[str, Callable[[Place], Any]] = {
    "silent_for": duration(_MINUTE, _MONTH),
    "active_within": duration(_MINUTE, _MONTH),
    "messages_since_post": _bounds,
    "members": _bounds,
    "tag": _tags,
    "weekday": _weekdays,
    "chance": whole(1, 99),
    "promos_today": _bounds,
}


def _if_missed(place: Place) -> IfMissed | None:
    if place.is_mapping():
        grace = place.keys("within", needed=["within"]).read("within", duration(_MINUTE, _DAY))
        return IfMissed("within", grace) if grace else None
    kind = one_of({word: word for word in ("skip", "next", "ask")}, or_else="{within: 30m}")(place)
    return IfMissed(cast(Any, kind)) if kind else None


def events() -> tuple[Event, ...]:
    """What may set a step off."""
    return cast(tuple[Event, ...], tuple(_EVENTS))
