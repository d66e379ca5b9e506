"""A rehearsal as one page that needs nothing else: a column a group, every message as the group would see it."""

import base64
import hashlib
import mimetypes
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from importlib import resources
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, Template
from markupsafe import Markup

from bot.domain.groups import Group
from bot.playbooks.event_words import event_words
from bot.playbooks.model import Media, On
from bot.playbooks.rehearsal_warnings import said
from bot.playbooks.rehearsed import Acted, Posted, Rehearsed, Turn
from bot.texts import load_texts

LARGEST_PICTURE = 2 * 1024 * 1024
"""Bytes of a picture that the page holds; a larger one is named instead."""

Entry = Posted | Acted

_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


def as_page(found: Rehearsed) -> str:
    """The page. It opens in the reader's language, by day or by night as the reader's machine is set."""
    script, style = _part("rehearsal.js"), _part("rehearsal.css")
    pictures = {media.path: number for number, media in enumerate(_pictures(found), 1)}
    return _template().render(
        found=found,
        columns=_columns(found),
        warnings=[(one, said(one), said(one, 1)) for one in found.warnings],
        assumptions=[(said(one), said(one, 1)) for one in found.assumptions],
        script=Markup(script),  # noqa: S704 - our own
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=Markup(style + "".join(_picture(path, number) for path, number in pictures.items())),  # noqa: S704
        pictures=pictures,
        event_words=_event_words,
        html=Markup,
    )


def _columns(found: Rehearsed) -> Iterator[tuple[Group, list[tuple[date, list[Entry]]], list[Entry]]]:
    """Each group, its days with what comes on them, and what comes when it happens."""
    of_group: dict[int, list[Entry]] = {}
    every: list[Entry] = [*found.posts, *found.acts]
    for entry in sorted(every, key=lambda entry: entry.turn.at):
        of_group.setdefault(entry.turn.group.id, []).append(entry)
    samples: dict[int, list[Entry]] = {}
    for sample in found.samples:
        samples.setdefault(sample.turn.group.id, []).append(sample)
    for group in found.groups:
        entries = of_group.get(group.id, [])
        days = [(day, list(of_day)) for day, of_day in groupby(entries, key=lambda entry: entry.turn.local.date())]
        yield group, days, samples.get(group.id, [])


def _event_words(turn: Turn) -> list[Markup]:
    trigger, texts = turn.step.trigger, load_texts()
    return [event_words(texts.bound(locale), trigger) for locale in ("en", "zh") if isinstance(trigger, On)]


def _pictures(found: Rehearsed) -> Sequence[Media]:
    """The pictures that the page can hold, each once."""
    posted = [entry for entry in (*found.posts, *found.samples) if isinstance(entry, Posted)]
    pictures = {media.path: media for one in posted for media in one.post.media if media.kind == "photo"}
    return [media for path, media in pictures.items() if path.is_file() and path.stat().st_size <= LARGEST_PICTURE]


def _picture(path: Path, number: int) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "image/jpeg"
    data = base64.b64encode(path.read_bytes()).decode()
    return f"\n.p{number}{{background-image:url(data:{kind};base64,{data})}}"


@cache
def _template() -> Template:
    return _ENVIRONMENT.from_string(_part("rehearsal.html"))


def _part(name: str) -> str:
    return resources.files("bot.playbooks").joinpath("page", name).read_text("utf-8")
