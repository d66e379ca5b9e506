"""What happens to prizes after the draw, as winners and operators see it."""

import asyncio
import json
import re
from typing import Any

import pytest

from bot.domain.proofs import verify
from tests.conftest import StoppedClock
from tests.group import ALICE, ANONYMOUS_ADMIN, BOB, CAROL, OLIVIA, Group, Persona, PrivateChat, Refused, Unreachable
from tests.handlers.test_lotteries import found_by_the_audit, known, proofs

DAVE = Persona(1007, "Dave")
PEOPLE = {person.first_name: person for person in (ALICE, BOB, DAVE)}


async def drawn(group: Group, terms: str, *people: Persona) -> None:
    """A lottery that these people entered, drawn."""
    await known(group, OLIVIA, *people)
    await group.says(OLIVIA, f"/lottery new {terms}")
    for person in people:
        await group.presses(person, "🎟 Join")
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))


def alone(group: Group, person: Persona) -> PrivateChat:
    return PrivateChat.of(person, group.hearthbot)


async def gives(group: Group, text: str) -> str:
    """The answer to an operator who brings codes in private."""
    return await alone(group, OLIVIA).says(OLIVIA, f"/lottery codes {text}") or ""


async def wins(group: Group, lottery_id: int = 1) -> list[str]:
    """The names of those who hold the places, in order."""
    winners = await group.hearthbot.database.read(lambda tx: tx.lotteries.winners(lottery_id))
    names = {person.id: name for name, person in PEOPLE.items()}
    return [names[winner.user_id] for winner in winners if not winner.is_missing]


def codes_in(texts: list[str]) -> set[str]:
    return set(re.findall(r"CODE-\d+", "\n".join(texts)))


async def test_each_winner_gets_one_code_in_private(group_on_either: Group) -> None:
    group = group_on_either
    chats = {name: alone(group, person) for name, person in PEOPLE.items()}
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x1, Mug x2")
    assert await gives(group, "1 tea\nCODE-1") == "Lottery 1, Tea: 0 codes given, 1 left."
    assert await gives(group, "1 2\nCODE-2\nCODE-3\nCODE-3") == "Lottery 1, Mug: 0 codes given, 2 left."
    await drawn_now(group, *PEOPLE.values())

    prizes = dict.fromkeys(await wins(group), "Mug") | {(await wins(group))[0]: "Tea"}
    for name, chat in chats.items():
        [letter] = chat.said
        assert letter.startswith(f"🏆 You have won {prizes[name]} in lottery 1 of Hearth.\nYour code: CODE-")
        assert ("CODE-1" in letter) == (prizes[name] == "Tea")
    assert codes_in([chat.said[0] for chat in chats.values()]) == {"CODE-1", "CODE-2", "CODE-3"}
    assert not codes_in(group.said)
    assert not codes_in([str(proof) for proof in proofs(group)])
    assert not codes_in([await group.says(OLIVIA, "/audit") or ""])
    assert await found_by_the_audit(group) == []


async def drawn_now(group: Group, *people: Persona) -> None:
    for person in people:
        await group.presses(person, "🎟 Join")
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))


async def test_a_winner_who_never_wrote_to_the_bot_gets_the_code_behind_a_link_and_nobody_else_does(
    group_on_either: Group,
) -> None:
    group = group_on_either
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x1")
    await gives(group, "1\nCODE-1")
    await drawn_now(group, ALICE)

    [button] = group.shown[-2]["reply_markup"]["inline_keyboard"][0]
    assert button == {"text": "🎁 Get it here", "url": "https://t.me/hearth_bot?start=prize-1"}
    for _ in range(2):
        shown = await alone(group, ALICE).says(ALICE, "/start prize-1")
        assert shown == "🏆 You have won Tea in lottery 1 of Hearth.\nYour code: CODE-1"
    assert await alone(group, BOB).says(BOB, "/start prize-1") == "That is for the winner alone."
    assert "for you alone" in (await group.says(ALICE, "/start prize-1") or "")
    assert "Which lottery?" in (await alone(group, BOB).says(BOB, "/start prize-7") or "")
    assert await found_by_the_audit(group) == []


