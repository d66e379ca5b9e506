"""Bot API: dice, polls, places and contacts."""

import random

from bot.sandbox.access import joined_chat, message_of
from bot.sandbox.entities import utf16_length
from bot.sandbox.errors import BadRequest
from bot.sandbox.formatted import Formatted, formatted
from bot.sandbox.keyboards import inline_keyboard
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import method
from bot.sandbox.sending import send
from bot.sandbox.wire import Json, without_blanks
from bot.sandbox.world import World

FACES = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}
MOST_OPTIONS = 12


@method("sendDice")
def send_dice(world: World, parameters: Parameters) -> Json:
    """A throw; the platform decides what falls."""
    emoji = parameters.text("emoji") or "🎲"
    if emoji not in FACES:
        raise BadRequest("wrong dice emoji specified")
    value = random.randint(1, FACES[emoji])  # noqa: S311  # a toy's dice
    return send(world, parameters, {"dice": {"emoji": emoji, "value": value}}, "can_send_other_messages")


@method("sendPoll")
def send_poll(world: World, parameters: Parameters) -> Json:
    """A question with options."""
    question, entities = _formatted(world, parameters, "question")
    if not 1 <= utf16_length(question) <= 300:
        raise BadRequest("poll question must be non-empty" if not question else "poll question is too long")
    explanation, explanation_entities = _formatted(world, parameters, "explanation")
    options = [_option(world, number, option) for number, option in enumerate(parameters.sequence("options"))]
    if not 1 <= len(options) <= MOST_OPTIONS:
        raise BadRequest(f"poll must have from 1 to {MOST_OPTIONS} options")
    poll = without_blanks(
        id=str(10**16 + world.serial()),
        question=question,
        question_entities=entities,
        options=options,
        total_voter_count=0,
        is_closed=parameters.flag("is_closed"),
        is_anonymous=parameters.flag("is_anonymous", default=True),
        type=parameters.text("type") or "regular",
        allows_multiple_answers=parameters.flag("allows_multiple_answers"),
        allows_revoting=parameters.flag("allows_revoting", default=True),
        members_only=parameters.flag("members_only"),
        correct_option_ids=parameters.integers("correct_option_ids"),
        explanation=explanation or None,
        explanation_entities=explanation_entities,
    )
    return send(world, parameters, {"poll": poll}, "can_send_polls")


@method("stopPoll")
def stop_poll(world: World, parameters: Parameters) -> Json:
    """Close the bot's own poll; returns it as it ends."""
    chat = joined_chat(world, parameters)
    message = message_of(chat, parameters, "message with poll to stop not found")
    poll = message.get("poll")
    if poll is None or message.get("from", {}).get("id") != world.bot.id:
        raise BadRequest("poll can't be stopped" if poll else "message with poll to stop not found")
    if poll["is_closed"]:
        raise BadRequest("poll has already been closed")
    closed: Json = {**poll, "is_closed": True}
    kept = {name: value for name, value in message.items() if name != "reply_markup"}
    edited = kept | {"poll": closed} | without_blanks(reply_markup=inline_keyboard(parameters))
    chat.keep(edited)
    world.show("edited", chat, edited)
    return closed


@method("sendLocation")
def send_location(world: World, parameters: Parameters) -> Json:
    """A point on the map."""
    return send(world, parameters, {"location": _location(parameters)})


@method("sendVenue")
def send_venue(world: World, parameters: Parameters) -> Json:
    """A place with a name and an address."""
    location = _location(parameters)
    venue = {"location": location, "title": parameters.text("title"), "address": parameters.text("address")}
    return send(world, parameters, {"venue": venue, "location": location})


@method("sendContact")
def send_contact(world: World, parameters: Parameters) -> Json:
    """A phone number with a name."""
    names = ("phone_number", "first_name", "last_name", "vcard")
    contact = {name: parameters.text(name) for name in names if parameters.has(name)}
    return send(world, parameters, {"contact": contact})


def _formatted(world: World, parameters: Parameters, name: str) -> Formatted:
    """One of a poll's texts; each has a parse mode of its own."""
    given = {"text": parameters.text(name), "parse_mode": parameters.text(f"{name}_parse_mode"),
             "entities": parameters.values.get(f"{name}_entities")}  # fmt: skip
    return formatted(world, Parameters(given), "text", "entities")


def _option(world: World, number: int, given: object) -> Json:
    option = given if isinstance(given, dict) else {"text": str(given or "")}
    shown, entities = _formatted(world, Parameters(option), "text")
    if not 1 <= utf16_length(shown) <= 100:
        raise BadRequest("poll options length must not exceed 100" if shown else "poll option must be non-empty")
    return without_blanks(persistent_id=str(number), text=shown, text_entities=entities, voter_count=0)


def _location(parameters: Parameters) -> Json:
    try:
        latitude, longitude = float(parameters.text("latitude")), float(parameters.text("longitude"))
    except ValueError as error:
        raise BadRequest("latitude and longitude must be numbers") from error
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise BadRequest("wrong latitude or longitude specified")
    return {"latitude": latitude, "longitude": longitude}
