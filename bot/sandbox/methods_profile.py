"""Bot API: commands, names and descriptions of the bot, and its menu button."""

import re

from bot.sandbox.access import chat_of
from bot.sandbox.errors import BadRequest
from bot.sandbox.members import ALL_RIGHTS, rights_json
from bot.sandbox.parameters import Parameters
from bot.sandbox.profile import Scope
from bot.sandbox.registry import Handler, method
from bot.sandbox.wire import Json
from bot.sandbox.world import World

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MOST_COMMANDS = 100
LONGEST_DESCRIPTION = 256
LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]+)?")
SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
CHAT_SCOPES = frozenset({"chat", "chat_administrators", "chat_member"})


@method("setMyCommands")
def set_my_commands(world: World, parameters: Parameters) -> bool:
    """The list for a scope and a language; an empty one removes it."""
    commands = [_command(command) for command in parameters.records("commands")]
    if len(commands) > MOST_COMMANDS:
        raise BadRequest("BOT_COMMANDS_TOO_MUCH")
    key = _scope(world, parameters), _language(parameters)
    if commands:
        world.profile.commands[key] = commands
    else:
        world.profile.commands.pop(key, None)
    world.events.publish("commands")
    return True


@method("getMyCommands")
def get_my_commands(world: World, parameters: Parameters) -> list[Json]:
    """Exactly this scope's and language's list."""
    return world.profile.commands.get((_scope(world, parameters), _language(parameters)), [])


@method("deleteMyCommands")
def delete_my_commands(world: World, parameters: Parameters) -> bool:
    """Back to the wider scope's list."""
    world.profile.commands.pop((_scope(world, parameters), _language(parameters)), None)
    world.events.publish("commands")
    return True


@method("setChatMenuButton")
def set_chat_menu_button(world: World, parameters: Parameters) -> bool:
    """For one private chat, else for all."""
    button = parameters.record("menu_button") or {"type": "default"}
    if button.get("type") not in ("default", "commands", "web_app"):
        raise BadRequest("MenuButton has unsupported type")
    world.profile.menu_buttons[parameters.integer("chat_id", 0)] = button
    return True


@method("getChatMenuButton")
def get_chat_menu_button(world: World, parameters: Parameters) -> Json:
    """The chat's own, else the one for all."""
    buttons = world.profile.menu_buttons
    fallback = buttons.get(0, {"type": "default"})
    return buttons.get(parameters.integer("chat_id", 0), fallback)


@method("setMyDefaultAdministratorRights")
def set_my_default_administrator_rights(world: World, parameters: Parameters) -> bool:
    """What the bot asks for when somebody makes it an administrator."""
    rights = parameters.record("rights")
    world.profile.default_rights[parameters.flag("for_channels")] = rights
    return True


@method("getMyDefaultAdministratorRights")
def get_my_default_administrator_rights(world: World, parameters: Parameters) -> Json:
    """What was set, else nothing."""
    for_channels = parameters.flag("for_channels")
    given = world.profile.default_rights.get(for_channels, {})
    granted = {right for right in ALL_RIGHTS if given.get(right)}
    named = rights_json(granted, "channel" if for_channels else "supergroup")
    return named | {"is_anonymous": bool(given.get("is_anonymous"))}


def _text_methods(noun: str, field: str, parameter: str, limit: int) -> None:
    """A setter and a getter of a text that may differ by language."""

    def set_text(world: World, parameters: Parameters) -> bool:
        text = parameters.text(parameter).strip()
        if len(text) > limit:
            raise BadRequest(f"bot {parameter.replace('_', ' ')} is too long")
        texts: dict[str, str] = getattr(world.profile, field)
        texts[_language(parameters)] = text
        return True

    def get_text(world: World, parameters: Parameters) -> Json:
        texts: dict[str, str] = getattr(world.profile, field)
        fallback = world.bot.first_name if parameter == "name" else ""
        return {parameter: texts.get(_language(parameters)) or texts.get("") or fallback}

    pair: tuple[Handler, Handler] = set_text, get_text
    method(f"setMy{noun}")(pair[0])
    method(f"getMy{noun}")(pair[1])


_text_methods("Name", "names", "name", 64)
_text_methods("Description", "descriptions", "description", 512)
_text_methods("ShortDescription", "short_descriptions", "short_description", 120)


def _command(given: Json) -> Json:
    name = str(given.get("command", "")).removeprefix("/")
    description = str(given.get("description", "")).strip()
    if not COMMAND.fullmatch(name):
        raise BadRequest("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= LONGEST_DESCRIPTION:
        raise BadRequest("BOT_COMMAND_DESCRIPTION_INVALID")
    return {**given, "command": name, "description": description}


def _scope(world: World, parameters: Parameters) -> Scope:
    scope = parameters.record("scope") or {"type": "default"}
    kind = scope.get("type")
    if kind in SCOPES:
        return (kind,)
    if kind not in CHAT_SCOPES:
        raise BadRequest("BotCommandScope has unsupported type")
    chat = chat_of(world, Parameters(scope))
    if kind == "chat_member":
        return kind, chat.id, Parameters(scope).integer("user_id")
    return kind, chat.id


def _language(parameters: Parameters) -> str:
    code = parameters.text("language_code")
    if code and not LANGUAGE.fullmatch(code):
        raise BadRequest("LANG_CODE_INVALID")
    return code
