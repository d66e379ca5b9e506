"""The panel of a group's settings: buttons for the usual values, `/settings KEY VALUE` for any."""

from collections.abc import Iterator

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from markupsafe import Markup

from bot.domain.commands import Request
from bot.domain.groups import Group
from bot.domain.settings import OPTIONS, UnknownSetting, nearest_settings
from bot.domain.usage import WrongUse
from bot.services.groups import GroupService
from bot.texts import Say, Texts
from handlers.asking import Asks
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.operators import ByOperator
from handlers.pressing import Pressed
from handlers.replies import keyboard, pop_up, turn_into

_PAGE, _OPTION, _SET = "settings", "option", "set"

PAGES: dict[str, tuple[str, ...]] = {
    "group": ("language", "timezone", "day_starts_at", "checkin", "leaderboard", "keep_points", "tags"),
    "checkins": (
        "checkin_points", "checkin_tiers", "checkin_cap", "checkin_after_last", "checkin_reply",
        "checkin_reply_lifetime",
    ),
    "bonus": ("first_bonus", "lucky_bonus", "lucky_odds", "bonus_budget"),
    "cards": ("makeup_days", "makeup_monthly", "makeup_cost", "makeup_pays", "freeze_cost", "freeze_limit"),
    "answers": (
        "faq", "faq_cooldown", "faq_member_cooldown", "faq_operators_wait", "faq_suggestions", "faq_topics",
        "faq_memory",
    ),
    "moderation": (
        "links", "links_allowed", "links_days", "forwards", "flood", "repeats", "ladder", "offence_days",
        "trusted_days", "warning_lifetime",
    ),
    "invites": ("invite_points", "join_points", "invite_days", "invite_needs", "invite_daily_cap"),
    "intros": (
        "introductions", "intro_words", "intro_topic", "intro_length", "intro_points", "intro_reminder",
    ),
    "door": (
        "captcha", "captcha_question", "captcha_seconds", "captcha_late", "captcha_tries", "captcha_added",
        "rules_agree", "join_requests", "name_check", "name_patterns",
    ),
    "newcomers": (
        "welcome", "welcome_window", "welcome_mentions", "welcome_lifetime", "welcome_added", "welcome_checkin",
        "welcome_backlog", "raid_joins", "raid_lock", "delete_service_messages",
    ),
    "playbooks": ("quiet_hours", "playbook_report"),
}  # fmt: skip
"""What the panel shows together."""


async def settings(
    message: Message, sender: Sender, place: Place, update_id: int, request: Request, say: Say,
    groups: GroupService, texts: Texts,
) -> None:  # fmt: skip
    """Opens the panel, or sets what was written."""
    if not request.arguments:
        await message.reply(
            _page_text(say, place.group, "group"), reply_markup=_page_buttons(say, place.group, "group")
        )
        return
    key, _, value = request.arguments.partition(" ")
    if not value.strip():
        raise (
            WrongUse(command="settings") if key in OPTIONS else UnknownSetting(key=key[:40], keys=nearest_settings(key))
        )
    group = await groups.set(place.group, key, value, sender.actor, update_id)
    say = _anew(say, place, group, texts)
    await message.reply(say("settings.set", setting=say(f"setting.{key}"), value=_shown(say, group, key)))


async def press_settings(query: CallbackQuery, argument: str, place: Place, say: Say) -> None:
    """Turns to a page (`settings:PAGE`)."""
    page = argument if argument in PAGES else "group"
    await turn_into(query, _page_text(say, place.group, page), _page_buttons(say, place.group, page))
    await query.answer()


async def press_option(query: CallbackQuery, argument: str, place: Place, say: Say) -> None:
    """Turns to the choices of a setting (`option:KEY`)."""
    if argument not in OPTIONS:
        raise UnknownSetting(key=argument[:40], keys=nearest_settings(argument))
    await turn_into(query, _choices_text(say, place.group, argument), _choices_buttons(say, place.group, argument))
    await query.answer()


