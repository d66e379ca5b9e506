"""Bot API: answers to pressed buttons."""

from bot.sandbox.entities import utf16_length
from bot.sandbox.errors import BadRequest
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import method
from bot.sandbox.world import World

ANSWER_LIMIT = 200
# The platform forgets a press after this many seconds.
LIFETIME = 150


@method("answerCallbackQuery")
def answer_callback_query(world: World, parameters: Parameters) -> bool:
    """A word to the one who has pressed, or nothing. The first answer counts."""
    text = parameters.text("text")
    if utf16_length(text) > ANSWER_LIMIT:
        raise BadRequest("MESSAGE_TOO_LONG")
    callback = world.callbacks.get(parameters.text("callback_query_id"))
    if callback is None or world.clock.unix() - callback.at > LIFETIME:
        raise BadRequest("query is too old and response timeout expired or query ID is invalid")
    if callback.answer is None:
        callback.answer = {
            "text": text or None,
            "show_alert": parameters.flag("show_alert"),
            "url": parameters.text("url") or None,
        }
        world.events.publish(
            "answer",
            callback_query_id=callback.id,
            user_id=callback.user.id,
            chat_id=callback.chat.id,
            message_id=callback.message_id,
            **callback.answer,
        )
    return True
