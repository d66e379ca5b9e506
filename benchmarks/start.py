"""From the start of the process to its first answer in the sandbox, against `import aiogram`."""

import asyncio
import os
import resource
import socket
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from benchmarks.house import require
from benchmarks.measuring import Cost, Finding, Turns, in_turns, report

CHAT, MEMBER = -1002000000001, 1001
"""The demo world's shop, and its owner."""

LONGEST = 10.0
"""Seconds, on two cores."""

ROUNDS = 7
_REPOSITORY = Path(__file__).parents[1]


async def measure() -> list[Finding]:
    """The bar is a duration; the ratio says how much of it is the library's."""
    turns = await in_turns({"bot": _first_answer, "import": _import_aiogram}, ROUNDS)
    return [_duration(turns), _ratio(turns)]


def _duration(turns: Turns) -> Finding:
    durations = sorted(cost.wall for cost in turns.costs["bot"])
    median = durations[len(durations) // 2]
    return Finding(
        "start: from `python -m bot` to the first answer in the sandbox",
        f"{median:.1f} s ({durations[0]:.1f}-{durations[-1]:.1f})",
        f"< {LONGEST:g} s",
        median < LONGEST,
    )


def _ratio(turns: Turns) -> Finding:
    cpu = f"CPU {turns.cpu_ratio('bot', 'import')}: {turns.cpu('bot')} vs {turns.cpu('import')}"
    return Finding('the same vs `python -c "import aiogram"`', f"{cpu}; duration {turns.wall_ratio('bot', 'import')}")


async def _first_answer() -> Cost:
    with TemporaryDirectory() as directory:
        port = _free_port()
        environment = {"DATABASE_URL": f"sqlite+aiosqlite:///{directory}/hearthbot.db", "HTTP_PORT": str(port)}
        wall, cpu = time.perf_counter(), _children_cpu()
        bot = await _spawn("-m", "bot", directory=directory, environment=environment)
        try:
            async with asyncio.timeout(120):
                await _until_answered(f"http://127.0.0.1:{port}/sandbox/api/chats/{CHAT}/messages", bot)
            wall = time.perf_counter() - wall
        finally:
            if bot.returncode is None:
                bot.terminate()
            await bot.wait()
    return Cost(wall, _children_cpu() - cpu)


async def _until_answered(address: str, bot: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as client:
        while True:
            require(bot.returncode is None, "the bot has ended")
            try:
                async with client.post(address, json={"user_id": MEMBER, "text": "签到"}) as said:
                    said.raise_for_status()
                break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
        while True:
            async with client.get(address) as messages:
                if any(message["outgoing"] for message in (await messages.json())["result"]):
                    return
            await asyncio.sleep(0.02)


async def _import_aiogram() -> Cost:
    wall, cpu = time.perf_counter(), _children_cpu()
    process = await _spawn("-c", "import aiogram", directory=".", environment={})
    require(await process.wait() == 0, "aiogram cannot be imported")
    return Cost(time.perf_counter() - wall, _children_cpu() - cpu)


async def _spawn(*arguments: str, directory: str, environment: dict[str, str]) -> asyncio.subprocess.Process:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=directory,
        env=kept | {"PYTHONPATH": str(_REPOSITORY)} | environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


if __name__ == "__main__":
    report(asyncio.run(measure()))
