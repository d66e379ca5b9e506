"""Posts to the platform, and what its answers mean: taken, certainly not taken, never to be taken, or nobody knows."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.types import (
    FSInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    InputPollOption,
    Message,
)
from aiohttp import ClientConnectorError

from bot.playbooks.model import Media
from bot.playbooks.rendering import PollPost, Post, PostButton
from scheduler.performing import Impossible, NotSent, TooMany, Uncertain

NO_CONNECTION_PAUSE = timedelta(seconds=5)
"""Until a post that found no connection is tried again."""

_UNWELCOME = ("not enough rights", "have no rights", "need administrator rights", "write_forbidden", "chat_restricted",
              "send_plain_forbidden", "chat not found", "chat was deactivated", "peer_id_invalid")  # fmt: skip
_NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
_NO_MEDIA = ("rights to send photo", "rights to send video", "rights to send document", "rights to send animation",
             "rights to send sticker", "send_photos_forbidden", "send_videos_forbidden", "send_docs_forbidden",
             "send_gifs_forbidden", "send_media_forbidden")  # fmt: skip
_NO_POLLS = ("rights to send poll", "send_poll")
_STALE = ("wrong file", "wrong remote file", "file_reference", "file_id_invalid", "file is temporarily unavailable",
          "image_process_failed", "photo_invalid", "photo_ext_invalid", "must be non-empty",
          "wrong type of the web page content")  # fmt: skip
"""What the platform says, in part: it documents none of these (tdlib/telegram-bot-api, Client.cpp)."""

_LONGEST_WHY = 500

log = structlog.get_logger(__name__)


@asynccontextmanager
async def _understood() -> AsyncIterator[None]:
    """Tells what an answer of the platform means for what was asked of it."""
    try:
        yield
    except TelegramRetryAfter as error:
        raise TooMany(str(error), timedelta(seconds=error.retry_after)) from error
    except TelegramForbiddenError as error:
        raise Impossible(str(error), "gone") from error
    except TelegramBadRequest as error:
        is_gone = _says(error, *_UNWELCOME) and not _says(error, *_NO_MEDIA, *_NO_POLLS)
        raise Impossible(str(error), "gone" if is_gone else "") from error
    except TelegramEntityTooLarge as error:
        raise Impossible(str(error)) from error
    except TelegramNetworkError as error:
        if isinstance(error.__cause__, ClientConnectorError):
            raise NotSent(str(error), NO_CONNECTION_PAUSE) from error
        raise Uncertain(str(error)) from error
    except (TelegramAPIError, ClientDecodeError) as error:
        raise Uncertain(str(error)[:_LONGEST_WHY]) from error


@dataclass(slots=True)
class TelegramPoster:
    """Posts by a bot. `presses` is what a button sends back that does something, by the name of what it does."""

    bot: Bot
    presses: Mapping[str, str]
    _uploaded: dict[tuple[Path, int], str] = field(default_factory=dict)

    async def post(self, chat_id: int, post: Post) -> list[int]:  # noqa: D102 - the promise is Poster's
        post = _without_missing(post)
        while True:
            try:
                async with _understood():
                    return [message.message_id for message in await self._send(chat_id, post)]
            except Impossible as error:
                easier = self._easier(post, error)
                if easier is None:
                    raise
                log.warning("post changed to what the chat takes", chat=chat_id, reason=str(error))
                post = easier

    def _easier(self, post: Post, error: Impossible) -> Post | None:
        """What may be taken instead of a post that was refused: each time less, so that it comes to an end."""
        if post.topic is not None and _says(error, *_NO_TOPIC):
            return replace(post, topic=None)
        if post.media and _says(error, *_STALE):
            known = [self._uploaded.pop(_stamp(media.path), None) for media in post.media]
            if any(known):
                return post
            return replace(post, media=()) if post.text else None
        if post.media and post.text and _says(error, *_NO_MEDIA):
            return replace(post, media=())
        return None

    async def _send(self, chat_id: int, post: Post) -> list[Message]:
        if post.poll is not None:
            return [await self._poll(chat_id, post, post.poll)]
        if len(post.media) > 1:
            return await self._album(chat_id, post)
        if post.media:
            return [await self._media(chat_id, post, post.media[0])]
        message = await self.bot.send_message(
            chat_id,
            post.text,
            reply_markup=self._keyboard(post),
            disable_notification=post.silent,
            message_thread_id=post.topic,
        )
        return [message]

    async def pin(self, chat_id: int, message_id: int) -> None:  # noqa: D102
        async with _understood():
            await self.bot.pin_chat_message(chat_id, message_id, disable_notification=True)

    async def unpin(self, chat_id: int, message_id: int) -> None:  # noqa: D102
        async with _understood():
            await self.bot.unpin_chat_message(chat_id, message_id=message_id)

    async def _media(self, chat_id: int, post: Post, media: Media) -> Message:
        send = {
            "photo": self.bot.send_photo,
            "video": self.bot.send_video,
            "document": self.bot.send_document,
            "animation": self.bot.send_animation,
        }[media.kind]
        message: Message = await send(  # type: ignore[operator]
            chat_id,
            self._file(media),
            caption=post.text or None,
            reply_markup=self._keyboard(post),
            disable_notification=post.silent,
            message_thread_id=post.topic,
        )
        self._remember(media, message)
        return message

    async def _album(self, chat_id: int, post: Post) -> list[Message]:
        kinds = {"photo": InputMediaPhoto, "video": InputMediaVideo, "document": InputMediaDocument}
        items = [
            kinds[media.kind](media=self._file(media), caption=post.text if number == 0 else None)
            for number, media in enumerate(post.media)
        ]
        messages = await self.bot.send_media_group(
            chat_id, items, disable_notification=post.silent, message_thread_id=post.topic
        )
        for media, message in zip(post.media, messages, strict=False):
            self._remember(media, message)
        return messages

    async def _poll(self, chat_id: int, post: Post, poll: PollPost) -> Message:
        return await self.bot.send_poll(
            chat_id,
            poll.question,
            [InputPollOption(text=option, text_parse_mode=None) for option in poll.options],
            question_parse_mode=None,
            is_anonymous=poll.anonymous,
            allows_multiple_answers=poll.multiple,
            type="regular" if poll.correct is None else "quiz",
            correct_option_ids=None if poll.correct is None else [poll.correct],
            explanation=poll.explanation,
            open_period=poll.open_for,
            disable_notification=post.silent,
            message_thread_id=post.topic,
        )

    def _file(self, media: Media) -> str | FSInputFile:
        """The platform's id of a file that it has; a file that was changed is uploaded again."""
        return self._uploaded.get(_stamp(media.path)) or FSInputFile(media.path)

    def _remember(self, media: Media, message: Message) -> None:
        sent = message.photo[-1] if message.photo else message.video or message.animation or message.document
        if sent is not None:
            self._uploaded[_stamp(media.path)] = sent.file_id

    def _keyboard(self, post: Post) -> InlineKeyboardMarkup | None:
        rows = [[self._button(button) for button in row] for row in post.buttons]
        return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None

    def _button(self, button: PostButton) -> InlineKeyboardButton:
        data = self.presses[button.do] if button.do else None
        return InlineKeyboardButton(text=button.text, url=button.url, callback_data=data)


def _says(error: Exception, *words: str) -> bool:
    return any(word in str(error).lower() for word in words)


def _without_missing(post: Post) -> Post:
    """The post without media whose files are gone since they were checked; a text can stand alone."""
    if not post.media:
        return post
    media = tuple(one for one in post.media if one.path.is_file())
    if len(media) < len(post.media):
        log.warning("media missing", files=[str(one.path) for one in post.media if one not in media])
    if not media and not post.text:
        raise Impossible("the media are missing and there is no text")
    return replace(post, media=media)


def _stamp(path: Path) -> tuple[Path, int]:
    try:
        return path, path.stat().st_mtime_ns
    except OSError:
        return path, 0
