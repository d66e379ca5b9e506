"""Operators look at entrants who may be one person."""

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, Group, Persona, PrivateChat, Refused
from tests.handlers.test_admissions import asks
from tests.handlers.test_lotteries import known
from tests.handlers.test_operators import REFUSED, contents

JOIN = "🎟 Join"
FARM = [
    Persona(7001, "Anna 1", username="anna1"),
    Persona(7002, "ＡＮＮＡ 2"),
    Persona(7003, "anna 🔥", username="anna33"),
]
TOGETHER = "joined within a minute of each other · never wrote"
SENT = "I have sent it to you in private."


async def opened(group: Group, clock: StoppedClock) -> PrivateChat:
    """A lottery that a farm has joined, and two people who have nothing in common; the operator's private chat."""
    chat = PrivateChat.of(OLIVIA, group.hearthbot)
    await group.says(OLIVIA, "/setrules Be kind.")
    for person in (*FARM, ALICE, BOB):
        clock.advance(minutes=0 if person in FARM else 5)
        await group.joins(person)
    await known(group, ALICE, BOB)
    await group.says(OLIVIA, "/lottery new Tea x1")
    for person in (*FARM, ALICE, BOB):
        await group.presses(person, JOIN)
    return chat


async def drawn_from(group: Group) -> list[object]:
    """What a draw comes from."""
    stored = await contents(group.hearthbot.database)
    return [stored[table] for table in ("lotteries", "lottery_entries", "lottery_bans", "outbox", "changes")]


async def test_an_operator_reads_in_private_who_may_be_one_person_and_keeps_them_out(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    chat = await opened(group, clock)

    assert await group.says(OLIVIA, "/lottery review") == SENT
    assert chat.said[-1].splitlines() == [
        "🔎 Lottery 1, 5 entrants: who may be one person, or a farm.",
        "These are signs and no proof: look for yourself. Nobody is kept out by them.",
        f"• 2 members: names alike · usernames alike but for digits · {TOGETHER}",
        "Anna 1 @anna1, anna 🔥 @anna33",
        f"• 3 members: names alike · {TOGETHER}",
        "Anna 1 @anna1, ＡＮＮＡ 2 @7002, anna 🔥 @anna33",
        "3 entrants have never written anything here.",
        "To keep somebody out: /lottery ban @NAME, where a number such as @1005 will do, too.",
    ]

    banned = await group.says(OLIVIA, "/lottery ban @7002")
    await group.says(OLIVIA, "/lottery ban @anna33")
    assert banned == "ＡＮＮＡ 2 cannot join or win this group's lotteries any more."
    assert await chat.says(OLIVIA, "/lottery review 1") == (
        "🔎 Lottery 1, 3 entrants: nobody looks like anybody else.\n1 entrant has never written anything here."
    )


async def test_a_farm_that_is_larger_than_a_page(group: Group) -> None:
    await asks(group, captcha="button")
    chat = PrivateChat.of(OLIVIA, group.hearthbot)
    await group.says(OLIVIA, "/lottery new Tea x1")
    for n, name in enumerate(["Anna"] * 7 + [name for first in "BCDFGHJKL" for name in [f"{first}ob"] * 2]):
        twin = Persona(8000 + n, f"{name} {n}")
        await group.joins(twin)
        await group.presses(twin, JOIN, group.shown[0])

    await group.says(OLIVIA, "/lottery review")

    lines = chat.said[-1].splitlines()
    assert lines[2] == f"• 7 members: names alike · {TOGETHER.replace('·', '· captcha not passed ·')}"
    assert lines[3] == "Anna 0 @8000, Anna 1 @8001, Anna 2 @8002, Anna 3 @8003, Anna 4 @8004, and 2 more"
    assert lines[-4] == "…and 3 more groups, with as many signs or fewer."
    assert lines[-2] == "25 entrants have not passed the captcha."


async def test_the_group_reads_nothing_where_the_private_chat_is_closed(group: Group, clock: StoppedClock) -> None:
    await opened(group, clock)
    group.telegram.fails("sendMessage", Refused(403, "Forbidden: bot can't initiate conversation with a user"))

    said = await group.says(OLIVIA, "/lottery review 1")

    assert said is not None
    assert "say /start in our private chat" in said
    assert "Anna" not in said


async def test_a_review_is_of_one_lottery_and_for_operators_and_changes_nothing(
    group: Group, clock: StoppedClock
) -> None:
    await opened(group, clock)
    before = await drawn_from(group)

    assert await group.says(ALICE, "/lottery review 1") == REFUSED
    assert await group.says(OLIVIA, "/lottery review 2") == "Which lottery? See /lottery list, and write its number."
    assert await group.says(OLIVIA, "/lottery review") == SENT

    assert await drawn_from(group) == before
