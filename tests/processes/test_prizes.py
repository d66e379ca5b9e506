"""kill -9 around the sending of codes and the end of claims: each winner has one code, each place one new winner."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tests.conftest import run_sql
from tests.processes.conftest import GROUPS, Hearth, Town, members_of, operator_of, until
from tests.processes.instants import CODE_INSTANTS, EXPIRY_INSTANTS
from tests.processes.killing import Trial, drawn, enter, kill_at_each, settled, shares, told

GROUP = GROUPS[0]
OPERATOR, ENTRANTS = operator_of(GROUP), members_of(GROUP)[:4]


def private(town: Town, person: int, text: str) -> None:
    """Somebody writes to the bot, without which it may not write to them."""
    world = town.world
    town.say(world.private_chat(world.users[person]).id, person, text)


@dataclass(slots=True)
class Prizes(Trial):
    """One lottery after the other: as many members as each has places and two more enter it, and it is drawn."""

    terms: str = ""
    number: int = 0
    before: int = 0

    async def prepare(self) -> None:
        """A new lottery is drawn, and all is said about it."""
        self.number += 1
        if self.number == 1:
            for person in (OPERATOR, *ENTRANTS):
                private(self.town, person, "/help")
                self.town.say(GROUP, person, "/checkin")
        self.town.say(GROUP, OPERATOR, f"/lottery new Tea x2 {self.terms}")
        await settled(self.town, self.hearth)
        run_sql(self.hearth.settings["DATABASE_URL"], *enter(self.number, ENTRANTS))
        self.town.say(GROUP, OPERATOR, f"/lottery draw {self.number}")
        await drawn(self.hearth, self.number)
        await settled(self.town, self.hearth)
        self.before = len(told(self.town))

    @property
    def letters(self) -> dict[int, list[str]]:
        """What each person was told in private about a prize of this lottery, as often as it was told."""
        found = defaultdict(list)
        for call in self.town.world.calls:
            if call.ok and call.method == "sendMessage" and self._is_letter(call.parameters["text"]):
                found[int(call.parameters["chat_id"])].append(call.parameters["text"])
        return found

    @property
    def said_in_the_group(self) -> list[str]:
        return [text for text in told(self.town)[self.before :] if not self._is_letter(text)]

    def _is_letter(self, text: str) -> bool:
        return "You have won" in text and f"in lottery {self.number} of" in text


class Codes(Prizes):
    """The operator brings codes that two winners wait for."""

    def strike(self) -> None:
        codes = "".join(f"\nCODE-{self.number}-{n}" for n in range(3))
        private(self.town, OPERATOR, f"/lottery codes {self.number}{codes}")

    async def verify(self, instant: str) -> None:
        await settled(self.town, self.hearth)
        rows, told_to = self.hearth.database.rows, self.letters
        winners = {user for (user,) in rows(f"SELECT user_id FROM lottery_winners WHERE lottery_id = {self.number}")}
        given = dict(rows(f"SELECT user_id, code FROM prize_codes WHERE lottery_id = {self.number} AND user_id > 0"))
        assert len(winners) == 2
        assert set(told_to) == winners == set(given)
        for user_id, texts in told_to.items():
            assert len(set(texts)) == 1, "word for word the same"
            assert len(texts) <= 2
            assert f"<code>{given[user_id]}</code>" in texts[0]
        assert not [text for text in self.said_in_the_group if "CODE-" in text]


class Expiries(Prizes):
    """Two places are not claimed in time."""

    ring = 0.25

    def strike(self) -> None:
        ago = int((time.time() - 12) * 1_000_000)
        which = f"WHERE lottery_id = {self.number}"
        run_sql(self.hearth.settings["DATABASE_URL"], f"UPDATE lottery_winners SET claim_by = {ago} {which}")

    async def verify(self, instant: str) -> None:
        which = f"WHERE lottery_id = {self.number}"
        rows = self.hearth.database.rows
        await until(lambda: len(rows(f"SELECT 1 FROM lottery_winners {which}")) == 4)
        await settled(self.town, self.hearth)
        said, told_to = self.said_in_the_group, self.letters
        assert [text for text in dict.fromkeys(said) if text[0] == "⏳" or text.startswith("The proof")] == list(
            dict.fromkeys(said)
        )
        assert len(set(said)) == 2
        assert len({user for (user,) in rows(f"SELECT user_id FROM lottery_winners {which} AND redraw > 0")}) == 2
        assert set(told_to) == set(ENTRANTS)
        assert all(len(set(texts)) == 1 for texts in told_to.values())
        assert len(said) <= 3


@shares(CODE_INSTANTS)
async def test_killed_while_codes_are_sent_each_winner_has_the_same_one_code(
    town: Town, polling: Hearth, instants: Sequence[str]
) -> None:
    await kill_at_each(instants, Codes(town, polling))

    assert "CODE-" not in "".join(process.stderr for process in polling.started)
    assert await polling.database.differences() == []


@shares(EXPIRY_INSTANTS)
async def test_killed_while_places_run_out_each_has_one_new_winner(
    town: Town, polling: Hearth, instants: Sequence[str]
) -> None:
    await kill_at_each(instants, Expiries(town, polling, "claim 1h"))

    assert await polling.database.differences() == []
