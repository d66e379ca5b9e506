"""The group's rules."""

import pytest

from tests.conftest import StoppedClock
from tests.group import ALICE, ANONYMOUS_ADMIN, BOB, OLIVIA, Group, PrivateChat, Refused

NONE = "This group has no rules yet. An administrator can set them: /setrules TEXT"


async def test_rules_are_set_and_shown(group_on_either: Group) -> None:
    group = group_on_either
    assert await group.says(ALICE, "/rules") == NONE
    assert (
        await group.says(OLIVIA, "/setrules Be kind.\n\nNo & <spam>.")
        == "The rules of Hearth are set. /rules shows them."
    )
    for wish in ("/rules", "群规", "群規"):
        assert await group.says(ALICE, wish) == "📜 Rules of Hearth\n\nBe kind.\n\nNo & <spam>."


async def test_members_cannot_set_them(group: Group) -> None:
    assert await group.says(ALICE, "/setrules Mine now") == "Only this group's administrators can do that."
    assert await group.says(ALICE, "/rules") == NONE


async def test_an_anonymous_administrator_can(group: Group) -> None:
    assert "are set" in (await group.says(ANONYMOUS_ADMIN, "/setrules Be kind.") or "")


async def test_formatting_is_kept(group: Group) -> None:
    text = "/setrules Be kind and 😀 read this"
    entities = [
        {"type": "bot_command", "offset": 0, "length": 9},
        {"type": "bold", "offset": 10, "length": 7},
        {"type": "text_link", "offset": 30, "length": 4, "url": "https://example.org/?a=1&b=2"},
    ]
    await group.says(OLIVIA, text, entities=entities)
    await group.says(ALICE, "/rules")

    sent = group.telegram.made("sendMessage")[-1].params["text"]
    assert "<b>Be kind</b>" in sent
    assert 'href="https://example.org/?a=1&b=2"' in sent
    assert group.said[-1].endswith("Be kind and 😀 read this")


@pytest.mark.parametrize(("offset", "length"), [(0, 18), (0, 13), (1, 10), (5, 12)])
async def test_formatting_that_includes_the_command_leaves_the_rules_well_formed(
    group: Group, offset: int, length: int
) -> None:
    entities = [
        {"type": "bot_command", "offset": 0, "length": 9},
        {"type": "bold", "offset": offset, "length": length},
    ]
    await group.says(OLIVIA, "/setrules Be kind.", entities=entities)
    await group.says(ALICE, "/rules")

    assert group.said[-1] == "📜 Rules of Hearth\n\nBe kind."


async def test_rules_from_the_message_that_is_answered(group: Group) -> None:
    said = group.message(ALICE, "Be kind.", entities=[{"type": "italic", "offset": 0, "length": 2}])["message"]

    assert "are set" in (await group.says(OLIVIA, "/setrules", answering=said) or "")
    assert await group.says(ALICE, "/rules") == "📜 Rules of Hearth\n\nBe kind."
    assert "<i>Be</i>" in group.telegram.made("sendMessage")[-1].params["text"]


async def test_rules_from_a_caption(group: Group) -> None:
    photo = [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}]
    said = group.message(ALICE, None, photo=photo, caption="Be kind.")["message"]
    assert "are set" in (await group.says(OLIVIA, "/setrules", answering=said) or "")
    assert (await group.says(ALICE, "/rules") or "").endswith("Be kind.")

    assert "are set" in (await group.says(OLIVIA, None, photo=photo, caption="/setrules Be brave.") or "")
    assert (await group.says(ALICE, "/rules") or "").endswith("Be brave.")


async def test_they_can_be_taken_away(group: Group) -> None:
    await group.says(OLIVIA, "/setrules Be kind.")

    assert await group.says(OLIVIA, "/setrules off") == "The rules of Hearth are gone. /audit can bring them back."
    assert "no rules yet" in (await group.says(ALICE, "/rules") or "")

    await group.says(OLIVIA, "/audit undo 2")
    assert await group.says(ALICE, "/rules") == "📜 Rules of Hearth\n\nBe kind."


