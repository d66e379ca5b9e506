"""Texts and captions of a call: marked up in one of three ways, tidied, and measured."""

from bot.sandbox.entities import end, tidy, utf16_length
from bot.sandbox.errors import BadRequest
from bot.sandbox.html_markup import parse_html
from bot.sandbox.markdown_markup import parse_markdown
from bot.sandbox.markup_entities import custom_emoji_entity, date_entity, link_entity
from bot.sandbox.parameters import Parameters
from bot.sandbox.wire import Json
from bot.sandbox.world import World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

PLAIN = frozenset(
    {
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
    }
)

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
            return text, _checked(text, parameters.records(entities_name))
        case _:
            raise BadRequest("unsupported parse_mode")


def _checked(text: str, given: list[Json]) -> list[Json]:
    entities = [_entity(Parameters(entity)) for entity in given]
    if any(entity["offset"] < 0 or end(entity) > utf16_length(text) for entity in entities):
        raise BadRequest("can't parse entities: entity is outside of the text")
    return entities


def _entity(given: Parameters) -> Json:
    """An entity with what its kind needs, nothing missing and nothing of another kind."""
    kind = given.text("type")
    place: Json = {"offset": given.integer("offset", 0), "length": given.integer("length", 0)}
    match kind:
        case "text_link":
            return (link_entity(given.text("url")) or {"type": "url"}) | place
        case "text_mention":
            return {"type": kind, "user": {"id": Parameters(given.record("user")).integer("id", 0)}} | place
        case "custom_emoji":
            return custom_emoji_entity(given.text("custom_emoji_id")) | place
        case "date_time":
            return date_entity(given.text("unix_time"), given.text("date_time_format")) | place
        case "pre" if given.text("language"):
            return {"type": kind, "language": given.text("language")} | place
        case _ if kind in PLAIN:
            return {"type": kind} | place
    raise BadRequest("can't parse MessageEntity: Type of the entity is unsupported")


def _with_person(world: World, entity: Json) -> Json | None:
    """A mention by id gets the whole user; one of a stranger is dropped, as the platform does."""
    if entity["type"] != "text_mention":
        return entity
    user = world.users.get(entity["user"]["id"])
    return entity | {"user": user.json()} if user else None
