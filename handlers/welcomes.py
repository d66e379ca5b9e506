"""The welcome: operators say how newcomers are greeted, and see it before newcomers do."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from html import escape

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.groups import Group
from bot.domain.joins import Arrival
from bot.domain.locales import LOCALES
from bot.domain.members import Person
from bot.domain.shortening import short_line
from bot.domain.usage import WrongUse
from bot.domain.welcomes import BACK, GIFT, MAIN, SLOTS, Media, WelcomeText, check, together, variants
from bot.services.groups import GroupService
from bot.services.welcomes import WelcomeService
from bot.texts import Say
from handlers.asking import Asks, AsksTo
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.formatting import html_of_part
from handlers.greeting import Greeter
from handlers.naming import answered
from handlers.operators import ByOperator
from handlers.vanishing import Vanishing
from handlers.welcome_words import Newcomers

_SLOT_WORDS = {slot.casefold(): slot for slot in (*LOCALES, BACK, GIFT)}
_LONGEST_SHOWN = 80
_SHOWN_FOR = 60

log = structlog.get_logger(__name__)


async def switch_welcome(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say, groups: GroupService
) -> None:
    """Greets newcomers from now on, or no more."""
    group = await groups.set(place.group, "welcome", request.arguments, sender.actor, update_id)
    await message.reply(say("welcome.is_on" if group.settings.welcome else "welcome.is_off", group=group.title))


async def test_welcome(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, rest: str, say: Say,
    greeter: Greeter, vanishing: Vanishing,
) -> None:  # fmt: skip
    """Shows an operator the welcome in private; where that is not possible, in the group for a minute."""
    slot = _SLOT_WORDS.get(rest.casefold())
    if (rest and slot is None) or slot == GIFT:
        raise WrongUse(command="welcome")
    group, person = place.group, sender.person or Person(sender.actor.id, sender.actor.name)
    if slot in LOCALES:
        person = replace(person, language=slot)
    newcomers = Newcomers([Arrival(person, at, update_id, is_first=slot != BACK, brought_by=person)])
    if not await _is_shown_in_private(greeter, group, sender, newcomers):
        shown = await greeter.say(group, message.chat.id, newcomers)
        await vanishing.after(shown, _SHOWN_FOR)
        note = await message.reply(say("welcome.shown_here", seconds=_SHOWN_FOR))
        await vanishing.after(note, _SHOWN_FOR)
        return
    if not place.is_private:
        await message.reply(say("welcome.shown"))


async def _is_shown_in_private(greeter: Greeter, group: Group, sender: Sender, newcomers: Newcomers) -> bool:
    if sender.person is None:  # an anonymous administrator
        return False
    try:
        await greeter.say(group, sender.person.id, newcomers)
    except (TelegramForbiddenError, TelegramBadRequest):
        log.info("the private chat is closed, showing the welcome in the group")
        return False
    return True


async def steer_welcome(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say, welcomes: WelcomeService
) -> None:
    """Sets one of the texts, takes one away, or shows what is set."""
    slot, words = _slot_and_words(request.arguments)
    if slot != MAIN and words.casefold() == "off":
        await welcomes.set(place.group, slot, None, sender.actor, update_id)
        await message.reply(say("welcome.removed", slot=say(f"welcome.slot.{slot}")))
        return
    text = _written(message, words)
    if text is not None:
        await welcomes.set(place.group, slot, text, sender.actor, update_id)
        await message.reply(say("welcome.set", slot=say(f"welcome.slot.{slot}"), group=place.group.title))
    elif slot == MAIN:
        await message.reply(_status(say, place.group, await welcomes.texts(place.group)))
    else:
        raise WrongUse(command="welcome")


def _slot_and_words(arguments: str) -> tuple[str, str]:
    first, *rest = arguments.split(maxsplit=1) or [""]
    slot = _SLOT_WORDS.get(first.casefold())
    return (slot, rest[0] if rest else "") if slot is not None else (MAIN, arguments)


def _written(message: Message, words: str) -> WelcomeText | None:
    """What was written behind the command, else in the message that it answers; with the picture of either."""
    original = answered(message)
    media = _media(message) or (_media(original) if original is not None else None)
    if words:
        text = (message.text or message.caption or "").rstrip()
        return _checked(message, len(text) - len(words), media)
    if original is not None and (original.text or original.caption):
        return _checked(original, 0, media)
    return WelcomeText("", media) if media is not None else None


def _checked(message: Message, start: int, media: Media | None) -> WelcomeText:
    """From a place in a message to its end. Raises the refusals of `check`."""
    plain = (message.text or message.caption or "")[start:]
    check(plain, has_media=media is not None)
    parts = [
        (html_of_part(message, start + part.start, start + part.end), [_escaped(button) for button in part.buttons])
        for part in variants(plain)
    ]
    return WelcomeText(together(parts), media)


def _escaped(button: tuple[str, str]) -> tuple[str, str]:
    return escape(button[0]), escape(button[1])


def _media(message: Message) -> Media | None:
    if message.photo:
        return Media("photo", message.photo[-1].file_id)
    if message.animation is not None:  # comes with `document` as well, for clients that know none
        return Media("animation", message.animation.file_id)
    return Media("video", message.video.file_id) if message.video is not None else None


def _status(say: Say, group: Group, texts: Mapping[str, WelcomeText]) -> Markup:
    state = say("welcome.is_on" if group.settings.welcome else "welcome.is_off", group=group.title)
    lines = [_line(say, slot, texts[slot]) for slot in SLOTS if slot in texts]
    return Markup("\n").join([state, *(lines or [say("welcome.is_default")]), say("usage.welcome")])


def _line(say: Say, slot: str, text: WelcomeText) -> Markup:
    shown = short_line(Markup(text.text).striptags(), _LONGEST_SHOWN)  # noqa: S704 - the tags are taken out
    return say("welcome.line", slot=say(f"welcome.slot.{slot}"), picture="🖼 " if text.media else "", words=shown)


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(switch_welcome, Asks("welcome", "on", "off"), ByOperator())
    router.message.register(test_welcome, AsksTo("welcome", "test"), ByOperator())
    router.message.register(steer_welcome, Asks("welcome"), ByOperator())


FEATURE = Feature(commands=(Command("welcome", for_operators=True),), register=register)