@pytest.mark.parametrize(("person", "verb"), [(OLIVIA, "codes"), (OLIVIA, "Codes"), (ANONYMOUS_ADMIN, "codes")])
async def test_codes_in_the_group_are_refused_and_removed(group: Group, person: Persona, verb: str) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    said = group.message(person, f"/lottery {verb} 1\nCODE-1")

    assert "Codes never stand in a group" in (await group.hears(said) or "")

    assert (group.chat_id, said["message"]["message_id"]) not in group.telegram.messages
    assert await group.hearthbot.database.read(lambda tx: list(tx.prize_codes.of(1))) == []
    group.telegram.fails("deleteMessage", Refused(400, "Bad Request: message can't be deleted"))
    assert "Codes never stand in a group" in (await group.says(person, "/lottery codes 1\nCODE-1") or "")
    assert "administrators" in (await group.says(ALICE, "/lottery codes 1\nCODE-1") or "")


async def test_codes_come_in_a_file_as_well(group: Group) -> None:
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x3")
    chat, files = alone(group, OLIVIA), group.telegram.files
    files["f1"] = "\ufeffCODE-1\r\nCODE-2\r\n".encode()
    files["f2"] = b"\xff\xfe\x00"

    async def sends(file_id: str, size: int = 20) -> str | None:
        document = {"file_id": file_id, "file_unique_id": file_id, "file_size": size}
        return await chat.says(OLIVIA, None, caption="/lottery codes 1 Tea", document=document)

    assert await sends("f1") == (
        "Lottery 1, Tea: 0 codes given, 2 left.\n1 more is needed for all its places: send it the same way."
    )
    for file_id, size in (("f2", 3), ("f3", 3), ("f1", 2_000_000)):
        assert "I cannot read that file" in (await sends(file_id, size) or "")


async def test_what_are_no_codes_is_refused_and_changes_nothing(group: Group) -> None:
    await known(group, OLIVIA, ALICE)
    await group.says(OLIVIA, "/lottery new Tea x1, Mug x1")
    await group.says(OLIVIA, "/lottery new Pin x1")
    await group.says(OLIVIA, "/lottery cancel 2")

    assert await gives(group, "1\nX") == "Which prize? Write its number behind the lottery’s: 1 Tea, 2 Mug."
    assert "No codes there" in await gives(group, "1 Tea")
    assert await gives(group, "1 Tea\nX\n" + "Y" * 201) == (
        "Line 2 is no code: at most 200 characters that can be seen. I took none."
    )
    assert await gives(group, "2\nX") == "Lottery 2 was cancelled: nobody wins a code."
    assert "Which lottery?" in await gives(group, "7\nX")
    assert "At most 2000 codes" in await gives(group, "1 Tea\n" + "\n".join(map(str, range(2001))))
    assert "administrators" in (await alone(group, ALICE).says(ALICE, "/lottery codes 1 Tea\nX") or "")
    assert await group.hearthbot.database.read(lambda tx: list(tx.prize_codes.of(1))) == []


async def test_with_too_few_codes_the_operator_hears_of_it_and_the_rest_get_theirs_later(
    group_on_either: Group,
) -> None:
    group = group_on_either
    chats = [alone(group, person) for person in PEOPLE.values()]
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x3")
    await gives(group, "1\nCODE-1")
    await drawn_now(group, *PEOPLE.values())

    assert (
        alone(group, OLIVIA)
        .said[-1]
        .startswith("⚠️ Lottery 1 of Hearth: 2 winners of Tea wait for a code. Send more here: /lottery codes 1 1")
    )
    assert sum(len(chat.said) for chat in chats) == 1
    more = alone(group, OLIVIA).message(OLIVIA, "/lottery codes 1\nCODE-1\nCODE-2\nCODE-3\nCODE-4")
    for _ in range(2):
        await group.hearthbot.engine.intake.handle(more)

    assert (
        alone(group, OLIVIA).said[-2].endswith("3 codes given, 1 left.\n1 of these was there already and counts once.")
    )
    assert alone(group, OLIVIA).said[-1] == "Lottery 1, Tea: 3 codes given, 1 left."
    found = [codes_in([text for text in chat.said if "code: " in text]) for chat in chats]
    assert sorted(map(len, found)) == [1, 1, 1]
    assert set().union(*found) == {"CODE-1", "CODE-2", "CODE-3"}
    assert "3 entrants · 1 code left" in (await group.says(ALICE, "/lottery list") or "")
    assert await found_by_the_audit(group) == []


