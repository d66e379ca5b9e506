"""The menus that clients show."""

import asyncio
import json

from structlog.testing import capture_logs

from bot.texts import load_texts
from handlers.dispatching import COMMANDS
from handlers.menus import register_menus
from tests.group import Flood, Group, Hearthbot, Refused, Unreachable


def menus(hearthbot: Hearthbot) -> dict[tuple[str, str], dict[str, str]]:
    return {
        (json.loads(call.params["scope"])["type"], call.params.get("language_code", "")): {
            command["command"]: command["description"] for command in json.loads(call.params["commands"])
        }
        for call in hearthbot.telegram.made("setMyCommands")
    }


async def test_members_and_administrators_see_their_commands_in_their_language(hearthbot: Hearthbot) -> None:
    await register_menus(hearthbot.engine.bot, load_texts(), COMMANDS)

    found = menus(hearthbot)
    for language in ("", "zh"):
        members = set(found["all_group_chats", language])
        administrators = set(found["all_chat_administrators", language])
        private = set(found["all_private_chats", language])
        assert members == {c.name for c in COMMANDS if not c.for_operators and not c.only_private}
        assert administrators == {c.name for c in COMMANDS if not c.only_private}
        assert "help" in private
        assert "checkin" not in private
    assert found["all_group_chats", "zh"]["top"] == "排行榜"
    assert found["all_group_chats", ""]["top"] == "leaderboard"


async def test_a_refusal_is_logged_and_the_bot_works_without_a_menu(hearthbot: Hearthbot) -> None:
    for failure in (Refused(400, "Bad Request: no"), Unreachable("reset"), Flood(600)):
        hearthbot.telegram.fails("setMyCommands", failure)
        with capture_logs() as logs:
            await register_menus(hearthbot.engine.bot, load_texts(), COMMANDS)
        assert "menus not registered" in [entry["event"] for entry in logs]


async def test_a_start_registers_them(group: Group) -> None:
    await asyncio.gather(*(task for task in asyncio.all_tasks() if "register_menus" in repr(task)))

    assert len(menus(group.hearthbot)) == 6
