"""`/faq`: operators say what members are answered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from markupsafe import Markup

from bot.domain.faq import Entry, Hit, Photo, parse_keyword, rivals
from bot.domain.faq_own import Addition, parse_addition
from bot.domain.groups import Group
from bot.domain.numbers import whole_number
from bot.domain.usage import WrongUse
from bot.services.faq import FaqService
from bot.services.faq_memory import FaqMemory, Replay
from bot.services.faq_own import OwnFaqService, checked, own_entry
from bot.texts import Say
from handlers.asking import AsksTo
from handlers.context import Place, Sender
from handlers.faq_words import added, preview, short
from handlers.formatting import html_of_end
from handlers.naming import answered
from handlers.operators import ByOperator
from handlers.pressing import Pressed
from handlers.replies import keyboard, turn_into

_PAGE = "faq_page"
_ON_A_PAGE = 10
_MOST_FOUND = 5
_MOST_REPLAYED = 10


async def add(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, own_faq: OwnFaqService
) -> None:
    """Publishes an entry; with the picture that the command stands below, or answers."""
    photo = photo_of(message)
    addition = _addition(message, rest, photo)
    await message.reply(added(say, await own_faq.add(place.group, addition, photo, sender.actor, update_id)))


async def delete(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, own_faq: OwnFaqService
) -> None:
    """Takes an entry away."""
    if not rest:
        raise WrongUse(command="faq")
    await own_faq.delete(place.group, parse_keyword(rest), sender.actor, update_id)
    await message.reply(say("faq.deleted", keyword=short(rest)))


async def show_list(message: Message, place: Place, rest: str, say: Say, faq: FaqService) -> None:
    """Lists the group's entries."""
    if rest:
        raise WrongUse(command="faq")
    shown, buttons = _page(say, place.group, faq.listed(place.group), 0)
    await message.reply(shown, reply_markup=buttons)


async def try_text(message: Message, place: Place, rest: str, say: Say, faq: FaqService, at: datetime) -> None:
    """Shows which entries are about a text, and what they would say now."""
    if not rest:
        raise WrongUse(command="faq")
    heard, silent = faq.tried(place.group, rest, at)
    local = at.astimezone(place.group.zone)
    lines = [_found(say, "faq.found_line", hit, hit.entry.answers_at(local)) for hit in heard]
    lines += [_found(say, "faq.found_line_silent", hit, hit.entry.answers) for hit in silent]
    off = [] if place.group.settings.faq else [say("faq.is_off")]
    await message.reply(Markup("\n").join([_heading(say, place.group, heard, silent), *lines[:_MOST_FOUND], *off]))


async def replay(message: Message, place: Place, rest: str, say: Say, faq_memory: FaqMemory) -> None:
    """Shows what an entry would have answered lately; nothing is published."""
    photo = photo_of(message)
    entry = checked(own_entry(_addition(message, rest, photo), photo))
    await message.reply(_replayed(say, await faq_memory.replay(place.group, entry)))


async def press_page(query: CallbackQuery, argument: str, place: Place, say: Say, faq: FaqService) -> None:
    """Turns to a page of the list (`faq_page:NUMBER`)."""
    number = whole_number(argument, 5) or 0
    await turn_into(query, *_page(say, place.group, faq.listed(place.group), number))
    await query.answer()


def photo_of(message: Message) -> Photo | None:
    """The picture of a message, or of the one that it answers."""
    original = answered(message)
    sizes = message.photo or (original.photo if original is not None else None)
    return Photo(file_id=sizes[-1].file_id) if sizes else None


def _addition(message: Message, rest: str, photo: Photo | None) -> Addition:
    """What was written after the command, the answer with its formatting."""
    parsed = parse_addition(rest, needs_answer=photo is None)
    if parsed is None:
        raise WrongUse(command="faq")
    return replace(parsed, answer=html_of_end(message, parsed.answer) if parsed.answer else "")


def _heading(say: Say, group: Group, heard: Sequence[Hit], silent: Sequence[Hit]) -> Markup:
    if not heard:
        return say("faq.found_silent" if silent else "faq.found_nothing")
    is_alike = group.settings.faq_suggestions and rivals(heard)
    return say("faq.found_alike") if is_alike else say("faq.found", n=len(heard))


def _found(say: Say, key: str, hit: Hit, answers: tuple[str, ...]) -> Markup:
    keyword, answer = hit.keyword, preview(replace(hit.entry, answers=answers))
    return say(key, keyword=short(keyword.text), mode=say(f"faq.mode.{keyword.mode}"), answer=answer)


def _replayed(say: Say, replay: Replay) -> Markup:
    hits, collisions = sum(replay.hits.values()), sum(collision.times for collision in replay.collisions)
    lines = [say("faq.replayed", tried=replay.tried, hits=hits, collisions=collisions)]
    for text, times in islice(replay.hits.items(), _MOST_REPLAYED):
        lines.append(say("faq.replayed_line", times=times, text=short(text)))
    for collision in replay.collisions[:_MOST_REPLAYED]:
        key = "faq.replayed_taken" if collision.is_taken else "faq.replayed_kept"
        lines.append(say(key, times=collision.times, text=short(collision.text), answer=preview(collision.other)))
    return Markup("\n").join([*lines, say("faq.replayed_how")])


def _page(say: Say, group: Group, entries: Sequence[Entry], number: int) -> tuple[Markup, InlineKeyboardMarkup | None]:
    pages = max(1, -(-len(entries) // _ON_A_PAGE))
    number = min(number, pages - 1)
    shown = entries[number * _ON_A_PAGE : (number + 1) * _ON_A_PAGE]
    lines = [_line(say, entry) for entry in shown] or [say("faq.empty")]
    turns = [("‹", number - 1)] * (number > 0) + [("›", number + 1)] * (number < pages - 1)
    buttons = keyboard([(text, f"{_PAGE}:{page}") for text, page in turns]) if turns else None
    title = say("faq.title", group=group.title, page=number + 1, pages=pages)
    return Markup("\n").join([title, *lines]), buttons


def _line(say: Say, entry: Entry) -> Markup:
    keywords = " | ".join(keyword.text for keyword in entry.keywords)
    return say("faq.line" if entry.is_own else "faq.line_of_file", keywords=short(keywords), answer=preview(entry))


def register(router: Router) -> None:
    """Routes of the command."""
    router.message.register(add, AsksTo("faq", "add"), ByOperator())
    router.message.register(delete, AsksTo("faq", "del"), ByOperator())
    router.message.register(show_list, AsksTo("faq", "list"), ByOperator())
    router.message.register(try_text, AsksTo("faq", "test"), ByOperator())
    router.message.register(replay, AsksTo("faq", "replay"), ByOperator())
    router.callback_query.register(press_page, Pressed(_PAGE), ByOperator())