async def test_no_code_is_given_in_two_lotteries_of_a_group(group: Group) -> None:
    await known(group, OLIVIA)
    for number in (1, 2):
        await group.says(OLIVIA, f"/lottery new Tea{number} x1")
        await gives(group, f"{number}\nCODE-1")

    assert await group.hearthbot.database.read(lambda tx: list(tx.prize_codes.of(2))) == []


async def redraws(group: Group, name: str) -> None:
    missing = group.message(PEOPLE[name], "?")["message"]
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery redraw 1 gone", answering=missing))


async def test_a_code_that_nobody_saw_goes_to_the_next_winner(group_on_either: Group) -> None:
    group = group_on_either
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x1")
    await gives(group, "1\nCODE-1")
    await drawn_now(group, ALICE, BOB)
    [first] = await wins(group)

    await redraws(group, first)

    [second] = await wins(group)
    assert "CODE-1" in (await alone(group, PEOPLE[second]).says(PEOPLE[second], "/start prize-1") or "")
    gone = await alone(group, PEOPLE[first]).says(PEOPLE[first], "/start prize-1")
    assert gone == "That place was drawn again: the prize is somebody else’s now."
    assert await found_by_the_audit(group) == []


@pytest.mark.parametrize("how", ["sent", "perhaps sent", "shown"])
async def test_a_code_that_somebody_may_have_seen_is_spent(group: Group, how: str) -> None:
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x1")
    await gives(group, "1\nCODE-1")
    for person in (ALICE, BOB):
        await group.presses(person, "🎟 Join")
    if how != "shown":
        for person in (ALICE, BOB):
            alone(group, person)
    if how == "perhaps sent":

        async def lose(call: Any) -> None:
            if call.method == "sendMessage" and "CODE-1" in call.params["text"]:
                raise Unreachable("the answer")

        group.telegram.before = lose
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    [first] = await wins(group)
    if how == "shown":
        await alone(group, PEOPLE[first]).says(PEOPLE[first], "/start prize-1")

    await redraws(group, first)

    [second] = await wins(group)
    group.telegram.before = None
    assert "Its code has not come yet" in (
        await alone(group, PEOPLE[second]).says(PEOPLE[second], "/start prize-1") or ""
    )
    assert "⚠️ Lottery 1 of Hearth: 1 winner of Tea waits" in alone(group, OLIVIA).said[-1]
    await gives(group, "1\nCODE-2")
    assert codes_in(alone(group, PEOPLE[second]).said) == {"CODE-2"}
    assert await found_by_the_audit(group) == []


async def test_a_code_is_sent_again_word_for_word_when_nobody_knows_whether_it_came(
    group: Group, clock: StoppedClock
) -> None:
    chat = alone(group, ALICE)
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x1")
    await gives(group, "1\nCODE-1\nCODE-2")
    lost = iter([Unreachable("the answer")])

    async def lose(call: Any) -> None:
        if call.method == "sendMessage" and "CODE-" in call.params["text"]:
            for failure in lost:
                raise failure

    group.telegram.before = lose
    await drawn_now(group, ALICE)
    assert chat.said == []

    clock.advance(seconds=10)
    await group.hearthbot.ring()

    [letter] = chat.said
    assert codes_in([letter]) == {"CODE-1"}
    assert [call.text for call in group.telegram.made("sendMessage") if "CODE-" in call.text] == [letter, letter]


