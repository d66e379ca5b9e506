"""Whole processes: the bot as it is installed, and a sandbox in the test's own event loop as its platform."""

import asyncio
import json
import multiprocessing
import os
import signal
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from bot.sandbox.conversation import Utterance, say, text_content
from bot.sandbox.server import build_app
from bot.sandbox.world import Fault, World
from bot.services.audits import audit
from storage.database import open_database
from tests.processes.entry import ARMED, run

TOKEN = "7000000001:processes-of-its-own-need-a-token-too"
SECRET = "whole-processes"
FIRST_UPDATE = 5_000_000
GROUPS = (-1001, -1002, -1003, -1004)
MEMBERS = 60

_FORKSERVER = multiprocessing.get_context("forkserver")
_FORKSERVER.set_forkserver_preload(["tests.processes.warm"])


PATIENCE = 200.0
"""Seconds in which anything happens however busy the machine is: a post of which nobody has heard waits for 180."""


async def until(condition: Callable[[], bool]) -> None:
    """Returns once a condition holds, which another process brings about; raises `TimeoutError`."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - nobody here could set an event
            await asyncio.sleep(0.01)


def operator_of(chat_id: int) -> int:
    return -chat_id * 1000


def members_of(chat_id: int) -> list[int]:
    """The members of a group, its operator left out."""
    return [operator_of(chat_id) + number for number in range(1, MEMBERS + 1)]


def world_text() -> str:
    people = [user_id for chat_id in GROUPS for user_id in (operator_of(chat_id), *members_of(chat_id))]
    return yaml.safe_dump(
        {
            "bot": {"id": 7000000001, "token": TOKEN, "first_name": "Hearth", "username": "hearth_test_bot"},
            "users": [{"id": user_id, "first_name": f"M{user_id}", "username": f"m{user_id}"} for user_id in people],
            "groups": [
                {
                    "id": chat_id,
                    "title": f"Group {-chat_id}",
                    "bot": "administrator",
                    "members": [
                        {"user": operator_of(chat_id), "status": "creator"},
                        *({"user": user_id} for user_id in members_of(chat_id)),
                    ],
                }
                for chat_id in GROUPS
            ],
        }
    )


@dataclass(slots=True)
class Town:
    """The platform. What is said without a date is said at one and the same instant, so that midnight changes nothing.

    `said` are all the messages, as (update id, chat id, message id).
    """

    world: World
    url: str
    noon: int
    said: list[tuple[int, int, int]] = field(default_factory=list)

    def say(self, chat_id: int, user_id: int, text: str, date: int | None = None) -> int:
        """A person says something; returns the id of the update."""
        chat, user = self.world.chats[chat_id], self.world.users[user_id]
        message = say(self.world, chat, user, Utterance(text_content(text), date=date or self.noon))
        update_id: int = self.world.updates.pending()[-1]["update_id"]
        self.said.append((update_id, chat_id, message["message_id"]))
        return update_id

    def slow_down(self, method: str, seconds: float) -> None:
        """Lets every call of a method take so long, so that some are always under way."""
        self.world.faults.append(Fault(method, 1_000_000, None, "", delay=seconds))

    def answers(self) -> list[str]:
        """Every text that the bot has sent, oldest first."""
        return [call.parameters["text"] for call in self.world.calls if call.method == "sendMessage" and call.ok]

    @property
    def is_answered(self) -> bool:
        """Whether the bot has taken every update, and answered all that was said."""
        return not len(self.world.updates) and len(self.answers_by_update()) == len(self.said)

    def answers_by_update(self) -> dict[int, list[str]]:
        """What was said in answer to each update."""
        updates = {(chat_id, message_id): update_id for update_id, chat_id, message_id in self.said}
        found = defaultdict(list)
        for call in self.world.calls:
            if call.method == "sendMessage" and call.ok:
                reply = call.parameters["reply_parameters"]
                reply = json.loads(reply) if isinstance(reply, str) else reply
                found[updates[int(call.parameters["chat_id"]), reply["message_id"]]].append(call.parameters["text"])
        return found


class Files:
    """A database, read behind the bot's back."""

    def __init__(self, url: str) -> None:
        self._url = url
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            address = address.set(drivername="sqlite")
        self._engine = create_engine(address, poolclass=NullPool)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def waiting(self) -> int:
        """How many updates were taken in and not handled."""
        [(count,)] = self.rows("SELECT count(*) FROM updates WHERE payload IS NOT NULL")
        return int(count)

    def messages(self) -> int:
        """How many messages were counted."""
        [(count,)] = self.rows("SELECT coalesce(sum(messages), 0) FROM activity")
        return int(count)

    async def differences(self) -> list[str]:
        """What `hearthbot audit` finds."""
        database = await open_database(self._url, read_only=True)
        try:
            return list((await audit(database)).differences)
        finally:
            await database.close()


