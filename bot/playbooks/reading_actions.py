"""Reads what a step does: posts, polls, points, lotteries, calls."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.domain.numbers import whole_number
from bot.playbooks.libraries import Libraries, product_variables
from bot.playbooks.media_files import MEGABYTES, Kind, WrongFileError, album_item_in, file_in, media_in
from bot.playbooks.model import (
    Action,
    Award,
    Call,
    CheckinReminder,
    Library,
    Media,
    OpenLottery,
    PluginAction,
    Poll,
    Send,
    ShowLeaderboard,
    Wait,
)
from bot.playbooks.reading_buttons import read_buttons
from bot.playbooks.reading_times import duration
from bot.playbooks.templates import (
    LONGEST_CAPTION,
    LONGEST_TEXT,
    TemplateProblem,
    Text,
    Variables,
    compile_text,
    suggestion,
)
from bot.yaml_places import Keys, Place, one_of, whole

T = TypeVar("T")

_SEND = (
    "text", "variants", "text_from", "pick", "photo", "video", "animation", "document", "album", "buttons", "silent",
    "pin", "replaces", "promo", "topic",
)  # fmt: skip
_CONTENTS = {"text", "variants", "text_from", "photo", "video", "animation", "document", "album"}
_POLL = ("question", "options", "anonymous", "multiple", "open_for", "silent", "topic")
_QUIZ = ("question", "options", "correct", "explanation", "anonymous", "open_for", "silent", "topic")
_TOPICS = 2**31


_NOT_ONE = "an action is one name with its parameters; start each of them with a `-`"


def _not_one(names: Sequence[str], known: Container[str]) -> str:
    """What is wrong with an action of several names: what follows the first should be further in, or in quotes."""
    strange = [name for name in names if name not in known]
    if not strange or len(strange) == len(names):
        return _NOT_ONE
    action = next(name for name in names if name in known)
    return f"`{strange[0][:40]}` is no action; if it belongs to `{action}`, indent it more, or put its text in quotes"


class Plugin(Protocol):
    """An action that somebody else brings, called `vendor.action`.

    `is_repeatable` says that it may be carried out again when nobody knows whether it was.
    """

    name: str
    is_repeatable: bool

    def read(self, place: Place) -> object | None:
        """Its parameters; None, and a mistake, for what cannot stand."""
        ...

    async def perform(self, occasion: Any, parameters: Any) -> Any:
        """Carries it out on a `scheduler.performing.Occasion`, with the parameters that were read; returns a `Done`."""
        ...


@dataclass(frozen=True, slots=True)
class ActionReader:
    """Reads the actions of one step; `variables` are what its texts may name.

    `wrong_terms` says what is wrong with a lottery's terms, if anything is.
    """

    root: Path
    variables: Variables
    libraries: Libraries
    wrong_terms: Callable[[str], str | None]
    plugins: Mapping[str, Plugin]

    def action(self, place: Place) -> Action | None:
        """One item of `do`: a name with its parameters, or a bare name."""
        readers = self._readers()
        bare: dict[str | None, Action] = {"checkin_reminder": CheckinReminder(), "leaderboard": ShowLeaderboard()}
        if not place.is_mapping():
            name = place.text()
            if name in bare:
                return bare[name]
            if name in readers:
                place.mistake(f"`{name}` needs its parameters, such as `{name}: …`")
            elif name is not None:
                place.mistake(f"unknown action `{name[:40]}`{suggestion(name, tuple(readers))}")
            return None
        entries = place.entries()
        if len(entries) != 1:
            place.mistake(_not_one(list(entries), readers))
            return None
        ((name, parameters),) = entries.items()
        if name not in readers:
            place.mistake(f"unknown action `{name[:40]}`{suggestion(name, tuple(readers))}")
            return None
        return readers[name](parameters)

    def _readers(self) -> dict[str, Callable[[Place], Action | None]]:
        return {
            "send": self._send,
            "poll": self._poll,
            "quiz": self._quiz,
            "wait": self._wait,
            "checkin_reminder": self._checkin_reminder,
            "open_lottery": self._open_lottery,
            "award": self._award,
            "leaderboard": self._leaderboard,
            "call": self._call,
            **{name: self._by(plugin) for name, plugin in self.plugins.items()},
        }

    def _send(self, place: Place) -> Send | None:
        if not place.is_mapping():
            text = self._text(place)
            return Send(texts=(text,)) if text else None
        keys = place.keys(*_SEND)
        media = self._all_media(keys)
        path = keys.read("text_from", self._path)
        raw = self.libraries.items(path) if path else ()
        longest = LONGEST_CAPTION if media or any(item.photo for item in raw) else LONGEST_TEXT
        variables = {**self.variables, **product_variables(raw)}
        is_unread = "text_from" in keys and not raw  # so what texts may name of it is not known
        texts = () if is_unread else self._texts(keys, variables, longest)
        pick = keys.read("pick", one_of({"next": "next", "random": "random", "weighted": "weighted"}))
        if "pick" in keys and path is None and "text_from" not in keys:
            keys["pick"].mistake("`pick` says how to take from `text_from`, which is missing")
        library: Library | None = None
        if path is not None:
            has_text = "text" in keys or "variants" in keys
            own = texts[0] if texts else None
            library = self.libraries.library(path, pick or "next", own, variables, longest, has_text=has_text)  # type: ignore[arg-type]
        if not (texts or media or library or keys.places.keys() & _CONTENTS):
            place.mistake("there is nothing to send: write `text`, `text_from`, or a `photo`")
        buttons = () if is_unread else read_buttons(keys, lambda at, most: self._short(at, variables, most))
        if path is not None:
            self.libraries.check_addresses(path, buttons)
        return Send(
            texts=texts,
            library=library,
            media=media,
            buttons=buttons,
            silent=keys.read("silent", Place.flag) or False,
            pin=keys.read("pin", Place.flag) or False,
            replaces=keys.read("replaces", Place.flag) or False,
            promo=keys.read("promo", Place.flag) or False,
            topic=keys.read("topic", whole(1, _TOPICS)),
        )

    def _texts(self, keys: Keys, variables: Variables, longest: int) -> tuple[Text, ...]:
        if "text" in keys and "variants" in keys:
            keys["variants"].mistake("write `text`, or `variants` of it, not both")
        places = (keys["text"],) if "text" in keys else keys.some("variants", lambda item: item)
        return tuple(text for place in places if (text := self._compiled(place, variables, longest)))

    def _all_media(self, keys: Keys) -> tuple[Media, ...]:
        named = [name for name in (*MEGABYTES, "album") if name in keys]
        for name in named[1:]:
            keys[name].mistake(f"there is `{named[0]}` already; for several write `album: [a.jpg, b.jpg]`")
        if not named:
            return ()
        for kind in MEGABYTES:
            if kind == named[0]:
                media = self._media(keys[kind], kind)
                return (media,) if media else ()
        album = keys["album"].some(lambda place: self._file(place, lambda text: album_item_in(self.root, text)))
        if "buttons" in keys:
            keys["buttons"].mistake("an album has no buttons; send them with a text of their own")
        if album and not 2 <= len(keys["album"].items()) <= 10:
            keys["album"].mistake("an album has 2 to 10 pictures or videos")
        return album

    def _media(self, place: Place, name: Kind) -> Media | None:
        return self._file(place, lambda text: media_in(self.root, text, name))

    def _path(self, place: Place) -> Path | None:
        return self._file(place, lambda text: file_in(self.root, text))

    def _file(self, place: Place, find: Callable[[str], T]) -> T | None:
        text = place.text()
        try:
            return None if text is None else find(text)
        except WrongFileError as wrong:
            place.mistake(str(wrong))
            return None

    def _poll(self, place: Place) -> Poll | None:
        keys = place.keys(*_POLL, needed=["question", "options"])
        return self._asked(keys)

    def _quiz(self, place: Place) -> Poll | None:
        keys = place.keys(*_QUIZ, needed=["question", "options", "correct"])
        options = [option.text() for option in keys["options"].items()] if "options" in keys else []
        right = keys.read("correct", Place.text)
        by_number = (whole_number(right or "") or 0) - 1
        correct = options.index(right) if right in options else by_number
        if right is not None and options and not 0 <= correct < len(options):
            keys["correct"].mistake(f"must be the number of an option (1 to {len(options)}) or what one says")
        return self._asked(keys, max(correct, 0))

    def _asked(self, keys: Keys, correct: int | None = None) -> Poll | None:
        question = self._short(keys["question"], self.variables, 300) if "question" in keys else None
        options = keys.some("options", lambda place: self._short(place, self.variables, 100))
        if options and not 2 <= len(options) <= 12:
            keys["options"].mistake("a poll has 2 to 12 options")
        explanation = keys.read("explanation", lambda place: self._compiled(place, self.variables, 200))
        anonymous = keys.read("anonymous", Place.flag)
        if question is None:
            return None
        return Poll(
            question=question,
            options=options,
            anonymous=True if anonymous is None else anonymous,
            multiple=keys.read("multiple", Place.flag) or False,
            correct=correct,
            explanation=explanation,
            open_for=keys.read("open_for", duration(timedelta(seconds=5), timedelta(days=30))),
            silent=keys.read("silent", Place.flag) or False,
            topic=keys.read("topic", whole(1, _TOPICS)),
        )

    def _wait(self, place: Place) -> Wait | None:
        found = duration(timedelta(seconds=1), timedelta(hours=24))(place)
        return Wait(found) if found else None

    def _checkin_reminder(self, place: Place) -> CheckinReminder:
        keys = place.keys("text", "silent")
        return CheckinReminder(keys.read("text", self._text), keys.read("silent", Place.flag) or False)

    def _open_lottery(self, place: Place) -> OpenLottery | None:
        terms = self._plain(place)
        wrong = self.wrong_terms(terms) if terms else None
        if wrong:
            place.mistake(wrong)
        return OpenLottery(terms) if terms else None

    def _award(self, place: Place) -> Award | None:
        keys = place.keys("points", "to", "reason", needed=["points"])
        points = keys.read("points", whole(1, 100_000))
        to = keys.read("to", one_of({"member": "member", "checked_in": "checked_in"})) or "member"
        if to == "member" and "member.name" not in self.variables:
            place.mistake(
                "nobody has set this step off; write `to: checked_in`, or let it start `on` what a member does"
            )
        return Award(points, to, keys.read("reason", self._plain) or "") if points else None  # type: ignore[arg-type]

    def _leaderboard(self, place: Place) -> ShowLeaderboard:
        keys = place.keys("of", "period", "silent")
        of = keys.read("of", one_of({word: word for word in ("points", "streak", "invites")})) or "points"
        period = keys.read("period", one_of({word: word for word in ("week", "month", "all")})) or "week"
        return ShowLeaderboard(of, period, keys.read("silent", Place.flag) or False)  # type: ignore[arg-type]

    def _call(self, place: Place) -> Call | None:
        keys = place.keys("url", "values", needed=["url"])
        url = keys.read("url", self._plain)
        if url and not url.startswith(("https://", "http://")):
            keys["url"].mistake("`url` must be an address such as https://shop.example/hook")
        entries = keys["values"].entries() if "values" in keys else {}
        values = {name: text for name, value in entries.items() if (text := self._plain(value))}
        return Call(url, values) if url else None

    def _by(self, plugin: Plugin) -> Callable[[Place], PluginAction | None]:
        def read(place: Place) -> PluginAction | None:
            parameters = plugin.read(place)
            return None if parameters is None else PluginAction(plugin.name, parameters, plugin.is_repeatable)

        return read

    def _plain(self, place: Place) -> str | None:
        """A text that is not posted by itself, and names no variables."""
        text = place.text()
        if text and "{{" in text:
            place.mistake("this would be passed on as it stands: only texts of posts have variables")
        return text

    def _text(self, place: Place) -> Text | None:
        return self._compiled(place, self.variables, LONGEST_TEXT)

    def _short(self, place: Place, variables: Variables, longest: int) -> Text | None:
        return self._compiled(place, variables, longest, is_html=False)

    def _compiled(self, place: Place, variables: Variables, longest: int, *, is_html: bool = True) -> Text | None:
        source = place.text()
        if source is None:
            return None
        try:
            return compile_text(source, variables, longest=longest, is_html=is_html)
        except TemplateProblem as found:
            for problem in found.all:
                place.mistake_on(problem.line, str(problem))
            return None