async def press_set(
    query: CallbackQuery,
    argument: str,
    sender: Sender,
    place: Place,
    update_id: int,
    say: Say,
    groups: GroupService,
    texts: Texts,
) -> None:
    """Sets the choice that was pressed (`set:KEY:NUMBER`) and shows the page again."""
    key, _, number = argument.partition(":")
    choices = OPTIONS[key].choices if key in OPTIONS else ()
    if not (number.isdecimal() and int(number) < len(choices)):
        raise UnknownSetting(key=key[:40], keys=nearest_settings(key))
    group = await groups.set(place.group, key, choices[int(number)], sender.actor, update_id)
    say = _anew(say, place, group, texts)
    await turn_into(query, _page_text(say, group, _page_of(key)), _page_buttons(say, group, _page_of(key)))
    await pop_up(query, say("settings.set", setting=say(f"setting.{key}"), value=_shown(say, group, key)))


def _anew(say: Say, place: Place, group: Group, texts: Texts) -> Say:
    """The language of the answer to a setting, which may have changed it; a private chat keeps the person's own."""
    return say if place.is_private else texts.bound(group.settings.language)


def _page_text(say: Say, group: Group, page: str) -> Markup:
    lines = [say("settings.line", setting=say(f"setting.{key}"), value=_shown(say, group, key)) for key in PAGES[page]]
    return Markup("\n").join([say("settings.title", group=group.title, page=say(f"settings.page.{page}")), *lines])


def _page_buttons(say: Say, group: Group, page: str) -> InlineKeyboardMarkup:
    keys = [(str(say(f"setting.{key}")), f"{_OPTION}:{key}") for key in PAGES[page]]
    names = {name: str(say(f"settings.page.{name}")) for name in PAGES}
    tabs = [(f"• {text}" if name == page else text, f"{_PAGE}:{name}") for name, text in names.items()]
    return keyboard(*_rows(keys, 2), *_rows(tabs, 5))


def _rows(buttons: list[tuple[str, str]], length: int) -> Iterator[list[tuple[str, str]]]:
    return (buttons[n : n + length] for n in range(0, len(buttons), length))


def _choices_text(say: Say, group: Group, key: str) -> Markup:
    heading = say("settings.line", setting=say(f"setting.{key}"), value=_shown(say, group, key))
    example = OPTIONS[key].example or " | ".join(OPTIONS[key].choices)
    return Markup("\n").join([heading, say(f"setting.{key}.about"), say("settings.by_hand", key=key, example=example)])


def _choices_buttons(say: Say, group: Group, key: str) -> InlineKeyboardMarkup:
    now = group.settings.text_of(key)
    rows = [
        [(("✓ " if choice == now else "") + _word(say, key, choice), f"{_SET}:{key}:{number}")]
        for number, choice in enumerate(OPTIONS[key].choices)
    ]
    return keyboard(*rows, [(str(say("settings.back")), f"{_PAGE}:{_page_of(key)}")])


def _page_of(key: str) -> str:
    return next(page for page, keys in PAGES.items() if key in keys)


def _shown(say: Say, group: Group, key: str) -> str:
    return _word(say, key, group.settings.text_of(key))


def _word(say: Say, key: str, value: str) -> str:
    """A value as people say it, where the language has a word for it."""
    words = {
        "on", "off", "none", "cycle", "continue", "message", "reaction", "merged", "invites", "all", "channels",
        "nothing", "speaking", "checkin", "button", "sum", "question", "approve", "captcha", "operators",
    }  # fmt: skip
    if value in words:
        return str(say(f"value.{value}"))
    return str(say(f"language.{value}")) if key == "language" else value


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(settings, Asks("settings"), ByOperator())
    router.callback_query.register(press_settings, Pressed(_PAGE), ByOperator())
    router.callback_query.register(press_option, Pressed(_OPTION), ByOperator())
    router.callback_query.register(press_set, Pressed(_SET), ByOperator())


FEATURE = Feature(commands=(Command("settings", for_operators=True),), register=register)
