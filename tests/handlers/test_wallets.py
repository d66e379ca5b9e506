"""Groups whose members' points go into one wallet."""

from storage.points import Difference
from tests.group import ALICE, BOB, OLIVIA, OWNER, Group


async def differences(group: Group) -> list[Difference]:
    return list(await group.hearthbot.database.read(lambda tx: tx.points.differences()))


def second_group(group: Group) -> Group:
    return Group(group.hearthbot, -1001000000002, "Book club")


async def test_pooled_points_are_earned_and_spent_in_both_groups(group_on_either: Group) -> None:
    group, books = group_on_either, second_group(group_on_either)
    await group.says(ALICE, "/checkin")
    await group.says(BOB, "/checkin")
    await books.says(ALICE, "/checkin")

    assert await books.says(OWNER, f"/wallet share {group.chat_id}") == (
        "This group's points are pooled with the other group's now."
    )

    for chat in (group, books):
        assert "💰 20 points" in (await chat.says(ALICE, "/me") or "")
    assert await books.says(BOB, "/checkin") == "✅ Bob, day 1! +10 points, 20 in all.\nNext bonus in 2 days."
    assert "💰 20 points" in (await group.says(BOB, "/me") or "")
    assert await differences(group) == []


async def test_sharing_twice_moves_nothing_twice(group: Group) -> None:
    books = second_group(group)
    await group.says(ALICE, "hello")
    await group.hearthbot.write_activity()
    await books.says(ALICE, "/checkin")
    request = books.message(OWNER, f"/wallet share {group.chat_id}")

    await books.hears(request)
    await books.hears(request)
    await books.says(OWNER, f"/wallet share {group.chat_id}")

    assert "💰 10 points" in (await group.says(ALICE, "/me") or "")
    assert await differences(group) == []


async def test_a_group_that_leaves_the_pool_starts_with_an_empty_wallet(group: Group) -> None:
    books = second_group(group)
    await group.says(ALICE, "/checkin")
    await books.says(OWNER, f"/wallet share {group.chat_id}")

    assert await books.says(OWNER, "/wallet own") == "This group has a wallet of its own now."

    assert "💰 0 points" in (await books.says(ALICE, "/me") or "")
    assert "💰 10 points" in (await group.says(ALICE, "/me") or "")
    assert await differences(group) == []


async def test_only_an_owner_pools_wallets(group: Group) -> None:
    books = second_group(group)
    await group.says(ALICE, "/checkin")
    refusal = "Only the owners of this installation can do that: it concerns several groups."

    assert await books.says(OLIVIA, f"/wallet share {group.chat_id}") == refusal
    assert await books.says(ALICE, f"/wallet share {group.chat_id}") == refusal
    assert "💰 0 points" in (await books.says(ALICE, "/me") or "")


async def test_a_wrong_wallet_command_says_what_to_write(group: Group) -> None:
    for wrong in ("/wallet", "/wallet share", "/wallet steal 5"):
        assert "/wallet share CHAT_ID" in (await group.says(OWNER, wrong) or ""), wrong
    for unknown in ("-1", "99999999999999999999", "everything"):
        assert await group.says(OWNER, f"/wallet share {unknown}") == "I know no such group, or you are not in it."


async def test_a_pool_that_joins_another_takes_all_its_groups_along(group: Group) -> None:
    books, tea = second_group(group), Group(group.hearthbot, -1001000000003, "Tea room")
    await group.says(ALICE, "/checkin")
    await tea.says(ALICE, "/me")
    await books.says(OWNER, f"/wallet share {group.chat_id}")

    await group.says(OWNER, f"/wallet share {tea.chat_id}")

    for chat in (group, books, tea):
        assert "💰 10 points" in (await chat.says(ALICE, "/me") or ""), chat.title
    assert await differences(group) == []


async def test_pooled_points_keep_their_level_and_were_not_earned_this_week(group: Group) -> None:
    books = second_group(group)
    await group.says(OLIVIA, "/points give 60 thanks", answering=group.message(ALICE, "hi")["message"])
    await books.says(BOB, "/checkin")

    await group.says(OWNER, f"/wallet share {books.chat_id}")

    assert "💰 60 points\n⭐ Level 2" in (await books.says(ALICE, "/me") or "")
    assert await books.says(ALICE, "/top") == "🏆 Points this week\n🥇 Bob — 10 points"


async def test_who_leaves_one_group_of_a_pool_keeps_what_the_other_one_holds(group: Group) -> None:
    books = second_group(group)
    await group.says(ALICE, "/checkin")
    await books.says(ALICE, "/checkin")
    await books.says(OWNER, f"/wallet share {group.chat_id}")
    for chat in (group, books):
        await chat.says(OLIVIA if chat is group else OWNER, "/settings keep_points off")

    await books.leaves(ALICE)
    assert "💰 20 points" in (await group.says(ALICE, "/me") or "")

    await group.leaves(ALICE)
    assert "💰 0 points" in (await group.says(ALICE, "/me") or "")
    assert await differences(group) == []
