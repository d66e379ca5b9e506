"""Who changed what, and undoing it."""

import pytest

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, OWNER, Group, Hearthbot
from tests.handlers.test_checkins import points_of
from tests.handlers.test_settings import setting

REFUSED = "Only this group's administrators can do that."


async def give(group: Group, amount: int) -> None:
    said = group.message(ALICE, "hello")["message"]
    await group.says(OLIVIA, f"/points give {amount} for the test", answering=said)


async def test_the_log_of_changes(group: Group, clock: StoppedClock) -> None:
    assert await group.says(OLIVIA, "/audit") == "🗒 Latest changes\nNothing was changed yet."
    await group.says(OLIVIA, "/settings timezone Asia/Shanghai")
    await group.says(OWNER, "/setrules Be kind.")
    clock.advance(days=1)
    await give(group, 5)

    assert await group.says(OLIVIA, "/audit") == (
        "🗒 Latest changes\n"
        "#3 11-23 17:00 · Olivia: +5 points for Alice\n"
        "#2 11-22 17:00 · Otto: rules changed\n"
        "#1 11-22 17:00 · Olivia: Time zone: — → Asia/Shanghai"
    )
    assert group.buttons == ["↩ #3", "↩ #2", "↩ #1"]


async def test_undo_of_a_setting_by_button(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings checkin_points 50")
    await group.says(OLIVIA, "/audit")

    assert await group.presses(OLIVIA, "↩ #1") == "Change #1 is undone."
    assert group.said[-1] == "Olivia has undone change #1."
    assert "+10 points" in (await group.says(ALICE, "/checkin") or "")
    assert await group.presses(OLIVIA, "↩ #1") == (
        "Change #1 cannot be undone: it was undone already, something newer has replaced it, "
        "or it is of a kind that stays."
    )


async def test_an_undo_can_be_undone(group: Group) -> None:
    await group.says(OLIVIA, "/settings checkin_points 20")
    await group.says(OLIVIA, "/settings checkin_points 50")
    await group.says(OLIVIA, "/audit undo 2")
    assert await setting(group, "checkin_points") == "20"

    assert await group.says(OLIVIA, "/audit undo 3") == "Change #3 is undone."
    assert await setting(group, "checkin_points") == "50"


async def test_what_something_newer_has_replaced_is_not_undone(group: Group) -> None:
    await group.says(OLIVIA, "/settings checkin_points 20")
    await group.says(OLIVIA, "/settings checkin_points 50")

    assert "cannot be undone" in (await group.says(OLIVIA, "/audit undo 1") or "")
    assert await setting(group, "checkin_points") == "50"


async def test_undo_of_rules(group: Group) -> None:
    await group.says(OLIVIA, "/setrules Be kind.")
    await group.says(OLIVIA, "/setrules Be brave.")

    assert "cannot be undone" in (await group.says(OLIVIA, "/audit undo 1") or "")
    assert await group.says(OLIVIA, "/audit undo 2") == "Change #2 is undone."
    assert (await group.says(ALICE, "/rules") or "").endswith("Be kind.")
    assert await group.says(OLIVIA, "/audit undo 1") == "Change #1 is undone."
    assert "no rules yet" in (await group.says(ALICE, "/rules") or "")


async def test_undo_of_points(group_on_either: Group) -> None:
    group = group_on_either
    await give(group, 25)

    assert await group.says(OLIVIA, "/audit undo 1") == "Change #1 is undone."
    assert await points_of(group) == 0
    assert "cannot be undone" in (await group.says(OLIVIA, "/audit undo 1") or "")
    assert await points_of(group) == 0
    audit = await group.says(OLIVIA, "/audit")
    assert audit is not None
    assert "Olivia: -25 points for Alice" in audit


async def test_undo_of_points_taken_gives_them_back(group: Group) -> None:
    await give(group, 25)
    said = group.message(ALICE, "hello")["message"]
    await group.says(OLIVIA, "/points take 10 for the test", answering=said)

    assert await group.says(OLIVIA, "/audit undo 2") == "Change #2 is undone."
    assert await points_of(group) == 25


async def test_undo_of_points_that_were_spent_is_refused(group_on_either: Group) -> None:
    group = group_on_either
    await give(group, 100)
    await group.says(ALICE, "/freeze")

    assert await group.says(OLIVIA, "/audit undo 1") == "Not enough: 100 needed, 0 there."
    assert await points_of(group) == 0
    assert "Freeze cards: 1" in (await group.says(ALICE, "/me") or "")
    await group.says(OLIVIA, "/audit")
    assert group.buttons == ["↩ #1"], "what was refused is not done, and can be tried again"


async def test_the_same_undo_again_changes_nothing(group_on_either: Group) -> None:
    group = group_on_either
    await give(group, 25)
    await give(group, 25)
    update = group.message(OLIVIA, "/audit undo 1")

    await group.hears(update, update)
    await group.hearthbot.restart(after="a kill")
    await group.hears(update)

    assert await points_of(group) == 25


async def test_changes_of_one_group_cannot_be_undone_from_another(hearthbot: Hearthbot) -> None:
    one, other = Group(hearthbot), Group(hearthbot, -1001000000002, "Other")
    await one.says(OLIVIA, "/settings checkin off")
    await one.says(OLIVIA, "/audit")

    for answer in (await other.says(OLIVIA, "/audit undo 1"), await other.sends_back(OLIVIA, "undo:1")):
        assert answer == "There is no change #1 in this group. /audit lists the latest."
    assert await other.says(OLIVIA, "/audit") == "🗒 Latest changes\nNothing was changed yet."
    assert await setting(one, "checkin") == "off"


@pytest.mark.parametrize("number", ["", "0", "-1", "2", "x", "1 2", "9" * 20, "9" * 18, "²", "<b>"])
async def test_numbers_of_no_change(group: Group, number: str) -> None:
    await group.says(OLIVIA, "/settings checkin off")

    assert "There is no change #" in (await group.says(OLIVIA, f"/audit undo {number}") or "")
    assert "There is no change #" in (await group.sends_back(OLIVIA, f"undo:{number}") or "")
    assert await setting(group, "checkin") == "off"


async def test_wrong_use_shows_the_right_one(group: Group) -> None:
    assert "/audit undo 12" in (await group.says(OLIVIA, "/audit everything") or "")


async def test_members_cannot_look_nor_undo(group: Group) -> None:
    await group.says(OLIVIA, "/settings checkin off")
    await group.says(OLIVIA, "/audit")

    assert await group.says(BOB, "/audit") == REFUSED
    assert await group.says(BOB, "/audit undo 1") == REFUSED
    assert await group.presses(BOB, "↩ #1") == REFUSED
    assert await setting(group, "checkin") == "off"


async def test_the_longest_log_of_changes_fits_a_message(group: Group) -> None:
    operator = OWNER.called("&" * 64)
    for n in range(12):
        tiers = " ".join(f"{day}:{99_000 + n}" for day in range(2, 14))
        await group.says(operator, f"/settings checkin_tiers {tiers}")

    answer = await group.says(OLIVIA, "/audit")

    assert answer is not None
    assert group.said[-1] == answer, "the platform took it"
    assert len(group.buttons) == 10


async def test_an_undone_gift_was_never_earned(group: Group) -> None:
    said = group.message(ALICE, "hi")["message"]
    await group.says(OLIVIA, "/points give 500 oops", answering=said)
    await group.says(OLIVIA, "/points give 60 thanks", answering=said)
    await group.says(OLIVIA, "/points take 10 a slip", answering=said)

    await group.says(OLIVIA, "/audit undo 1")
    await group.says(OLIVIA, "/audit undo 3")

    assert "💰 60 points\n⭐ Level 2" in (await group.says(ALICE, "/me") or "")
    assert await group.says(ALICE, "/top") == "🏆 Points this week\n🥇 Alice — 60 points"


async def test_no_button_offers_an_undo_that_cannot_be(group: Group) -> None:
    await group.says(OLIVIA, "/points give 5 x", answering=group.message(ALICE, "hi")["message"])
    await group.says(OLIVIA, "/audit undo 1")

    await group.says(OLIVIA, "/audit")

    assert "reply_markup" not in group.shown[-1]
    assert (await group.says(OLIVIA, "/audit undo 2") or "").startswith("Change #2 cannot be undone")
