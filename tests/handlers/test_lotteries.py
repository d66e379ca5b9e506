"""Lotteries as a group sees them."""

import asyncio
import hashlib
import json
import re
from typing import Any

import pytest

from bot.domain.proofs import read_proof, verify
from bot.services.audits import audit
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CAROL, OLIVIA, OWNER, Flood, Group, Persona, PrivateChat, Refused, Unreachable
from tests.handlers.test_checkins import points_of


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
        "🤝 Every invite that counts: 1 ticket more (/invite)", "0 members have joined, with 0 tickets in all.",
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


async def points(group: Group, person: Persona, amount: int) -> None:
    await group.says(OLIVIA, f"/points give {amount} x", answering=group.message(person, "hi")["message"])


async def found_by_the_audit(group: Group) -> list[str]:
    return list((await audit(group.hearthbot.database)).differences)


async def test_an_entry_costs_points_and_they_come_back_once_when_it_is_cancelled(group_on_either: Group) -> None:
    group = group_on_either
    await points(group, ALICE, 15)
    opened = await group.says(OLIVIA, "/lottery new Tea x1 cost 10")
    assert "Joining costs 10 points." in (opened or "")
    assert await group.presses(BOB, "🎟 Join") == "Not enough: 10 needed, 0 there."
    joining = group.press(ALICE, "lottery:1", group.shown[-1])
    for _ in range(2):
        await group.hearthbot.engine.intake.handle(joining)
    assert await points_of(group) == 5
    assert await found_by_the_audit(group) == []

    cancelling = group.message(OLIVIA, "/lottery cancel")
    for _ in range(2):
        await group.hearthbot.engine.intake.handle(cancelling)

    assert group.said[-1] == "🚫 Lottery 1 is cancelled. Everybody who joined gets 10 points back."
    assert await points_of(group) == 15
    assert await found_by_the_audit(group) == []
    assert await group.says(OLIVIA, "/lottery cancel 1") == "Lottery 1 is over and cannot be cancelled."
    assert await group.says(OLIVIA, "/lottery draw 1") == "Lottery 1 is over."
    assert await points_of(group) == 15


async def test_rules_change_as_an_announced_version_while_nobody_has_joined(group_on_either: Group) -> None:
    group = group_on_either
    first = (await group.says(OLIVIA, "/lottery new Tea x1 until 20:00") or "").splitlines()[-1]
    said = (await group.says(OLIVIA, "/lottery change #1 Mug x2 keyword mug")) or ""
    lines = said.splitlines()
    assert lines[0] == "✏️ Lottery 1 has new rules, version 2; nobody had joined:"
    assert lines[1:3] == ["Mug × 2", "Draw: when an operator says so"]
    assert lines[-1] != first
    assert group.said[0].splitlines()[1] == "Mug × 2", "the post with the button follows at once"
    assert group.said[0].splitlines()[-1] == lines[-1]
    assert "Lottery 1: you have 1 of 1 ticket." in (await group.says(ALICE, "mug") or "")

    frozen = "Lottery 1 has entrants or codes: its rules stay as they are. Cancel it and open another."
    assert await group.says(OLIVIA, "/lottery change 1 Tea x9") == frozen
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    [proof] = proofs(group)
    assert verify(proof) == []
    assert (proof["rules"]["version"], f"Commitment: {proof['rules']['previous']}") == (2, first)
    assert f"Commitment: {proof['commitment']}" == lines[-1]
    assert await group.says(OLIVIA, "/lottery change 1 Tea x9") == "Lottery 1 is over."
    assert "lottery 1: given new rules" in (await group.says(OLIVIA, "/audit") or "").lower()
    assert await found_by_the_audit(group) == []


async def test_a_change_counts_once_and_what_is_wrong_changes_nothing(group: Group) -> None:
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x1")
    update = group.message(OLIVIA, "/lottery change 1 Mug x1")
    await group.hearthbot.takes(update)
    await group.hearthbot.engine.intake.handle(update)  # as after a kill before it was marked
    assert len(group.said) == 2
    assert await group.says(ALICE, "/lottery change 1 Mug x9") == "Only this group's administrators can do that."
    for wrong in ("/lottery change Mug x1", "/lottery change 2 Mug x1", "/lottery change 1 Mug x1 until yesterday"):
        assert "version" not in (await group.says(OLIVIA, wrong) or "")
    await PrivateChat.of(OLIVIA, group.hearthbot).says(OLIVIA, "/lottery codes 1\nCODE-1")

    assert "its rules stay" in (await group.says(OLIVIA, "/lottery change 1 Pin x1") or "")
    assert "#1 · open · Mug × 1" in (await group.says(BOB, "/lottery list") or "")


