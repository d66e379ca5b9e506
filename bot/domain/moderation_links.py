"""What a message leads to and where it was taken from.

It is looked at as the platform brings it (Bot API, `Message`), so that one that offends nobody is never parsed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.moderation import Rules

_TELEGRAM = "t.me"
_ALSO_TELEGRAM = frozenset({"telegram.me", "telegram.dog"})
_INVITING = frozenset({"discord.gg", "chat.whatsapp.com"})
_NO_INVITES = frozenset(
    {"addemoji", "addstickers", "addtheme", "bg", "c", "confirmphone", "contact", "giftcode", "invoice", "iv", "login",
     "m", "nft", "proxy", "setlanguage", "share", "socks"}
)  # fmt: skip
"""First parts of t.me addresses that lead to no chat that anyone could join."""

_NO_PAGES = ("mailto:", "tel:")
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?[/\\]*(?:[^/?#\\@]*@)?([^/?#\\:@]+)(?::[0-9]*)?[/\\]*([^?#]*)", re.DOTALL)
_INSIDE = re.compile(r"[?&](domain|invite|slug)=([^&#]+)")

_LINK_FIELDS = frozenset({"entities", "caption_entities", "link_preview_options", "reply_markup"})
_FORWARD_FIELDS = frozenset({"forward_origin", "story", "external_reply"})

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a link leads: a host in lower case without `www.`, and the path behind it."""

    host: str
    path: str = ""

    @property
    def name(self) -> str:
        """The first part of the path; of a t.me address that is a chat or a person."""
        return self.path.partition("/")[0]

    @property
    def invites(self) -> bool:
        """Whether it leads into another chat."""
        if self.host == _TELEGRAM:
            return bool(self.name) and self.name not in _NO_INVITES
        return self.host in _INVITING

    def is_among(self, allowed: frozenset[str]) -> bool:
        """Whether its domain, one above it, or the @name that it leads to is on a list."""
        if self.host == _TELEGRAM and f"@{self.name}" in allowed:
            return True
        labels = self.host.split(".")
        return any(".".join(labels[n:]) in allowed for n in range(len(labels) - 1))


def address_of(url: str) -> Address | None:
    """Where a link leads; None for what opens no page: mail, a telephone, a person.

    The other names of t.me, its subdomains and previews are taken for what they stand for.
    """
    url = url.strip().casefold()
    if url.startswith("tg:"):
        inside = _INSIDE.search(url)
        return Address(_TELEGRAM, inside[2] if inside[1] == "domain" else f"+{inside[2]}") if inside else None
    match = None if url.startswith(_NO_PAGES) else _URL.match(url)
    if match is None:
        return None
    host, path = match[1].strip(". ").removeprefix("www."), match[2]
    if host.endswith(f".{_TELEGRAM}"):
        return Address(_TELEGRAM, f"{host.removesuffix(f'.{_TELEGRAM}')}/{path}")
    if host in _ALSO_TELEGRAM or host == _TELEGRAM:
        return Address(_TELEGRAM, path.removeprefix("s/"))
    return Address(host, path)


def text_of(message: Message) -> str:
    """What a message says in words: its text or caption, or what a poll asks."""
    text: str | None = message.get("text") or message.get("caption")
    if text is None and "poll" in message:
        poll = message["poll"]
        text = "\n".join([poll["question"], *(option["text"] for option in poll["options"])])
    return text or ""


def may_hold_links(message: Message) -> bool:
    """False for nearly all messages, after one look."""
    return not _LINK_FIELDS.isdisjoint(message)


def links_in(message: Message) -> Iterator[Address]:
    """Every link of a message: written out, behind a text, previewed, or on a button."""
    urls = [entity.get("url") or part for part, entity in _entities(message) if entity["type"] in {"url", "text_link"}]
    if "link_preview_options" in message:
        urls.append(message["link_preview_options"].get("url", ""))
    if "reply_markup" in message:
        urls += [b.get("url", "") for row in message["reply_markup"].get("inline_keyboard", ()) for b in row]
    return filter(None, (address_of(url) for url in urls))


def mentions_in(message: Message) -> set[str]:
    """The @NAMES of a message, without the @ and in lower case."""
    return {part[1:].casefold() for part, entity in _entities(message) if entity["type"] == "mention"}


def has_forbidden_link(rules: Rules, message: Message) -> bool:
    """Whether a link of the message is not allowed; the group's own address always is."""
    if rules.links == "off" or not may_hold_links(message):
        return False
    return any(
        (rules.links == "all" or link.invites) and not _leads_into(link, message["chat"])
        and not link.is_among(rules.allowed)
        for link in links_in(message)
    )  # fmt: skip


def is_forbidden_forward(rules: Rules, message: Message) -> bool:
    """Whether the message was taken from elsewhere: forwarded, quoted from another chat, or a story."""
    if rules.forwards == "off" or _FORWARD_FIELDS.isdisjoint(message):
        return False
    return any(_is_foreign(origin, rules, message["chat"]["id"]) for origin in _origins(message))


def _entities(message: Message) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What each entity covers; the platform counts UTF-16 units (Bot API, MessageEntity)."""
    for words, field in (("text", "entities"), ("caption", "caption_entities")):
        if field in message:
            units = message[words].encode("utf-16-le")
            for entity in message[field]:
                start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
                yield units[start:end].decode("utf-16-le", "replace"), entity


def _leads_into(link: Address, chat: Mapping[str, Any]) -> bool:
    """Whether a link is to the chat itself, or to one of its messages (`t.me/c/…`)."""
    if link.host != _TELEGRAM:
        return False
    number = str(chat["id"]).removeprefix("-100")
    return f"{link.path}/".startswith(f"c/{number}/") or link.name == chat.get("username", "/").casefold()


def _origins(message: Message) -> Iterator[Mapping[str, Any]]:
    if "forward_origin" in message:
        yield message["forward_origin"]
    if "story" in message:
        yield message["story"]
    # A reply across the topics of the group's own forum has one as well.
    quoted = message.get("external_reply")
    if quoted is not None and quoted.get("chat", {}).get("id") != message["chat"]["id"]:
        yield quoted["origin"]


def _is_foreign(origin: Mapping[str, Any], rules: Rules, chat_id: int) -> bool:
    chat = origin.get("chat") or origin.get("sender_chat")
    if chat is None or chat["type"] == "private":
        return rules.forwards == "all"
    return bool(chat["id"] != chat_id and f"@{chat.get('username', '').casefold()}" not in rules.allowed)
