"""The bot comes and goes, members do, and groups become supergroups."""

import pytest

from storage.groups import GroupRow
from storage.members import MemberRow
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, OTHER_BOT, Group, Refused, membership
from tests.handlers.test_checkins import points_of, streak_of


async def row_of(group: Group) -> GroupRow:
    row = await group.hearthbot.database.read(lambda tx: tx.groups.find(group.chat_id))
    assert row is not None
    return row


async def members_of(group: Group) -> dict[int, MemberRow]:
    row = await row_of(group)
    members = await group.hearthbot.database.read(lambda tx: tx.members.all(row.id))
    return {member.user_id: member for member in members}


async def test_it_says_hello_when_it_comes_and_notes_when_it_goes(group_on_either: Group) -> None:
    group = group_on_either
    hello = await group.adds_the_bot()
    assert hello is not None
    assert hello.startswith("🔥 Hello Hearth! I am Hearthbot.")
    assert (await row_of(group)).is_present
    assert await group.presses(ALICE, "✅ Check in") is not None
    assert await points_of(group) == 10

    assert await group.kicks_the_bot() is None
    assert not (await row_of(group)).is_present

    assert (await group.adds_the_bot("administrator") or "").startswith("🔥 Hello")
    assert (await row_of(group)).is_present
    assert await points_of(group) == 10


async def test_a_promotion_of_the_bot_is_no_reason_to_say_hello_again(group: Group) -> None:
    await group.adds_the_bot()

    assert await group.hears(group.change(None, "member", "administrator")) is None


async def test_a_refused_answer_tells_that_the_bot_is_gone(group: Group) -> None:
    group.telegram.fails("sendMessage", Refused(403, "Forbidden: bot was kicked from the supergroup chat"))
    await group.says(ALICE, "/checkin")

    assert not (await row_of(group)).is_present


async def test_whoever_asks_the_bot_in_a_group_proves_that_it_is_there_again(group: Group, clock: StoppedClock) -> None:
    asked_before = group.message(ALICE, "/me")
    clock.advance(minutes=2)
    group.telegram.fails("sendMessage", Refused(403, "Forbidden: bot was kicked from the supergroup chat"))
    await group.says(ALICE, "/checkin")

    await group.hears(asked_before)
    assert not (await row_of(group)).is_present

    await group.says(ALICE, "/me")  # of the bot's return it was not told
    assert (await row_of(group)).is_present


async def test_the_bot_being_blocked_in_private_is_no_group(group: Group) -> None:
    update = group.change(None, "member", "kicked")
    update["my_chat_member"]["chat"] = {"id": ALICE.id, "type": "private", "first_name": "Alice"}

    assert await group.hears(update) is None
    assert await group.hearthbot.database.read(lambda tx: tx.groups.all()) == []


async def test_members_come_and_go(group: Group, clock: StoppedClock) -> None:
    await group.joins(ALICE)
    assert (await members_of(group))[ALICE.id].status == "member"
    await group.promotes(ALICE)
    assert (await members_of(group))[ALICE.id].status == "operator"
    clock.advance(days=1)
    await group.leaves(ALICE, kicked=True)
    assert (await members_of(group))[ALICE.id].status == "kicked"
    await group.joins(ALICE)
    await group.leaves(ALICE)
    assert (await members_of(group))[ALICE.id].status == "left"

    await group.joins(OTHER_BOT)
    assert list(await members_of(group)) == [ALICE.id]


async def test_a_restricted_member_is_a_member_as_long_as_they_are_in(group: Group) -> None:
    rights = dict.fromkeys(
        ("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
         "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
         "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users",
         "can_pin_messages", "can_manage_topics"), False)  # fmt: skip
    for is_member, status in ((True, "member"), (False, "left")):
        update = group.change(BOB, "member", "member")
        restricted = membership(BOB.user, "restricted") | rights | {"is_member": is_member, "until_date": 0}
        update["chat_member"]["new_chat_member"] = restricted
        await group.hears(update)
        assert (await members_of(group))[BOB.id].status == status


