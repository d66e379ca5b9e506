"""What templates may name, as it is in a group at one time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from markupsafe import Markup, escape

from bot.domain.locales import written_in
from bot.domain.names import isolated
from bot.services.deliveries import DeliveryService
from bot.texts import babel_locale
from scheduler.performing import Occasion

COUNTED = frozenset({"group.members", "checkins_today"})
"""Variables that are counted in the database, where a text names them."""

_DAYS = frozenset({"today", "weekday"})
_MARKS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", re.DOTALL)
"""What of a template is no text: variables, conditions and tags."""


@dataclass(frozen=True, slots=True)
class GroupValues:
    """Finds out the values of variables; what no text names costs nothing."""

    deliveries: DeliveryService

    async def __call__(self, occasion: Occasion, names: frozenset[str], text: str = "") -> Mapping[str, Any]:
        """The values of these variables; days are written in the language of the text that names them."""
        group = occasion.group
        local = occasion.now.astimezone(occasion.zone)
        language = group.settings.language
        locale = _locale_of(text if names & _DAYS else "", language)
        counts: Mapping[str, int] = {}
        if names & COUNTED:
            counts = await self.deliveries.counts(group.id, group.day_of(occasion.now))
        of_event = occasion.delivery.event
        return {
            "group": {"title": isolated(group.title), "members": counts.get("members")},
            "today": _written(local.date(), "long", locale),
            "weekday": _written(local.date(), "EEEE", locale),
            "time": f"{local:%H:%M}",
            "checkins_today": counts.get("checkins"),
            "value": self._own(occasion),
            "member": _member(of_event) if of_event else {},
            **{name: of_event[name] for name in ("streak", "milestone") if name in of_event},
        }

    def _own(self, occasion: Occasion) -> Mapping[str, str]:
        values, group = occasion.playbook.values, occasion.group
        of_group = values.get(str(group.chat_id)) or values.get(group.title) or {}
        return {**values.get("", {}), **of_group}


@lru_cache(maxsize=64)
def _locale_of(text: str, language: str) -> str:
    """The locale of the language in which a template is written; that of the group where nothing tells."""
    return babel_locale(written_in(_MARKS.sub("", text), language))


@lru_cache(maxsize=64)
def _written(day: date, pattern: str, locale: str) -> str:
    """A day in words: the same for all groups of a step, and Babel takes a quarter of a millisecond."""
    return format_date(day, pattern, locale=locale)


def _member(event: Mapping[str, Any]) -> Mapping[str, Any]:
    name = isolated(str(event.get("name", "")))
    mention = Markup('<a href="tg://user?id={}">{}</a>').format(event.get("user_id", 0), escape(name))
    return {"name": name, "mention": mention}
