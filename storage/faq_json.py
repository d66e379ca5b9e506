"""A group's own FAQ entries as plain data: what is stored, and what an undo puts back."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from bot.domain.faq import Entry, Hours, Keyword, LinkButton, Photo
from bot.domain.faq_own import OWN_PRIORITY, own_id, own_key


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as plain data; `more` is there only if something about it is special."""
    stored = {
        "key": own_key(entry),
        "keywords": [[keyword.text, keyword.mode, keyword.threshold] for keyword in entry.keywords],
        "unless": list(entry.unless),
        "answer": entry.answers[0],
    }
    more = _more(entry)
    return stored | ({"more": more} if more else {})


def from_json(stored: Mapping[str, Any]) -> Entry:
    """The entry that `as_json` made plain."""
    more = stored.get("more") or {}
    return Entry(
        own_id(stored["key"]),
        tuple(Keyword(*keyword) for keyword in stored["keywords"]),
        (stored["answer"], *more.get("answers", ())),
        picks=more.get("pick", "turn"),
        priority=more.get("priority", OWN_PRIORITY),
        unless=tuple(stored["unless"]),
        hours=Hours(*map(time.fromisoformat, more["hours"])) if "hours" in more else None,
        otherwise=more.get("otherwise"),
        valid_from=_day(more.get("from")),
        valid_until=_day(more.get("until")),
        buttons=tuple(LinkButton(*button) for button in more.get("buttons", ())),
        lifetime=more.get("lifetime", 0),
        cooldown=more.get("cooldown"),
        topics=frozenset(more.get("topics", ())),
        photo=_photo(more),
        is_private=more.get("private", False),
        hands_over=more.get("person", False),
        deletes_question=more.get("deletes_question", False),
    )


def _more(entry: Entry) -> dict[str, Any]:
    photo = entry.photo or Photo()
    hours = entry.hours
    may_be = {
        "answers": list(entry.answers[1:]),
        "pick": entry.picks if entry.picks != "turn" else None,
        "priority": entry.priority if entry.priority != OWN_PRIORITY else None,
        "hours": [hours.start.isoformat(), hours.end.isoformat()] if hours else None,
        "otherwise": entry.otherwise,
        "from": entry.valid_from.isoformat() if entry.valid_from else None,
        "until": entry.valid_until.isoformat() if entry.valid_until else None,
        "buttons": [[button.text, button.url] for button in entry.buttons],
        "lifetime": entry.lifetime or None,
        "cooldown": entry.cooldown,
        "topics": sorted(entry.topics),
        "photo": photo.file_id or None,
        "photo_file": photo.path or None,
        "private": entry.is_private or None,
        "person": entry.hands_over or None,
        "deletes_question": entry.deletes_question or None,
    }
    return {name: value for name, value in may_be.items() if value is not None and value != []}


def _photo(more: Mapping[str, Any]) -> Photo | None:
    if "photo" in more:
        return Photo(file_id=more["photo"])
    return Photo(path=more["photo_file"]) if "photo_file" in more else None


def _day(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None
