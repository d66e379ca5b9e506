"""A group chat played through the real path: raw updates in, the bot's words out.

Everything between is the product's own wiring. The doubles are the platform (`Telegram`, behind `Session`) and the
clock.
"""

import asyncio
import json
import re
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import unescape
from itertools import count
from math import inf
from typing import Any, Literal, cast

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

from bot.engine import Engine
from bot.services.clock import Clock
from bot.settings import Settings
from handlers.intake import RawUpdate
from handlers.lanes import Lanes
from handlers.sending import make_bot
from scheduler.lanes import EmbeddedLanes
from scheduler.pace import Limits
from storage.database import Database

TOKEN = "424242:TEST"
USERNAME = "hearth_bot"

Json = dict[str, Any]


@dataclass(frozen=True)
class Persona:
    """An account, and as whom it speaks: as itself, as the group (an anonymous administrator), or as a channel."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language: str | None = "en"
    is_bot: bool = False
    speaks_as: Literal["self", "group", "channel", "linked channel"] = "self"

    @property
    def user(self) -> Json:
        fields = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, "last_name": self.last_name,
                  "username": self.username, "language_code": self.language}  # fmt: skip
        return {name: value for name, value in fields.items() if value is not None}

    def called(self, first_name: str, last_name: str | None = None) -> "Persona":
        return replace(self, first_name=first_name, last_name=last_name)


ALICE = Persona(1001, "Alice", username="alice")
BOB = Persona(1002, "Bob", username="bob")
CAROL = Persona(1003, "Carol", username=None, language="zh-hans")
OLIVIA = Persona(1004, "Olivia", username="olivia")
OWNER = Persona(1005, "Otto", username="otto")
OTHER_BOT = Persona(1006, "Chatterbox", username="chatter_bot", is_bot=True)
ANONYMOUS_ADMIN = Persona(1087968824, "Group", username="GroupAnonymousBot", is_bot=True, speaks_as="group")
CHANNEL = Persona(136817688, "Channel", username="Channel_Bot", is_bot=True, speaks_as="channel")
LINKED_CHANNEL = Persona(777000, "Telegram", is_bot=False, speaks_as="linked channel")

_CHANNEL_CHAT = {"id": -1001999999999, "type": "channel", "title": "Hearth News", "username": "hearth_news"}

_TOKENS = re.compile(
    r"""<(?P<close>/)?(?P<tag>b|strong|i|em|u|ins|s|strike|del|a|code|pre|span|blockquote|tg-spoiler|tg-emoji)
        (?:\s+[a-z-]+(?:="[^"<>]*")?)*>
      | &(?:lt|gt|amp|quot|\#[0-9]+|\#x[0-9a-f]+);
      | [^<>&]+""",
    re.VERBOSE,
)


class NotHtml(ValueError):
    """What the platform calls "can't parse entities"."""


def read(html: str) -> str:
    """A message as a person reads it. Raises `NotHtml` for what the platform would not take."""
    place, open_tags, shown = 0, list[str](), list[str]()
    while place < len(html):
        token = _TOKENS.match(html, place)
        if token is None:
            raise NotHtml(f"can't parse entities at offset {place} of {html!r}")
        place = token.end()
        if token["tag"] is None:
            shown.append(unescape(token[0]))
        elif not token["close"]:
            open_tags.append(token["tag"])
        elif not open_tags or open_tags.pop() != token["tag"]:
            raise NotHtml(f"unmatched {token[0]} in {html!r}")
    if open_tags:
        raise NotHtml(f"unclosed {open_tags} in {html!r}")
    return "".join(shown)


class Refused(Exception):
    """The platform answers with an error."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


class Unreachable(Exception):
    """The request, or its answer, is lost on the way."""


class Flood(Exception):
    """Too many requests: wait so many seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too Many Requests: retry after {retry_after}")
        self.retry_after = retry_after


@dataclass(frozen=True)
class Call:
    """A request of the bot, as the platform gets it."""

    method: str
    params: Json

    @property
    def text(self) -> str:
        return read(self.params.get("text", ""))


class Telegram:
    """The platform, as far as this bot can tell: checks every request against the Bot API's limits and remembers it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.calls: list[Call] = []
        self.messages: dict[tuple[int, int], Json] = {}
        self.chats: dict[int, Json] = {}
        self.administrators: dict[int, dict[int, Persona]] = defaultdict(dict)
        self.banned_from: set[int] = set()
        self.muted: dict[tuple[int, int], int] = {}
        self.banned: set[tuple[int, int]] = set()
        self.rights_missing: set[str] = set()
        self.moved: dict[int, int] = {}
        self.pop_ups: dict[str, str | None] = {}
        self.asked: set[str] = set()
        self.files: dict[str, bytes] = {}
        self.files_gone: set[str] = set()
        self.uploads: list[bytes] = []
        self.topics_closed: set[int] = set()
        self.gone: set[tuple[int, int]] = set()
        self.requests: set[tuple[int, int]] = set()
        self.ephemeral: list[tuple[int, str]] = []
        self.opened: dict[str, str] = {}
        self.documents: dict[tuple[int, int], str] = {}
        self.links: dict[str, Json] = {}
        self.pinned: dict[int, list[int]] = defaultdict(list)
        self.media: dict[tuple[int, int], tuple[str, str]] = {}
        self.reactions: dict[tuple[int, int], list[str]] = {}
        self.batches: deque[list[Any]] = deque()
        self.polled: asyncio.Queue[Json] = asyncio.Queue()
        self.before: Callable[[Call], Awaitable[None]] | None = None
        self._failures: dict[str, deque[Exception]] = defaultdict(deque)
        self._message_ids, self._update_ids, self._query_ids = count(1), count(5001), count(1)

    def fails(self, method: str, *failures: Exception) -> None:
        """Lets the next calls of a method fail, one after the other."""
        self._failures[method].extend(failures)

    def next_update_id(self) -> int:
        return next(self._update_ids)

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def next_query(self) -> str:
        query_id = str(next(self._query_ids))
        self.asked.add(query_id)
        return query_id

    def made(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def answer(self, method: str, params: Json) -> Any:
        call = Call(method, params)
        self.calls.append(call)
        await asyncio.sleep(0)
        if self.before is not None:
            await self.before(call)
        if self._failures[method]:
            raise self._failures[method].popleft()
        answer: Callable[[Json], Any] = getattr(self, f"_{method}")
        result = answer(params)
        return await result if asyncio.iscoroutine(result) else result

    # One method for each of the Bot API's that the bot uses.

    def _getMe(self, _: Json) -> Json:  # noqa: N802
        return {"id": int(TOKEN.split(":")[0]), "is_bot": True, "first_name": "Hearthbot", "username": USERNAME}

    async def _getUpdates(self, params: Json) -> list[Any]:  # noqa: N802
        self.polled.put_nowait(params)
        if not self.batches:
            if params["timeout"] == "0":
                return []
            await asyncio.Event().wait()
        return self.batches.popleft()

    def _deleteWebhook(self, _: Json) -> bool:  # noqa: N802
        return True

    def _setWebhook(self, _: Json) -> bool:  # noqa: N802
        return True

    def _setMyCommands(self, params: Json) -> bool:  # noqa: N802
        commands = json.loads(params["commands"])
        assert len(commands) <= 100
        for command in commands:
            assert re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]), command
            assert 1 <= len(command["description"]) <= 256, command
        return True

    def _getChatAdministrators(self, params: Json) -> list[Json]:  # noqa: N802
        chat_id = self._present_chat(params)["id"]
        # As a server of last year answers: without the fields that came since.
        return [{"status": "administrator", "user": person.user} for person in self.administrators[chat_id].values()]

    def _getChatMember(self, params: Json) -> Json:  # noqa: N802
        place = (self._present_chat(params)["id"], int(params["user_id"]))
        if place in self.banned:
            status = "kicked"
        elif place in self.muted:
            status = "restricted"
        elif place in self.gone:
            status = "left"
        else:
            status = "administrator" if place[1] in self.administrators[place[0]] else "member"
        return {"status": status, "user": {"id": place[1]}, "is_member": place not in self.gone}

    def _approveChatJoinRequest(self, params: Json) -> bool:  # noqa: N802
        return self._end_request(params)

    def _declineChatJoinRequest(self, params: Json) -> bool:  # noqa: N802
        return self._end_request(params)

    def _end_request(self, params: Json) -> bool:
        place = (self._present_chat(params)["id"], int(params["user_id"]))
        if place not in self.requests:
            raise Refused(400, "Bad Request: HIDE_REQUESTER_MISSING")
        self.requests.discard(place)
        self.chats.pop(place[1], None)  # from now on the bot cannot reach them (Bot API)
        return True

    def _sendMessage(self, params: Json) -> Json:  # noqa: N802
        chat = self._present_chat(params)
        assert params["parse_mode"] == "HTML"
        text = self._text(params["text"], 4096)
        if "ephemeral_message_parameters" in params:
            return self._show_to_one(chat, json.loads(params["ephemeral_message_parameters"]), text)
        sent: Json = {"message_id": self.next_message_id(), "chat": chat, "from": self._getMe({}),
                      "date": int(self.clock().timestamp()), "text": text}  # fmt: skip
        sent |= self._place_of(chat, params)
        if "reply_markup" in params and "force_reply" not in params["reply_markup"]:
            sent["reply_markup"] = self._keyboard(params["reply_markup"])
        links = re.findall(r'<a href="([^"]*)">', params["text"])
        sent["entities"] = [{"type": "text_link", "offset": 0, "length": 1, "url": unescape(link)} for link in links]
        self.messages[chat["id"], sent["message_id"]] = sent
        return sent

    def _place_of(self, chat: Json, params: Json) -> Json:
        """What is answered, and in which topic."""
        placed: Json = {}
        if "reply_parameters" in params:
            answered = json.loads(params["reply_parameters"])
            original = self.messages.get((chat["id"], answered["message_id"]))
            if original is None and not answered.get("allow_sending_without_reply"):
                raise Refused(400, "Bad Request: message to be replied not found")
            if original is not None:
                placed["reply_to_message"] = {k: v for k, v in original.items() if k != "reply_to_message"}
        if "message_thread_id" in params:
            topic = int(params["message_thread_id"])
            if topic in self.topics_closed:
                raise Refused(400, "Bad Request: TOPIC_CLOSED")
            placed |= {"message_thread_id": topic, "is_topic_message": True}
        return placed

    def _show_to_one(self, chat: Json, only: Json, text: str) -> Json:
        """An ephemeral message has no message id (Bot API)."""
        self.ephemeral.append((only["receiver_user_id"], text))
        return {"message_id": 0, "chat": chat, "from": self._getMe({}), "date": int(self.clock().timestamp()),
                "text": text}  # fmt: skip

    def _getChatMemberCount(self, params: Json) -> int:  # noqa: N802
        self._present_chat(params)
        return 42

    def _sendPhoto(self, params: Json) -> Json:  # noqa: N802
        return self._send_file("photo", params)

    def _sendVideo(self, params: Json) -> Json:  # noqa: N802
        return self._send_file("video", params)

    def _sendAnimation(self, params: Json) -> Json:  # noqa: N802
        return self._send_file("animation", params)

    def _send_file(self, kind: str, params: Json) -> Json:
        chat = self._present_chat(params)
        sent: Json = {"message_id": self.next_message_id(), "chat": chat, "from": self._getMe({}),
                      "date": int(self.clock().timestamp())}  # fmt: skip
        if "caption" in params:
            sent["caption"] = self._text(params["caption"], 1024)
        sent |= self._place_of(chat, params)
        if "reply_markup" in params:
            sent["reply_markup"] = self._keyboard(params["reply_markup"])
        file_id = self._stored(params[kind], params)
        if kind == "photo":
            sent["photo"] = [_photo_size(file_id)]
        self.media[chat["id"], sent["message_id"]] = (kind, file_id)
        self.messages[chat["id"], sent["message_id"]] = sent
        return sent

    def _stored(self, given: str, params: Json) -> str:
        """What the platform calls a file: one that it knows, or one that comes along."""
        if given in self.files_gone:
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        if not given.startswith("attach://"):
            return given
        self.uploads.append(params[given.removeprefix("attach://")])
        return f"uploaded-{len(self.uploads)}"

    def _editMessageMedia(self, params: Json) -> Json:  # noqa: N802
        chat = self._present_chat(params)
        place = (chat["id"], int(params["message_id"]))
        message = self.messages.get(place)
        if message is None:
            raise Refused(400, "Bad Request: message to edit not found")
        media = json.loads(params["media"])
        file_id = self._stored(media["media"], params)
        caption = self._text(media["caption"], 1024) if media.get("caption") else None
        if (caption, ("photo", file_id)) == (message.get("caption"), self.media.get(place)):
            raise Refused(400, "Bad Request: message is not modified: specified new message content is the same")
        for name in ("text", "entities", "caption", "reply_markup"):
            message.pop(name, None)
        self.media[place] = ("photo", file_id)
        message |= {"photo": [_photo_size(file_id)]} | ({"caption": caption} if caption else {})
        if "reply_markup" in params:
            message["reply_markup"] = self._keyboard(params["reply_markup"])
        return message

    def _sendDocument(self, params: Json) -> Json:  # noqa: N802
        chat = self._present_chat(params)
        content: bytes = params[params["document"].removeprefix("attach://")]
        assert 0 < len(content) <= 50_000_000
        sent: Json = {"message_id": self.next_message_id(), "chat": chat, "from": self._getMe({}),
                      "date": int(self.clock().timestamp()), "caption": self._text(params["caption"], 1024),
                      "document": {"file_id": "f", "file_unique_id": "f", "file_size": len(content)}}  # fmt: skip
        self.documents[chat["id"], sent["message_id"]] = content.decode()
        self.messages[chat["id"], sent["message_id"]] = sent
        return sent

    def _editMessageText(self, params: Json) -> Json:  # noqa: N802
        chat = self._present_chat(params)
        message = self.messages.get((chat["id"], int(params["message_id"])))
        if message is None:
            raise Refused(400, "Bad Request: message to edit not found")
        text = self._text(params["text"], 4096)
        markup = self._keyboard(params["reply_markup"]) if "reply_markup" in params else None
        if (text, markup) == (message["text"], message.get("reply_markup")):
            raise Refused(400, "Bad Request: message is not modified: specified new message content is the same")
        message["text"] = text
        message.pop("reply_markup", None)
        if markup is not None:
            message["reply_markup"] = markup
        return message

    def _pinChatMessage(self, params: Json) -> bool:  # noqa: N802
        chat = self._present_chat(params)
        assert params["disable_notification"], "a pin must not ring"
        if (chat["id"], int(params["message_id"])) not in self.messages:
            raise Refused(400, "Bad Request: message to pin not found")
        self.pinned[chat["id"]].append(int(params["message_id"]))
        return True

    def _unpinChatMessage(self, params: Json) -> bool:  # noqa: N802
        chat = self._present_chat(params)
        if int(params["message_id"]) not in self.pinned[chat["id"]]:
            raise Refused(400, "Bad Request: message to unpin not found")
        self.pinned[chat["id"]].remove(int(params["message_id"]))
        return True

    def _getFile(self, params: Json) -> Json:  # noqa: N802
        if params["file_id"] not in self.files:
            raise Refused(400, "Bad Request: invalid file_id")
        return {"file_id": params["file_id"], "file_unique_id": "u", "file_path": params["file_id"]}

    def _deleteMessage(self, params: Json) -> bool:  # noqa: N802
        chat = self._present_chat(params)
        if self.messages.pop((chat["id"], int(params["message_id"])), None) is None:
            raise Refused(400, "Bad Request: message to delete not found")
        return True

    def _deleteMessages(self, params: Json) -> bool:  # noqa: N802
        chat = self._present_chat(params)
        message_ids = json.loads(params["message_ids"])
        assert 1 <= len(message_ids) <= 100
        self._require_right(chat, "can_delete_messages", "message can't be deleted")
        for message_id in message_ids:
            self.messages.pop((chat["id"], message_id), None)
        return True

    def _restrictChatMember(self, params: Json) -> bool:  # noqa: N802
        chat, user_id = self._present_chat(params), self._restrictable(params)
        if chat["type"] != "supergroup":
            raise Refused(400, "Bad Request: method is available only for supergroups")
        until = int(params.get("until_date", 0))
        if json.loads(params["permissions"]).get("can_send_messages"):
            self.muted.pop((chat["id"], user_id), None)
        else:
            assert not until or until - self.clock().timestamp() >= 30, "shorter than half a minute is for ever"
            self.muted[chat["id"], user_id] = until
        return True

    def _banChatMember(self, params: Json) -> bool:  # noqa: N802
        self.banned.add((self._present_chat(params)["id"], self._restrictable(params)))
        return True

    def _unbanChatMember(self, params: Json) -> bool:  # noqa: N802
        place = (self._present_chat(params)["id"], self._restrictable(params))
        if place not in self.banned and params.get("only_if_banned") != "true":  # who is inside is removed
            self.gone.add(place)
            self.muted.pop(place, None)
        self.banned.discard(place)
        return True

    def _banChatSenderChat(self, params: Json) -> bool:  # noqa: N802
        self.banned.add((self._present_chat(params)["id"], int(params["sender_chat_id"])))
        return True

    def _unbanChatSenderChat(self, params: Json) -> bool:  # noqa: N802
        self.banned.discard((self._present_chat(params)["id"], int(params["sender_chat_id"])))
        return True

    def _getChat(self, params: Json) -> Json:  # noqa: N802
        for chat in self.chats.values():
            if chat.get("username", "").casefold() == params["chat_id"].removeprefix("@").casefold():
                return chat
        raise Refused(400, "Bad Request: chat not found")

    def _restrictable(self, params: Json) -> int:
        chat, user_id = self._present_chat(params), int(params["user_id"])
        self._require_right(chat, "can_restrict_members", "not enough rights to restrict/unrestrict chat member")
        if user_id in self.administrators[chat["id"]]:
            raise Refused(400, "Bad Request: user is an administrator of the chat")
        return user_id

    def _require_right(self, chat: Json, right: str, otherwise: str) -> None:
        if right in self.rights_missing:
            raise Refused(400, f"Bad Request: {otherwise}")

    def _createChatInviteLink(self, params: Json) -> Json:  # noqa: N802
        chat = self._inviting_chat(params)
        assert 1 <= len(params["name"]) <= 32
        url, asks_first = f"https://t.me/+{chat['id']}_{len(self.links)}", params.get("creates_join_request") == "true"
        self.links[url] = {"invite_link": url, "creator": self._getMe({}), "creates_join_request": asks_first,
                           "is_primary": False, "is_revoked": False, "name": params["name"]}  # fmt: skip
        return self.links[url]

    def _editChatInviteLink(self, params: Json) -> Json:  # noqa: N802
        self._inviting_chat(params)
        self.links[params["invite_link"]]["creates_join_request"] = params.get("creates_join_request") == "true"
        return self.links[params["invite_link"]]

    def _revokeChatInviteLink(self, params: Json) -> Json:  # noqa: N802
        self._inviting_chat(params)
        self.links[params["invite_link"]]["is_revoked"] = True
        return self.links[params["invite_link"]]

    def _inviting_chat(self, params: Json) -> Json:
        chat = self._present_chat(params)
        self._require_right(chat, "can_invite_users", "not enough rights to manage chat invite link")
        return chat

    def _setMessageReaction(self, params: Json) -> bool:  # noqa: N802
        chat = self._present_chat(params)
        place = (chat["id"], int(params["message_id"]))
        if place not in self.messages:
            raise Refused(400, "Bad Request: message to react not found")
        self.reactions[place] = [reaction["emoji"] for reaction in json.loads(params["reaction"])]
        return True

    def _answerCallbackQuery(self, params: Json) -> bool:  # noqa: N802
        query_id = params["callback_query_id"]
        if query_id not in self.asked:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        text = params.get("text")
        assert text is None or 1 <= len(text) <= 200, text
        if "url" in params:
            self.opened[query_id] = params["url"]
        self.asked.discard(query_id)
        self.pop_ups[query_id] = text
        return True

    def _text(self, html: str, longest: int) -> str:
        try:
            text = read(html).strip()
        except NotHtml as error:
            raise Refused(400, f"Bad Request: {error}") from None
        if not text:
            raise Refused(400, "Bad Request: message text is empty")
        if len(text) > longest:
            raise Refused(400, "Bad Request: message is too long")
        return text

    def _keyboard(self, markup: str) -> Json:
        keyboard: Json = json.loads(markup)
        buttons = [button for row in keyboard["inline_keyboard"] for button in row]
        assert 1 <= len(buttons) <= 100
        assert all(1 <= len(row) <= 8 for row in keyboard["inline_keyboard"])
        for button in buttons:
            assert button["text"]
            assert "url" in button or 1 <= len(button["callback_data"].encode()) <= 64, button
        return keyboard

    def _present_chat(self, params: Json) -> Json:
        chat_id = int(params["chat_id"])
        if chat_id in self.moved:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.moved[chat_id],
            )
        if chat_id in self.banned_from:
            raise Refused(403, "Forbidden: bot was kicked from the supergroup chat")
        if chat_id not in self.chats:
            raise Refused(400, "Bad Request: chat not found")
        return self.chats[chat_id]


