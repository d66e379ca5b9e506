"""Looks at every message of the groups in which a rule is on: in memory alone, on what the platform brought."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from bot.domain.faq import stands_alone
from bot.domain.groups import Group
from bot.domain.messages import is_said
from bot.domain.moderation import BACKLOG, Rule, Rules, Suspicion
from bot.domain.moderation_floods import Recent, Said
from bot.domain.moderation_links import has_forbidden_link, is_forbidden_forward, may_hold_links, mentions_in, text_of
from bot.services.bounded import BoundedDict
from bot.services.clock import Clock
from bot.services.faq_index import normal_form

SENDERS_REMEMBERED = 20_000
ALBUMS_REMEMBERED = 1_000
NAMES_REMEMBERED = 20_000

Message = Mapping[str, Any]


class ForbiddenWords:
    """Finds any of thousands at once, compared as the FAQ compares; never inside another word.

    A script without spaces has no words to cut, so that there one is found anywhere.
    """

    def __init__(self, words: Collection[str]) -> None:
        keys = [normal_form(word) for word in words]
        self._all = AhoCorasick(keys, implementation=Implementation.ContiguousNFA, store_patterns=False)

    def are_in(self, text: str) -> bool:
        """Whether a text holds one of them."""
        form = normal_form(text)
        return any(
            stands_alone(form, start, end)
            for _, start, end in self._all.find_matches_as_indexes(form, overlapping=True)
        )


@dataclass(slots=True)
class Watched:
    """What is looked for in one group."""

    group_id: int
    rules: Rules
    words: ForbiddenWords | None

    def offends(self, message: Message) -> Rule | None:
        """The rule that what the message says or holds is against."""
        if self.words is not None and self.words.are_in(text_of(message)):
            return "words"
        if has_forbidden_link(self.rules, message):
            return "links"
        return "forwards" if is_forbidden_forward(self.rules, message) else None


@dataclass(slots=True)
class Album:
    """The messages of an album so far, and the rule that one of them is against."""

    message_ids: list[int] = field(default_factory=list)
    rule: Rule | None = None
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class ModerationWatch:
    """Knows the rules of the groups that have any on; all others cost one look-up.

    What is remembered of senders and albums is bounded, and lost at a stop: a flood is then counted anew.
    """

    clock: Clock
    _by_chat: dict[int, Watched] = field(default_factory=dict)
    _words: dict[int, ForbiddenWords] = field(default_factory=dict)
    _recent: BoundedDict[tuple[int, int], Recent] = field(default_factory=lambda: BoundedDict(SENDERS_REMEMBERED))
    _albums: BoundedDict[str, Album] = field(default_factory=lambda: BoundedDict(ALBUMS_REMEMBERED))
    _harmless: BoundedDict[str, None] = field(default_factory=lambda: BoundedDict(NAMES_REMEMBERED))

    def follow(self, group: Group) -> None:
        """Takes over what is set for a group."""
        rules, words = group.settings.moderation, self._words.get(group.id)
        if rules.is_any_on or words is not None:
            self._by_chat[group.chat_id] = Watched(group.id, rules, words)
        else:
            self._by_chat.pop(group.chat_id, None)

    async def learn(self, words: Mapping[int, Collection[str]], groups: Iterable[Group]) -> None:
        """Takes over the forbidden words of groups, by their ids; of these groups it had others before."""
        found = await asyncio.to_thread(lambda: {key: ForbiddenWords(own) for key, own in words.items() if own})
        for group in groups:
            self._words.pop(group.id, None)
            if group.id in found:
                self._words[group.id] = found[group.id]
            self.follow(group)

    def knows_as_harmless(self, name: str) -> None:
        """Notes that an @NAME is no chat's."""
        self._harmless[name] = None

    def suspicion(self, kind: str, event: Message) -> Suspicion | None:
        """What looks like an offence in an update; None for nearly all."""
        if kind not in _KINDS:
            return None
        watched = self._by_chat.get(event["chat"]["id"])
        if watched is None or _is_beyond_rules(event):
            return None
        at: int = event.get("edit_date", event["date"])
        if self.clock().timestamp() - at > BACKLOG.total_seconds():
            return None
        return self._suspicion(watched, event, at, is_new=kind == "message")

    def _suspicion(self, watched: Watched, message: Message, at: int, *, is_new: bool) -> Suspicion | None:
        rule, album_id = watched.offends(message), message.get("media_group_id")
        flood = self._flood(watched.rules, message, at) if is_new else None
        names = self._unknown_names(watched.rules, message) if rule is None else ()
        if album_id is not None:
            return (
                self._of_album(album_id, message["message_id"], rule or ("links" if names else None), names, at)
                or flood
            )
        if rule is None and (flood is not None or not names):
            return flood
        key = f"message:{message['chat']['id']}:{message['message_id']}"
        return Suspicion(rule or "links", key, (message["message_id"],), at, names)

    def _of_album(
        self, album_id: str, message_id: int, rule: Rule | None, names: tuple[str, ...], at: int
    ) -> Suspicion | None:
        album = self._albums.get(album_id) or Album()
        self._albums[album_id] = album
        if message_id not in album.message_ids:
            album.message_ids.append(message_id)
        if rule is not None and (album.rule is None or album.names):
            album.rule, album.names = rule, names
        if album.rule is None:
            return None
        return Suspicion(album.rule, f"album:{album_id}", tuple(album.message_ids), at, album.names)

    def _flood(self, rules: Rules, message: Message, at: int) -> Suspicion | None:
        if rules.flood is None and rules.repeats is None:
            return None
        chat_id, sender_id = message["chat"]["id"], (message.get("sender_chat") or message["from"])["id"]
        recent = self._recent.get((chat_id, sender_id))
        if recent is None:
            recent = self._recent[chat_id, sender_id] = Recent()
        text = "".join(text_of(message).casefold().split()) if rules.repeats is not None else ""
        found = recent.add(rules, Said(at, message["message_id"], text, message.get("media_group_id", "")))
        if found is None:
            return None
        burst, message_ids = found
        return Suspicion(burst.rule, f"burst:{chat_id}:{burst.rule}:{burst.first_id}", tuple(message_ids), at)

    def _unknown_names(self, rules: Rules, message: Message) -> tuple[str, ...]:
        """The @NAMES that may be another chat's."""
        if rules.links == "off" or not may_hold_links(message):
            return ()
        own = message["chat"].get("username", "").casefold()
        names = sorted(mentions_in(message) - {own})
        return tuple(name for name in names if name not in self._harmless and f"@{name}" not in rules.allowed)


_KINDS = frozenset({"message", "edited_message"})


def _is_beyond_rules(message: Message) -> bool:
    """Whether it comes from an anonymous administrator, the linked channel or a bot, or only tells what happened."""
    if not is_said(message):
        return True
    speaker = message.get("sender_chat")
    if speaker is not None:
        return "is_automatic_forward" in message or bool(speaker["id"] == message["chat"]["id"])
    return bool(message["from"]["is_bot"])
