"""Texts and captions of a call: marked up in one of three ways, tidied, and measured."""

from typing import Any

from bot.sandbox.entities import tidy, utf16_length
from bot.sandbox.errors import BadRequest
from bot.sandbox.html_markup import parse_html
from bot.sandbox.markdown_markup import parse_markdown
from bot.sandbox.parameters import Parameters
from bot.sandbox.wire import Json
from bot.sandbox.world import World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

Formatted = tuple[str, list[Json]]


def message_text(world: World, parameters: Parameters) -> Json:
    """The fields `text` and `entities`, within the limits of a message."""
    text, entities = formatted(world, parameters, "text", "entities")
    if not text:
        raise BadRequest("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise BadRequest("message is too long")
    return {"text": text} | ({"entities": entities} if entities else {})


def caption(world: World, parameters: Parameters) -> Json:
    """The fields `caption` and `caption_entities`; none for an empty caption."""
    text, entities = formatted(world, parameters, "caption", "caption_entities")
    if utf16_length(text) > CAPTION_LIMIT:
        raise BadRequest("message caption is too long")
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": entities} if entities else {})


def formatted(world: World, parameters: Parameters, name: str, entities_name: str) -> Formatted:
    """A text parameter with its entities; `parse_mode` is heard before a list of entities."""
    text, entities = _marked_up(parameters, name, entities_name)
    text, entities = tidy(text, entities)
    known = (_with_person(world, entity) for entity in entities)
    return text, [entity for entity in known if entity]


def _marked_up(parameters: Parameters, name: str, entities_name: str) -> Formatted:
    text = parameters.text(name)
    match parameters.text("parse_mode").lower():
        case "html":
            return parse_html(text)
        case "markdownv2":
            return parse_markdown(text)
        case "":
            return text, _checked(text, parameters.sequence(entities_name))
        case _:
            raise BadRequest("unsupported parse_mode")


def _checked(text: str, entities: list[Any]) -> list[Json]:
    length = utf16_length(text)
    for entity in entities:
        if not isinstance(entity, dict) or not {"type", "offset", "length"} <= entity.keys():
            raise BadRequest("can't parse MessageEntity: it needs type, offset and length")
        if int(entity["offset"]) < 0 or int(entity["offset"]) + int(entity["length"]) > length:
            raise BadRequest("can't parse entities: entity is outside of the text")
    return [entity | {"offset": int(entity["offset"]), "length": int(entity["length"])} for entity in entities]


def _with_person(world: World, entity: Json) -> Json | None:
    """A mention by id gets the whole user; one of a stranger is dropped, as the platform does."""
    if entity["type"] != "text_mention":
        return entity
    user = world.users.get(int(entity.get("user", {}).get("id", 0)))
    return entity | {"user": user.json()} if user else None
