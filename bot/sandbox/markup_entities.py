"""Entities that markup of either kind makes: links, mentions by id, custom emoji, dates, blocks of code."""

import re

from bot.sandbox.errors import BadRequest
from bot.sandbox.wire import Json

_LINK = re.compile(r"(?i)(?:(?:https?|ftp|tg|ton|tonsite|mailto|tel)[:][^\s]+|[^\s/:]+\.[^\s.]{2,}[^\s]*)")
_PERSON = re.compile(r"tg://user\?id=(\d+)")


def cannot_parse(text: str) -> BadRequest:
    """The platform's complaint about markup."""
    return BadRequest(f"can't parse entities: {text}")


def link_entity(url: str) -> Json | None:
    """What a link in markup becomes; None when nobody could follow it."""
    if person := _PERSON.fullmatch(url):
        return {"type": "text_mention", "user": {"id": int(person[1])}}
    if not _LINK.fullmatch(url):
        return None
    return {"type": "text_link", "url": _address(url)}


def custom_emoji_entity(identifier: str) -> Json:
    """A custom emoji, whose id is a number."""
    if not identifier.isdigit():
        raise cannot_parse("Invalid custom emoji identifier specified")
    return {"type": "custom_emoji", "custom_emoji_id": identifier}


def date_entity(unix: str, date_format: str) -> Json:
    """A moment that every reader sees in their own zone."""
    if not unix.isdigit():
        raise cannot_parse("Invalid date specified")
    entity: Json = {"type": "date_time", "unix_time": int(unix)}
    return entity | ({"date_time_format": date_format} if date_format else {})


def code_blocks(entities: list[Json]) -> list[Json]:
    """`<pre><code class="language-x">` is one entity, a `pre` with a language; a bare `code` has none."""
    spans = {(entity["type"], entity["offset"], entity["length"]): entity for entity in entities}
    kept = []
    for entity in entities:
        place = (entity["offset"], entity["length"])
        code, block = spans.get(("code", *place)), spans.get(("pre", *place))
        is_pair = block is not None and code is not None and "language" in code
        if is_pair and entity is block:
            kept.append({**entity, "language": code["language"]} if code else entity)
        elif not (is_pair and entity is code):
            kept.append({name: value for name, value in entity.items() if name != "language"})
    return kept


def _address(url: str) -> str:
    """A link as the platform writes it out: with a scheme, and a slash after a bare host."""
    address = url if ":" in url.split("/")[0] else f"http://{url}"
    scheme, _, rest = address.partition("://")
    is_bare = scheme.lower() in ("http", "https") and not set("/?#") & set(rest)
    return f"{address}/" if is_bare else address
