"""Posts as a group sees them: what becomes of an action's templates, in one group at one time."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.playbooks.model import Button, Item, Media, Poll, RenderError, Send, Template


@dataclass(frozen=True, slots=True)
class PostButton:
    """A button with its text; it opens `url`, or does `do`."""

    text: str
    url: str | None = None
    do: str | None = None


@dataclass(frozen=True, slots=True)
class PollPost:
    """A poll, or a quiz, as it is shown. `open_for` is in seconds."""

    question: str
    options: tuple[str, ...]
    anonymous: bool
    multiple: bool
    correct: int | None = None
    explanation: str | None = None
    open_for: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A message to a group: HTML text, media or a poll. More than one of `media` are an album."""

    text: str = ""
    media: tuple[Media, ...] = ()
    buttons: tuple[tuple[PostButton, ...], ...] = ()
    poll: PollPost | None = None
    silent: bool = False
    topic: int | None = None


class Poster(Protocol):
    """Where posts go: the platform, or the record of a rehearsal."""

    async def post(self, chat_id: int, post: Post) -> list[int]:
        """Posts it, and returns the ids of the messages it became. Raises what actions raise."""
        ...

    async def pin(self, chat_id: int, message_id: int) -> object:
        """Pins a message without a sound. Raises what actions raise."""
        ...

    async def unpin(self, chat_id: int, message_id: int) -> object:
        """Takes the pin from a message. Raises what actions raise."""
        ...


def text_of(send: Send, group_id: int, item: Item | None) -> Template | None:
    """The text of a `send`: the library's item's, else its own, of which a group always gets the same one."""
    if item is not None and item.text is not None:
        return item.text
    return send.texts[stable_hash(group_id) % len(send.texts)] if send.texts else None


def stable_hash(value: object) -> int:
    """A number that is the same for the same value on every machine, on every day."""
    return int.from_bytes(hashlib.sha256(str(value).encode()).digest()[:8])


def names_of(send: Send, text: Template | None) -> frozenset[str]:
    """The variables that a `send` names with this text."""
    buttons = (template for row in send.buttons for button in row for template in (button.text, button.url))
    return frozenset(name for template in (text, *buttons) if template for name in template.names)


def post_of_send(send: Send, text: Template | None, item: Item | None, values: Mapping[str, Any]) -> Post:
    """The post of a `send`. Raises `RenderError`."""
    media = (Media("photo", item.photo),) if item and item.photo else send.media
    said = text.render(values) if text else ""
    if not said and not media:
        raise RenderError("the text says nothing here: its values are empty")
    return Post(
        text=said,
        media=media,
        buttons=tuple(tuple(_button(button, values) for button in row) for row in send.buttons),
        silent=send.silent,
        topic=send.topic,
    )


def post_of_poll(poll: Poll, values: Mapping[str, Any]) -> Post:
    """The post of a poll or quiz. Raises `RenderError`."""
    shown = PollPost(
        question=poll.question.render(values),
        options=tuple(option.render(values) for option in poll.options),
        anonymous=poll.anonymous,
        multiple=poll.multiple,
        correct=poll.correct,
        explanation=poll.explanation.render(values) if poll.explanation else None,
        open_for=int(poll.open_for.total_seconds()) if poll.open_for else None,
    )
    return Post(poll=shown, silent=poll.silent, topic=poll.topic)


def _button(button: Button, values: Mapping[str, Any]) -> PostButton:
    url = button.url.render(values) if button.url else None
    return PostButton(button.text.render(values), url, button.do)
