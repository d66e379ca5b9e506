"""Lotteries with a public beacon, as a group sees them. The rounds are drand's own, the server is on this machine."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.domain.proofs import verify
from bot.services.audits import audit
from bot.services.beacons import is_signed
from bot.settings import Settings
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, TOKEN, Group
from tests.handlers.test_checkins import points_of
from tests.handlers.test_lotteries import points, proofs
from tests.rounds import ROUNDS, Relay, relay


@pytest.fixture
async def drand() -> AsyncIterator[Relay]:
    async with relay() as server:
        yield server


@pytest.fixture
def settings(drand: Relay) -> Settings:
    return Settings(_env_file=None, bot_token=TOKEN, drand_urls=drand.url)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> StoppedClock:
    """Half an hour and a minute before round 1000."""
    return StoppedClock(datetime(2023, 8, 23, 15, 28, 24, tzinfo=UTC))


async def test_the_draw_waits_for_the_round_that_was_announced(
    group_on_either: Group, clock: StoppedClock, drand: Relay
) -> None:
    group = group_on_either
    opened = await group.says(OLIVIA, "/lottery new Tea x1, Mug x1 until 30m beacon") or ""
    assert "Public beacon: drand round 1000, which comes at 15:59:24" in opened
    await group.presses(ALICE, "🎟 Join")
    await group.presses(BOB, "🎟 Join")
    clock.advance(minutes=30, seconds=2)
    await group.hearthbot.ring()
    assert group.said[-1].endswith(
        "The draw waits for drand round 1000 at 15:59:24: until then nobody can know who wins."
    )

    clock.advance(seconds=57)
    await group.hearthbot.ring()
    assert (len(group.said), drand.asked) == (2, 0)
    clock.advance(seconds=1)
    await group.hearthbot.ring()
    await group.hearthbot.ring()

    assert "🎉 Lottery 1 is drawn!" in group.said[-1]
    assert drand.asked == 1
    [proof] = proofs(group)
    assert verify(proof, is_signed) == []
    assert proof["beacon"] == {"closed_at": "2023-08-23T15:58:26+00:00", "round": 1000, "signature": ROUNDS[1000]}
    assert f"drand round 1000: {ROUNDS[1000]}" in (await group.says(ALICE, "/lottery verify 1") or "")
    assert (await audit(group.hearthbot.database)).differences == []


async def test_closed_by_hand_the_first_round_a_minute_later_takes_part(
    group: Group, clock: StoppedClock, drand: Relay
) -> None:
    opened = await group.says(OLIVIA, "/lottery new Tea x1 beacon") or ""
    assert "Public beacon: the first drand round 60 seconds after the closing" in opened
    await group.presses(ALICE, "🎟 Join")
    clock.set(datetime(2023, 8, 23, 15, 58, 24, tzinfo=UTC))

    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    assert "The draw waits for drand round 1000" in group.said[-1]
    assert "drand round 1000: …" in (await group.says(ALICE, "/lottery verify 1") or "")
    clock.advance(seconds=60)
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.ring()

    assert "🏆 Tea: Alice" in group.said[-1]
    assert verify(proofs(group)[0], is_signed) == []


async def test_a_redraw_is_made_with_the_same_round(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 beacon")
    await group.presses(ALICE, "🎟 Join")
    await group.presses(BOB, "🎟 Join")
    clock.set(datetime(2023, 8, 23, 15, 58, 24, tzinfo=UTC))
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    clock.advance(seconds=60)
    await group.hearthbot.ring()
    winner = ALICE if "Alice" in group.said[-1] else BOB

    await group.says(OLIVIA, "/lottery redraw 1 no answer", answering=group.message(winner, "?")["message"])

    assert verify(proofs(group)[-1], is_signed) == []
    assert len(proofs(group)[-1]["redraws"]) == 1


async def test_while_nobody_brings_the_round_it_stays_closed_and_the_group_is_told_once(
    group_on_either: Group, clock: StoppedClock, drand: Relay
) -> None:
    group = group_on_either
    await points(group, ALICE, 10)
    await group.says(OLIVIA, "/lottery new Tea x1 until 30m cost 10 beacon")
    await group.presses(ALICE, "🎟 Join")
    drand.signatures[1000] = ROUNDS[2]
    clock.advance(minutes=30)
    await group.hearthbot.ring()
    told = len(group.said)
    for _ in range(10):
        clock.advance(minutes=1)
        await group.hearthbot.ring()

    assert len(group.said) == told + 1
    assert group.said[-1].startswith("⏳ Lottery 1 waits for drand round 1000, which I cannot fetch.")
    assert 4 <= drand.asked <= 10
    assert proofs(group) == []

    drand.signatures[1000] = ROUNDS[1000]
    clock.advance(minutes=5)
    await group.hearthbot.ring()

    assert "🏆 Tea: Alice" in group.said[-1]
    assert verify(proofs(group)[0], is_signed) == []
    assert await group.says(OLIVIA, "/lottery cancel 1") == "Lottery 1 is over and cannot be cancelled."


async def test_one_that_waits_can_be_called_off_in_front_of_everybody(
    group_on_either: Group, clock: StoppedClock, drand: Relay
) -> None:
    group = group_on_either
    await points(group, ALICE, 10)
    await group.says(OLIVIA, "/lottery new Tea x1 until 30m cost 10 beacon")
    await group.presses(ALICE, "🎟 Join")
    drand.signatures.clear()
    clock.advance(minutes=32)
    await group.hearthbot.ring()

    await group.hearthbot.takes(group.message(OLIVIA, "/lottery cancel 1"))
    clock.advance(minutes=5)
    await group.hearthbot.ring()

    assert group.said[-1] == "🚫 Lottery 1 is cancelled. Everybody who joined gets 10 points back."
    assert await points_of(group) == 10
    assert (await audit(group.hearthbot.database)).differences == []


async def test_a_bot_that_comes_back_late_waits_for_a_round_that_nobody_knows_yet(
    group: Group, clock: StoppedClock
) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 until 5m beacon")
    await group.presses(ALICE, "🎟 Join")
    clock.set(datetime(2023, 8, 23, 15, 58, 24, tzinfo=UTC))

    await group.hearthbot.ring()

    assert "The draw was due at 2023-08-23 15:33 (UTC)" in group.said[-1]
    assert "The draw waits for drand round 1000 at 15:59:24" in group.said[-1]


class TestWithout:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(_env_file=None, bot_token=TOKEN, drand_urls="off")  # type: ignore[arg-type]

    async def test_where_no_beacon_is_set_up_none_can_be_asked_for(self, group: Group) -> None:
        answer = await group.says(OLIVIA, "/lottery new Tea x1 beacon")

        assert answer == "No beacon is set up here (DRAND_URLS): open the lottery without it."
        assert await group.says(OLIVIA, "/lottery draw") == "Which lottery? See /lottery list, and write its number."
