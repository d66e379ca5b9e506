"""A bot and a group chat to play with."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from bot.settings import Settings
from storage.database import Database, EmbeddedDatabase
from tests.conftest import StoppedClock
from tests.group import OWNER, TOKEN, Group, Hearthbot, PrivateChat, Telegram


@dataclass(frozen=True, slots=True)
class Playbooks:
    """The files of a bot's playbooks; those that are there before it starts come from a fixture that is `autouse`."""

    root: Path

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Without the playbooks and FAQ files that are shipped: to read them again in every test takes its time."""
    folder = tmp_path / "playbooks"
    return Settings(_env_file=None, bot_token=TOKEN, owner_ids=frozenset({OWNER.id}), playbooks_dir=folder)  # type: ignore[arg-type]


@pytest.fixture
def files(settings: Settings) -> Path:
    """The folder of FAQ files."""
    folder = settings.playbooks_dir / "faq"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def playbooks(settings: Settings) -> Playbooks:
    """The playbook files."""
    return Playbooks(settings.playbooks_dir)


@pytest.fixture
async def hearthbot(embedded: EmbeddedDatabase, clock: StoppedClock, settings: Settings) -> AsyncIterator[Hearthbot]:
    """A running bot on an embedded database."""
    hearthbot = Hearthbot(embedded, clock, Telegram(clock), settings)
    await hearthbot.start()
    yield hearthbot
    await hearthbot.stop()


@pytest.fixture
def group(hearthbot: Hearthbot) -> Group:
    return Group(hearthbot)


@pytest.fixture
async def group_on_either(database: Database, clock: StoppedClock, settings: Settings) -> AsyncIterator[Group]:
    """A group whose bot runs once on each engine, where the database matters."""
    hearthbot = Hearthbot(database, clock, Telegram(clock), settings)
    await hearthbot.start()
    yield Group(hearthbot)
    await hearthbot.stop()


@pytest.fixture
def private(hearthbot: Hearthbot) -> type[PrivateChat]:
    return PrivateChat


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Lets pauses cost no time, and says how long they would have been."""
    pauses, really_sleep = list[float](), asyncio.sleep

    async def sleep(seconds: float, *_: object) -> None:
        if seconds:
            pauses.append(seconds)
        await really_sleep(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return pauses