async def test_a_post_that_goes_out_after_a_change_follows_then(group: Group, clock: StoppedClock) -> None:
    group.telegram.fails("sendMessage", Refused(500, "Internal Server Error"))
    for words in ("new Tea x1", "change 1 Mug x1"):
        await group.hearthbot.takes(group.message(OLIVIA, f"/lottery {words}"))
    for _ in range(2):
        clock.advance(seconds=30)
        await group.hearthbot.ring()

    assert group.said[0].splitlines()[1] == "Mug × 1"
    assert group.said[1].startswith("✏️ Lottery 1 has new rules")


async def test_a_change_and_an_entry_at_once_leave_nobody_in_on_rules_they_did_not_see(group_on_either: Group) -> None:
    group = group_on_either
    await points(group, ALICE, 100)
    await group.says(OLIVIA, "/lottery new Tea x1 cost 10")
    engine, entering = group.hearthbot.engine, group.press(ALICE, "lottery:1", group.shown[-1])
    changing = group.message(OLIVIA, "/lottery change 1 Tea x1 cost 30")

    await asyncio.gather(engine.intake.handle(entering), engine.intake.handle(changing))

    lottery = await group.hearthbot.database.read(lambda tx: tx.lotteries.find(1, 1))
    assert lottery is not None
    assert lottery.entrants == 1
    assert await points_of(group) == 100 - lottery.terms.cost
    assert await found_by_the_audit(group) == []


