"""What operators do by hand: warn, mute, remove, forgive; and what they write down for moderation."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.groups import Group
from bot.domain.members import Person
from bot.domain.moderation import NotAgainstAbsent, NotAgainstBots, NotAgainstOperators, Step, WrongSpan, seconds_of
from bot.domain.shortening import short
from bot.domain.usage import WrongUse
from bot.services.activity import ActivityService
from bot.services.members import MemberService
from bot.services.moderation import ModerationService
from bot.services.moderation_lists import ModerationLists
from bot.texts import Say
from handlers.asking import Asks
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.moderation_enforcing import Enforcement, RightMissing, cost, said_of
from handlers.naming import answered, named
from handlers.operators import ByOperator, Operators
from storage.moderation import Offence

MUTE = 3_600
"""Seconds of a mute for which no time is named."""

_LONGEST_REASON = 200
_MOST_SHOWN = 3_500


async def steer(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say,
    moderation: ModerationService, members: MemberService, activity: ActivityService, operators: Operators,
    enforcement: Enforcement,
) -> None:  # fmt: skip
    """Warns, mutes or removes a member."""
    group, words = place.here, request.arguments.split()[:60]
    person = await _target(message, group, words, members, activity, operators)
    if not await moderation.knows(group, update_id) and await enforcement.is_away(group, person.id):
        raise NotAgainstAbsent(name=person.name)
    step = _step(request.command, words)
    reason = " ".join(words)[:_LONGEST_REASON]
    if request.command == "warn" and not reason:
        raise WrongUse(command="warn")
    punished = await moderation.punish_by_hand(group, person, step, reason, sender.actor, update_id)
    try:
        await enforcement.act(group, punished.offence)
    except RightMissing:
        await message.reply(say("moderation.cannot_restrict"))
        return
    await message.reply(said_of(say, group, punished, person.name))


async def unmute(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say,
    moderation: ModerationService, members: MemberService, activity: ActivityService, enforcement: Enforcement,
) -> None:  # fmt: skip
    """Lets a member speak again."""
    group = place.here
    await activity.flush()  # so that whoever has just spoken for the first time is known by name
    person = await named(message, group, request.arguments.split()[:60], members)
    if await enforcement.is_away(group, person.id):
        raise NotAgainstAbsent(name=person.name)
    await moderation.end_mutes(group, person, sender.actor, update_id)
    try:
        await enforcement.unmute(group, person.id)
    except RightMissing:
        await message.reply(say("moderation.cannot_restrict"))
        return
    await message.reply(say("moderation.unmuted", name=person.name))


async def forgive(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say,
    moderation: ModerationService, members: MemberService, activity: ActivityService, enforcement: Enforcement,
) -> None:  # fmt: skip
    """Lets a member start again with nothing against them."""
    await activity.flush()
    person = await named(message, place.group, request.arguments.split()[:60], members)
    undone = await moderation.forgive(place.group, person, sender.actor, update_id)
    try:
        await enforcement.lift(place.group, undone)
    except RightMissing:
        await message.reply(say("moderation.cannot_restrict"))
    await message.reply(say("moderation.forgiven", name=person.name, n=len(undone)))


async def show_record(
    message: Message, place: Place, request: Request, say: Say, moderation: ModerationService,
    members: MemberService, activity: ActivityService,
) -> None:  # fmt: skip
    """Lists what is held against a member."""
    await activity.flush()
    person = await named(message, place.group, request.arguments.split()[:60], members)
    found = await moderation.record(place.group, person)
    title = say("moderation.record", name=person.name, n=found.number, days=place.group.settings.offence_days)
    lines = [_line(say, place.group, offence) for offence in found.offences]
    following = say("moderation.following", next=cost(say, found.next))
    await message.reply(Markup("\n").join([title, *lines, following]))


async def steer_words(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say,
    moderation_lists: ModerationLists,
) -> None:  # fmt: skip
    """Forbids words, allows them again, or lists them."""
    verb, _, rest = request.arguments.partition(" ")
    words = [" ".join(word.split()) for word in rest.replace("\n", "|").split("|") if word.strip()]
    if verb in {"", "list"} and not words:
        await message.reply(_words(say, await moderation_lists.words(place.group)))
    elif verb == "add" and words:
        await moderation_lists.forbid(place.group, words, sender.actor, update_id)
        await message.reply(say("moderation.words_added", words=_short(words)))
    elif verb == "del" and words:
        await moderation_lists.allow(place.group, words, sender.actor, update_id)
        await message.reply(say("moderation.words_deleted", words=_short(words)))
    else:
        raise WrongUse(command="words")


async def steer_exempt(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say,
    moderation_lists: ModerationLists, members: MemberService, activity: ActivityService,
) -> None:  # fmt: skip
    """Says for whom no rule is, or lists them."""
    words = request.arguments.split()[:60]
    if not words and answered(message) is None:
        names = await moderation_lists.exempt(place.group)
        await message.reply(
            say("moderation.exempt", names=", ".join(names)) if names else say("moderation.exempt_none")
        )
        return
    is_exempt = not (words and words[0].casefold() == "off")
    await activity.flush()
    person = await named(message, place.group, words[not is_exempt :], members)
    await moderation_lists.set_exempt(place.group, person, sender.actor, update_id, is_exempt=is_exempt)
    await message.reply(say("moderation.exempt_on" if is_exempt else "moderation.exempt_off", name=person.name))


async def _target(
    message: Message, group: Group, words: list[str], members: MemberService, activity: ActivityService,
    operators: Operators,
) -> Person:  # fmt: skip
    """Whom a command is against. Raises `NotAgainstBots` and `NotAgainstOperators`."""
    await activity.flush()
    original = answered(message)
    is_by_reply = not (words and words[0].startswith("@"))
    if is_by_reply and original is not None and original.from_user is not None and original.from_user.is_bot:
        raise NotAgainstBots
    person = await named(message, group, words, members)
    if await operators.include(person, group.chat_id):
        raise NotAgainstOperators(name=person.name)
    return person


def _step(command: str, words: list[str]) -> Step | None:
    """What a command costs; None for what the ladder says. The time of a mute is taken off the words."""
    if command == "warn":
        return None
    if command == "kick":
        return Step("kick")
    if not (words and words[0][0].isdigit()):
        return Step("mute", MUTE)
    try:
        return Step("mute", seconds_of(words.pop(0).casefold()))
    except ValueError:
        raise WrongSpan from None


def _line(say: Say, group: Group, offence: Offence) -> Markup:
    when = offence.at.astimezone(group.zone).strftime("%m-%d %H:%M")
    why = say(f"moderation.rule.{offence.rule}", reason=offence.note or "—")
    line = say("moderation.line", when=when, why=why, action=say(f"moderation.action.{offence.action}"))
    return line if offence.undone_at is None else say("audit.struck", line=line)


def _words(say: Say, words: Sequence[str]) -> Markup:
    return say("moderation.words", n=len(words), words=_short(words)) if words else say("moderation.words_none")


def _short(words: Sequence[str]) -> str:
    return short(" | ".join(words), _MOST_SHOWN)


def register(router: Router) -> None:
    """Routes of this feature."""
    for command in ("warn", "mute", "kick"):
        router.message.register(steer, Asks(command), ByOperator())
    router.message.register(unmute, Asks("unmute"), ByOperator())
    router.message.register(forgive, Asks("forgive"), ByOperator())
    router.message.register(show_record, Asks("warns"), ByOperator())
    router.message.register(steer_words, Asks("words"), ByOperator())
    router.message.register(steer_exempt, Asks("exempt"), ByOperator())


FEATURE = Feature(
    commands=tuple(
        Command(name, for_operators=True, in_private=name not in {"warn", "mute", "kick", "unmute"})
        for name in ("warn", "mute", "unmute", "kick", "forgive", "warns", "words", "exempt")
    ),
    register=register,
)