async def test_the_title_follows_the_chat(group: Group) -> None:
    await group.says(ALICE, "/checkin")
    await group.renames("Hearth & Home")

    assert (await row_of(group)).title == "Hearth & Home"
    assert len(await group.hearthbot.database.read(lambda tx: tx.groups.all())) == 1


# Migration: everything follows, whatever comes first.


async def settle_in(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/settings checkin_points 20")
    await group.says(OLIVIA, "/setrules Be kind.")
    for _ in range(2):
        await group.says(ALICE, "/checkin")
        clock.advance(days=1)
    await group.hearthbot.write_activity()


async def assert_all_followed(group: Group, points: int, streak: int) -> None:
    assert await points_of(group) == points
    assert await streak_of(group) == streak
    assert (await group.says(ALICE, "/rules") or "").endswith("Be kind.")
    assert "+20 points" in (await group.says(BOB, "/checkin") or "")
    assert "Alice" in (await group.says(ALICE, "/top") or "")
    await group.says(OLIVIA, "/audit")
    assert "↩ #1" in group.buttons
    assert await group.hearthbot.database.read(lambda tx: tx.points.differences()) == []


@pytest.fixture
def basic_group(group_on_either: Group) -> Group:
    """A group that is not a supergroup yet."""
    return Group(group_on_either.hearthbot, -4001, "Hearth", "group")


@pytest.mark.parametrize("order", ["old chat first", "new chat first", "at once", "twice", "only the new one"])
async def test_a_group_that_becomes_a_supergroup_keeps_everything(
    basic_group: Group, clock: StoppedClock, order: str
) -> None:
    group = basic_group
    await settle_in(group, clock)
    last, first = group.migration(-1001000000099)
    match order:
        case "old chat first":
            await group.hears(last)
            await group.hears(first)
        case "new chat first":
            await group.hears(first)
            await group.hears(last)
        case "at once":
            await group.hearthbot.takes(last, first)
        case "twice":
            await group.hearthbot.takes(last, first, first, last)
            await group.hearthbot.restart()
            await group.hearthbot.takes(first, last)
        case _:
            await group.hears(first)

    assert "day 3! +30 points, 70 in all" in (await group.says(ALICE, "/checkin") or "")
    await assert_all_followed(group, points=70, streak=3)
    registry = group.hearthbot.engine.metrics.registry
    assert not registry.get_sample_value("hearthbot_errors_total", {"where": "handler"})


async def test_a_check_in_in_the_new_chat_that_is_handled_first_is_kept(
    basic_group: Group, clock: StoppedClock
) -> None:
    group = basic_group
    await settle_in(group, clock)
    last, first = group.migration(-1001000000099)

    assert "day 1! +10 points, 10 in all" in (await group.says(ALICE, "/checkin") or "")
    await group.hears(first)
    await group.hears(last)

    await assert_all_followed(group, points=50, streak=3)
    assert "already" in (await group.says(ALICE, "/checkin") or "")


async def test_a_late_message_of_the_old_chat_counts_for_the_group(basic_group: Group, clock: StoppedClock) -> None:
    group = basic_group
    await settle_in(group, clock)
    late = group.message(ALICE, "/checkin")
    await group.migrates()

    await group.hearthbot.takes(late)

    await assert_all_followed(group, points=70, streak=3)


async def test_an_answer_follows_the_group_that_has_moved_meanwhile(basic_group: Group, clock: StoppedClock) -> None:
    group = basic_group
    await settle_in(group, clock)
    late = group.message(ALICE, "/checkin")
    last, first = group.migration(-1001000000099)

    assert await group.hears(late) is not None
    assert "day 3!" in group.said[-1]
    await group.hearthbot.takes(last, first)
    await assert_all_followed(group, points=70, streak=3)


async def test_a_restart_in_the_middle_of_a_migration(basic_group: Group, clock: StoppedClock) -> None:
    group = basic_group
    await settle_in(group, clock)
    last, first = group.migration(-1001000000099)
    await group.hearthbot.engine.intake.take([last])
    await group.hearthbot.restart(after="a kill")
    await group.hears(first)

    await assert_all_followed(group, points=40, streak=2)
