"""Decides on the raw update whether it concerns the bot, so that chatter costs a look at a few fields and no more."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.domain.commands import LONGEST_KEYWORD, Request, fold, parse_command
from handlers.feature import Command

HANDLED_KINDS = (
    "message", "edited_message", "callback_query", "chat_member", "my_chat_member", "chat_join_request",
)  # fmt: skip
"""The kinds of update the bot asks the platform for (`allowed_updates`)."""

UNKNOWN = "unknown"
"""The command of a request that we do not understand."""

QUESTION = "question"
"""The command of a request that the FAQ may have an answer to."""

INTRODUCTION = "introduction"
"""The command of a message with which a member introduces themselves; no command is called so."""

REPLY = "reply"
"""The command of a message that answers a question of the bot's; what it asked about is the argument."""

Hears = Callable[[int, str, str], bool]
"""Whether the FAQ may have something to say in a chat (id, title) to a text."""

Introduces = Callable[[Mapping[str, Any], str], bool]
"""Whether a group's raw message, of this text, means to be an introduction."""

Wants = Callable[[int], bool]
"""Whether a chat (id) wants to have something done."""

_MEMBER_FIELDS = ("new_chat_members", "left_chat_member")
SetsOff = Callable[[int, str], bool]
"""Whether a step of a playbook waits in a chat (id) for a word of a text."""

_SERVICE_FIELDS = ("migrate_to_chat_id", "migrate_from_chat_id", "new_chat_title")


def asking_link(username: str, about: str) -> str:
    """An address that, linked in a message of the bot's, makes answers to it a `REPLY` about something.

    So the state of the conversation is in the chat itself, where no restart loses it.
    """
    return f"https://t.me/{username}?reply={about}"


class Gate:
    """Knows the commands and keywords of all features; one look-up, whatever their number.

    `username` is the bot's own, known once the platform has told it. `introduces`, then `hears` are asked about what is
    no command, `tidies` whether "X joined" is to be taken away, `sets_off` about
    every other message of a group.
    """

    def __init__(
        self,
        commands: Iterable[Command],
        username: str = "",
        hears: Hears | None = None,
        introduces: Introduces | None = None,
        tidies: Wants | None = None,
        sets_off: SetsOff | None = None,
    ) -> None:
        self.username = username
        self._tidies = tidies
        self._sets_off = sets_off
        self._chats_with_changes = set[int]()
        self._hears = hears
        self._introduces = introduces
        self._known = {command.name for command in commands} | {"start"}
        self._keywords = {fold(word): command.name for command in commands for word in command.keywords}
        self._of_chats: dict[int, dict[str, Request]] = {}

    def learn(self, words: Iterable[tuple[int, str, Request]]) -> None:
        """Replaces the keywords that ask for something in one chat only."""
        self._of_chats = {}
        for chat_id, word, request in words:
            self._of_chats.setdefault(chat_id, {})[fold(word)] = request

    def concerns_us(self, kind: str, event: Mapping[str, Any]) -> bool:
        """Whether anything is to be done about an update beyond counting it."""
        if kind == "message":
            if any(name in event for name in _MEMBER_FIELDS):
                return self._is_news(event["chat"]["id"])
            is_ours = self.request(event) is not None or any(name in event for name in _SERVICE_FIELDS)
            return is_ours or self._is_waited_for(event)
        if kind == "chat_member":
            self._chats_with_changes.add(event["chat"]["id"])
        elif kind == "my_chat_member":
            self._chats_with_changes.discard(event["chat"]["id"])  # perhaps the bot is no administrator any more
        # What was edited asks for nothing; whether it offends is the moderation's question.
        return kind in HANDLED_KINDS and kind != "edited_message"

    def request(self, message: Mapping[str, Any]) -> Request | None:
        """What a message asks for; None for chatter, and for what is said to or by another bot.

        A forwarded message and the channel post that the platform copies into a group ask for nothing. In a private
        chat there is no chatter: whatever we do not understand is a request as well.
        """
        if "forward_origin" in message or _is_by_a_bot(message):
            return None
        text = message.get("text") or message.get("caption") or ""
        if not isinstance(text, str):
            return None
        if "reply_to_message" in message and not text.startswith("/"):
            asked = self._asked_in(message["reply_to_message"])
            if asked:
                return Request(REPLY, asked)
        if not text:
            return None
        is_private = message["chat"]["type"] == "private"
        if text.startswith("/"):
            return self._command(text, is_private=is_private)
        folded = fold(text) if len(text) <= LONGEST_KEYWORD else ""
        name = self._keywords.get(folded)
        of_chat = self._of_chats.get(message["chat"]["id"]) if name is None else None
        if of_chat is not None and folded in of_chat:
            return of_chat[folded]
        if name is None and not is_private and self._introduces is not None and self._introduces(message, text):
            return Request(INTRODUCTION)
        if name is None and (is_private or self._is_heard(message, text)):
            name = QUESTION
        return Request(name) if name else None

    def _is_waited_for(self, message: Mapping[str, Any]) -> bool:
        """Whether a step of a playbook waits for a word of a message."""
        text = message.get("text") or message.get("caption")
        if self._sets_off is None or not isinstance(text, str) or "forward_origin" in message or _is_by_a_bot(message):
            return False
        return self._sets_off(message["chat"]["id"], text)

    def _is_news(self, chat_id: int) -> bool:
        """Whether "X joined" is to be taken away, or tells what no change of membership has told."""
        is_tidied = self._tidies is not None and self._tidies(chat_id)
        return is_tidied or chat_id not in self._chats_with_changes

    def _asked_in(self, answered: Mapping[str, Any]) -> str:
        """What a message of the bot's asks for, which stands in a link that `asking_link` made; else nothing."""
        if answered.get("from", {}).get("username") != self.username:
            return ""
        start = asking_link(self.username, "")
        urls = (entity.get("url", "") for entity in answered.get("entities", ()))
        return next((url.removeprefix(start) for url in urls if url.startswith(start)), "")

    def _is_heard(self, message: Mapping[str, Any], text: str) -> bool:
        """Whether the FAQ may answer. It answers people alone: no channel, nor who speaks as the group."""
        if self._hears is None or "sender_chat" in message:
            return False
        return self._hears(message["chat"]["id"], message["chat"].get("title", ""), text)

    def _command(self, text: str, *, is_private: bool) -> Request | None:
        request = parse_command(text, self.username)
        if request is None or request.command in self._known:
            return request
        # In a group an unknown command is most likely another bot's.
        return Request(UNKNOWN) if is_private or request.mentioned else None


def _is_by_a_bot(message: Mapping[str, Any]) -> bool:
    """Whether a bot wrote it, or a member by way of one.

    Anonymous administrators and channels come from accounts that are bots as well, with a `sender_chat` (Bot API).
    """
    if "via_bot" in message:
        return True
    return "sender_chat" not in message and bool(message.get("from", {}).get("is_bot"))