async def test_letters_speak_the_winners_language(group: Group) -> None:
    await known(group, OLIVIA)
    chat = alone(group, CAROL)
    await group.says(OLIVIA, "/lottery new Tea x1")
    await gives(group, "1\nCODE-1")
    await drawn_now(group, CAROL)

    assert chat.said == ["🏆 你在「Hearth」的抽奖 1 中赢得了 Tea。\n你的兑换码：CODE-1"]


# Claims


async def test_a_prize_is_claimed_with_the_button_and_only_by_its_winner(group_on_either: Group) -> None:
    group = group_on_either
    letter = alone(group, ALICE)
    opened = await group.says(OLIVIA, "/lottery new Tea x1 claim 24h") or ""
    assert "Winners claim their prize within 1 day, or the place is drawn again." in opened
    await gives_after_known(group, "1\nCODE-1")
    await drawn_now(group, ALICE)
    assert group.said[-1].endswith("Winners: claim by 2026-11-23 09:00 (UTC), or the place is drawn again.")
    assert letter.said == [
        "🏆 You have won Tea in lottery 1 of Hearth.\nClaim it by 2026-11-23 09:00 (UTC), or the place is drawn again."
    ]
    assert "0 of 1 claimed · 1 code left" in (await group.says(BOB, "/lottery list") or "")
    assert await group.presses(BOB, "✋ Claim") == "That is for the winner alone."

    for _ in range(2):
        assert await group.presses(ALICE, "✋ Claim") == (
            "🎉 Lottery 1: Tea is yours.\n"
            "Your code comes in our private chat. Nothing there? Press 🎁 Get it here below the announcement."
        )

    assert len(letter.said) == 2
    assert "CODE-1" in letter.said[-1]
    assert "1 of 1 claimed · 0 codes left" in (await group.says(BOB, "/lottery list") or "")
    assert await found_by_the_audit(group) == []


async def gives_after_known(group: Group, text: str) -> str:
    await known(group, OLIVIA)
    return await gives(group, text)


async def test_a_prize_is_claimed_in_private_as_well(group: Group) -> None:
    chat = alone(group, ALICE)
    await drawn(group, "Tea x1 claim 1h", ALICE)

    assert await chat.presses(ALICE, "✋ Claim") == "🎉 Lottery 1: Tea is yours."
    assert await chat.says(ALICE, "/start prize-1") == "🏆 You have won Tea in lottery 1 of Hearth."
    assert await chat.presses(BOB, "✋ Claim") == "That is for the winner alone."


