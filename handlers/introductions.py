"""Self-introductions: the template, and points for the first one."""

from datetime import datetime

from aiogram import Router
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.refusals import Part
from bot.services.introductions import IntroductionService
from bot.texts import Say
from handlers.asking import Asks, AsksTo
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.formatting import html_of_end
from handlers.gate import INTRODUCTION
from handlers.introductions_timer import how
from handlers.operators import ByOperator
from handlers.vanishing import Vanishing

ANSWER_STAYS = 60
"""Seconds for which the answer to an introduction stands."""


async def introduce(
    message: Message, sender: Sender, place: Place, at: datetime, say: Say, introductions: IntroductionService,
    vanishing: Vanishing,
) -> None:  # fmt: skip
    """Thanks for the first introduction; a second one is read, and not answered."""
    person, group = sender.member(), place.here
    text, topic = message.text or message.caption or "", message.message_thread_id
    earned = await introductions.introduce(group, person, text, topic, at)
    match earned:
        case "again":
            return
        case "short":
            answer = say("intro.short", n=group.settings.intro_length)
        case 0:
            answer = say("intro.thanks", name=person.name)
        case points:
            answer = say("intro.paid", name=person.name, points=Part("points.amount", points))
    await vanishing.after(await message.reply(answer), ANSWER_STAYS)


async def show_template(message: Message, place: Place, say: Say, introductions: IntroductionService) -> None:
    """Shows what an introduction looks like here, and how to make one."""
    template = await introductions.template(place.group)
    parts = [say("intro.template", template=Markup(template))] if template else []  # noqa: S704 - see set_template
    await message.reply(Markup("\n\n").join([*parts, how(say, place.group)]))


async def set_template(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say,
    introductions: IntroductionService,
) -> None:  # fmt: skip
    """Replaces the template by what follows the command, formatting included, or takes it away."""
    is_off = request.arguments.casefold() == "off"
    template = None if is_off else html_of_end(message, request.arguments)
    await introductions.set_template(place.group, template, sender.actor, update_id)
    done = "intro.gone" if is_off else "intro.set" if place.group.settings.introductions else "intro.set_and_off"
    await message.reply(say(done))


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(introduce, Asks(INTRODUCTION))
    router.message.register(show_template, AsksTo("intro", ""))
    router.message.register(set_template, Asks("intro"), ByOperator())


FEATURE = Feature(commands=(Command("intro"),), register=register)
"""`/intro TEXT` is an operator's; its usage says so."""
