"""What a bot says about itself: names, descriptions, commands, menu buttons."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.wire import Json

# A command list's scope: its type and, for the narrow ones, chat and user.
Scope = tuple[Any, ...]


@dataclass(slots=True)
class Profile:
    """Texts by language, "" being for everybody else; commands by scope and language."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[Scope, str], list[Json]] = field(default_factory=dict)
    menu_buttons: dict[int, Json] = field(default_factory=dict)
    default_rights: dict[bool, Json] = field(default_factory=dict)

    def commands_json(self) -> list[Json]:
        """Every list that is set, for the page."""
        return [
            {"scope": scope_json(scope), "language_code": language, "commands": commands}
            for (scope, language), commands in self.commands.items()
        ]


def scope_json(scope: Scope) -> Json:
    """A scope as the Bot API's BotCommandScope."""
    return dict(zip(("type", "chat_id", "user_id"), scope, strict=False))