async def test_an_operator_who_draws_again_and_again_gets_one_result(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x5")
    for person in (ALICE, BOB, CAROL):
        await group.presses(person, "🎟 Join")
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    result = group.said[-1]

    for _ in range(4):
        assert await group.says(OLIVIA, "/lottery draw 1") == "Lottery 1 is over."
        await group.hearthbot.ring()

    assert [text for text in group.said if "is drawn" in text] == [result]
    assert len(proofs(group)) == 1


async def test_a_streak_is_worth_tickets(group: Group, clock: StoppedClock) -> None:
    for _ in range(7):
        clock.advance(days=1)
        await group.says(ALICE, "/checkin")
    await group.says(OLIVIA, "/lottery new Tea x1")

    assert await group.presses(BOB, "🎟 Join") == "🎟 Lottery 1: you have 1 of 1 ticket."
    assert await group.presses(ALICE, "🎟 Join") == "🎟 Lottery 1: you have 2 of 3 tickets."


async def test_who_has_left_by_the_draw_does_not_win(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/lottery new Tea x3")
    for person in (ALICE, BOB, CAROL):
        await group.presses(person, "🎟 Join")
    await group.leaves(BOB)
    await group.leaves(CAROL, kicked=True)

    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    assert group.said[-2].startswith("🔒 Lottery 1 is closed: 1 entrant, 1 ticket.")
    assert "🏆 Tea: Alice\n" in group.said[-1]
    assert await group.sends_back(BOB, "lottery:1", group.shown[0]) == "🎟 Lottery 1: you have 1 of 3 tickets."
    assert await found_by_the_audit(group) == []


async def test_operators_are_left_out_where_that_was_announced(group: Group) -> None:
    await group.promotes(OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x3 no operators")
    await group.presses(ALICE, "🎟 Join")
    await group.presses(BOB, "🎟 Join")
    assert await group.presses(OLIVIA, "🎟 Join") == "This lottery is not for operators."
    await group.promotes(BOB)

    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    assert "🏆 Tea: Alice\n" in group.said[-1]


async def test_operators_are_left_out_also_those_whom_nobody_saw_become_one(group: Group, clock: StoppedClock) -> None:
    operators = group.telegram.administrators[group.chat_id]
    await group.says(OLIVIA, "/lottery new Tea x1 no operators")
    for person in (OLIVIA, OWNER):
        assert await group.presses(person, "🎟 Join") == "This lottery is not for operators."
    for person in (ALICE, BOB, CAROL):
        await group.presses(person, "🎟 Join")
    operators[CAROL.id] = CAROL
    clock.advance(minutes=11)

    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    assert group.said[-2].startswith("🔒 Lottery 1 is closed: 2 entrants, 2 tickets.")
    winner = ALICE if "🏆 Tea: Alice\n" in group.said[-1] else BOB
    operators |= {person.id: person for person in (ALICE, BOB)}
    del operators[CAROL.id]
    clock.advance(minutes=11)
    answer = await group.says(OLIVIA, f"/lottery redraw 1 @{winner.username}")
    assert answer == f"🔁 Lottery 1: nobody is left to win in place of {winner.first_name}."
    await group.says(OLIVIA, "/lottery new Tea x1 no operators")
    assert await group.presses(CAROL, "🎟 Join") == "🎟 Lottery 2: you have 1 of 1 ticket."


async def test_who_has_left_cannot_join(group: Group) -> None:
    await group.leaves(BOB)
    await group.says(OLIVIA, "/lottery new Tea x1")

    assert "This lottery is for members" in (await group.presses(BOB, "🎟 Join") or "")


async def test_a_link_into_the_private_chat_enters(group: Group, private: type[PrivateChat]) -> None:
    await known(group, ALICE)
    await group.says(OLIVIA, "/lottery new Tea x1 at 2 entrants")
    group.telegram.gone.add((group.chat_id, BOB.id))
    alone = private.of(ALICE, group.hearthbot)

    assert await alone.says(ALICE, "/start lottery-1") == "🎟 Lottery 1: you have 1 of 1 ticket."
    assert await alone.says(ALICE, "/start lottery-1") == "🎟 Lottery 1: you have 1 of 1 ticket."
    assert "This lottery is for members" in (await private.of(BOB, group.hearthbot).says(BOB, "/start lottery-1") or "")
    for number in ("7", "x", ""):
        assert "Which lottery?" in (await alone.says(ALICE, f"/start lottery-{number}") or "")
    assert "Which lottery?" not in (await alone.says(ALICE, "/start other-1") or "")
    await known(group, BOB)
    await private.of(BOB, group.hearthbot).says(BOB, "/start lottery-1")
    assert "🎉 Lottery 1 is drawn!" in group.said[-1]


async def test_a_place_is_drawn_again_and_only_that_one(group_on_either: Group) -> None:
    group = group_on_either
    people = {person.first_name: person for person in (ALICE, BOB, CAROL)}
    await known(group, *people.values())
    await group.says(OLIVIA, "/lottery new Tea x1, Mug x1")
    for person in people.values():
        await group.presses(person, "🎟 Join")
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    tea, mug = (line.rpartition(": ")[2] for line in group.said[-1].splitlines()[1:3])
    [other] = set(people) - {tea, mug}
    asked = group.message(OLIVIA, "/lottery redraw 1 no answer", answering=group.message(people[mug], "?")["message"])

    for _ in range(2):
        await group.hearthbot.engine.intake.handle(asked)

    assert group.said[-1] == f"🔁 Lottery 1: Mug goes to {other} in place of {mug}."
    first, second = proofs(group)
    assert (verify(first), verify(second)) == ([], [])
    assert second["winners"] == first["winners"]
    assert [redraw["reason"] for redraw in second["redraws"]] == ["no answer"]
    for name, answer in ((mug, "holds no place"), (tea, "nobody is left to win in place of")):
        said = group.message(people[name], "?")["message"]
        assert answer in (await group.says(OLIVIA, "/lottery redraw 1 again", answering=said) or "")
    assert verify(proofs(group)[-1]) == []
    assert await found_by_the_audit(group) == []
    log = await group.says(OLIVIA, "/audit") or ""
    for step in ("opened", "drawn by hand", f"one place drawn again ({mug}: no answer)"):
        assert f"Olivia: lottery 1: {step}" in log


@pytest.mark.parametrize("words", ["new Tea x1", "draw", "draw 1", "cancel 1", "redraw 1 @bob"])
async def test_only_operators_steer(group: Group, words: str) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")

    assert await group.says(ALICE, f"/lottery {words}") == "Only this group's administrators can do that."
    assert len([text for text in group.said if "🎁" in text]) == 1


async def test_what_is_not_written_so_shows_how_it_is(group: Group) -> None:
    for words in ("new", "start", "draw 1 2 3"):
        answer = await group.says(OLIVIA, f"/lottery {words}") or ""
        assert answer.startswith(("That is not how it is written. /lottery list", "Which lottery?"))
    for number in ("", "7", "x"):
        assert "Which lottery?" in (await group.says(OLIVIA, f"/lottery draw {number}") or "")
        assert "Which lottery?" in (await group.says(ALICE, f"/lottery verify {number}") or "")
    assert "I do not understand hurry." in (await group.says(OLIVIA, "/lottery new Tea x1 hurry") or "")
    wrong = "cost 0: the number must be a whole one from 1 to 1000000."
    assert await group.says(OLIVIA, "/lottery new Tea x1 cost 0 pin") == wrong
    assert "soon is not a time to come" in (await group.says(OLIVIA, "/lottery new Tea x1 until soon") or "")


async def test_with_two_open_ones_the_number_is_asked_for(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    await group.says(OLIVIA, "/lottery new Mug x2, Pin x3")

    assert "Which lottery?" in (await group.says(OLIVIA, "/lottery cancel") or "")
    assert await group.says(OLIVIA, "/lottery cancel #1") == "🚫 Lottery 1 is cancelled."
    assert await group.says(ALICE, "/lottery list") == (
        "Lotteries\n"
        "#2 · open · Mug × 2, Pin × 3 · 0 entrants · Draw: when an operator says so\n"
        "#1 · cancelled · Tea × 1 · 0 entrants"
    )


async def test_the_list_says_when_it_is_drawn_and_lets_one_join(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    await group.says(OLIVIA, "/lottery cancel")
    await group.says(OLIVIA, "/lottery new Mug x2 until 20:00 at 50 entrants")

    assert await group.says(ALICE, "/lottery") == (
        "Lotteries\n"
        "#2 · open · Mug × 2 · 0 entrants · Draw: 2026-11-22 20:00 (UTC) · Draw as soon as 50 have joined\n"
        "#1 · cancelled · Tea × 1 · 0 entrants"
    )
    assert group.buttons == ["🎟 Join 2"]
    assert await group.presses(BOB, "🎟 Join 2") == "🎟 Lottery 2: you have 1 of 1 ticket."


async def test_there_is_none_of_another_group(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    other = Group(group.hearthbot, -1001000000002, "Other")

    assert await other.says(ALICE, "/lottery list") == "Lotteries\nThere has been none yet."
    assert "Which lottery?" in (await other.says(OLIVIA, "/lottery draw 1") or "")
    assert "Which lottery?" in (await other.sends_back(ALICE, "lottery:1") or "")


async def test_everybody_finds_their_own_line(group: Group, private: type[PrivateChat]) -> None:
    await known(group, ALICE, BOB)
    await group.says(OLIVIA, "/lottery new Tea x1")
    await group.presses(ALICE, "🎟 Join")
    before = await group.says(ALICE, "/lottery verify") or ""
    assert "Lottery 1: open\nCommitment: " in before
    assert "Seed" not in before
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    shown = await private.of(ALICE, group.hearthbot).says(ALICE, "/lottery verify 1") or ""

    [nonce] = re.findall(rf"SHA-256 of ([0-9a-f]{{64}}):{ALICE.id}; ", shown)
    line = hashlib.sha256(f"{nonce}:{ALICE.id}".encode()).hexdigest()
    [proof] = proofs(group)
    assert proof["entrants"] == [[line, 1]]
    assert f"Your line: {line}, 1 ticket" in shown
    for told in (proof["commitment"], proof["entrants_hash"], proof["seed"]):
        assert told in shown
    assert nonce not in (await group.says(ALICE, "/lottery verify 1") or "")
    assert "You are not in this lottery." in (await group.says(BOB, "/lottery verify 1") or "")


async def test_who_steers_a_lottery_from_afar_is_told_where_to_look(group: Group, private: type[PrivateChat]) -> None:
    await known(group, ALICE, OLIVIA)
    alone = private.of(OLIVIA, group.hearthbot)
    for number, asked in enumerate(("new Tea x1", "change 1 Cup x1", "cancel 1", "new Tea x1", "draw"), 1):
        assert await alone.says(OLIVIA, f"/lottery {asked}") == f"✅ Done: see {group.title}.", asked
        assert len(group.said) >= number, "it is said in the group"


async def test_the_proof_is_sent_to_whoever_asks_in_private(group: Group, private: type[PrivateChat]) -> None:
    await known(group, ALICE, BOB)
    await group.says(OLIVIA, "/lottery new Tea x1")
    for person in (ALICE, BOB):
        await group.presses(person, "🎟 Join")
    await group.leaves(BOB)
    alone = private.of(ALICE, group.hearthbot)
    assert "How to check it" not in (await alone.says(ALICE, "/lottery verify 1") or "")
    assert proofs(alone) == []
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    assert group.said[-1].splitlines()[-1] == "How to check it: say /lottery verify 1 to me in private"

    for _ in range(2):
        assert "hearthbot verify lottery-1-proof.json" in (await alone.says(ALICE, "/lottery verify 1") or "")
        assert proofs(alone)[-1] == proofs(group)[-1]
        await group.hearthbot.takes(group.message(OLIVIA, "/lottery redraw 1 @alice"))

    assert len(proofs(group)) == 2
    assert "How to check it: say /lottery verify 1 to me in private" in (
        await group.says(ALICE, "/lottery verify") or ""
    )
    said = await group.says(BOB, "/lottery verify 1") or ""
    assert "is not in the list: by the closing you had left" in said
    assert "Your line" not in said


async def test_the_post_follows_the_count_every_half_minute(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    for person in (ALICE, BOB):
        await group.presses(person, "🎟 Join")
        await group.hearthbot.ring()
    assert group.telegram.made("editMessageText") == []

    clock.advance(seconds=30)
    await group.hearthbot.ring()
    await group.hearthbot.ring()

    assert len(group.telegram.made("editMessageText")) == 1
    assert "2 members have joined, with 2 tickets in all." in group.said[0]
    assert group.buttons == ["🎟 Join", "✉️ Join in private"]
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    await group.hearthbot.ring()
    assert "🔒 It is over." in group.said[0]
    assert "reply_markup" not in group.shown[0]
    group.telegram.fails("editMessageText", Refused(400, "Bad Request: message to edit not found"))
    await group.says(OLIVIA, "/lottery new Tea x1")
    await group.says(OLIVIA, "/lottery cancel")
    await group.hearthbot.ring()
    await group.hearthbot.ring()
    assert len(group.telegram.made("editMessageText")) == 3


async def test_a_group_that_is_shut_at_night_hears_of_its_draw_in_the_morning(
    group: Group, clock: StoppedClock
) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 until 23:00")
    await group.presses(ALICE, "🎟 Join")
    clock.advance(hours=14)
    shut = Refused(400, "Bad Request: not enough rights to send text messages to the chat")
    group.telegram.fails("sendMessage", *([shut] * 20))
    for _ in range(20):
        await group.hearthbot.ring()
        clock.advance(minutes=10)
    assert len(group.said) == 1

    await group.hearthbot.ring()

    assert group.said[1].startswith("🔒 Lottery 1 is closed: 1 entrant, 1 ticket.")
    assert "🏆 Tea: Alice" in group.said[2]
    assert len(proofs(group)) == 1


async def test_a_group_without_the_bot_is_drawn_once_it_is_back(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 until 10:00 claim 1h")
    for person in (ALICE, BOB):
        await group.presses(person, "🎟 Join")
    await group.kicks_the_bot()
    clock.advance(hours=3)
    await group.hearthbot.ring()
    assert len(group.said) == 1

    await group.adds_the_bot()
    await group.hearthbot.ring()

    assert "I could not make it then." in group.said[-2]
    assert "🎉 Lottery 1 is drawn!" in group.said[-1]
    await group.kicks_the_bot()
    clock.advance(hours=3)
    await group.hearthbot.ring()
    await group.adds_the_bot()
    await group.hearthbot.ring()
    assert not any("goes to" in text for text in group.said), "there is time to claim the prize after all"
    clock.advance(seconds=70)
    await group.hearthbot.ring()
    assert group.said[-1].startswith("⏳ Lottery 1: Tea goes to ")


async def test_a_draw_that_fell_into_downtime_is_made_at_the_start_and_says_so(
    group: Group, clock: StoppedClock
) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 until 10:00")
    await group.presses(ALICE, "🎟 Join")
    await group.hearthbot.stop()
    clock.advance(hours=3)
    await group.hearthbot.start()
    assert await group.sends_back(BOB, "lottery:1", group.shown[0]) == "Lottery 1 is over."

    await group.hearthbot.ring()

    assert group.said[-2].endswith("The draw was due at 2026-11-22 10:00 (UTC); I could not make it then.")
    assert "🏆 Tea: Alice" in group.said[-1]


async def test_timer_command_and_last_entrant_at_once_give_one_result(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/lottery new Tea x1 until 1m at 2 entrants")
    await group.presses(ALICE, "🎟 Join")
    engine, post = group.hearthbot.engine, group.shown[0]
    pressed, said = group.press(BOB, "lottery:1", post), group.message(OLIVIA, "/lottery draw 1")
    clock.advance(seconds=59)
    entering = asyncio.ensure_future(engine.intake.handle(pressed))
    await asyncio.sleep(0)
    clock.advance(seconds=1)

    await asyncio.gather(entering, *(engine.lottery_timer.ring() for _ in range(5)), engine.intake.handle(said))
    await group.hearthbot.ring()

    assert len([text for text in group.said if "🎉 Lottery 1 is drawn!" in text]) == 1
    assert len([text for text in group.said if "is closed: " in text]) == 1
    assert len(proofs(group)) == 1
    assert await found_by_the_audit(group) == []


async def test_many_presses_at_once_enter_once(group_on_either: Group) -> None:
    group = group_on_either
    await points(group, ALICE, 100)
    await group.says(OLIVIA, "/lottery new Tea x1 cost 10")
    post = group.shown[-1]

    await asyncio.gather(
        *(group.hearthbot.engine.intake.handle(group.press(ALICE, "lottery:1", post)) for _ in range(10))
    )

    assert await points_of(group) == 90
    assert "1 entrant" in (await group.says(BOB, "/lottery list") or "")


async def test_the_announcement_is_said_again_word_for_word_when_nobody_knows_whether_it_was_taken(
    group: Group, clock: StoppedClock
) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    await group.presses(ALICE, "🎟 Join")
    group.telegram.fails("sendMessage", Unreachable("the list"), Flood(0))
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    assert len(group.said) == 1, "nothing is drawn before the list is out"

    for _ in range(8):
        clock.advance(seconds=10)
        await group.hearthbot.ring()

    assert [text[0] for text in group.said[1:]] == ["🔒", "🎉"]
    assert len(proofs(group)) == 1


async def test_a_group_that_cannot_be_reached_holds_up_no_other(group: Group, clock: StoppedClock) -> None:
    other = Group(group.hearthbot, -1001000000002, "Other")
    for one in (group, other):
        await one.says(OLIVIA, "/lottery new Tea x1 until 1m")
    group.telegram.banned_from.add(group.chat_id)
    clock.advance(minutes=1)

    await group.hearthbot.ring()

    assert len(group.said) == 1
    assert len(proofs(other)) == 1


async def test_many_winners_are_mentioned_some_at_a_time(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Pin x100")
    people = [Persona(5000 + n, f"Member {n} " + "W" * 30) for n in range(90)]
    for person in people:
        await group.presses(person, "🎟 Join")

    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    announced = group.said[2:]
    assert [text.count("Member") for text in announced] == [40, 40, 10]
    assert announced[0].startswith("🎉")
    assert "Seed: " in announced[-1]


async def test_it_follows_the_group_that_becomes_a_supergroup(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 until 1m")
    await group.presses(ALICE, "🎟 Join")
    await group.migrates()
    clock.advance(minutes=1)

    await group.hearthbot.ring()

    assert "🏆 Tea: Alice" in group.said[-1]


async def test_it_speaks_the_language_of_the_group(group: Group) -> None:
    await group.says(OLIVIA, "/settings language zh-Hant")
    opened = await group.says(OLIVIA, "/lottery new 奶茶 x1 until 1h at 3 entrants cost 5") or ""

    assert "滿 3 人開獎" in opened
    assert group.buttons == ["🎟 參加", "✉️ 私訊參加"]


async def test_a_word_enters_while_the_lottery_is_open(group: Group, clock: StoppedClock) -> None:
    opened = await group.says(OLIVIA, "/lottery new Tea x1 at 2 entrants keyword Tea!") or ""
    assert "Press the button, or say: Tea!" in opened
    assert await group.says(ALICE, "tea") == "🎟 Lottery 1: you have 1 of 1 ticket."
    assert await group.says(ALICE, "TEA") == "🎟 Lottery 1: you have 1 of 1 ticket."
    assert await group.says(BOB, "a tea please") is None
    assert await Group(group.hearthbot, -1001000000002, "Other").says(BOB, "tea") is None
    clock.advance(seconds=31)
    await group.hearthbot.sweep()
    assert len(group.said) == 1
    await group.hearthbot.restart(after="a kill")

    await group.hearthbot.takes(group.message(BOB, "tea"))

    assert "🎉 Lottery 1 is drawn!" in group.said[-1]
    await group.hearthbot.ring()
    assert await group.says(CAROL, "tea") is None


async def test_a_word_of_another_command_enters_nothing(group: Group) -> None:
    for word in ("签到", "w" * 33):
        answer = await group.says(OLIVIA, f"/lottery new Tea x1 keyword {word}") or ""
        assert "cannot be the keyword" in answer


async def test_a_word_enters_one_lottery_alone(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 keyword tea")
    assert "cannot be the keyword" in (await group.says(OLIVIA, "/lottery new Mug x1 keyword TEA!") or "")
    assert "or say: tea" in (await group.says(OLIVIA, "/lottery change 1 Tea x2 keyword tea") or "")
    await Group(group.hearthbot, -1001000000002, "Other").says(OLIVIA, "/lottery new Mug x1 keyword tea")
    await group.says(OLIVIA, "/lottery cancel 1")

    assert "or say: tea" in (await group.says(OLIVIA, "/lottery new Mug x1 keyword tea") or "")


async def test_a_command_enters_here_and_in_private(
    group: Group, private: type[PrivateChat], clock: StoppedClock
) -> None:
    await known(group, ALICE)
    assert "Which lottery?" in (await group.says(ALICE, "/lottery join") or "")
    await group.says(OLIVIA, "/lottery new Tea x1 at 2 entrants")
    alone = private.of(ALICE, group.hearthbot)
    assert await alone.says(ALICE, "/lottery join") == "🎟 Lottery 1: you have 1 of 1 ticket."
    assert await group.says(ALICE, "/lottery Join #1") == "🎟 Lottery 1: you have 1 of 1 ticket."
    clock.advance(seconds=31)
    await group.hearthbot.sweep()
    assert len(alone.said) == 1
    assert len(group.said) == 2

    await group.hearthbot.takes(group.message(BOB, "/lottery join 1"))

    assert "🎉 Lottery 1 is drawn!" in group.said[-1]
    assert await group.says(CAROL, "/lottery join 1") == "Lottery 1 is over."


async def test_a_lottery_of_the_new_chat_comes_along_when_two_chats_turn_out_to_be_one(group: Group) -> None:
    newcomer = Group(group.hearthbot, -1001000000099)
    newcomer.telegram.administrators[newcomer.chat_id][OLIVIA.id] = OLIVIA
    await group.says(OLIVIA, "/lottery new Tea x1")
    await newcomer.says(OLIVIA, "/lottery new Mug x1")
    await newcomer.presses(ALICE, "🎟 Join")

    await group.migrates(newcomer.chat_id)

    assert await group.says(ALICE, "/lottery list") == (
        "Lotteries\n#2 · open · Mug × 1 · 1 entrant · Draw: when an operator says so"
        "\n#1 · open · Tea × 1 · 0 entrants · Draw: when an operator says so"
    )
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw 2"))
    assert "🏆 Mug: Alice" in group.said[-1]
    assert await found_by_the_audit(group) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE lotteries SET entrants = 7", "7 entrants, 2 tickets counted; 2 and 2 in the entries"),
        ("UPDATE lottery_entries SET tickets = 2 WHERE user_id = 1001", "the list at the closing is not that"),
        ("UPDATE lotteries SET entrants_hash = 'x'", "the list at the closing does not have the hash"),
        ("UPDATE lottery_winners SET user_id = 1003", "proof: winners[0]"),
        ("UPDATE lottery_winners SET missing_at = 1", "the winners are not those of the proof"),
        ("UPDATE lotteries SET state = 'cancelled'", "user 1001: what the entry cost, or its refund"),
        ("UPDATE lottery_entries SET user_id = 7 WHERE user_id = 1001", "user 7: what the entry cost"),
    ],
)
async def test_the_audit_finds_what_was_changed_by_hand(group: Group, change: str, found: str) -> None:
    for person in (ALICE, BOB):
        await points(group, person, 10)
    await group.says(OLIVIA, "/lottery new Tea x1 cost 10")
    for person in (ALICE, BOB):
        await group.presses(person, "🎟 Join")
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    assert await found_by_the_audit(group) == []

    await group.hearthbot.database.write(lambda tx: tx.connection.exec_driver_sql(change) and None)

    assert any(line.startswith(f"lottery 1, group 1: {found}") for line in await found_by_the_audit(group))
