"""Lotteries as a group sees them."""

import json
from typing import Any

from bot.domain.proofs import read_proof, verify
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CAROL, OLIVIA, Group, Persona


async def known(group: Group, *people: Persona) -> None:
    for person in people:
        await group.says(person, "hello")
    await group.hearthbot.write_activity()


def proofs(group: Group) -> list[Any]:
    """The proofs that were published here, oldest first."""
    return [read_proof(text) for (chat_id, _), text in group.telegram.documents.items() if chat_id == group.chat_id]


async def test_a_lottery_from_its_opening_to_its_proof(group_on_either: Group) -> None:
    group = group_on_either
    opened = await group.says(OLIVIA, "/lottery new Tea x1, Mug x2 until 20:00 at 50 entrants")
    assert opened is not None
    lines = opened.splitlines()
    assert lines[:-1] == [
        "🎁 Lottery 1", "Tea × 1", "Mug × 2", "Draw: 2026-11-22 20:00 (UTC)", "Draw as soon as 50 have joined",
        "0 members have joined, with 0 tickets in all.",
    ]  # fmt: skip
    commitment = lines[-1].removeprefix("Commitment: ")

    assert await group.presses(ALICE, "🎟 Join") == "🎟 Lottery 1: you have 1 of 1 ticket."
    assert await group.presses(BOB, "🎟 Join") == "🎟 Lottery 1: you have 1 of 2 tickets."
    assert await group.presses(ALICE, "🎟 Join") == "🎟 Lottery 1: you have 1 of 2 tickets."
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    closed, drawn = group.said[-2:]
    assert closed.startswith("🔒 Lottery 1 is closed: 2 entrants, 2 tickets.\nList: ")
    assert drawn.startswith("🎉 Lottery 1 is drawn!\n🏆 Tea: ")
    assert {name for name in ("Alice", "Bob") if name in drawn} == {"Alice", "Bob"}
    [proof] = proofs(group)
    assert verify(proof) == []
    assert (proof["commitment"], proof["entrants_hash"]) == (commitment, closed.splitlines()[1].removeprefix("List: "))
    assert proof["seed"] in drawn
    assert group.telegram.messages[next(iter(group.telegram.documents))]["caption"] == "The proof of lottery 1"


async def test_it_is_drawn_when_its_time_has_come_and_once(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 until 30m")
    await group.presses(ALICE, "🎟 Join")
    clock.advance(minutes=29, seconds=59)
    await group.hearthbot.ring()
    assert len(group.said) == 1

    clock.advance(seconds=1)
    await group.hearthbot.ring()
    await group.hearthbot.ring()

    assert len(group.said) == 3
    assert "🏆 Tea: Alice" in group.said[-1]
    assert len(proofs(group)) == 1


async def test_the_last_of_so_many_entrants_lets_it_be_drawn(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 at 2 entrants")
    await group.presses(ALICE, "🎟 Join")
    assert len(group.said) == 1

    await group.presses(BOB, "🎟 Join")

    assert "🎉 Lottery 1 is drawn!" in group.said[-1]
    assert await group.sends_back(CAROL, "lottery:1", group.shown[0]) == "Lottery 1 is over."


async def test_the_same_updates_twice_change_nothing(group_on_either: Group) -> None:
    group = group_on_either
    opening = group.message(OLIVIA, "/lottery new Tea x1")
    drawing = group.message(OLIVIA, "/lottery draw 1")
    for update in (opening, opening, drawing, drawing):
        await group.hearthbot.takes(update)
        await group.hearthbot.engine.intake.handle(update)  # as after a kill before it was marked

    assert len(group.said) == 3
    assert group.said[-1].startswith("Lottery 1 is drawn: nobody had joined")
    assert len(proofs(group)) == 1


async def test_json_of_the_proof_names_nobody(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    await group.presses(ALICE, "🎟 Join")
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    written = json.dumps(proofs(group))

    assert "Alice" not in written
    assert str(ALICE.id) not in written
