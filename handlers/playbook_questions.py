"""Questions of playbooks: operators are asked whether to post what was missed, and whether a post has arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message
from markupsafe import Markup

from bot.domain.deliveries import QuestionOver, State
from bot.domain.members import NotAnOperator
from bot.domain.numbers import whole_number
from bot.domain.shortening import short
from bot.playbooks.overview import Stage
from bot.services.clock import Clock
from bot.services.playbook_questions import Asked, PlaybookQuestionService
from bot.texts import Say, Texts
from handlers.context import Place, Sender
from handlers.feature import Feature
from handlers.operators import Operators
from handlers.playbooks import local
from handlers.pressing import Pressed
from handlers.replies import keyboard, pop_up, turn_into

ANSWER = "question"
_MOST = 8
_LONGEST_TITLE = 60
_BUTTONS: Mapping[State, tuple[str, str]] = {"skipped": ("now", "never"), "unknown": ("arrived", "again")}


@dataclass(frozen=True, slots=True)
class PlaybookQuestions:
    """Asks what is to be asked, and ends what nobody has answered in time."""

    questions: PlaybookQuestionService
    clock: Clock
    operators: Operators
    texts: Texts

    async def ring(self) -> None:
        """Does both."""
        await self.questions.end()
        asked = await self.questions.news()
        chats = {group.id: group.chat_id for _, group in asked}
        owners = self.operators.owner_ids
        people = {one: {*await self.operators.administrators(chat), *owners} for one, chat in chats.items()}
        await self.questions.ask(asked, people, self.words)

    def words(
        self, language: str, asked: Sequence[Asked], *, in_private: bool
    ) -> tuple[str, Sequence[tuple[str, str]]]:
        """A message about some questions, with a button for each answer."""
        say = self.texts.bound(language)
        buttons = [button for row in buttons_of(say, asked) for button in row]
        return str(text_of(say, asked, self.clock(), in_private=in_private)), buttons


class ByItsOperator(Filter):
    """Lets only operators of the group pass that a question is about, wherever they are. Raises `NotAnOperator`."""

    async def __call__(  # noqa: D102
        self, query: CallbackQuery, argument: str, sender: Sender, place: Place, operators: Operators,
        playbook_questions: PlaybookQuestionService,
    ) -> bool:  # fmt: skip
        group = await playbook_questions.group_of(number_of(argument)) or place.group
        if not await operators.includes(sender, group.chat_id):
            raise NotAnOperator
        return True


async def press_answer(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, at: datetime, update_id: int, say: Say,
    playbooks: Stage, playbook_questions: PlaybookQuestionService,
) -> None:  # fmt: skip
    """Does what the button says (`question:NUMBER:ANSWER`); what is left of the message are its open questions."""
    outcome = say("question.over")
    try:
        outcome = await decide(argument, sender, update_id, say, playbooks, playbook_questions)
    finally:
        await _refresh(query, say, place, at, outcome, playbook_questions)
    await pop_up(query, outcome)


async def decide(
    argument: str, sender: Sender, update_id: int, say: Say, stage: Stage, questions: PlaybookQuestionService
) -> Markup:
    """Carries out `NUMBER:ANSWER`, and says what was decided. Raises `QuestionOver`."""
    group = await questions.group_of(number_of(argument))
    if group is None:
        raise QuestionOver

    def followers(playbook: str, step: str) -> Mapping[str, timedelta]:
        running = stage.playbooks.get(playbook)
        return running.followers_of(step) if running else {}

    answer = argument.split(":")[1]
    done = await questions.answer(group, number_of(argument), answer, sender.actor, update_id, followers)
    stage.wake(group.id)
    return say(f"question.done.{done['answer']}", playbook=done["playbook"], step=done["step"], name=sender.actor.name)


def number_of(argument: str) -> int:
    """The number in `NUMBER:ANSWER`; 0, which no question has, for anything else."""
    number, _, answer = argument.partition(":")
    return (whole_number(number) or 0) if answer else 0


async def _refresh(
    query: CallbackQuery, say: Say, place: Place, now: datetime, outcome: Markup, questions: PlaybookQuestionService
) -> None:
    """Leaves those questions in the message that are open; without any, what was decided last."""
    if not isinstance(query.message, Message):
        return
    markup = query.message.reply_markup
    pressed = [button.callback_data or "" for row in markup.inline_keyboard for button in row] if markup else []
    ids = {number_of(data.removeprefix(f"{ANSWER}:")) for data in pressed}
    left = await questions.these(ids)
    if not left:
        await turn_into(query, outcome)
        return
    text = Markup("\n\n").join([outcome, text_of(say, left, now, in_private=place.is_private)])
    await turn_into(query, text, keyboard(*buttons_of(say, left)))


def text_of(say: Say, asked: Sequence[Asked], now: datetime, *, in_private: bool) -> Markup:
    """The questions in words, numbered if there are several."""
    lines = []
    for number, (one, group) in enumerate(asked[:_MOST], 1):
        key = "question.missed" if one.state == "skipped" else "question.unknown"
        line = say(key, playbook=one.playbook, step=one.step, when=local(group, one.slot_at, now))
        line = say("question.in", group=short(group.title, _LONGEST_TITLE), question=line) if in_private else line
        lines.append(say("question.numbered", number=number, question=line) if len(asked) > 1 else line)
    if len(asked) > _MOST:
        lines.append(say("question.more", n=len(asked) - _MOST))
    return Markup("\n").join([*lines, say("question.hint")])


def buttons_of(say: Say, asked: Sequence[Asked]) -> list[list[tuple[str, str]]]:
    """A row of buttons for each question, as (what it says, what it sends back)."""
    rows = []
    for number, (one, _) in enumerate(asked[:_MOST], 1):
        which = f"{number} · " if len(asked) > 1 else ""
        rows.append([(which + words, f"{ANSWER}:{one.id}:{answer}") for words, answer in answers_to(say, one.state)])
    return rows


def answers_to(say: Say, state: State) -> list[tuple[str, str]]:
    """The answers to a question about a delivery in a state: in words, and as buttons send them back."""
    return [(str(say(f"question.{answer}")), answer) for answer in _BUTTONS[state]]


def register(router: Router) -> None:
    """Routes of this feature."""
    router.callback_query.register(press_answer, Pressed(ANSWER), ByItsOperator())


FEATURE = Feature(commands=(), register=register)