class BotProcess:
    """A running bot."""

    def __init__(self, process: ForkServerProcess, folder: Path, number: int) -> None:
        self._process = process
        self._folder = folder
        self._number = number

    @property
    def is_running(self) -> bool:
        return self._process.is_alive()

    @property
    def stdout(self) -> str:
        return self._read("stdout")

    @property
    def stderr(self) -> str:
        return self._read("stderr")

    async def ready(self) -> None:
        """Returns once it takes updates, and signals."""
        await until(lambda: "Hearthbot" in self.stdout or not self.is_running)
        assert self.is_running, self.stderr

    def send(self, number: int) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    async def arm(self, instant: str) -> None:
        """Lets one that was started with `ring` die at an instant that comes from now on."""
        (self._folder / f"instant.{self._number}").write_text(instant)
        self.send(signal.SIGUSR1)
        await until(lambda: f"{ARMED}{instant}\n" in self.stdout or not self.is_running)

    async def exit(self, seconds: float = PATIENCE) -> int:
        """The exit code, once it has ended; minus the signal, if that is what ended it."""
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            async with asyncio.timeout(seconds):
                await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        assert self._process.exitcode is not None
        return self._process.exitcode

    async def kill(self) -> None:
        """Kills it as `kill -9` does."""
        self.send(signal.SIGKILL)
        assert await self.exit() == -signal.SIGKILL

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """Stops it as a service manager does."""
        self.send(number)
        assert await self.exit() == 0, self.stderr

    def end(self) -> None:
        """Clears up after a test."""
        if self.is_running:
            self._process.kill()
        self._process.join()
        self._process.close()

    def _read(self, name: str) -> str:
        file = self._folder / f"{name}.{self._number}"
        return file.read_text("utf-8") if file.exists() else ""


class Hearth:
    """The folder of an installation: it starts bots, one after the other or, wrongly, two at once."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.settings = settings
        self.started: list[BotProcess] = []

    @cached_property
    def database(self) -> Files:
        """As the settings say; they must not change any more."""
        return Files(self.settings["DATABASE_URL"])

    def start(
        self, *arguments: str, instant: str = "never", ring: float | None = None, **settings: str
    ) -> BotProcess:  # fmt: skip
        """A bot that dies at an instant; with `ring` it looks at what is due so often, and can be armed."""
        number = len(self.started)
        environment = {"PATH": os.environ["PATH"], **self.settings, **settings}
        process = _FORKSERVER.Process(target=run, args=(arguments, environment, self.folder, number, instant, ring))
        process.start()
        self.started.append(BotProcess(process, self.folder, number))
        return self.started[-1]

    async def work_off(self, town: Town) -> None:
        """Starts a bot, and stops it when nothing is left to do."""
        bot = self.start()
        await until(lambda: town.is_answered)
        await until(lambda: not self.database.waiting())
        await bot.ready()
        await bot.stop()

    def end(self) -> None:
        """Clears up, and looks whether any of them complained of a mistake in itself."""
        printed = "".join(f"--- process {number}\n{bot.stderr}" for number, bot in enumerate(self.started))
        for bot in self.started:
            bot.end()
        print(printed)  # noqa: T201 - pytest shows it when the test fails
        assert "Traceback" not in printed, printed
        assert "Warning" not in printed, printed


@contextmanager
def held_port() -> Iterator[int]:
    """A port that nobody else is given, though the bot can listen there."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    world = World.load(world_text(), "town.yaml", first_update_id=FIRST_UPDATE)
    runner = web.AppRunner(build_app(world), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Town(world, f"http://127.0.0.1:{runner.addresses[0][1]}", world.clock.unix())
    await runner.cleanup()


@pytest.fixture
def port() -> Iterator[int]:
    with held_port() as port:
        yield port


@pytest.fixture
def polling(town: Town, tmp_path: Path, sqlite_url: str) -> Iterator[Hearth]:
    """A bot that polls the town."""
    settings = {"BOT_TOKEN": TOKEN, "BOT_API_URL": town.url, "DATABASE_URL": sqlite_url, "LOG_LEVEL": "INFO"}
    hearth = Hearth(tmp_path, settings)
    yield hearth
    hearth.end()


@pytest.fixture
def polling_on_server(polling: Hearth, postgresql_url: str) -> Hearth:
    """A bot that polls the town, and keeps everything in PostgreSQL."""
    polling.settings["DATABASE_URL"] = postgresql_url
    return polling


@pytest.fixture
def called(polling: Hearth, port: int) -> Hearth:
    """A bot that the town calls by webhook."""
    url = f"http://127.0.0.1:{port}/hook"
    polling.settings |= {"WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET, "HTTP_PORT": str(port)}
    return polling


@pytest.fixture(params=["polling", "called"])
def hearth(request: pytest.FixtureRequest) -> Hearth:
    """A bot that works, once in each mode."""
    hearth: Hearth = request.getfixturevalue(request.param)
    return hearth
