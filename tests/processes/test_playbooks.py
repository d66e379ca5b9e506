"""kill -9 before, between and after each commit and each send of a step: never twice, in order, or known as unknown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tests.conftest import run_sql
from tests.processes.conftest import GROUPS, Hearth, Town, operator_of, until
from tests.processes.instants import PLAYBOOK_INSTANTS
from tests.processes.killing import Trial, kill_at_each, settled, shares

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


@dataclass(slots=True)
class Steps(Trial):
    """A step of three posts, on one day after the other."""

    ring = 0.25
    number: int = 0
    before: int = 0

    async def prepare(self) -> None:
        """The bot knows the group."""
        if not self.number:
            self.town.say(GROUP, operator_of(GROUP), "/rules")
            await settled(self.town, self.hearth)
        self.number += 1
        self.before = len(self.town.answers())

    def strike(self) -> None:
        """The step falls due."""
        run_sql(
            self.hearth.settings["DATABASE_URL"],
            "INSERT INTO deliveries (playbook, step, group_id, slot, state, slot_at, due_at)"
            f" VALUES ('Day', 'all', 1, '2026-01-{self.number:02}T09:00', 'queued', {self.number}, 0)",
        )

    def look(self, instant: str) -> None:
        """What comes before the instant has been posted."""
        number, is_lost = what_is_lost(instant)
        assert self._posted == TEXTS[: number + (not is_lost and not instant.startswith("before"))]

    async def verify(self, instant: str) -> None:
        """Nothing was posted twice, and what may be missing is known as unknown."""
        await until(lambda: self._state[0] in {"sent", "unknown"})
        number, is_lost = what_is_lost(instant)
        is_unknown = is_lost or instant.startswith("after the sending")
        assert self._posted == [text for place, text in enumerate(TEXTS) if not (is_lost and place == number)]
        assert self._state == (("unknown", [number]) if is_unknown else ("sent", []))

    @property
    def _posted(self) -> list[str]:
        return [text for text in self.town.answers()[self.before :] if text in TEXTS]

    @property
    def _state(self) -> tuple[str, list[int]]:
        [(state, uncertain)] = self.hearth.database.rows(
            f"SELECT state, uncertain FROM deliveries WHERE slot_at = {self.number}"
        )
        return state, json.loads(uncertain)


def what_is_lost(instant: str) -> tuple[int, bool]:
    """Which post an instant is about, and whether nobody knows that it was never sent."""
    return int(instant[-1]) - 1, instant.startswith("after the claim")


@shares(PLAYBOOK_INSTANTS)
async def test_killed_at_any_instant_nothing_is_posted_twice(
    town: Town, polling: Hearth, instants: Sequence[str]
) -> None:
    folder = polling.folder / "playbooks"
    folder.mkdir()
    (folder / "day.yaml").write_text(PLAYBOOK, "utf-8")
    polling.settings["SEND_PER_GROUP_SECOND"] = "100"

    await kill_at_each(instants, Steps(town, polling))
