"""The FAQ as members meet it: questions are answered, or get a hint."""

from collections.abc import Callable, Sequence
from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.faq_suggestions import Suggestion
from bot.domain.members import UnknownGroup
from bot.services.faq import FaqService, Question
from bot.services.faq_memory import FaqMemory
from bot.services.faq_missed import MissedService
from bot.services.groups import GroupService
from bot.services.members import MemberService
from bot.texts import Say
from handlers import faq_missed, faq_steering
from handlers.asking import Asks, StartsWith
from handlers.context import Place, Sender
from handlers.faq_answers import LINK, Asker, FaqAnswers
from handlers.faq_words import short
from handlers.feature import Command, Feature
from handlers.gate import QUESTION
from handlers.operators import Operators
from handlers.pressing import Pressed
from handlers.replies import keyboard, pop_up
from handlers.vanishing import Vanishing

_HINT = "faq_hint"

HINT_STAYS = 60
"""Seconds for which "did you mean" stands."""

_LONGEST_BUTTON = 40


async def answer(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, say: Say, faq: FaqService,
    faq_answers: FaqAnswers, faq_memory: FaqMemory, missed: MissedService, operators: Operators, vanishing: Vanishing,
) -> None:  # fmt: skip
    """Answers a message that an entry is about; where none is, asks whether one was meant."""
    if place.maybe_group is None or sender.person is None:
        await message.reply(say("help.unknown"))
        return
    question = await _question(message, sender, place, at, update_id, operators)
    if not place.is_private:
        faq_memory.remember(message.chat.id, question.text, at)
    answered = faq.answer(place.group, question)
    if answered is not None:
        await faq_answers.give(Asker(place.group, sender.person, message, update_id, say), answered)
        return
    suggestions = faq.suggestions(place.group, question)
    if suggestions:
        buttons = keyboard(*_hints(sender.person.id, suggestions))
        hint = await message.reply(say("faq.did_you_mean", n=len(suggestions)), reply_markup=buttons)
        await vanishing.after(hint, HINT_STAYS)
    elif place.is_private:
        await message.reply(say("help.unknown"))
    if not place.is_private and not faq.is_known(place.group, question.text, at):
        missed.overhear(message.chat.id, question.text, at)


async def press_hint(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, at: datetime, update_id: int, say: Say,
    faq: FaqService, faq_answers: FaqAnswers,
) -> None:  # fmt: skip
    """Gives the answer that was meant (`faq_hint:USER:ENTRY`), to the one who asked alone."""
    user_id, _, ref = argument.partition(":")
    hint = query.message
    if sender.person is None or user_id != str(sender.person.id):
        await pop_up(query, say("faq.not_your_question"))
        return
    answered = faq.by_ref(place.group, ref, at, hint.message_id) if isinstance(hint, Message) else None
    if answered is None or not isinstance(hint, Message):
        await pop_up(query, say("faq.answer_gone"))
        return
    asker = Asker(place.group, sender.person, hint.reply_to_message or hint, update_id, say)
    await faq_answers.turn_hint_into(query, hint, asker, answered)


async def follow_link(
    message: Message, argument: str, sender: Sender, at: datetime, update_id: int, say: Say,
    faq: FaqService, faq_answers: FaqAnswers, groups: GroupService, members: MemberService,
) -> None:  # fmt: skip
    """Answers in the private chat what was asked in a group (`/start faq-GROUP_ENTRY`)."""
    group_id, _, ref = argument.partition("_")
    known = await members.groups_of(sender.member())
    place = next(((chat_id, title) for number, chat_id, title in known if str(number) == group_id), None)
    if place is None:
        raise UnknownGroup
    group = await groups.of_chat(*place)
    answered = faq.by_ref(group, ref, at, update_id)
    if answered is None:
        await message.reply(say("faq.answer_gone"))
    else:
        await faq_answers.give(Asker(group, sender.member(), message, update_id, say), answered)


def overhearing(missed: MissedService, faq_memory: FaqMemory) -> Callable[[int, str, datetime], None]:
    """What is done with what people say that concerns nobody."""

    def overhear(chat_id: int, text: str, at: datetime) -> None:
        missed.overhear(chat_id, text, at)
        faq_memory.remember(chat_id, text, at)

    return overhear


async def _question(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, operators: Operators
) -> Question:
    topic = message.message_thread_id if message.is_topic_message else None
    group = place.group
    waits = group.settings.faq_operators_wait or not await operators.includes(sender, group.chat_id)
    text = message.text or message.caption or ""
    return Question(text, sender.actor.id, at, update_id, topic, waits, place.is_private)


def _hints(user_id: int, suggestions: Sequence[Suggestion]) -> list[list[tuple[str, str]]]:
    return [
        [(short(hint.keyword.text, _LONGEST_BUTTON), f"{_HINT}:{user_id}:{hint.entry.ref}")] for hint in suggestions
    ]


def register(router: Router) -> None:
    """Routes of this feature."""
    faq_steering.register(router)
    faq_missed.register(router)
    router.message.register(answer, Asks(QUESTION))
    router.callback_query.register(press_hint, Pressed(_HINT))


def register_links(router: Router) -> None:
    """The link into the private chat."""
    router.message.register(follow_link, StartsWith(LINK))


FEATURE = Feature(commands=(Command("faq", for_operators=True),), register=register, register_links=register_links)
