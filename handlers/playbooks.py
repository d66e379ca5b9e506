"""`/playbook`: operators see what playbooks do in their group, and steer them."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.numbers import whole_number
from bot.domain.playbooks import Pause, UnknownPlaybook, chosen_playbook, chosen_step, parse_pause
from bot.domain.usage import WrongUse
from bot.playbooks.model import On, Playbook, Step
from bot.playbooks.overview import Reloaded, Stage, next_of, next_slots, playbooks_of
from bot.services.playbooks import PlaybookService
from bot.texts import Say
from bot.yaml_places import Mistake
from handlers.asking import Asks, AsksTo, wrong_use
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.operators import ByOperator, Operators
from handlers.playbooks_words import heading, step_line
from handlers.pressing import Pressed
from handlers.replies import keyboard, turn_into

_PAGE = "playbook_page"
_ON_A_PAGE = 8
_MOST_MISTAKES = 10
_EVERYWHERE = "everywhere"


async def show_list(
    message: Message, place: Place, at: datetime, rest: str, say: Say, playbooks: Stage, steering: PlaybookService
) -> None:
    """Lists the playbooks that run here, what comes next of each, and the files that have mistakes."""
    if rest:
        raise WrongUse(command="playbook")
    group, pauses = place.group, await steering.pauses(place.group)
    lines = [
        _list_line(say, group, playbooks, playbook, number, pauses.get(playbook.name), at)
        for number, playbook in enumerate(playbooks_of(group, playbooks.playbooks), 1)
    ]
    title = say("playbook.list") if lines else say("playbook.none")
    await message.reply(Markup("\n").join([title, *lines, *_mistakes(say, playbooks)]))


async def show(
    message: Message, place: Place, at: datetime, rest: str, say: Say, playbooks: Stage, steering: PlaybookService
) -> None:
    """Shows the steps of a playbook."""
    playbook = _playbook(place.group, playbooks, rest)
    pause = (await steering.pauses(place.group)).get(playbook.name)
    text, buttons = _page(say, place.group, playbook, 0, pause, at)
    await message.reply(text, reply_markup=buttons)


async def press_page(
    query: CallbackQuery,
    argument: str,
    place: Place,
    at: datetime,
    say: Say,
    playbooks: Stage,
    steering: PlaybookService,
) -> None:
    """Turns to a page of steps (`playbook_page:PLAYBOOK:NUMBER`)."""
    ref, _, page = argument.partition(":")
    number = whole_number(page, 3)
    found = [playbook for playbook in playbooks_of(place.group, playbooks.playbooks) if _ref(playbook) == ref]
    if not found or number is None:
        raise UnknownPlaybook(name="?", names=", ".join(p.name for p in playbooks_of(place.group, playbooks.playbooks)))
    pause = (await steering.pauses(place.group)).get(found[0].name)
    await turn_into(query, *_page(say, place.group, found[0], number, pause, at))
    await query.answer()


async def pause(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, rest: str, say: Say, playbooks: Stage,
    steering: PlaybookService, operators: Operators,
) -> None:  # fmt: skip
    """Lets a playbook rest in this group; owners: everywhere."""
    order = parse_pause(rest, at, place.group.zone)
    if order.is_everywhere:
        operators.require_owner(sender)
    name = _playbook(place.group, playbooks, order.name).name
    wanted = Pause(order.until, order.is_everywhere)
    await steering.pause(place.group, name, wanted, sender.actor, update_id)
    await message.reply(say("playbook.paused", name=name, pause=rest_words(say, place.group, wanted)))


async def resume(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, playbooks: Stage,
    steering: PlaybookService, operators: Operators,
) -> None:  # fmt: skip
    """Lets a playbook go on, in this group or, owners: everywhere."""
    name, _, word = rest.rpartition(" ")
    is_everywhere = word.casefold() == _EVERYWHERE and bool(name)
    if is_everywhere:
        operators.require_owner(sender)
    name = _playbook(place.group, playbooks, name if is_everywhere else rest).name
    await steering.resume(place.group, name, is_everywhere, sender.actor, update_id)
    await message.reply(say("playbook.resumed_everywhere" if is_everywhere else "playbook.resumed", name=name))


async def run(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, playbooks: Stage,
    steering: PlaybookService,
) -> None:  # fmt: skip
    """Does a step now; what an event would tell is told of the operator."""
    playbook, step = _step(place.group, playbooks, rest)
    await steering.run(place.group, playbook.name, step.id, _event(step, sender), sender.actor, update_id)
    await message.reply(say("playbook.runs", playbook=playbook.name, step=step.id))
    playbooks.wake(place.group.id)


async def skip(
    message: Message, sender: Sender, place: Place, at: datetime, update_id: int, rest: str, say: Say, playbooks: Stage,
    steering: PlaybookService,
) -> None:  # fmt: skip
    """Leaves the next time of a step out."""
    playbook, step = _step(place.group, playbooks, rest)
    slots = next_slots(place.group, playbook, step, at, playbooks.calendar)
    slot = await steering.skip(place.group, playbook.name, step.id, slots, sender.actor, update_id)
    await message.reply(say("playbook.skipped", playbook=playbook.name, step=step.id, slot=slot.replace("T", " ")))


async def reload(message: Message, rest: str, say: Say, playbooks: Stage) -> None:
    """Reads the files now."""
    if rest:
        raise WrongUse(command="playbook")
    found = await playbooks.reload()
    await message.reply(
        Markup("\n").join([*_reloaded(say, found, len(playbooks.playbooks)), *_mistakes(say, playbooks)])
    )


def _playbook(group: Group, stage: Stage, name: str) -> Playbook:
    if not name:
        raise WrongUse(command="playbook")
    names = [playbook.name for playbook in playbooks_of(group, stage.playbooks)]
    return stage.playbooks[chosen_playbook(name, names)]


def _step(group: Group, stage: Stage, rest: str) -> tuple[Playbook, Step]:
    words = rest.rsplit(maxsplit=1)
    if len(words) < 2:
        raise WrongUse(command="playbook")
    playbook = _playbook(group, stage, words[0])
    wanted = chosen_step(words[1], playbook.name, [step.id for step in playbook.steps])
    return playbook, next(step for step in playbook.steps if step.id == wanted)


def _event(step: Step, sender: Sender) -> Mapping[str, Any]:
    if not isinstance(step.trigger, On):
        return {}
    event: dict[str, Any] = {"user_id": sender.actor.id, "name": sender.actor.name}
    if step.trigger.event == "checked_in":
        event["streak"] = step.trigger.streak or 1
    if step.trigger.event == "milestone":
        event["milestone"] = step.trigger.members or step.trigger.messages
    return event


def _list_line(
    say: Say, group: Group, stage: Stage, playbook: Playbook, number: int, pause: Pause | None, now: datetime
) -> Markup:
    if pause is not None:
        return say("playbook.list_paused", number=number, name=playbook.name, pause=rest_words(say, group, pause))
    following = next_of(group, playbook, now, stage.calendar)
    if following is None:
        return say("playbook.list_waiting", number=number, name=playbook.name)
    when = local(group, following.slot.at, now)
    return say("playbook.list_line", number=number, name=playbook.name, when=when, step=following.step.id)


def _page(
    say: Say, group: Group, playbook: Playbook, number: int, pause: Pause | None, now: datetime
) -> tuple[Markup, InlineKeyboardMarkup | None]:
    pages = -(-len(playbook.steps) // _ON_A_PAGE)
    number = min(number, pages - 1)
    lines = heading(say, playbook)
    if pause is not None:
        lines.append(say("playbook.rests", pause=rest_words(say, group, pause)))
    shown = playbook.steps[number * _ON_A_PAGE : (number + 1) * _ON_A_PAGE]
    steps = [step_line(say, group, playbook, step, now) for step in shown]
    turns = [(text, n) for text, n in (("‹", number - 1), ("›", number + 1)) if 0 <= n < pages]
    row = [(text, f"{_PAGE}:{_ref(playbook)}:{n}") for text, n in turns]
    return Markup("\n\n").join([Markup("\n").join(lines), *steps]), keyboard(row) if row else None


def _ref(playbook: Playbook) -> str:
    """The playbook as a button names it, however long its name is."""
    return hashlib.sha256(playbook.name.encode()).hexdigest()[:12]


def local(group: Group, at: datetime, now: datetime) -> str:
    """An instant in the group's time, with the day if it is another one."""
    there = at.astimezone(group.zone)
    is_today = there.date() == now.astimezone(group.zone).date()
    return there.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")


