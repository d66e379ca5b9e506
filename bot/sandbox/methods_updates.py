"""Bot API: the bot itself, its updates by polling or by webhook, and the end of a session."""

import re
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.errors import BadRequest, Conflict
from bot.sandbox.loopback import is_loopback
from bot.sandbox.parameters import Parameters
from bot.sandbox.registry import method
from bot.sandbox.wire import Json, without_blanks
from bot.sandbox.world import Webhook, World

MOST_UPDATES = 100
LONGEST_POLL = 50
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@method("getMe")
def get_me(world: World, parameters: Parameters) -> Json:
    """The bot with what it can do."""
    return world.bot.json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": world.can_read_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_guest_queries": False,
        "supports_join_request_queries": False,
    }


@method("getUpdates")
async def get_updates(world: World, parameters: Parameters) -> list[Json]:
    """The next updates; the offset confirms all before it."""
    if world.webhook:
        raise Conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    _remember_allowed(world, parameters)
    limit = parameters.integer("limit", MOST_UPDATES)
    limit = limit if 1 <= limit <= MOST_UPDATES else MOST_UPDATES
    timeout = min(max(parameters.integer("timeout", 0), 0), LONGEST_POLL)
    return await world.updates.poll(parameters.integer("offset", 0), limit, timeout)


@method("setWebhook")
def set_webhook(world: World, parameters: Parameters) -> bool:
    """Have updates sent to an address on this machine; an empty one is as `deleteWebhook`."""
    if parameters.flag("drop_pending_updates"):
        world.updates.clear()
    url = parameters.text("url").strip()
    if not url:
        world.hook(None)
        return True
    secret = parameters.text("secret_token")
    if secret and not SECRET.fullmatch(secret):
        raise BadRequest("secret token contains unallowed characters")
    _refuse_remote(url)
    _remember_allowed(world, parameters)
    connections = min(max(parameters.integer("max_connections", 40), 1), 100)
    world.hook(Webhook(url, secret or None, connections, parameters.text("ip_address") or None))
    return True


@method("deleteWebhook")
def delete_webhook(world: World, parameters: Parameters) -> bool:
    """Back to polling."""
    if parameters.flag("drop_pending_updates"):
        world.updates.clear()
    world.hook(None)
    return True


@method("getWebhookInfo")
def get_webhook_info(world: World, parameters: Parameters) -> Json:
    """How the delivery goes."""
    hook = world.webhook
    info: Json = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }
    if hook:
        info |= without_blanks(
            max_connections=hook.max_connections,
            ip_address=hook.ip_address,
            last_error_date=hook.last_error_date,
            last_error_message=hook.last_error_message,
        )
    if world.updates.allowed:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


@method("logOut", "close")
def end_session(world: World, parameters: Parameters) -> bool:
    """Accepted: there is no session to end here."""
    return True


def _remember_allowed(world: World, parameters: Parameters) -> None:
    kinds: Any = parameters.structure("allowed_updates")
    if kinds is None:
        return
    if not isinstance(kinds, list):
        raise BadRequest("allowed_updates must be an Array of String")
    world.updates.allow(str(kind) for kind in kinds)


def _refuse_remote(url: str) -> None:
    """The sandbox calls nothing but this machine, whatever a bot asks."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadRequest("bad webhook: An HTTP or HTTPS URL must be provided for webhook")
    if not is_loopback(parts.hostname):
        raise BadRequest("bad webhook: the sandbox delivers to this machine only, such as http://127.0.0.1:8081/hook")