async def test_what_is_not_claimed_in_time_is_drawn_again_and_only_that(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await drawn(group, "Tea x1, Mug x1 claim 24h", *PEOPLE.values())
    tea, mug = await wins(group)
    [other] = set(PEOPLE) - {tea, mug}
    await group.presses(PEOPLE[tea], "✋ Claim")
    clock.advance(hours=24, seconds=9)
    await group.hearthbot.ring()
    assert await wins(group) == [tea, mug]

    clock.advance(seconds=1)
    await group.hearthbot.ring()
    await group.hearthbot.ring()

    assert await wins(group) == [tea, other]
    assert group.said[-1] == (
        f"⏳ Lottery 1: Mug goes to {other}, since {mug} did not claim it in time.\n"
        "Winners: claim by 2026-11-24 09:00 (UTC), or the place is drawn again."
    )
    assert "That place was drawn again" in (await group.presses(PEOPLE[mug], "✋ Claim") or "")
    first, second = proofs(group)
    assert (verify(first), verify(second)) == ([], [])
    assert [redraw["reason"] for redraw in second["redraws"]] == ["not claimed in time"]
    assert await found_by_the_audit(group) == []

    clock.advance(hours=24, seconds=10)
    await group.hearthbot.ring()
    assert group.said[-1] == (
        f"⏳ Lottery 1: {other} did not claim Mug in time, and nobody is left to win it: the place stays empty."
    )
    clock.advance(days=3)
    await group.hearthbot.ring()
    await group.hearthbot.ring()
    assert len(proofs(group)) == 3
    assert await found_by_the_audit(group) == []


async def test_several_places_that_nobody_claimed_are_drawn_again_in_one_message(
    group: Group, clock: StoppedClock
) -> None:
    people = [Persona(5000 + n, f"Member{n}") for n in range(9)]
    await drawn(group, "Tea x4 claim 1h", *people)
    clock.advance(hours=1, seconds=10)
    await group.hearthbot.ring()

    assert group.said[-1].count("⏳") == 4
    assert len(proofs(group)) == 2
    assert verify(proofs(group)[-1]) == []
    assert await found_by_the_audit(group) == []


async def test_an_unclaimed_code_goes_to_the_next_winner(group: Group, clock: StoppedClock) -> None:
    chats = {name: alone(group, PEOPLE[name]) for name in ("Alice", "Bob")}
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x1 claim 1h")
    await gives(group, "1\nCODE-1")
    await drawn_now(group, ALICE, BOB)
    [first] = await wins(group)
    clock.advance(hours=1, seconds=10)
    await group.hearthbot.ring()
    [second] = await wins(group)
    assert not codes_in([text for chat in chats.values() for text in chat.said])

    await group.presses(PEOPLE[second], "✋ Claim")

    assert codes_in(chats[second].said) == {"CODE-1"}
    assert not codes_in(chats[first].said)
    assert await found_by_the_audit(group) == []


async def test_what_was_pressed_in_downtime_counts_although_the_time_is_over(group: Group, clock: StoppedClock) -> None:
    await drawn(group, "Tea x1 claim 1h", ALICE, BOB)
    [winner] = await wins(group)
    press = group.press(PEOPLE[winner], "claim:1", group.shown[-2])
    await group.hearthbot.stop()
    clock.advance(hours=5)
    await group.hearthbot.start()

    await group.hearthbot.ring()
    await group.hearthbot.takes(press)
    clock.advance(hours=5)
    await group.hearthbot.ring()

    assert await wins(group) == [winner]
    assert len(proofs(group)) == 1


async def test_after_downtime_the_time_is_over_a_minute_later(group: Group, clock: StoppedClock) -> None:
    await drawn(group, "Tea x1 claim 1h", ALICE, BOB)
    [winner] = await wins(group)
    clock.advance(hours=5)
    await group.hearthbot.ring()
    clock.advance(seconds=69)
    await group.hearthbot.ring()
    assert await wins(group) == [winner]

    clock.advance(seconds=1)
    await group.hearthbot.ring()

    assert await wins(group) != [winner]


async def test_nothing_is_drawn_again_before_a_claim_that_came_in_time_was_heard(
    group: Group, clock: StoppedClock
) -> None:
    await drawn(group, "Tea x1 claim 1h", ALICE, BOB)
    [winner] = await wins(group)
    engine, press = group.hearthbot.engine, group.press(PEOPLE[winner], "claim:1", group.shown[-2])
    await engine.intake.updates.receive({press["update_id"]: json.dumps(press)})  # and killed
    clock.advance(hours=1, seconds=30)
    await group.hearthbot.ring()
    assert await wins(group) == [winner]

    await group.hearthbot.restart(after="a kill")
    await engine.intake.resume()
    await group.hearthbot.settle()
    await group.hearthbot.ring()

    assert await wins(group) == [winner]
    assert len(proofs(group)) == 1


async def test_five_presses_at_once_claim_once_and_bring_one_code(group_on_either: Group) -> None:
    group = group_on_either
    chat = alone(group, ALICE)
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x1 claim 1h")
    await gives(group, "1\nCODE-1\nCODE-2")
    await drawn_now(group, ALICE)
    presses = [group.press(ALICE, "claim:1", group.shown[-2]) for _ in range(5)]
    links = [chat.message(ALICE, "/start prize-1") for _ in range(3)]

    await asyncio.gather(*(group.hearthbot.engine.intake.handle(update) for update in [*presses, *links]))
    await group.hearthbot.ring()

    assert codes_in(chat.said) == {"CODE-1"}
    assert "1 of 1 claimed · 1 code left" in (await group.says(BOB, "/lottery list") or "")
    assert await found_by_the_audit(group) == []


async def test_a_claim_and_several_timers_at_once_come_to_one_end(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await drawn(group, "Tea x1 claim 1h", *PEOPLE.values())
    [first] = await wins(group)
    engine, press = group.hearthbot.engine, group.press(PEOPLE[first], "claim:1", group.shown[-2])
    clock.advance(hours=1, seconds=10)

    await asyncio.gather(
        *(engine.lottery_timer.ring() for _ in range(3)), engine.intake.handle(press),
        *(engine.lottery_timer.ring() for _ in range(2)),
    )  # fmt: skip
    await group.hearthbot.ring()

    claimed = await wins(group) == [first]
    answer = group.telegram.pop_ups[press["callback_query"]["id"]]
    assert answer == (
        "🎉 Lottery 1: Tea is yours." if claimed else "That place was drawn again: the prize is somebody else’s now."
    )
    assert len(proofs(group)) == (1 if claimed else 2)
    assert len([text for text in group.said if text.startswith("⏳")]) == (0 if claimed else 1)
    assert await found_by_the_audit(group) == []


async def test_after_ten_rounds_the_winner_may_take_any_time(group: Group, clock: StoppedClock) -> None:
    people = [Persona(5000 + n, f"Member{n}") for n in range(14)]
    await drawn(group, "Tea x1 claim 1h", *people)
    for _ in range(14):
        clock.advance(hours=1, seconds=10)
        await group.hearthbot.ring()

    assert len(proofs(group)) == 10
    assert "Winners: claim by" not in group.said[-1]
    assert await found_by_the_audit(group) == []


async def test_a_lottery_without_claims_waits_for_nobody(group: Group, clock: StoppedClock) -> None:
    await drawn(group, "Tea x1", ALICE, BOB)
    clock.advance(days=30)
    await group.hearthbot.ring()

    assert len(proofs(group)) == 1
    assert group.buttons == ["🎁 Get it here"]
    assert "claimed" not in (await group.says(ALICE, "/lottery list") or "")


# The post, and what members see of their own


async def test_the_post_is_pinned_while_one_can_join(group: Group) -> None:
    pinned = group.telegram.pinned[group.chat_id]
    pinned.append(77)
    await group.says(OLIVIA, "/lottery new Tea x1 pin")
    await group.hearthbot.ring()
    await group.hearthbot.ring()
    assert pinned == [77, group.shown[0]["message_id"]]
    assert len(group.telegram.made("pinChatMessage")) == 1

    await group.says(OLIVIA, "/lottery cancel")
    await group.hearthbot.ring()
    await group.hearthbot.ring()

    assert pinned == [77]
    assert len(group.telegram.made("unpinChatMessage")) == 1


async def test_a_change_of_rules_can_pin_the_post(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    for _ in range(2):
        await group.says(OLIVIA, "/lottery change 1 Tea x2 pin")
        await group.hearthbot.ring()

    assert group.telegram.pinned[group.chat_id] == [group.shown[0]["message_id"]]
    assert len(group.telegram.made("pinChatMessage")) == 1


async def test_a_bot_that_may_not_pin_goes_on_without(group: Group) -> None:
    group.telegram.fails("pinChatMessage", Refused(400, "Bad Request: not enough rights to manage pinned messages"))
    await group.says(OLIVIA, "/lottery new Tea x1 pin")
    await group.hearthbot.ring()
    await group.presses(ALICE, "🎟 Join")
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    await group.hearthbot.ring()

    assert "🏆 Tea: Alice" in group.said[-1]
    assert len(group.telegram.made("pinChatMessage")) == 1


async def test_the_post_leads_into_the_private_chat_as_well(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    [_, [link]] = group.shown[0]["reply_markup"]["inline_keyboard"]

    assert link == {"text": "✉️ Join in private", "url": "https://t.me/hearth_bot?start=lottery-1"}


async def test_members_see_their_tickets_and_their_prizes(group_on_either: Group) -> None:
    group = group_on_either
    await drawn(group, "Tea x1", ALICE)
    await group.says(OLIVIA, "/lottery new Mug x1")
    for person in (ALICE, BOB):
        await group.presses(person, "🎟 Join")
    other = Group(group.hearthbot, -1001000000002, "Other")

    mine = (await group.says(ALICE, "/me") or "").splitlines()

    assert mine[-2:] == ["🎟 Lottery 2: you have 1 of 2 tickets.", "🏆 Lottery 1: you won Tea."]
    assert "Lottery" not in (await other.says(ALICE, "/me") or "")
    assert "you won" not in (await group.says(BOB, "/me") or "")


async def test_two_hundred_winners_are_told_in_order(group: Group) -> None:
    people = [Persona(5000 + n, f"Member {n} " + "W" * 30) for n in range(200)]
    await group.says(OLIVIA, "/lottery new Pin x120, Cup x80")
    for person in people:
        await group.presses(person, "🎟 Join")
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    pages = group.said[2:]
    assert [text.count("Member") for text in pages] == [40, 40, 40, 40, 40]
    assert ["🏆 Pin" in text for text in pages] == [True, True, True, False, False]
    assert all(len(text) < 4096 for text in pages)
    winners = await group.hearthbot.database.read(lambda tx: tx.lotteries.winners(1))
    numbers = [int(number) for text in pages for number in re.findall(r"Member (\d+)", text)]
    assert numbers == [winner.user_id - 5000 for winner in winners]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE prize_codes SET user_id = 7 WHERE user_id IS NOT NULL", "user 7: was given code 1, and did not win"),
        ("UPDATE prize_codes SET user_id = NULL, given_at = NULL", "user 1001: was given no code, though one is left"),
        ("INSERT INTO prize_codes (lottery_id, prize, code, added_by) VALUES (2, 0, 'CODE-1', 1)", "code 3: stands in"),
    ],
)
async def test_the_audit_finds_codes_that_were_changed_by_hand(group: Group, change: str, found: str) -> None:
    await known(group, OLIVIA)
    await group.says(OLIVIA, "/lottery new Tea x1 claim 1h")
    await gives(group, "1\nCODE-1\nCODE-2")
    await drawn_now(group, ALICE)
    await group.presses(ALICE, "✋ Claim")
    await group.says(OLIVIA, "/lottery new Mug x1")
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw 2"))
    assert await found_by_the_audit(group) == []

    await group.hearthbot.database.write(lambda tx: tx.connection.exec_driver_sql(change) and None)

    assert any(found in line for line in await found_by_the_audit(group))


async def test_the_audit_finds_a_claimed_place_that_was_drawn_again(group: Group, clock: StoppedClock) -> None:
    await drawn(group, "Tea x1 claim 1h", ALICE, BOB)
    [first] = await wins(group)
    clock.advance(hours=1, seconds=10)
    await group.hearthbot.ring()

    change = "UPDATE lottery_winners SET claimed_at = 1"
    await group.hearthbot.database.write(lambda tx: tx.connection.exec_driver_sql(change) and None)

    [line] = await found_by_the_audit(group)
    assert line == (
        f"lottery 1, group 1: user {PEOPLE[first].id}: the place was drawn again for want of a claim, "
        "and there was one, or no need"
    )


async def test_what_an_operator_says_is_no_time_out(group: Group) -> None:
    await drawn(group, "Tea x1 claim 1h", ALICE, BOB)
    [first] = await wins(group)
    await group.presses(PEOPLE[first], "✋ Claim")
    missing = group.message(PEOPLE[first], "?")["message"]
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery redraw 1 not claimed in time", answering=missing))

    assert proofs(group)[-1]["redraws"][0]["reason"] == "not claimed in time (said an operator)"
    assert await found_by_the_audit(group) == []
