"""One kill after another: each start makes good what the last kill left, and is killed at the next instant itself.

So every kill costs one start of a process, not two or three.
"""

import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from tests.processes.conftest import BotProcess, Hearth, Town, until

NEVER = 3600.0
"""Seconds that no test lasts."""

AT_ONCE = 9
"""Kills in one test, so that several workers share them."""


@dataclass(slots=True)
class Trial:
    """Something that is done again and again, and is struck down each time at another instant.

    Every `ring` seconds a bot looks at what is due. Never, where an update asks for all that is done: the two of them
    at once would make it a matter of chance what comes before an instant.
    """

    town: Town
    hearth: Hearth
    ring: ClassVar[float] = NEVER

    async def prepare(self) -> None:
        """Comes to where only the strike is missing; nothing else is under way then."""
        raise NotImplementedError

    def strike(self) -> None:
        """Asks for what a bot is killed at."""
        raise NotImplementedError

    def look(self, instant: str) -> None:
        """Looks at what there is after the kill, before the next bot is started."""

    async def verify(self, instant: str) -> None:
        """Waits until the next bot has made good, and looks at what came of it all."""
        raise NotImplementedError


def shares(instants: Mapping[str, Any]) -> pytest.MarkDecorator:
    """Instants as the parameters of a test, some at a time."""
    names = list(instants)
    each = -(-len(names) // -(-len(names) // AT_ONCE))
    parts = [names[start : start + each] for start in range(0, len(names), each)]
    return pytest.mark.parametrize("instants", parts, ids=[f"{part[0]} and {len(part) - 1} more" for part in parts])


async def kill_at_each(instants: Sequence[str], trial: Trial) -> None:
    """Kills a bot at each of the instants, one bot after the other, on one database."""
    for killed_at, instant in zip(["", *instants], [*instants, "never"], strict=True):
        bot = trial.hearth.start(ring=trial.ring)
        await bot.ready()
        if killed_at:
            with about(killed_at):
                await trial.verify(killed_at)
        if instant != "never":
            with about(instant):
                await kill(bot, instant, trial)
    await trial.hearth.started[-1].stop()


async def kill(bot: BotProcess, instant: str, trial: Trial) -> None:
    """Lets a bot die at an instant."""
    await trial.prepare()
    await bot.arm(instant)
    trial.strike()
    assert await bot.exit() == -signal.SIGKILL
    trial.look(instant)


@contextmanager
def about(instant: str) -> Iterator[None]:
    """Says of which kill a failure is."""
    try:
        yield
    except (AssertionError, TimeoutError) as error:
        error.add_note(f"at or after the kill {instant}")
        raise


async def settled(town: Town, hearth: Hearth) -> None:
    """Returns once all updates are handled and all posts sent."""
    unsent = "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending')"
    await until(
        lambda: not len(town.world.updates) and not hearth.database.waiting() and not hearth.database.rows(unsent)
    )


async def drawn(hearth: Hearth, lottery_id: int) -> None:
    """Returns once a lottery is drawn; until then the operator's command and the timer may hand it to each other."""
    state = f"SELECT state FROM lotteries WHERE id = {lottery_id}"
    await until(lambda: hearth.database.rows(state) == [("drawn",)])


def told(town: Town) -> list[str]:
    """What was said to nobody in reply, oldest first and as often as it was said; of a document its caption."""
    posts = []
    for call in town.world.calls:
        if call.ok and call.method == "sendMessage" and "reply_parameters" not in call.parameters:
            posts.append(call.parameters["text"])
        elif call.ok and call.method == "sendDocument":
            posts.append(call.parameters["caption"])
    return posts


def enter(lottery_id: int, members: Iterable[int]) -> list[str]:
    """The statements that let members enter a lottery behind the bot's back."""
    entries = [
        f"INSERT INTO lottery_entries (lottery_id, user_id, tickets, at) VALUES ({lottery_id}, {member}, 1, 0)"
        for member in members
    ]
    count = f"UPDATE lotteries SET entrants = {len(entries)}, tickets = {len(entries)} WHERE id = {lottery_id}"
    return [*entries, count]
