"""Starts that cannot go well end with one line that says what to do; those that can are not given up."""

import socket

import pytest

from bot.sandbox.world import Fault
from tests.processes.conftest import GROUPS, BotProcess, Hearth, Town, members_of, until


async def complaint(bot: BotProcess, code: int) -> str:
    """The only line on stderr of a bot that ended by itself."""
    assert await bot.exit() == code, bot.stderr
    [line] = bot.stderr.splitlines()
    assert line.startswith("hearthbot: ")
    return line.removeprefix("hearthbot: ")


async def test_a_second_process_on_the_same_database_is_refused(town: Town, polling: Hearth) -> None:
    first = polling.start()
    await first.ready()

    second = polling.start()

    assert "is in use by another Hearthbot process: stop that one first" in await complaint(second, 1)
    await first.stop()


async def test_a_port_in_use_is_named(hearth: Hearth) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        said = await complaint(hearth.start(HTTP_PORT=str(port)), 1)

    assert said == f"port {port} on 127.0.0.1 is in use: stop the other program or set HTTP_PORT"


async def test_the_sandbox_names_a_port_in_use_as_well(hearth: Hearth) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])

        said = await complaint(hearth.start("sandbox", "--serve-only", HTTP_PORT=port), 1)

    assert said == f"port {port} on 127.0.0.1 is in use: stop the other program or set HTTP_PORT"


async def test_a_token_that_the_platform_does_not_accept_is_a_wrong_setting(hearth: Hearth) -> None:
    said = await complaint(hearth.start(BOT_TOKEN="7000000001:revoked"), 2)

    assert said == "BOT_TOKEN: the platform does not accept it; ask @BotFather for the present one"


async def test_a_wrong_setting_is_named(polling: Hearth) -> None:
    assert (await complaint(polling.start(TIMEZONE="Mars/Olympus"), 2)).startswith("TIMEZONE: 'Mars/Olympus' is not")


@pytest.mark.parametrize(
    ("hearth", "method"),
    [
        ("polling", "getMe"),
        ("polling", "setMyCommands"),
        ("polling", "deleteWebhook"),
        ("polling", "getUpdates"),
        ("called", "getMe"),
        ("called", "setWebhook"),
    ],
    indirect=["hearth"],
)
async def test_a_platform_that_fails_for_a_while_is_asked_again(town: Town, hearth: Hearth, method: str) -> None:
    town.world.faults.append(Fault(method, 1, 502, "Bad Gateway"))
    bot = hearth.start()
    town.say(GROUPS[0], members_of(GROUPS[0])[0], "/checkin")

    await until(lambda: len(town.answers()) == 1)

    await bot.stop()
    assert not town.world.faults


async def test_an_address_that_the_platform_does_not_call_is_a_wrong_setting(town: Town, called: Hearth) -> None:
    town.world.faults.append(Fault("setWebhook", 1, 400, "Bad Request: bad webhook: HTTPS url must be provided"))

    said = await complaint(called.start(LOG_LEVEL="ERROR"), 2)

    assert said == "WEBHOOK_URL: the platform does not accept it (Bad Request: bad webhook: HTTPS url must be provided)"
