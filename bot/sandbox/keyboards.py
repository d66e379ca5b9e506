"""Reply markup: what of it belongs to the message, checked as the platform checks it."""

from typing import Any

from bot.sandbox.errors import BadRequest
from bot.sandbox.parameters import Parameters
from bot.sandbox.wire import Json

MOST_BUTTONS = 100
CALLBACK_BYTES = 64
ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)
LINKS = ("http://", "https://", "tg://", "ton://", "t.me/")


def inline_keyboard(parameters: Parameters) -> Json | None:
    """The inline keyboard of a call; None for none, an empty one, and the kinds that a message does not carry."""
    markup = parameters.structure("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise BadRequest("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return None
    rows = [_row(row) for row in _list(markup["inline_keyboard"])]
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise BadRequest("REPLY_MARKUP_TOO_LONG")
    rows = [row for row in rows if row]
    return {"inline_keyboard": rows} if rows else None


def _row(row: Any) -> list[Json]:
    return [_button(button) for button in _list(row)]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadRequest('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    return value


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise BadRequest("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not str(button.get("text", "")).strip():
        raise BadRequest('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if not any(action in button for action in ACTIONS):
        raise BadRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= CALLBACK_BYTES:
        raise BadRequest("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not str(url).lower().startswith(LINKS) and "." not in str(url):
        raise BadRequest(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return button
