"""kill -9 before, between and after the commit of an offence and each thing that is done about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of
from tests.processes.instants import OFFENCE_INSTANTS
from tests.processes.killing import Trial, kill_at_each, settled, shares

GROUP = GROUPS[0]


@dataclass(slots=True)
class Offences(Trial):
    """One member after the other advertises."""

    number: int = 0
    before: int = 0
    message_id: int = 0

    @property
    def offender(self) -> int:
        return members_of(GROUP)[self.number]

    async def prepare(self) -> None:
        if not self.number:
            for setting in ("links all", "ladder mute:1h ban"):
                self.town.say(GROUP, operator_of(GROUP), f"/settings {setting}")
            await settled(self.town, self.hearth)
        self.number += 1
        self.before = len(self.town.answers())

    def strike(self) -> None:
        self.town.say(GROUP, self.offender, "cheap watches at https://spam.example")
        _, _, self.message_id = self.town.said[-1]

    async def verify(self, instant: str) -> None:
        await settled(self.town, self.hearth)
        rows, chat = self.hearth.database.rows, self.town.world.chats[GROUP]
        assert rows(f"SELECT action FROM offences WHERE user_id = {self.offender}") == [("mute",)]
        assert len(rows("SELECT 1 FROM changes WHERE what LIKE 'offence:%'")) == self.number
        assert self.message_id not in chat.messages
        assert chat.members[self.offender].status == "restricted", "not banned: the ladder was climbed once"
        told = self.town.answers()[self.before :]
        assert len(told) == (2 if instant == "after the word about it" else 1)
        assert len(set(told)) == 1


@shares(OFFENCE_INSTANTS)
async def test_killed_at_any_instant_an_offence_counts_once_and_costs_what_it_costs(
    town: Town, polling: Hearth, instants: Sequence[str]
) -> None:
    await kill_at_each(instants, Offences(town, polling))
