"""Newcomers answer, agree and ask to be let in; operators decide about them."""

from aiogram import Router
from aiogram.types import CallbackQuery, ChatJoinRequest, Message
from markupsafe import Markup

from bot.domain.admissions import NobodyWaits, NotYourCaptcha
from bot.domain.groups import Group
from bot.domain.members import Person
from bot.domain.numbers import whole_number
from bot.domain.usage import WrongUse
from bot.services.activity import ActivityService
from bot.services.admissions import AdmissionService, Judged
from bot.services.groups import GroupService
from bot.services.members import MemberService
from bot.texts import Say
from handlers.admissions_door import Door
from handlers.admissions_sheets import AGREE, ANSWER, DECIDE
from handlers.admissions_timer import Doorkeeper
from handlers.asking import Asks, AsksTo, wrong_use
from handlers.context import GROUP_KINDS, Place, Sender
from handlers.feature import Command, Feature
from handlers.naming import named
from handlers.operators import ByOperator
from handlers.pressing import Pressed
from handlers.replies import pop_up

_COMMAND = "captcha"
_MOST_LISTED = 40
"""Lines of a list, so that one of long names fits a message."""


async def knock(asking: ChatJoinRequest, place: Place, update_id: int, door: Door) -> None:
    """Somebody asks to be let in."""
    if asking.chat.type in GROUP_KINDS and place.group.settings.join_requests != "off":
        await door.knock(place.group, asking.from_user, update_id)


async def press_answer(
    query: CallbackQuery, argument: str, update_id: int, say: Say, admissions: AdmissionService,
    groups: GroupService, doorkeeper: Doorkeeper,
) -> None:  # fmt: skip
    """Judges an answer (`captcha:CHALLENGE:PLACE`), in the group or in the private chat with who asks to join."""
    challenge, _, place = argument.partition(":")
    challenge_id = _number(challenge)
    group = await _group(groups, await admissions.group_of(challenge_id))
    judged = await admissions.answer(group, challenge_id, query.from_user.id, _number(place), update_id)
    await pop_up(query, _verdict(say, group, judged), alert=True)
    await doorkeeper.follow(group, [judged.admission])


async def press_agree(
    query: CallbackQuery, argument: str, update_id: int, say: Say, admissions: AdmissionService,
    groups: GroupService, doorkeeper: Doorkeeper,
) -> None:  # fmt: skip
    """Agrees to the rules of a group (`agree:GROUP`)."""
    group = await _group(groups, _number(argument))
    judged = await admissions.agree(group, query.from_user.id, update_id)
    await pop_up(query, _verdict(say, group, judged), alert=True)
    await doorkeeper.follow(group, [judged.admission])


async def press_decide(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, update_id: int, say: Say,
    admissions: AdmissionService, doorkeeper: Doorkeeper,
) -> None:  # fmt: skip
    """Decides about all for whom a notice stands (`admit:CHALLENGE:in|out`)."""
    challenge, _, verdict = argument.partition(":")
    lets_in = verdict == "in"
    decided = await admissions.decide(place.group, _number(challenge), sender.actor, update_id, lets_in=lets_in)
    await pop_up(query, say("captcha.were_let_in" if lets_in else "captcha.were_removed", n=len(decided)))
    await doorkeeper.follow(place.group, decided)


async def set_question(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, groups: GroupService
) -> None:
    """Sets the operators' own question."""
    if not rest:
        raise WrongUse(command=_COMMAND)
    group = await groups.set(place.group, "captcha_question", rest, sender.actor, update_id)
    question = group.settings.captcha_question
    if question is None:
        await message.reply(say("captcha.question_gone"))
        return
    parts = [say("captcha.question_set", question=question.text, answers=", ".join(question.right))]
    if group.settings.captcha != "question":
        parts.append(say("captcha.question_not_chosen"))
    await message.reply(Markup(" ").join(parts))


async def let_in(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, members: MemberService,
    activity: ActivityService, admissions: AdmissionService, doorkeeper: Doorkeeper,
) -> None:  # fmt: skip
    """Lets one newcomer in (`/captcha pass @NAME`)."""
    person = await _newcomer(message, place.group, rest, members, activity, admissions)
    decided = await admissions.decide_about(place.group, person, sender.actor, update_id, lets_in=True)
    await doorkeeper.follow(place.group, [decided])
    await message.reply(say("captcha.was_let_in", name=person.name))


async def remove(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, members: MemberService,
    activity: ActivityService, admissions: AdmissionService, doorkeeper: Doorkeeper,
) -> None:  # fmt: skip
    """Sends one newcomer away (`/captcha kick @NAME`)."""
    person = await _newcomer(message, place.group, rest, members, activity, admissions)
    decided = await admissions.decide_about(place.group, person, sender.actor, update_id, lets_in=False)
    await doorkeeper.follow(place.group, [decided])
    await message.reply(say("captcha.was_removed", name=person.name))


async def show_waiting(message: Message, place: Place, say: Say, admissions: AdmissionService) -> None:
    """Lists who stands at the door."""
    waiting, others = await admissions.waiting(place.group, _MOST_LISTED)
    lines = [
        say("captcha.line", id=who.id, name=who.name, handle=who.username or who.id,
            step=say(f"captcha.step.{one.state}"))
        for who, one in waiting
    ]  # fmt: skip
    if others:
        lines.append(say("captcha.more", n=others))
    await message.reply(Markup("\n").join([say("captcha.list"), *lines]) if lines else say("captcha.nobody"))


async def _newcomer(
    message: Message, group: Group, rest: str, members: MemberService, activity: ActivityService,
    admissions: AdmissionService,
) -> Person:  # fmt: skip
    """Whom a command is about: who asks to join is no member that one could know by name."""
    words = rest.split()[:60]
    waiting = await admissions.named(group, words[0][1:]) if words and words[0].startswith("@") else None
    if waiting is not None:
        return waiting
    await activity.flush()
    return await named(message, group, words, members)


def _verdict(say: Say, group: Group, judged: Judged) -> Markup:
    if judged.verdict == "wrong":
        return say("captcha.wrong", n=judged.tries_left)
    return say(f"captcha.{judged.verdict}", group=group.title)


async def _group(groups: GroupService, group_id: int) -> Group:
    group = await groups.by_id(group_id)
    if group is None:
        raise NotYourCaptcha
    return group


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise NobodyWaits
    return number


def register(router: Router) -> None:
    """Routes of this feature."""
    router.chat_join_request.register(knock)
    router.callback_query.register(press_answer, Pressed(ANSWER))
    router.callback_query.register(press_agree, Pressed(AGREE))
    router.callback_query.register(press_decide, Pressed(DECIDE), ByOperator())
    router.message.register(set_question, AsksTo(_COMMAND, "question"), ByOperator())
    router.message.register(let_in, AsksTo(_COMMAND, "pass"), ByOperator())
    router.message.register(remove, AsksTo(_COMMAND, "kick"), ByOperator())
    router.message.register(show_waiting, AsksTo(_COMMAND, "list", ""), ByOperator())
    router.message.register(wrong_use(_COMMAND), Asks(_COMMAND), ByOperator())


FEATURE = Feature(commands=(Command(_COMMAND, for_operators=True),), register=register)
