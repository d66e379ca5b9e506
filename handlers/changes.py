"""Who changed what, with undo."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from markupsafe import Markup

from bot.domain.changes import UnknownChange
from bot.domain.commands import Request
from bot.domain.groups import Group
from bot.domain.numbers import whole_number
from bot.domain.shortening import short
from bot.domain.usage import WrongUse
from bot.services.changes import ChangeService
from bot.services.moderation import ModerationService
from bot.texts import Say
from handlers.asking import Asks
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.moderation_enforcing import Enforcement
from handlers.operators import ByOperator
from handlers.pressing import Pressed
from handlers.replies import keyboard, pop_up
from storage.changes import Change

_UNDO = "undo"
_LONGEST_VALUE = 60
_LONGEST_REASON = 120
_OF_MODERATION = frozenset({"offence", "forgiven", "unmuted", "words", "exempt"})


async def audit(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say,
    changes: ChangeService, enforcement: Enforcement, moderation: ModerationService,
) -> None:  # fmt: skip
    """Lists the latest changes, or undoes one (`/audit undo NUMBER`)."""
    if request.arguments:
        verb, _, number = request.arguments.partition(" ")
        if verb != "undo":
            raise WrongUse(command="audit")
        change = await changes.undo(place.group, _number(number), sender.actor, update_id)
        await _lift(place.group, change, enforcement, moderation)
        await message.reply(say("audit.undone", id=change.id))
        return
    latest = await changes.latest(place.group)
    lines = [_line(say, place.group, change) for change in latest]
    await message.reply(
        Markup("\n").join([say("audit.title"), *(lines or [say("audit.empty")])]), reply_markup=_buttons(say, latest)
    )


async def press_undo(
    query: CallbackQuery, argument: str, sender: Sender, place: Place, update_id: int, say: Say,
    changes: ChangeService, enforcement: Enforcement, moderation: ModerationService,
) -> None:  # fmt: skip
    """Undoes the change whose button was pressed."""
    change = await changes.undo(place.group, _number(argument), sender.actor, update_id)
    await _lift(place.group, change, enforcement, moderation)
    await pop_up(query, say("audit.undone", id=change.id))
    if isinstance(query.message, Message):
        await query.message.reply(say("audit.undone_by", id=change.id, actor=sender.actor.name))


async def _lift(group: Group, change: Change, enforcement: Enforcement, moderation: ModerationService) -> None:
    """Does on the platform what the undo of an offence means there."""
    what, _, number = change.what.partition(":")
    if what == "offence":
        await enforcement.lift(group, await moderation.offence(group, int(number)))


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise UnknownChange(id=text[:20])
    return number


def _line(say: Say, group: Group, change: Change) -> Markup:
    when = change.at.astimezone(group.zone).strftime("%m-%d %H:%M")
    line = say("audit.line", id=change.id, when=when, actor=change.actor.name, what=_what(say, change))
    return line if change.undone_at is None else say("audit.struck", line=line)


def _what(say: Say, change: Change) -> Markup:
    what, _, key = change.what.partition(":")
    if what == "setting":
        return say(
            "audit.setting", setting=say(f"setting.{key}"), before=_value(change.before), after=_value(change.after)
        )
    if what == "points":
        done = change.after or change.before
        sign = 1 if change.after else -1
        unit = say(f"unit.{done['unit']}", n=abs(done["amount"]))
        return say("audit.points", name=done["name"], amount=f"{sign * done['amount']:+}", unit=unit)
    if what == "invites":
        done = change.after or change.before
        return say(
            "audit.invites" if change.after else "audit.invites_back", name=done["name"], n=len(done["user_ids"])
        )
    if what == "lottery_ban":
        return say("audit.lottery_ban" if change.after else "audit.lottery_unban", name=change.after or change.before)
    if what == "lottery":
        about = f" ({short(change.before, _LONGEST_REASON)})" if change.before else ""
        return say("audit.lottery", id=key, step=say(f"audit.lottery.{change.after}") + about)
    if what == "faq":
        keyword = _value((change.after or change.before)["keywords"][0][0])
        return say("audit.faq_put" if change.after else "audit.faq_removed", keyword=keyword)
    if what == "faq_import":
        return say("audit.faq_imported", n=len(change.after))
    if what in _OF_MODERATION:
        return _what_of_moderation(say, what, change)
    if what.startswith("playbook"):
        return _what_of_playbooks(say, what, change)
    if what == "intro":
        return say("audit.intro")
    if what == "admission":
        return say(f"audit.admission.{change.after['done']}", name=change.after["name"])
    if what in {"held", "turned_away"}:
        return say(f"audit.{what}", names=_names(say, change.after["names"], change.after["n"]))
    if what == "welcome":
        return say("audit.welcome_set" if change.after else "audit.welcome_removed", slot=say(f"welcome.slot.{key}"))
    return say("audit.wallet" if what == "wallet" else "audit.rules")


def _names(say: Say, names: Sequence[str], number: int) -> Markup:
    more = [say("captcha.more", n=number - len(names))] if number > len(names) else []
    return Markup(", ").join([*names, *more])


def _what_of_moderation(say: Say, what: str, change: Change) -> Markup:
    done = change.after or change.before
    match what:
        case "words":
            return say("audit.words_added" if change.after else "audit.words_deleted", words=_value(" | ".join(done)))
        case "exempt":
            return say("audit.exempt_on" if done["is_exempt"] else "audit.exempt_off", name=done["name"])
        case "unmuted":
            return say("audit.unmuted", name=done["name"])
        case "forgiven":
            return say("audit.forgiven_undone") if change.after is None else say("audit.forgiven", name=done["name"])
    if change.after is None:
        return say("audit.offence_undone")
    why = say(f"moderation.rule.{done['rule']}", reason=_value(done["note"] or None))
    return say("audit.offence", name=done["name"], action=say(f"moderation.action.{done['action']}"), why=why)


def _what_of_playbooks(say: Say, what: str, change: Change) -> Markup:
    done = change.after or change.before
    match what:
        case "playbook_run":
            return say("audit.playbook_run", playbook=done["playbook"], step=done["step"])
        case "playbook_skip":
            key = "audit.playbook_skip" if change.after else "audit.playbook_unskip"
            return say(key, playbook=done["playbook"], step=done["step"], slot=done["slot"])
        case "playbook_answer":
            key = f"audit.playbook_answer.{done['answer']}"
            return say(key, playbook=done["playbook"], step=done["step"], slot=done["slot"])
    where = "_everywhere" if what == "playbook_everywhere" else ""
    if not done["paused"]:
        return say(f"audit.playbook_resumed{where}", playbook=done["playbook"])
    return say(f"audit.playbook_paused{where}", playbook=done["playbook"])


def _value(value: object) -> str:
    return short("—" if value is None else str(value), _LONGEST_VALUE)


def _buttons(say: Say, latest: Sequence[Change]) -> InlineKeyboardMarkup | None:
    undoable = [change for change in latest if change.can_be_undone]
    buttons = [(str(say("audit.undo", id=change.id)), f"{_UNDO}:{change.id}") for change in undoable]
    return keyboard(*(buttons[n : n + 3] for n in range(0, len(buttons), 3))) if buttons else None


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(audit, Asks("audit"), ByOperator())
    router.callback_query.register(press_undo, Pressed(_UNDO), ByOperator())


FEATURE = Feature(commands=(Command("audit", for_operators=True),), register=register)
