"""Votes in the bot's polls."""

from collections import Counter

from bot.sandbox.chats import Chat
from bot.sandbox.conversation import message_in
from bot.sandbox.errors import Refused
from bot.sandbox.people import User
from bot.sandbox.wire import Json
from bot.sandbox.world import World


def vote(world: World, chat: Chat, user: User, message_id: int, options: list[int]) -> Json:
    """A person's choice; an empty one takes it back. Who chose what is told only of polls that are not anonymous."""
    message = message_in(chat, message_id)
    poll = _open_poll(message)
    _check(world, chat, user, poll, options)
    votes = chat.votes.setdefault(message_id, {})
    votes.pop(user.id, None)
    if options:
        votes[user.id] = options
    counted = _counted(poll, votes)
    voted = {**message, "poll": counted}
    chat.keep(voted)
    world.show("edited", chat, voted)
    world.updates.push("poll", counted)
    if not counted["is_anonymous"]:
        chosen = [counted["options"][number]["persistent_id"] for number in options]
        answer = {"poll_id": counted["id"], "user": user.json(), "option_ids": options}
        world.updates.push("poll_answer", {**answer, "option_persistent_ids": chosen})
    return voted


def _open_poll(message: Json) -> Json:
    poll: Json | None = message.get("poll")
    if poll is None:
        raise Refused("There is no poll in this message.", 404)
    if poll["is_closed"]:
        raise Refused("The poll is closed.", 409)
    return poll


def _check(world: World, chat: Chat, user: User, poll: Json, options: list[int]) -> None:
    if not world.member(chat, user).is_inside:
        raise Refused(f"{user.name} is not in {chat.name}.", 403)
    if any(not 0 <= number < len(poll["options"]) for number in options) or len(set(options)) != len(options):
        raise Refused(f"Options are numbered from 0 to {len(poll['options']) - 1}, each once.")
    if len(options) > 1 and not poll["allows_multiple_answers"]:
        raise Refused("This poll takes one answer.")


def _counted(poll: Json, votes: dict[int, list[int]]) -> Json:
    counts = Counter(number for chosen in votes.values() for number in chosen)
    options = [{**option, "voter_count": counts[number]} for number, option in enumerate(poll["options"])]
    return {**poll, "options": options, "total_voter_count": len(votes)}
