"""The words of a welcome: what operators wrote, or the bot's own, with its variables filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from markupsafe import Markup, escape

from bot.domain.groups import Group
from bot.domain.joins import Arrival
from bot.domain.welcomes import BACK, GIFT, LONGEST_LABEL, Media, WelcomeText, choose, slot_for
from bot.texts import Say
from bot.texts.templates import fill_welcome
from handlers.admissions_sheets import RULES
from handlers.checkins import CHECK_IN_BUTTON
from handlers.replies import keyboard

LONGEST_RULES = 600
"""Characters of rules that a welcome repeats; longer ones are only pointed at."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is said to newcomers. `plain` is said if the platform does not take what operators wrote."""

    text: Markup
    plain: Markup
    media: Media | None = None
    buttons: InlineKeyboardMarkup | None = None


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Who came within the window: those to be named, and how many more."""

    named: Sequence[Arrival]
    more: int = 0

    def only(self, *, first: bool) -> "Newcomers":
        """Those who are here for the first time, or the others."""
        return Newcomers([arrival for arrival in self.named if arrival.is_first == first])


@dataclass(frozen=True, slots=True)
class WelcomeWords:
    """The words of one group's welcome, in the group's language."""

    group: Group
    say: Say
    texts: Mapping[str, WelcomeText]
    count: int

    def greeting(self, newcomers: Newcomers) -> Greeting:
        """One message for all of them: the welcome, a word to those who are back, what first joins are given."""
        back = newcomers.only(first=False) if BACK in self.texts else Newcomers([])
        fresh = Newcomers([a for a in newcomers.named if a not in back.named], newcomers.more)
        slots = [(self._slot(fresh), fresh)] if fresh.named else []
        slots += [(BACK, back)] if back.named else []
        gifted = newcomers.only(first=True)
        slots += [(GIFT, gifted)] if GIFT in self.texts and gifted.named else []
        seed = newcomers.named[0].update_id
        chosen = [(choose(self.texts.get(slot or "", WelcomeText("")), seed), people) for slot, people in slots]
        parts = [self._filled(one.html, people) for one, people in chosen]
        links = [(self._label(text, people), url) for one, people in chosen for text, url in one.buttons]
        media = next((one.media for one, _ in chosen if one.media is not None), None)
        return Greeting(Markup("\n\n").join(parts), self._plain(newcomers), media, self._buttons(links))

    def _slot(self, newcomers: Newcomers) -> str | None:
        languages = {arrival.person.language for arrival in newcomers.named}
        return slot_for(languages, self.group.settings.language, self.texts)

    def _filled(self, html: str, newcomers: Newcomers) -> Markup:
        return fill_welcome(html, self._values(newcomers)) if html else self._plain(newcomers)

    def _label(self, text: str, newcomers: Newcomers) -> str:
        """A button shows no formatting and one line."""
        label = " ".join(fill_welcome(str(escape(text)), self._values(newcomers)).striptags().split())
        return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"

    def _plain(self, newcomers: Newcomers) -> Markup:
        return self.say("welcome.default", mention=self._names(newcomers, mention=True), group=self.group.title)

    def _values(self, newcomers: Newcomers) -> Mapping[str, str]:
        inviters = {a.brought_by.id: a.brought_by.name for a in newcomers.named if a.brought_by is not None}
        rules = Markup(self.group.rules)  # noqa: S704 - made from the platform's entities, see rules.py
        return {
            "name": self._names(newcomers, mention=False),
            "mention": self._names(newcomers, mention=True),
            "group": self.group.title,
            "count": str(self.count),
            "inviter": ", ".join(inviters.values()) or self.say("welcome.somebody"),
            "rules": rules if 0 < len(rules.striptags()) <= LONGEST_RULES else "/rules",
            "points": str(self.group.settings.checkin_points),
        }

    def _names(self, newcomers: Newcomers, *, mention: bool) -> Markup:
        key = "welcome.mention" if mention else "welcome.name"
        named = [self.say(key, id=a.person.id, name=a.person.name) for a in newcomers.named]
        names = Markup(", ").join(named)
        return self.say("welcome.and_more", names=names, more=newcomers.more) if newcomers.more else names

    def _buttons(self, links: Sequence[tuple[str, str]]) -> InlineKeyboardMarkup | None:
        own = []
        if self.group.settings.checkin and self.group.settings.welcome_checkin:
            own.append((str(self.say("checkin.button")), CHECK_IN_BUTTON))
        if self.group.rules:
            own.append((str(self.say("rules.button")), f"{RULES}:{self.group.id}"))
        rows = [[InlineKeyboardButton(text=text, url=url)] for text, url in links]
        rows += keyboard(own).inline_keyboard if own else []
        return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def needs_count(texts: Mapping[str, WelcomeText]) -> bool:
    """Whether any text tells how many members there are, which the platform has to be asked."""
    return any("count" in text.text for text in texts.values())
