"""A rehearsal in the terminal: a timeline, every message as a group would see it."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.playbooks.event_words import event_words
from bot.playbooks.model import On
from bot.playbooks.rehearsal_warnings import said
from bot.playbooks.rehearsed import Acted, Folded, Posted, Rehearsed, fold
from bot.playbooks.rendering import PollPost
from bot.texts import Say, load_texts

PLAIN_WIDTH = 110
"""Columns where the terminal's width is not known."""

_STYLES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strike", "strike": "strike", "del": "strike", "code": "cyan", "pre": "cyan", "blockquote": "italic dim",
}  # fmt: skip
_TITLES = (("Warnings", "警告"), ("Good to know", "供参考"), ("Assumed", "前提"))
_WORDS = {
    "events": ("When it happens", "事件发生时"),
    "in_some": ("in {n} of {of} groups", "{of} 个群中的 {n} 个"),
    "in_all": ("in all {of} groups", "全部 {of} 个群"),
    "in_one": ("in {title}", "{title}"),
    "comma": (", ", "，"),
    "pinned": ("pinned", "置顶"),
    "silent": ("silent", "静音"),
    "photo": ("picture", "图片"),
    "video": ("video", "视频"),
    "document": ("file", "文件"),
    "animation": ("animation", "动图"),
    "poll": ("poll", "投票"),
    "several": ("several answers", "可多选"),
    "quiz": ("quiz", "测验"),
    "anonymous": ("anonymous", "匿名"),
}
_LOCALES = ("en", "zh")


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
    for part in _Timeline(found, load_texts().bound(_LOCALES[found.language])).parts():
        console.print(part)
    assert isinstance(console.file, io.StringIO)  # noqa: S101 - given above
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


@dataclass(frozen=True, slots=True)
class _Timeline:
    found: Rehearsed
    say: Say

    def parts(self) -> Iterator[RenderableType]:
        found, language = self.found, self.found.language
        yield Text(self._heading(), "bold")
        timeline = sorted(fold([*found.posts, *found.acts]), key=lambda one: one.shown.turn.local.replace(tzinfo=None))
        for day, of_day in groupby(timeline, key=lambda one: one.shown.turn.local.date()):
            yield Text()
            yield Rule(Text(self._day(day), "bold"), align="left", style="dim")
            for one in of_day:
                yield self._row(f"{one.shown.turn.local:%H:%M}", one)
        yield from self._events()
        titles = [title[language] for title in _TITLES]
        yield from _listed(titles[0], [said(one, language) for one in found.warnings if not one.is_note], "yellow")
        yield from _listed(titles[1], [said(one, language) for one in found.warnings if one.is_note], "")
        yield from _listed(titles[2], [said(one, language) for one in found.assumptions], "dim")

    def _word(self, name: str) -> str:
        return _WORDS[name][self.found.language]

    def _heading(self) -> str:
        found = self.found
        if found.language:
            days = f"{found.first}" if found.days == 1 else f"{found.first} 至 {found.last}"
            counts = f"{len(found.playbooks)} 份剧本，{len(found.groups):,} 个群，{len(found.posts):,} 条消息"
            return f"预演 {days}：{counts}。没有发送任何消息。"
        days = f"{found.first:%-d %B %Y}" if found.days == 1 else f"{found.first:%-d %B} to {found.last:%-d %B %Y}"
        parts = (len(found.playbooks), "playbook"), (len(found.groups), "group"), (len(found.posts), "post")
        return f"Rehearsal of {days}: {', '.join(_count(*part) for part in parts)}. Nothing was sent."

    def _day(self, day: date) -> str:
        if self.found.language:
            return f"{day.year} 年 {day.month} 月 {day.day} 日 星期{'一二三四五六日'[day.weekday()]}"
        return f"{day:%A, %-d %B %Y}"

    def _events(self) -> Iterator[RenderableType]:
        if self.found.samples:
            yield Text()
            yield Rule(Text(self._word("events"), "bold"), align="left", style="dim")
        for one in fold(self.found.samples):
            yield self._row("", one)

    def _row(self, time: str, one: Folded) -> RenderableType:
        shown = one.shown
        heading = Text.assemble((shown.turn.step.id, "bold cyan"), "  ", (self._of(one), "dim"))
        language = self.found.language
        body = [Text(shown.what[language], "magenta")] if isinstance(shown, Acted) else list(self._post(shown))
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=5)
        grid.add_column(overflow="fold")
        grid.add_row(Text(time, "bold green"), Group(heading, *body))
        return grid

    def _of(self, one: Folded) -> str:
        """Which playbook, when something happens, and in which groups."""
        groups, trigger = len(self.found.groups), one.shown.turn.step.trigger
        where = self._word("in_some" if len(one.groups) < groups else "in_all").format(n=len(one.groups), of=groups)
        if len(one.groups) == 1:
            where = self._word("in_one").format(title=one.groups[0].title)
        event = [event_words(self.say, trigger).striptags()] if isinstance(trigger, On) else []
        return self._word("comma").join([one.shown.turn.playbook.name, *event, where])

    def _post(self, posted: Posted) -> Iterator[RenderableType]:
        post = posted.post
        marks = [self._word(word) for word, holds in (("pinned", posted.is_pinned), ("silent", post.silent)) if holds]
        if marks:
            yield Text(self._word("comma").join(marks), "dim italic")
        for media in post.media:
            yield Text(f"[{self._word(media.kind)}: {media.path.name}]", "blue")
        if post.text:
            yield html_text(post.text)
        if post.poll is not None:
            yield from self._poll(post.poll)
        for row in post.buttons:
            yield Text("  ").join([Text(f"[ {button.text} ]", "reverse") for button in row])

    def _poll(self, poll: PollPost) -> Iterator[RenderableType]:
        kinds = ["quiz"] if poll.correct is not None else ["poll", "several"] if poll.multiple else ["poll"]
        kinds += ["anonymous"] if poll.anonymous else []
        kind = self._word("comma").join(self._word(kind) for kind in kinds)
        yield Text.assemble((poll.question, "bold"), (f"  ({kind})", "dim"))
        for number, option in enumerate(poll.options):
            yield Text(f"{'(x)' if number == poll.correct else '( )'} {option}")
        if poll.explanation:
            yield html_text(poll.explanation)


def _count(number: int, of: str) -> str:
    return f"{number:,} {of}" if number == 1 else f"{number:,} {of}s"


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
