"""`/faq missed`: questions that nobody answered, each with buttons that answer it or let it go."""

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, ForceReply, InlineKeyboardMarkup, Message
from markupsafe import Markup

from bot.domain.faq_own import UnknownMissed
from bot.domain.groups import Group
from bot.domain.usage import WrongUse
from bot.services.faq import FaqService
from bot.services.faq_missed import MissedService
from bot.services.faq_own import OwnFaqService
from bot.texts import Say
from handlers.asking import Asks, AsksTo, Replies, wrong_use
from handlers.context import Place, Sender
from handlers.faq_answers import FaqAnswers
from handlers.faq_steering import photo_of
from handlers.faq_words import added, short
from handlers.formatting import html_of_end
from handlers.operators import ByOperator
from handlers.pressing import Pressed
from handlers.replies import keyboard, pop_up, turn_into

_ANSWER, _PHRASE, _DISMISS, _REPLY = "missed_answer", "missed_phrase", "missed_dismiss", "faq"

_SHOWN = 8
"""Questions on the list at a time; the next ones move up."""

_LONGEST_BUTTON = 24


async def overview(message: Message, place: Place, say: Say, faq: FaqService, missed: MissedService) -> None:
    """Says what there is, and how it is written."""
    entries, waiting = faq.listed(place.group), await missed.listed(place.group)
    own = sum(entry.is_own for entry in entries)
    shown = say("faq.overview", group=place.group.title, own=own, shared=len(entries) - own, missed=len(waiting))
    await message.reply(Markup("\n").join([shown, say("usage.faq")]))


async def show_missed(
    message: Message, place: Place, rest: str, say: Say, faq: FaqService, missed: MissedService
) -> None:
    """Lists the questions, or forgets them."""
    if rest == "clear":
        await missed.clear(place.group)
        await message.reply(say("faq.missed_cleared"))
    elif rest:
        raise WrongUse(command="faq")
    else:
        text, buttons = await _list(say, place.group, faq, missed)
        await message.reply(text, reply_markup=buttons)


async def press_answer(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, at: datetime, say: Say,
    faq_answers: FaqAnswers, missed: MissedService,
) -> None:  # fmt: skip
    """Asks for the answer to a question (`missed_answer:QUESTION`), by an answer to the bot's message."""
    found = await missed.find(place.group, argument)
    if found is None or not isinstance(query.message, Message):
        raise UnknownMissed
    if not missed.asks_now(place.group, argument, at):
        await pop_up(query, say("faq.asked_already"))
        return
    link = await faq_answers.asking(f"{_REPLY}-{argument}", short(found.question))
    whom = Markup('<a href="tg://user?id={}">{}</a>').format(sender.actor.id, sender.actor.name)
    await query.message.answer(say("faq.ask_answer", name=whom, question=link), reply_markup=ForceReply(selective=True))
    await query.answer()


async def take_answer(
    message: Message, argument: str, sender: Sender, place: Place, update_id: int, say: Say, own_faq: OwnFaqService
) -> None:
    """Publishes what an operator answered to the bot's message."""
    photo, text = photo_of(message), (message.text or message.caption or "").strip()
    if not text and photo is None:
        raise WrongUse(command="faq")
    answer = html_of_end(message, text) if text else ""
    entry = await own_faq.answer_missed(place.group, argument, answer, photo, sender.actor, update_id)
    await message.reply(added(say, entry))


async def press_phrase(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, update_id: int, say: Say,
    faq: FaqService, missed: MissedService, own_faq: OwnFaqService,
) -> None:  # fmt: skip
    """Lets the nearest entry answer a question from now on (`missed_phrase:QUESTION:ENTRY`)."""
    ref, _, entry_ref = argument.partition(":")
    entry = await own_faq.add_phrasing(place.group, ref, entry_ref, sender.actor, update_id)
    await pop_up(query, added(say, entry))
    await turn_into(query, *await _list(say, place.group, faq, missed))


async def press_dismiss(
    query: CallbackQuery, argument: str, place: Place, say: Say, faq: FaqService, missed: MissedService
) -> None:
    """Takes a question off the list (`missed_dismiss:QUESTION`)."""
    await missed.dismiss(place.group, argument)
    await query.answer()
    await turn_into(query, *await _list(say, place.group, faq, missed))


async def _list(
    say: Say, group: Group, faq: FaqService, missed: MissedService
) -> tuple[Markup, InlineKeyboardMarkup | None]:
    listed = await missed.listed(group)
    if not listed:
        return say("faq.missed_none"), None
    lines, rows = [say("faq.missed")], []
    for number, one in enumerate(listed[:_SHOWN], 1):
        lines.append(say("faq.missed_line", number=number, asked=one.asked, question=short(one.question)))
        nearest = faq.nearest(group, one.question)
        row = [(f"✍ {number}", f"{_ANSWER}:{one.ref}")]
        if nearest is not None:
            row.append((f"→ {short(nearest.keywords[0].text, _LONGEST_BUTTON)}", f"{_PHRASE}:{one.ref}:{nearest.ref}"))
        rows.append([*row, (f"✕ {number}", f"{_DISMISS}:{one.ref}")])
    if len(listed) > _SHOWN:
        lines.append(say("faq.missed_more", more=len(listed) - _SHOWN))
    return Markup("\n").join([*lines, say("faq.missed_how")]), keyboard(*rows)


def register(router: Router) -> None:
    """Routes of the list."""
    router.message.register(show_missed, AsksTo("faq", "missed"), ByOperator())
    router.message.register(take_answer, Replies(_REPLY), ByOperator())
    router.message.register(overview, Asks("faq", ""), ByOperator())
    router.message.register(wrong_use("faq"), Asks("faq"), ByOperator())
    router.callback_query.register(press_answer, Pressed(_ANSWER), ByOperator())
    router.callback_query.register(press_phrase, Pressed(_PHRASE), ByOperator())
    router.callback_query.register(press_dismiss, Pressed(_DISMISS), ByOperator())
