"""A rehearsal in the terminal: a timeline, every message as a group would see it."""

import io
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.playbooks.rehearsal_warnings import said
from bot.playbooks.rehearsed import Acted, Folded, Posted, Rehearsed, fold

PLAIN_WIDTH = 110
"""Columns where the terminal's width is not known."""

_STYLES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strike", "strike": "strike", "del": "strike", "code": "cyan", "pre": "cyan", "blockquote": "italic dim",
}  # fmt: skip
_TITLES = (("Warnings", "警告"), ("Good to know", "供参考"), ("Assumed", "前提"))
_SIGNS = {"photo": "picture", "video": "video", "document": "file", "animation": "animation"}


def as_text(found: Rehearsed, width: int | None = None) -> str:
    """The timeline; in colour if it is for a terminal of so many columns."""
    console = Console(
        file=io.StringIO(),
        force_terminal=width is not None,
        color_system="standard" if width else None,
        width=width or PLAIN_WIDTH,
        highlight=False,
        legacy_windows=False,
    )
    for part in _parts(found):
        console.print(part)
    assert isinstance(console.file, io.StringIO)  # noqa: S101 - given above
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


def _parts(found: Rehearsed) -> Iterator[RenderableType]:
    yield Text(_heading(found), "bold")
    timeline = sorted(fold([*found.posts, *found.acts]), key=lambda one: one.shown.turn.local.replace(tzinfo=None))
    for day, of_day in groupby(timeline, key=lambda one: one.shown.turn.local.date()):
        yield Text()
        yield Rule(Text(f"{day:%A, %-d %B %Y}", "bold"), align="left", style="dim")
        for one in of_day:
            yield _row(f"{one.shown.turn.local:%H:%M}", one, len(found.groups))
    yield from _events(found)
    language, warnings = found.language, found.warnings
    titles = [title[language] for title in _TITLES]
    yield from _listed(titles[0], [said(one, language) for one in warnings if not one.is_note], "yellow")
    yield from _listed(titles[1], [said(one, language) for one in warnings if one.is_note], "")
    yield from _listed(titles[2], [said(one, language) for one in found.assumptions], "dim")


def _heading(found: Rehearsed) -> str:
    days = f"{found.first:%-d %B %Y}" if found.days == 1 else f"{found.first:%-d %B} to {found.last:%-d %B %Y}"
    parts = (len(found.playbooks), "playbook"), (len(found.groups), "group"), (len(found.posts), "post")
    return f"Rehearsal of {days}: {', '.join(_count(*part) for part in parts)}. Nothing was sent."


def _count(number: int, of: str) -> str:
    return f"{number:,} {of}" if number == 1 else f"{number:,} {of}s"


def _events(found: Rehearsed) -> Iterator[RenderableType]:
    if found.samples:
        yield Text()
        yield Rule(Text("When it happens", "bold"), align="left", style="dim")
    for one in fold(found.samples):
        yield _row("", one, len(found.groups))


def _listed(title: str, lines: Sequence[str], style: str) -> Iterator[RenderableType]:
    if lines:
        yield Text()
        yield Text(title, "bold")
    for line in lines:
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=1)
        grid.add_column(overflow="fold")
        grid.add_row(Text("-", style), Text(line, style))
        yield grid


def _row(time: str, one: Folded, groups: int) -> RenderableType:
    shown = one.shown
    heading = Text.assemble((shown.turn.step.id, "bold cyan"), "  ", (_of(one, groups), "dim"))
    body = [Text(shown.what, "magenta")] if isinstance(shown, Acted) else list(_post(shown))
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=5)
    grid.add_column(overflow="fold")
    grid.add_row(Text(time, "bold green"), Group(heading, *body))
    return grid


def _of(one: Folded, groups: int) -> str:
    """Which playbook, and in which groups."""
    where = f"in {len(one.groups)} of {groups} groups" if len(one.groups) < groups else f"in all {groups} groups"
    if len(one.groups) == 1:
        where = f"in {one.groups[0].title}"
    return f"{one.shown.turn.playbook.name}, {where}"


def _post(posted: Posted) -> Iterator[RenderableType]:
    post = posted.post
    marks = [word for word, holds in (("pinned", posted.is_pinned), ("silent", post.silent)) if holds]
    if marks:
        yield Text(", ".join(marks), "dim italic")
    for media in post.media:
        yield Text(f"[{_SIGNS[media.kind]}: {media.path.name}]", "blue")
    if post.text:
        yield html_text(post.text)
    if post.poll is not None:
        yield from _poll(posted)
    for row in post.buttons:
        yield Text("  ").join([Text(f"[ {button.text} ]", "reverse") for button in row])


def _poll(posted: Posted) -> Iterator[RenderableType]:
    poll = posted.post.poll
    assert poll is not None  # noqa: S101 - asked of polls alone
    kind = "quiz" if poll.correct is not None else "poll, several answers" if poll.multiple else "poll"
    yield Text.assemble((poll.question, "bold"), (f"  ({kind}{', anonymous' if poll.anonymous else ''})", "dim"))
    for number, option in enumerate(poll.options):
        yield Text(f"{'(x)' if number == poll.correct else '( )'} {option}")
    if poll.explanation:
        yield html_text(poll.explanation)


def html_text(html: str) -> Text:
    """The platform's HTML in the terminal's styles."""
    parser = _Html()
    parser.feed(html)
    parser.close()
    return parser.text


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = Text(overflow="fold")
        self._open: list[Style] = []

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        self._open.append(Style(color="blue", underline=True, link=href) if href else Style.parse(_STYLES.get(tag, "")))

    def handle_endtag(self, _tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        visible = data.replace("\u2068", "").replace("\u2069", "")
        self.text.append(visible, Style.combine([Style(), *self._open]))