def rest_words(say: Say, group: Group, pause: Pause) -> Markup:
    """How long a playbook rests."""
    where = "_everywhere" if pause.is_everywhere else ""
    if pause.until is None:
        return say(f"playbook.pause{where}")
    return say(f"playbook.pause_until{where}", until=pause.until.astimezone(group.zone).strftime("%Y-%m-%d %H:%M"))


def _reloaded(say: Say, found: Reloaded, running: int) -> list[Markup]:
    parts: list[tuple[str, Sequence[str]]] = [("read", found.files), ("new", found.new), ("gone", found.gone)]
    lines = [say(f"playbook.reload_{key}", names=", ".join(names[:20])) for key, names in parts if names]
    return [*(lines or [say("playbook.reload_same")]), say("playbook.running", n=running)]


def _mistakes(say: Say, stage: Stage) -> list[Markup]:
    """The mistakes of the files; in a file that has several, `hearthbot check` shows all at once."""
    shown = [say("playbook.mistake", mistake=_shown(mistake, stage)) for mistake in stage.mistakes[:_MOST_MISTAKES]]
    if len(stage.mistakes) > len(shown):
        shown.append(say("playbook.mistakes_more", n=len(stage.mistakes) - len(shown)))
    return [say("playbook.mistakes"), *shown] if shown else []


def _shown(mistake: Mistake, stage: Stage) -> str:
    """A mistake with its place in the directory of the playbooks."""
    return str(mistake).removeprefix(f"{stage.root}/")[:200]


def register(router: Router) -> None:
    """Routes of this feature."""
    for verbs, handler in (
        (("list", ""), show_list), (("show",), show), (("pause",), pause), (("resume",), resume), (("run",), run),
        (("skip",), skip), (("reload",), reload),
    ):  # fmt: skip
        router.message.register(handler, AsksTo("playbook", *verbs), ByOperator())
    router.message.register(wrong_use("playbook"), Asks("playbook"), ByOperator())
    router.callback_query.register(press_page, Pressed(_PAGE), ByOperator())


FEATURE = Feature(commands=(Command("playbook", for_operators=True),), register=register)
