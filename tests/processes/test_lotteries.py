"""kill -9 before, between and after each commit and each send of a draw: one result, announced."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.conftest import run_sql
from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of
from tests.processes.instants import DRAW_INSTANTS
from tests.processes.killing import Trial, drawn, enter, kill_at_each, settled, shares, told

GROUP = GROUPS[0]
ENTRANTS = members_of(GROUP)[:3]


@dataclass(slots=True)
class Draws(Trial):
    """One lottery after the other, each drawn by its operator."""

    number: int = 0
    before: int = 0

    async def prepare(self) -> None:
        """Three members have entered a new lottery."""
        self.number += 1
        if self.number == 1:
            for member in ENTRANTS:
                self.town.say(GROUP, member, "/checkin")
        self.town.say(GROUP, operator_of(GROUP), "/lottery new Tea x1")
        await settled(self.town, self.hearth)
        run_sql(self.hearth.settings["DATABASE_URL"], *enter(self.number, ENTRANTS))
        self.before = len(told(self.town))

    def strike(self) -> None:
        """The operator draws."""
        self.town.say(GROUP, operator_of(GROUP), f"/lottery draw {self.number}")

    async def verify(self, instant: str) -> None:
        """There is one result; what may have been said is said again, word for word, and nothing else is."""
        await drawn(self.hearth, self.number)
        await settled(self.town, self.hearth)
        said = told(self.town)[self.before :]
        assert len(set(said)) == 3
        between = instant.startswith(("after the sending", "before the record"))
        assert len(said) - 3 == (1 if between else 0), said
        first, second, third = dict.fromkeys(said)
        assert (first[0], second[0], third) == ("🔒", "🎉", f"The proof of lottery {self.number}")
        winners = self.hearth.database.rows(f"SELECT 1 FROM lottery_winners WHERE lottery_id = {self.number}")
        assert len(winners) == 1


@shares(DRAW_INSTANTS)
async def test_killed_at_any_instant_of_a_draw_there_is_one_result_and_it_is_announced(
    town: Town, polling: Hearth, instants: Sequence[str]
) -> None:
    await kill_at_each(instants, Draws(town, polling))

    assert await polling.database.differences() == []
