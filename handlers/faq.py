"""The FAQ: members are answered, operators say what."""

from collections.abc import Sequence
from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.faq import Entry, Hit, LinkButton, Missed, parse_addition, parse_keyword
from bot.domain.groups import Group
from bot.domain.usage import WrongUse
from bot.services.faq import FaqService
from bot.texts import Say
from bot.texts.templates import fill
from handlers.asking import Asks
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.formatting import html_of_end
from handlers.gate import QUESTION
from handlers.operators import ByOperator
from handlers.pressing import Pressed
from handlers.replies import keyboard, turn_into
from handlers.vanishing import Vanishing

_PAGE = "faq_page"
_ON_A_PAGE = 10
_LONGEST_SHOWN = 60
_MOST_FOUND = 5
_MOST_MISSED = 20


async def answer(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, faq: FaqService, vanishing: Vanishing
) -> None:
    """Answers a message that an entry is about."""
    text = message.text or message.caption or ""
    answered = faq.answer(place.group, sender.actor.id, text, at, update_id)
    if answered is not None:
        said = fill(answered.text, name=sender.actor.name, group=place.group.title)
        reply = await message.reply(said, reply_markup=_links(answered.buttons))
        await vanishing.after(reply, answered.entry.lifetime)


async def steer_faq(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say, faq: FaqService
) -> None:
    """Adds, deletes, lists, shows what a text would find, or what nobody has answered."""
    verb, _, words = request.arguments.partition(" ")
    words = words.strip()
    if verb == "list" and not words:
        shown, buttons = _page(say, place.group, faq.listed(place.group), 0)
        await message.reply(shown, reply_markup=buttons)
    elif verb == "add" and words:
        await message.reply(await _add(message, sender, place.group, update_id, words, say, faq))
    elif verb == "del" and words:
        await faq.delete(place.group, parse_keyword(words), sender.actor, update_id)
        await message.reply(say("faq.deleted", keyword=words[:_LONGEST_SHOWN]))
    elif verb == "test" and words:
        await message.reply(_found(say, faq.found(place.group, words)))
    elif verb == "missed" and not words:
        await message.reply(_missed(say, await faq.missed(place.group)))
    elif verb == "missed" and words == "clear":
        await faq.clear_missed(place.group)
        await message.reply(say("faq.missed_cleared"))
    else:
        raise WrongUse(command="faq")


async def press_page(query: CallbackQuery, argument: str, place: Place, say: Say, faq: FaqService) -> None:
    """Turns to a page of the list (`faq_page:NUMBER`)."""
    number = int(argument) if argument.isascii() and argument.isdigit() and len(argument) < 6 else 0
    await turn_into(query, *_page(say, place.group, faq.listed(place.group), number))
    await query.answer()


async def _add(
    message: Message, sender: Sender, group: Group, update_id: int, words: str, say: Say, faq: FaqService
) -> Markup:
    parsed = parse_addition(words)
    if parsed is None:
        raise WrongUse(command="faq")
    keywords, unless, said = parsed
    entry = await faq.add(group, keywords, unless, html_of_end(message, said), sender.actor, update_id)
    return say("faq.added", keywords=", ".join(_named(say, keyword.mode, keyword.text) for keyword in entry.keywords))


def _named(say: Say, mode: str, keyword: str) -> str:
    return f"{_short(keyword)} ({say(f'faq.mode.{mode}')})"


def _found(say: Say, hits: Sequence[Hit]) -> Markup:
    if not hits:
        return say("faq.found_nothing")
    lines = [
        say(
            "faq.found_line",
            keyword=_short(hit.keyword.text),
            mode=say(f"faq.mode.{hit.keyword.mode}"),
            answer=_preview(hit.entry),
        )
        for hit in hits[:_MOST_FOUND]
    ]
    return Markup("\n").join([say("faq.found", n=len(hits)), *lines])


def _missed(say: Say, missed: Sequence[Missed]) -> Markup:
    if not missed:
        return say("faq.missed_none")
    lines = [
        say("faq.missed_line", asked=one.asked, question=_short(" ".join(one.question.split())))
        for one in missed[:_MOST_MISSED]
    ]
    return Markup("\n").join([say("faq.missed"), *lines, say("faq.missed_how")])


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
    is_own = entry.id.startswith("own:")
    return say("faq.line" if is_own else "faq.line_of_file", keywords=_short(keywords), answer=_preview(entry))


def _preview(entry: Entry) -> str:
    return _short(" ".join(Markup(entry.answers[0]).striptags().split()))  # noqa: S704 - the tags are taken out


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def _links(buttons: Sequence[LinkButton]) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(text=button.text, url=button.url)] for button in buttons]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(steer_faq, Asks("faq"), ByOperator())
    router.message.register(answer, Asks(QUESTION))
    router.callback_query.register(press_page, Pressed(_PAGE), ByOperator())


FEATURE = Feature(commands=(Command("faq", for_operators=True),), register=register)