class Session(BaseSession):
    """Carries a bot's requests to the platform's double, and its answers through the library's own reading of them."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__()
        self._telegram = telegram
        self.is_closed = False

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - as the library calls it
    ) -> TelegramType:
        files: dict[str, Any] = {}
        values = {k: self.prepare_value(v, bot, files) for k, v in method.model_dump(warnings=False).items()}
        params = {k: v for k, v in values.items() if v}
        for name, file in files.items():
            params[name] = b"".join([chunk async for chunk in file.read(bot)])
        try:
            result = await self._telegram.answer(method.__api_method__, params)
        except Unreachable as error:
            raise TelegramNetworkError(method, f"ClientOSError: {error}") from None
        except Flood as error:
            # The library overlooks a `retry_after` of 0, which costs a test no time.
            raise TelegramRetryAfter(method, str(error), error.retry_after) from None
        except Refused as error:
            answer = {"ok": False, "error_code": error.status, "description": error.description}
            answer["parameters"] = error.parameters or None
            response = self.check_response(bot, method, error.status, json.dumps(answer))
        else:
            response = self.check_response(bot, method, 200, json.dumps({"ok": True, "result": result}))
        return cast(TelegramType, response.result)

    async def close(self) -> None:
        self.is_closed = True

    async def stream_content(self, url: str, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        yield self._telegram.files[url.rpartition("/")[2]]


def never(_seconds: float) -> asyncio.Timeout:
    """Leaves a window open until a test closes it: seconds are a matter of how busy the machine is."""
    return asyncio.timeout(None)


def at_once(waited: list[float]) -> Callable[[float], asyncio.Timeout]:
    """Closes windows without waiting, and notes after how many seconds they would have closed."""

    def timeout(seconds: float) -> asyncio.Timeout:
        waited.append(seconds)
        return asyncio.timeout(0)

    return timeout


@dataclass
class Hearthbot:
    """The bot under test: an `Engine` on a database, which can be stopped, killed and started again."""

    database: Database
    clock: Clock
    telegram: Telegram
    settings: Settings
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)
    _engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        assert self._engine is not None, "start it first"
        return self._engine

    async def start(self) -> None:
        bot = make_bot(TOKEN, "")
        bot.session = Session(self.telegram)
        assert isinstance(bot.default, DefaultBotProperties)
        self._engine = Engine(self.settings, self.database, bot, self.clock)
        self._engine.greeter.timeout = self._engine.merged.timeout = never
        await self._running.enter_async_context(self._engine.running())
        self._engine.alarms.stop()  # tests ring themselves

    async def stop(self) -> None:
        await self._running.aclose()

    async def restart(self, *, after: str = "a stop") -> None:
        """Starts again on the same database, after a stop or after a kill, which leaves everything where it was."""
        if after == "a kill":
            await self.engine.intake.lanes.close(0)
            self.engine.intake.lanes = Lanes()  # what was cancelled is not waited for
            for task in self.engine.greeter._tasks:
                task.cancel()
        await self.stop()
        await self.start()
        await self.settle()

    async def takes(self, *updates: RawUpdate) -> None:
        """Brings updates as one batch, and waits until everything they ask for was done."""
        await self.engine.intake.take(updates)
        await self.settle()

    async def settle(self) -> None:
        await self.engine.intake.lanes.at_most(0)

    async def sweep(self) -> None:
        """Deletes what is due, as the alarm does every few seconds."""
        await self.engine.merged.vanishing.sweep()

    async def greet(self) -> None:
        """Lets the present window close, in which newcomers are gathered; `ring` sends what raids have to say."""
        await self.engine.greeter.flush()

    async def ring(self) -> None:
        """Draws what is due and sends what waits, as the alarms do every few seconds."""
        await self.engine.raids.ring()
        await self.engine.lottery_timer.ring()

    async def looks_after_newcomers(self) -> None:
        """Lets invites count and reminds newcomers, as the alarms do."""
        await self.engine.invites.settle()
        await self.engine.introduction_timer.ring()

    async def sees_to_newcomers(self) -> None:
        """Turns away who took too long and tells the platform what it does not know, as the alarm does."""
        await self.engine.doorkeeper.ring()

    async def plays(self) -> None:
        """Reads playbooks and does what they have due, as the alarms do every few seconds."""
        runner = self.engine.playbooks.runner
        runner.pace.limits = Limits(inf, inf, 10**6)  # their pace has tests of its own
        await self.engine.playbooks.follow()
        await runner.ring()
        await cast(EmbeddedLanes, runner.lanes).idle()

    async def reports(self) -> None:
        """Tells operators of the evening, as the alarms do."""
        await self.engine.playbook_reporter.ring()
        await self.engine.outbox.deliver()

    async def asks(self) -> None:
        """Asks operators what playbooks have to ask, as the alarms do every few seconds."""
        await self.engine.playbook_asking.ring()
        await self.ring()

    async def call_again(self) -> None:
        """Calls again for members whom nobody has taken over, as the alarm does every few seconds."""
        await self.engine.hand_over_timer.ring()

    async def write_activity(self) -> None:
        await self.engine.intake.activity.flush()


_ADMINISTRATOR = dict.fromkeys(
    (
        "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
        "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
        "can_edit_stories", "can_delete_stories", "can_send_welcome_messages",
    ),
    False,
)  # fmt: skip


_PERMISSIONS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users",
    "can_pin_messages", "can_manage_topics",
)  # fmt: skip


@dataclass
class Group:
    """One group chat. Its methods are what people do; each returns what they see of it."""

    hearthbot: Hearthbot
    chat_id: int = -1001000000001
    title: str = "Hearth"
    kind: str = "supergroup"

    def __post_init__(self) -> None:
        self._announce()
        for operator in (OLIVIA,):
            self.telegram.administrators[self.chat_id][operator.id] = operator

    @property
    def telegram(self) -> Telegram:
        return self.hearthbot.telegram

    @property
    def chat(self) -> Json:
        return {"id": self.chat_id, "type": self.kind, "title": self.title}

    @property
    def said(self) -> list[str]:
        """What the bot has said here and still stands, oldest first."""
        return [message["text"] for message in self.shown if "text" in message]

    @property
    def shown(self) -> list[Json]:
        """The bot's messages that still stand, oldest first."""
        bot_id = int(TOKEN.split(":")[0])
        return [
            message
            for (chat_id, _), message in self.telegram.messages.items()
            if chat_id == self.chat_id and message["from"]["id"] == bot_id
        ]

    @property
    def buttons(self) -> list[str]:
        """What stands on the buttons of the bot's latest message that has any."""
        latest = next((message for message in reversed(self.shown) if _buttons_of(message)), {})
        return [button["text"] for button in _buttons_of(latest)]

    # What people do, and what they see of it.

    async def says(self, person: Persona, text: str | None, **fields: Any) -> str | None:
        """The bot's answer to a message, as people read it; None when it keeps silent."""
        return await self.hears(self.message(person, text, **fields))

    async def hears(self, *updates: RawUpdate) -> str | None:
        """The bot's answer to raw updates in one batch; None when it keeps silent."""
        before = len(self.telegram.made("sendMessage"))
        await self.hearthbot.takes(*updates)
        answers = [
            call.text
            for call in self.telegram.made("sendMessage")[before:]
            if int(call.params["chat_id"]) == self.chat_id
        ]
        assert len(answers) <= 1, f"answered more than once: {answers}"
        return answers[0] if answers else None

    async def edits(self, person: Persona, text: str) -> str | None:
        """The bot's answer to a message that was changed after it was sent."""
        update = self.message(person, text)
        return await self.hears({"update_id": update["update_id"], "edited_message": update["message"]})

    async def presses(self, person: Persona, button: str, message: Json | None = None) -> str | None:
        """The pop-up that a button of the bot's latest message (or of the one given) answers with, if any."""
        message = message or self._with(button)
        data = next(b["callback_data"] for b in _buttons_of(message) if _plain(b["text"]) == button)
        return await self.sends_back(person, data, message)

    async def sends_back(self, person: Persona, data: str, message: Json | None = None) -> str | None:
        """The pop-up that a press answers with, whatever the button is made to send back."""
        update = self.press(person, data, message)
        await self.hearthbot.takes(update)
        query_id = update["callback_query"]["id"]
        assert query_id in self.telegram.pop_ups, "the press was never answered: its button keeps spinning"
        return self.telegram.pop_ups[query_id]

    async def joins(self, person: Persona, *, by: Persona | None = None, **fields: Any) -> str | None:
        """Somebody comes in: by themselves, added `by` a member, or by an invite `link`."""
        return await self.hears(self.change(person, "left", "member", by=by or person, **fields))

    async def leaves(self, person: Persona, *, kicked: bool = False) -> str | None:
        return await self.hears(self.change(person, "member", "kicked" if kicked else "left"))

    async def promotes(self, person: Persona) -> str | None:
        self.telegram.administrators[self.chat_id][person.id] = person
        return await self.hears(self.change(person, "member", "administrator"))

    async def demotes(self, person: Persona) -> str | None:
        del self.telegram.administrators[self.chat_id][person.id]
        return await self.hears(self.change(person, "administrator", "member"))

    async def adds_the_bot(self, status: str = "member") -> str | None:
        self.telegram.banned_from.discard(self.chat_id)
        return await self.hears(self.change(None, "left", status))

    async def kicks_the_bot(self) -> str | None:
        self.telegram.banned_from.add(self.chat_id)
        return await self.hears(self.change(None, "member", "kicked"))

    async def renames(self, title: str) -> None:
        self.title = title
        self._announce()
        await self.hears(self.message(OLIVIA, None, new_chat_title=title))

    def migration(self, new_chat_id: int) -> tuple[RawUpdate, RawUpdate]:
        """The two service messages of a migration; from now on the group has its new id."""
        last = self.message(OLIVIA, None, migrate_to_chat_id=new_chat_id)
        old_chat_id, self.chat_id, self.kind = self.chat_id, new_chat_id, "supergroup"
        self.telegram.moved[old_chat_id] = new_chat_id
        self.telegram.administrators[new_chat_id] = self.telegram.administrators[old_chat_id]
        self._announce()
        first = self.message(ANONYMOUS_ADMIN, None, migrate_from_chat_id=old_chat_id)
        return last, first

    async def migrates(self, new_chat_id: int = -1001000000099) -> None:
        await self.hears(*self.migration(new_chat_id))

    # The updates that tell the bot of it, to be brought twice, late, or all at once.

    def message(
        self,
        person: Persona,
        text: str | None,
        *,
        answering: Json | None = None,
        at: datetime | None = None,
        **fields: Any,
    ) -> RawUpdate:
        """A message as the platform brings it."""
        message: Json = {
            "message_id": self.telegram.next_message_id(),
            "date": int((at or self.hearthbot.clock()).timestamp()),
            "chat": self.chat,
        }
        message |= _speaker(person, self.chat)
        if text is not None:
            message["text"] = text
            entities = _entities_of(text)
            if entities:
                message["entities"] = entities
        if answering is not None:
            message["reply_to_message"] = {k: v for k, v in answering.items() if k != "reply_to_message"}
        message |= fields
        self.telegram.messages[self.chat_id, message["message_id"]] = dict(message)
        return {"update_id": self.telegram.next_update_id(), "message": message}

    def press(self, person: Persona, data: str, message: Json | None = None) -> RawUpdate:
        """The press of a button as the platform brings it."""
        query = {"id": self.telegram.next_query(), "from": person.user, "chat_instance": "1", "data": data}
        query["message"] = message or (self.shown or [self.message(OTHER_BOT, "buttons")["message"]])[-1]
        return {"update_id": self.telegram.next_update_id(), "callback_query": query}

    def request(self, person: Persona) -> RawUpdate:
        """Somebody asks to be let in, as the platform brings it."""
        self.telegram.requests.add((self.chat_id, person.id))
        self.telegram.chats[person.id] = {"id": person.id, "type": "private", "first_name": person.first_name}
        asked = {"chat": self.chat, "from": person.user, "user_chat_id": person.id,
                 "date": int(self.hearthbot.clock().timestamp())}  # fmt: skip
        return {"update_id": self.telegram.next_update_id(), "chat_join_request": asked}

    def change(
        self,
        person: Persona | None,
        before: str,
        after: str,
        *,
        by: Persona = OLIVIA,
        link: str | None = None,
        **fields: Any,
    ) -> RawUpdate:
        """A change of someone's membership (None: the bot's own) as the platform brings it."""
        user = person.user if person else self.telegram._getMe({})
        if person is not None:
            place = (self.chat_id, person.id)
            (self.telegram.gone.add if after in {"left", "kicked"} else self.telegram.gone.discard)(place)
            (self.telegram.banned.add if after == "kicked" else self.telegram.banned.discard)(place)
        changed = {
            "chat": self.chat,
            "from": by.user,
            "date": int(self.hearthbot.clock().timestamp()),
            "old_chat_member": membership(user, before),
            "new_chat_member": membership(user, after),
            **fields,
        }
        if link is not None:
            changed["invite_link"] = self.telegram.links[link]
        return {"update_id": self.telegram.next_update_id(), "chat_member" if person else "my_chat_member": changed}

    def _announce(self) -> None:
        self.telegram.chats[self.chat_id] = self.chat

    def _with(self, button: str) -> Json:
        for message in reversed(self.shown):
            if any(_plain(b["text"]) == button for b in _buttons_of(message)):
                return message
        raise AssertionError(f"no button says {button!r}; there are {self.buttons}")