async def test_nothing_to_set_shows_how(group: Group) -> None:
    dice = group.message(ALICE, None, dice={"emoji": "🎲", "value": 1})["message"]

    for answering in (None, dice):
        answer = await group.says(OLIVIA, "/setrules", answering=answering)
        assert answer is not None
        assert answer.startswith("That is not how it is written. /setrules TEXT")


async def test_the_longest_rules_fit_a_message_and_longer_ones_are_refused(group: Group) -> None:
    await group.renames("T" * 255)
    assert "are set" in (await group.says(OLIVIA, "/setrules " + "R" * 3000) or "")
    await group.says(ALICE, "/rules")
    assert group.said[-1].endswith("R" * 3000)

    for length in (3001, 4085):
        assert await group.says(OLIVIA, "/setrules " + "S" * length) == (
            f"The rules are {length} characters long; 3000 is the most."
        )
    assert (await group.says(ALICE, "/rules") or "").endswith("R" * 3000)


async def test_the_same_update_again_is_one_change(group: Group) -> None:
    update = group.message(OLIVIA, "/setrules Be kind.")
    await group.hears(update, update)
    await group.says(OLIVIA, "/setrules Be brave.")
    await group.hearthbot.restart(after="a kill")
    await group.hears(update)

    assert (await group.says(ALICE, "/rules") or "").endswith("Be brave.")
    await group.says(OLIVIA, "/audit")
    assert group.buttons == ["↩ #2", "↩ #1"]


# Rules by button.

NO_SUCH = Refused(400, "Bad Request: ephemeral messages are not available")


async def test_a_button_shows_the_rules_to_one_member_alone(group: Group) -> None:
    await group.says(OLIVIA, "/setrules Be kind.")

    assert await group.sends_back(ALICE, "rules") is None

    assert group.telegram.ephemeral == [(ALICE.id, "📜 Rules of Hearth\n\nBe kind.")]
    assert len(group.said) == 1


async def test_without_rules_the_button_says_so(group: Group) -> None:
    assert await group.sends_back(ALICE, "rules") == NONE


async def test_short_rules_pop_up_where_they_cannot_be_shown_so(group: Group) -> None:
    await group.says(OLIVIA, "/setrules Be <kind>.")
    group.telegram.fails("sendMessage", NO_SUCH)

    assert await group.sends_back(ALICE, "rules") == "📜 Rules of Hearth\n\nBe <kind>."


async def test_long_rules_are_read_in_private(group: Group) -> None:
    await group.says(OLIVIA, f"/setrules {'Be kind. ' * 40}")
    await group.joins(ALICE)
    group.telegram.fails("sendMessage", NO_SUCH)
    await group.sends_back(ALICE, "rules")
    [link] = group.telegram.opened.values()
    start = link.partition("?start=")[2]
    assert link.startswith("https://t.me/hearth_bot?")

    alone = PrivateChat.of(ALICE, group.hearthbot)
    assert "Be kind. Be kind." in (await alone.says(ALICE, f"/start {start}") or "")
    stranger = PrivateChat.of(BOB, group.hearthbot)
    assert "Be kind" not in (await stranger.says(BOB, f"/start {start}") or "")
    assert "no such group" in (await alone.says(ALICE, "/start rules-x") or "")


async def test_where_nothing_else_is_left_they_stand_in_the_group_for_a_while(
    group: Group, clock: StoppedClock
) -> None:
    await group.says(OLIVIA, f"/setrules {'Be kind. ' * 40}")
    group.telegram.fails("sendMessage", NO_SUCH)
    group.telegram.fails("answerCallbackQuery", Refused(400, "Bad Request: URL_INVALID"))
    await group.hearthbot.takes(group.press(ALICE, "rules"))
    assert "Be kind. Be kind." in group.said[-1]

    clock.advance(minutes=2)
    await group.hearthbot.sweep()
    assert len(group.said) == 1


async def test_members_can_agree_below_the_rules(group: Group) -> None:
    await group.says(OLIVIA, "/setrules Be kind.")
    await group.says(OLIVIA, "/settings rules_agree on")
    await group.joins(ALICE)
    await group.says(BOB, "/rules")

    assert group.buttons == ["✅ I agree"]
    assert await group.presses(ALICE, "✅ I agree") == "🎉 Welcome to Hearth!"
    assert (group.chat_id, ALICE.id) not in group.telegram.muted
