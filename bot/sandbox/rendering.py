"""A message's text as safe HTML for the page: everything escaped but the few tags made here."""

from collections import defaultdict
from html import escape

from bot.sandbox.entities import piece, utf16_length
from bot.sandbox.wire import Json

SIMPLE = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote>", "</blockquote>"),
    "spoiler": ('<span class="spoiler">', "</span>"),
}
# A page must not be made to run anything by a link that a bot sends.
SAFE_SCHEMES = ("http://", "https://", "tg://", "mailto:")


def render(text: str, entities: list[Json]) -> str:
    """HTML of a text and its entities. Entities that cross each other are cut so that the tags nest."""
    opening: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    boundaries = {0, utf16_length(text)}
    for entity in entities:
        start, stop = entity["offset"], entity["offset"] + entity["length"]
        if tags := _tags(text, entity):
            opening[start].append((*tags, stop))
            boundaries |= {start, stop}
    return _assemble(text.encode("utf-16-le", "surrogatepass"), sorted(boundaries), opening)


def _assemble(raw: bytes, boundaries: list[int], opening: dict[int, list[tuple[str, str, int]]]) -> str:
    written: list[str] = []
    stack: list[tuple[str, str, int]] = []
    for here, there in zip(boundaries, [*boundaries[1:], None], strict=True):
        _close(written, stack, here)
        for tag in sorted(opening[here], key=lambda tag: -tag[2]):
            written.append(tag[0])
            stack.append(tag)
        if there is not None:
            written.append(escape(raw[2 * here : 2 * there].decode("utf-16-le", "replace")))
    return "".join(written)


def _close(written: list[str], stack: list[tuple[str, str, int]], here: int) -> None:
    """End what ends here; what lies inside it and goes on is opened again."""
    ending = [depth for depth, tag in enumerate(stack) if tag[2] <= here]
    if not ending:
        return
    unwound = stack[ending[0] :]
    del stack[ending[0] :]
    written.extend(tag[1] for tag in reversed(unwound))
    for tag in unwound:
        if tag[2] > here:
            written.append(tag[0])
            stack.append(tag)


def _tags(text: str, entity: Json) -> tuple[str, str] | None:
    if simple := SIMPLE.get(entity["type"]):
        return simple
    url = entity.get("url", "") if entity["type"] == "text_link" else _own_url(text, entity)
    if not url.lower().startswith(SAFE_SCHEMES):
        return None
    return f'<a href="{escape(url)}" target="_blank" rel="noreferrer noopener">', "</a>"


def _own_url(text: str, entity: Json) -> str:
    if entity["type"] != "url":
        return ""
    url = piece(text, entity)
    return url if "://" in url else f"http://{url}"
