"""kill -9 at the very instants that matter for one update."""

import signal
from dataclasses import dataclass

from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of, until
from tests.processes.instants import UPDATE_INSTANTS
from tests.processes.killing import Trial, kill_at_each, settled

GROUP = GROUPS[0]
MEMBER = members_of(GROUP)[0]


@dataclass(slots=True)
class CheckIns(Trial):
    """One member after the other checks in."""

    number: int = 0
    before: int = 0
    update_id: int = 0

    @property
    def member(self) -> int:
        return members_of(GROUP)[self.number]

    async def prepare(self) -> None:
        self.number += 1
        self.before = len(self.town.answers())

    def strike(self) -> None:
        self.update_id = self.town.say(GROUP, self.member, "/checkin")

    def look(self, instant: str) -> None:
        assert len(self.town.answers()) - self.before == (instant == "after the answer is sent")

    async def verify(self, instant: str) -> None:
        await settled(self.town, self.hearth)
        rows, who = self.hearth.database.rows, f"WHERE user_id = {self.member}"
        assert rows(f"SELECT update_id FROM check_ins {who}") == [(self.update_id,)]
        assert rows(f"SELECT amount FROM ledger {who}") == [(10,)]
        assert rows(f"SELECT balance FROM wallets {who}") == [(10,)]
        answers = self.town.answers()[self.before :]
        assert len(answers) == (2 if instant == "after the answer is sent" else 1)
        assert len(set(answers)) == 1
        assert "day 1! +10 points, 10 in all" in answers[0]


async def test_killed_at_any_instant_the_check_in_counts_once_and_is_answered(town: Town, hearth: Hearth) -> None:
    await kill_at_each(list(UPDATE_INSTANTS), CheckIns(town, hearth))


async def test_what_is_said_again_names_bonuses_and_freeze_cards_as_before(town: Town, polling: Hearth) -> None:
    town.noon -= 2 * 86_400
    for command in ("first_bonus 5", "freeze_cost 0"):
        town.say(GROUP, operator_of(GROUP), f"/settings {command}")
    town.say(GROUP, MEMBER, "/checkin")
    town.say(GROUP, MEMBER, "/freeze")
    await polling.work_off(town)
    town.noon += 2 * 86_400
    town.say(GROUP, MEMBER, "/checkin")
    bot = polling.start(instant="after the answer is sent")
    assert await bot.exit() == -signal.SIGKILL

    await polling.work_off(town)

    first, again = town.answers()[-2:]
    assert "bonus of 5 points" in first
    assert "freeze card kept your streak" in first
    assert again == first


async def test_a_commit_that_is_not_confirmed_needs_no_restart(town: Town, hearth: Hearth) -> None:
    bot = hearth.start(instant="the commit is not confirmed once")
    await bot.ready()
    town.say(GROUP, MEMBER, "/checkin")
    town.say(GROUP, MEMBER, "/me")

    await until(lambda: len(town.answers()) == 2)
    await until(lambda: not hearth.database.waiting())
    await bot.stop()

    assert "day 1! +10 points" in town.answers()[0]
    assert hearth.database.rows("SELECT user_id, amount FROM ledger") == [(MEMBER, 10)]
