"""kill -9 before, between and after each commit and each send of a step: never twice, in order, or known as unknown."""

import json
import signal

import pytest

from tests.conftest import run_sql
from tests.processes.conftest import GROUPS, Hearth, Town, operator_of, until
from tests.processes.instants import PLAYBOOK_INSTANTS

GROUP = GROUPS[0]
TEXTS = ["First", "Second", "Third"]
PLAYBOOK = """
name: Day
steps:
  - id: all
    at: "09:00"
    if_missed: next
    do: [{send: First}, {send: Second}, {send: Third}]
"""


def posted(town: Town) -> list[str]:
    return [text for text in town.answers() if text in TEXTS]


async def queue(town: Town, hearth: Hearth) -> None:
    """A step that is due, in a group which the bot knows."""
    folder = hearth.folder / "playbooks"
    folder.mkdir()
    (folder / "day.yaml").write_text(PLAYBOOK, "utf-8")
    hearth.settings["SEND_PER_GROUP_SECOND"] = "100"
    town.say(GROUP, operator_of(GROUP), "/rules")
    await hearth.work_off(town)
    run_sql(
        hearth.settings["DATABASE_URL"],
        "INSERT INTO deliveries (playbook, step, group_id, slot, state, slot_at, due_at)"
        " VALUES ('Day', 'all', 1, '2026-11-22T09:00', 'queued', 0, 0)",
    )


def state(hearth: Hearth) -> tuple[str, list[int]]:
    [(state, uncertain)] = hearth.database.rows("SELECT state, uncertain FROM deliveries WHERE slot_at = 0")
    return state, json.loads(uncertain)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("instant", PLAYBOOK_INSTANTS)
async def test_killed_at_an_instant_nothing_is_posted_twice(town: Town, polling: Hearth, instant: str) -> None:
    await queue(town, polling)
    bot = polling.start(instant=instant)
    assert await bot.exit() == -signal.SIGKILL
    before = posted(town)

    bot = polling.start()
    await until(lambda: state(polling)[0] in {"sent", "unknown"})
    await bot.ready()
    await bot.stop()

    number = int(instant[-1]) - 1
    is_lost = instant.startswith("after the claim")
    is_unknown = is_lost or instant.startswith("after the sending")
    assert before == TEXTS[: number + (not is_lost and not instant.startswith("before"))]
    assert posted(town) == [text for place, text in enumerate(TEXTS) if not (is_lost and place == number)]
    assert state(polling) == (("unknown", [number]) if is_unknown else ("sent", []))
