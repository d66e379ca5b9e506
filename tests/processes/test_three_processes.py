"""Three bots on one PostgreSQL, behind one address: timers, the last entrant and the operator want one draw at once.

At each draw that bot is killed which comes first to a certain instant. There is one result, announced once.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from itertools import cycle

import pytest
from aiohttp import ClientError, ClientSession, web

from tests.conftest import run_sql
from tests.processes.conftest import GROUPS, SECRET, BotProcess, Hearth, Town, held_port, members_of, operator_of, until
from tests.processes.instants import RACE_INSTANTS
from tests.processes.killing import about, drawn, enter, settled, told

GROUP = GROUPS[0]
OPERATOR, ENTRANTS = operator_of(GROUP), members_of(GROUP)[:3]
LEASE_IS_OVER = "UPDATE outbox SET due_at = 0 WHERE state = 'sending'"
"""What three minutes bring about, in which nobody has heard of who was sending."""


@pytest.fixture
def ports() -> Iterator[list[int]]:
    with ExitStack() as stack:
        yield [stack.enter_context(held_port()) for _ in range(3)]


@pytest.fixture
async def balancer(ports: list[int]) -> AsyncIterator[str]:
    """The address at which the platform calls; each update goes to the next bot that answers."""
    turns = cycle(ports)

    async def forward(request: web.Request) -> web.Response:
        body, headers = await request.read(), {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        for _ in ports:
            try:
                async with client.post(f"http://127.0.0.1:{next(turns)}/hook", data=body, headers=headers) as answer:
                    return web.Response(status=answer.status)
            except ClientError:
                continue
        return web.Response(status=503)

    app = web.Application()
    app.router.add_post("/hook", forward)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    async with ClientSession() as client:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        await runner.cleanup()


@pytest.fixture
def three(polling_on_server: Hearth, balancer: str) -> Hearth:
    """An installation of three bots, which a platform calls."""
    polling_on_server.settings |= {"WEBHOOK_URL": balancer, "WEBHOOK_SECRET": SECRET}
    return polling_on_server


async def start(hearth: Hearth, port: int) -> BotProcess:
    bot = hearth.start(ring=1, HTTP_PORT=str(port))
    await bot.ready()
    return bot


async def open_lottery(town: Town, hearth: Hearth, number: int) -> None:
    """A lottery to be drawn with the third entrant, who is missing."""
    town.say(GROUP, OPERATOR, "/lottery new Tea x1 at 3 entrants")
    await settled(town, hearth)
    run_sql(hearth.settings["DATABASE_URL"], *enter(number, ENTRANTS[:2]))


def let_all_want_the_draw(town: Town, hearth: Hearth, number: int) -> None:
    """The time has come, the operator says so, and the last entrant follows the link."""
    private = town.world.private_chat(town.world.users[ENTRANTS[2]])
    town.say(private.id, ENTRANTS[2], f"/start lottery-{number}")
    town.say(GROUP, OPERATOR, f"/lottery draw {number}")
    run_sql(hearth.settings["DATABASE_URL"], f"UPDATE lotteries SET draw_at = 1 WHERE id = {number}")


async def require_one_result(town: Town, hearth: Hearth, number: int, before: int, instant: str) -> None:
    await drawn(hearth, number)
    await settled(town, hearth)
    said = told(town)[before:]
    first, second, third = dict.fromkeys(said)
    assert (first[0], second[0], third) == ("🔒", "🎉", f"The proof of lottery {number}")
    said_again = len(said) - 3  # whoever died may just have been sending what another one wrote
    assert said_again == 1 if " sent" in instant else said_again <= 1, said
    assert len(hearth.database.rows(f"SELECT 1 FROM lottery_winners WHERE lottery_id = {number}")) == 1


async def test_of_three_at_once_whoever_is_killed_there_is_one_result(
    town: Town, three: Hearth, ports: list[int]
) -> None:
    bots = {port: await start(three, port) for port in ports}
    for person in (OPERATOR, *ENTRANTS):
        town.say(GROUP, person, "/checkin")
    for number, instant in enumerate(RACE_INSTANTS, 1):
        with about(instant):
            await open_lottery(town, three, number)
            before = len(told(town))
            for bot in bots.values():
                await bot.arm(instant)
            let_all_want_the_draw(town, three, number)
            await until(lambda: not all(bot.is_running for bot in bots.values()))
            [(port, dead)] = [(port, bot) for port, bot in bots.items() if not bot.is_running]
            assert await dead.exit() == -9
            if " sent" in instant:
                run_sql(three.settings["DATABASE_URL"], LEASE_IS_OVER)
            bots[port] = await start(three, port)
            await require_one_result(town, three, number, before, instant)
    for bot in bots.values():
        await bot.stop()
    assert await three.database.differences() == []
