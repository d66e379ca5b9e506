"""`/playbook today`: what was posted in a group today and what is still to come, a page at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.hand_overs import message_link
from bot.domain.numbers import whole_number
from bot.domain.shortening import short
from bot.domain.usage import WrongUse
from bot.playbooks.overview import Stage, playbooks_of
from bot.playbooks.today import Entry, ToCome, Whenever, bounds_of_today, entries_of_today
from bot.services.playbook_questions import PlaybookQuestionService
from bot.services.playbooks import PlaybookService
from bot.texts import Say
from handlers.asking import AsksTo
from handlers.context import Place, Sender
from handlers.feature import Feature
from handlers.operators import ByOperator
from handlers.playbook_questions import ByItsOperator, answers_to, decide
from handlers.playbooks import local, rest_words
from handlers.playbooks_words import conditions, trigger_words
from handlers.pressing import Pressed
from handlers.replies import keyboard, pop_up, turn_into
from storage.playbooks import Shown

_PAGE = "playbook_today"
_ANSWER = "playbook_answer"
_ON_A_PAGE = 12
_SOON = timedelta(minutes=1)
_LONGEST = 100
_MARKS = {"queued": "⏳", "sending": "⏳", "sent": "✅", "unknown": "❔", "failed": "❌", "skipped": "⏭"}


async def show_today(
    message: Message, place: Place, rest: str, at: datetime, say: Say, playbooks: Stage, steering: PlaybookService
) -> None:
    """Shows the page of the day on which it is now."""
    if rest:
        raise WrongUse(command="playbook")
    entries = await _entries(place.group, at, playbooks, steering)
    text, buttons = _page(say, place.group, entries, _page_of_now(entries), at)
    await message.reply(text, reply_markup=buttons)


async def press_page(
    query: CallbackQuery, argument: str, place: Place, at: datetime, say: Say, playbooks: Stage,
    steering: PlaybookService,
) -> None:  # fmt: skip
    """Turns to another page (`playbook_today:NUMBER`)."""
    entries = await _entries(place.group, at, playbooks, steering)
    await turn_into(query, *_page(say, place.group, entries, whole_number(argument, 3) or 0, at))
    await query.answer()


async def press_answer(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, at: datetime, update_id: int, say: Say,
    playbooks: Stage, steering: PlaybookService, playbook_questions: PlaybookQuestionService,
) -> None:  # fmt: skip
    """Does what an operator decides about a step (`playbook_answer:NUMBER:ANSWER:PAGE`), and shows the page again."""
    outcome = await decide(argument, sender, update_id, say, playbooks, playbook_questions)
    entries, page = await _entries(place.group, at, playbooks, steering), argument.rpartition(":")[2]
    await turn_into(query, *_page(say, place.group, entries, whole_number(page, 3) or 0, at))
    await pop_up(query, outcome)


async def _entries(group: Group, now: datetime, stage: Stage, steering: PlaybookService) -> Sequence[Entry]:
    shown = await steering.between(group, *bounds_of_today(group, now))
    pauses = await steering.pauses(group)
    return entries_of_today(group, playbooks_of(group, stage.playbooks), pauses, shown, now, stage.calendar)


def _page_of_now(entries: Sequence[Entry]) -> int:
    """The page with the first step that is still to come, or the last one of what was."""
    was = [number for number, one in enumerate(entries) if isinstance(one, Shown) and one.state in _MARKS]
    to_come = [number for number, one in enumerate(entries) if isinstance(one, ToCome)]
    return (min(to_come) if to_come else max(was, default=0)) // _ON_A_PAGE


def _page(
    say: Say, group: Group, entries: Sequence[Entry], number: int, now: datetime
) -> tuple[Markup, InlineKeyboardMarkup | None]:
    pages = max(1, -(-len(entries) // _ON_A_PAGE))
    number = min(number, pages - 1)
    page = entries[number * _ON_A_PAGE : (number + 1) * _ON_A_PAGE]
    day = now.astimezone(group.zone)
    lines = [say("today.title", day=day.date(), time=f"{day:%H:%M}", zone=group.settings.timezone)]
    lines += [] if entries else [say("today.nothing")]
    for before, entry in zip([None, *page], page, strict=False):
        if isinstance(entry, Whenever) and not isinstance(before, Whenever):
            lines += [Markup(""), say("today.whenever")]
        lines.append(_line(say, group, entry, now))
    asked = [entry for entry in page if isinstance(entry, Shown) and entry.is_open]
    rows = [_answers(say, group, one, number, now) for one in asked]
    turns = [(text, n) for text, n in (("‹", number - 1), ("›", number + 1)) if 0 <= n < pages]
    rows += [[(text, f"{_PAGE}:{n}") for text, n in turns]] if turns else []
    return Markup("\n").join(lines), keyboard(*rows) if rows else None


def _answers(say: Say, group: Group, one: Shown, page: int, now: datetime) -> list[tuple[str, str]]:
    when = local(group, one.slot_at, now)
    return [
        (f"{when} · {words}", f"{_ANSWER}:{one.id}:{answer}:{page}") for words, answer in answers_to(say, one.state)
    ]


def _line(say: Say, group: Group, entry: Entry, now: datetime) -> Markup:
    if isinstance(entry, Shown):
        when, state = local(group, entry.slot_at, now), _what_became(say, group, entry, now)
        return say("today.line", mark=_mark(entry), when=when, step=entry.step, playbook=entry.playbook, state=state)
    names = {"step": entry.step.id, "playbook": entry.playbook.name}
    if isinstance(entry, ToCome):
        mark = "⏸" if entry.prospect == "paused" else "🌙" if entry.until else "🕐"
        state = _what_will_be(say, group, entry, now)
        return say("today.line", mark=mark, when=local(group, entry.at, now), state=state, **names)
    state = trigger_words(say, group, entry.playbook, entry.step.trigger, now)
    return say("today.event", state=_short(_if(say, entry, state)), **names)


def _mark(one: Shown) -> str:
    if one.state == "skipped" and one.is_open:
        return "❓"
    return "🚫" if one.note == "removed" else _MARKS[one.state]


def _what_became(say: Say, group: Group, one: Shown, now: datetime) -> Markup:
    match one.state:
        case "sent":
            link = message_link(group.chat_id, one.message_id) if one.message_id else ""
            return say("today.sent_link", link=link) if link else say("today.sent")
        case "queued" if one.position:
            return say("today.goes_on", when=local(group, one.due_at, now))
        case "queued" if one.due_at > now + _SOON:
            return say("today.waits", when=local(group, one.due_at, now))
        case "failed" if one.note:
            return say(f"today.failed.{one.note}", reason=one.reason or "")
        case "failed":
            return say("today.failed", reason=_short(one.reason)) if one.reason else say("today.failed.unsaid")
        case "skipped" if one.is_open:
            return say("today.asked")
        case "skipped":
            return say(f"today.skipped.{one.note}")
        case "queued":
            return say("today.queued")
        case "sending":
            return say("today.sending")
    return say("today.unknown")


def _what_will_be(say: Say, group: Group, one: ToCome, now: datetime) -> Markup:
    if one.pause is not None:
        return say("today.paused", pause=rest_words(say, group, one.pause))
    if one.until is not None:
        return say("today.waits" if one.prospect == "waits" else "today.quiet", when=local(group, one.until, now))
    return _short(_if(say, one, say("today.comes")))


def _if(say: Say, one: ToCome | Whenever, words: Markup) -> Markup:
    return say("today.only_if", what=words, conditions=conditions(say, one.step)) if one.step.conditions else words


def _short(words: str) -> Markup:
    """Words without tags that fit, however many conditions there are."""
    text = words.striptags() if isinstance(words, Markup) else words
    return Markup("{}").format(short(text, _LONGEST))


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(show_today, AsksTo("playbook", "today"), ByOperator())
    router.callback_query.register(press_page, Pressed(_PAGE), ByOperator())
    router.callback_query.register(press_answer, Pressed(_ANSWER), ByItsOperator())


FEATURE = Feature(commands=(), register=register)