@dataclass
class PrivateChat(Group):
    """A person's chat with the bot alone; the id of the chat is the person's own."""

    @classmethod
    def of(cls, person: Persona, hearthbot: Hearthbot) -> "PrivateChat":
        return cls(hearthbot, person.id, person.first_name, "private")

    @property
    def chat(self) -> Json:
        return {"id": self.chat_id, "type": "private", "first_name": self.title}


def _photo_size(file_id: str) -> Json:
    return {"file_id": file_id, "file_unique_id": file_id, "width": 90, "height": 90}


def membership(user: Json, status: str) -> Json:
    """A `ChatMember` with every field that the library asks for."""
    extra: Json = {}
    if status == "administrator":
        extra = dict(_ADMINISTRATOR)
    elif status == "kicked":
        extra = {"until_date": 0}
    elif status == "restricted":
        extra = dict.fromkeys(_PERMISSIONS, False) | {"is_member": True, "until_date": 0}
    return {"user": user, "status": status, **extra}


def _speaker(person: Persona, chat: Json) -> Json:
    fields: Json = {"from": person.user}
    if person.speaks_as == "group":
        fields |= {"sender_chat": chat, "author_signature": "Chief"}
    elif person.speaks_as == "channel":
        fields["sender_chat"] = _CHANNEL_CHAT
    elif person.speaks_as == "linked channel":
        origin = {"type": "channel", "date": 1_700_000_000, "chat": _CHANNEL_CHAT, "message_id": 7}
        fields |= {"sender_chat": _CHANNEL_CHAT, "is_automatic_forward": True, "forward_origin": origin}
    return fields


_ENTITIES = re.compile(
    r"(?P<bot_command>\A/\S+)|(?P<url>(?:https?://)?(?:[\w-]+\.)+(?:com|org|me|example)\b[^\s，。]*)|(?P<mention>(?<!\w)@\w{4,})"
)


def _entities_of(text: str) -> list[Json]:
    """What the platform sees in a text, measured in UTF-16 units as it does."""
    return [
        {"type": found.lastgroup, "offset": _units(text[: found.start()]), "length": _units(found[0])}
        for found in _ENTITIES.finditer(text)
    ]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _buttons_of(message: Json) -> list[Json]:
    rows: Iterable[Iterable[Json]] = message.get("reply_markup", {}).get("inline_keyboard", ())
    return [button for row in rows for button in row]


def _plain(button: str) -> str:
    return button.removeprefix("• ").removeprefix("✓ ")
