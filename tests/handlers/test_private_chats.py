"""Private chats with the bot: each is about one group, and shows a stranger nothing."""

from tests.group import ALICE, BOB, OLIVIA, Group, Hearthbot, PrivateChat


def second_group(hearthbot: Hearthbot) -> Group:
    return Group(hearthbot, -1001000000002, "Book club")


async def test_a_stranger_is_told_what_the_bot_is_for(group: Group) -> None:
    private = PrivateChat.of(BOB, group.hearthbot)

    assert "Add me to your group" in (await private.says(BOB, "/start") or "")
    for wish in ("/me", "/top", "/rules", "/settings", "/points log", "/audit", "/group"):
        assert (await private.says(BOB, wish) or "").startswith("Which group do you mean?"), wish


async def test_a_member_of_one_group_need_not_choose(group: Group) -> None:
    await group.says(ALICE, "/checkin")
    private = PrivateChat.of(ALICE, group.hearthbot)

    assert "💰 10 points" in (await private.says(ALICE, "/me") or "")
    assert (await private.says(ALICE, "/help") or "").startswith("Here we talk about Hearth;")


async def test_one_checks_in_where_the_others_see_it(group: Group) -> None:
    await group.says(ALICE, "/me")
    await group.hearthbot.write_activity()
    private = PrivateChat.of(ALICE, group.hearthbot)

    assert await private.says(ALICE, "/checkin") == "That works in a group: say it there."
    assert await private.says(ALICE, "签到") == "That works in a group: say it there."


async def test_whatever_is_not_understood_in_private_is_answered(group: Group) -> None:
    private = PrivateChat.of(ALICE, group.hearthbot)

    assert await private.says(ALICE, "how are you?") == "I do not understand that. /help lists what I can do."
    assert await private.says(ALICE, "/dance") == "I do not understand that. /help lists what I can do."


async def test_a_member_of_two_groups_chooses_one_and_it_is_remembered(group: Group) -> None:
    await group.says(ALICE, "/checkin")
    books = second_group(group.hearthbot)
    await books.says(ALICE, "hello")
    await group.hearthbot.write_activity()
    private = PrivateChat.of(ALICE, group.hearthbot)

    assert (await private.says(ALICE, "/me") or "").startswith("Which group do you mean?")
    assert await private.says(ALICE, "/group") == "Which group shall we talk about here?"
    assert private.buttons == ["Book club", "Hearth"]
    assert await private.presses(ALICE, "Hearth") == "Here we talk about Hearth now."
    assert "💰 10 points" in (await private.says(ALICE, "/me") or "")

    await group.hearthbot.restart()
    assert "💰 10 points" in (await private.says(ALICE, "/me") or "")


async def test_nobody_chooses_a_group_that_they_are_not_in(group: Group) -> None:
    await group.says(ALICE, "/checkin")
    private = PrivateChat.of(BOB, group.hearthbot)
    await private.says(BOB, "/start")

    for forged in ("group:1", "group:0", "group:99999999999999999999", "group:", "group:1; drop"):
        assert await private.sends_back(BOB, forged) == "I know no such group, or you are not in it."
    assert (await private.says(BOB, "/me") or "").startswith("Which group do you mean?")


async def test_whoever_leaves_a_group_no_longer_sees_it(group: Group) -> None:
    await group.says(ALICE, "/checkin")
    private = PrivateChat.of(ALICE, group.hearthbot)
    assert "💰 10 points" in (await private.says(ALICE, "/me") or "")

    await group.leaves(ALICE)

    assert (await private.says(ALICE, "/me") or "").startswith("Which group do you mean?")


async def test_an_operator_steers_from_the_private_chat_and_a_member_does_not(group: Group) -> None:
    for person in (ALICE, OLIVIA):
        await group.says(person, "hello")
    await group.hearthbot.write_activity()
    operator, member = PrivateChat.of(OLIVIA, group.hearthbot), PrivateChat.of(ALICE, group.hearthbot)

    assert await operator.says(OLIVIA, "/points give @alice 5 thanks") == "Alice gets 5 points and has 5 now."
    assert await operator.says(OLIVIA, "/setrules Be kind") == "The rules of Hearth are set. /rules shows them."
    assert await group.says(ALICE, "/rules") == "📜 Rules of Hearth\n\nBe kind"

    for wish in ("/settings", "/settings language zh", "/setrules Mine", "/points give @alice 500 me", "/audit undo 1"):
        assert await member.says(ALICE, wish) == "Only this group's administrators can do that."
    assert await member.sends_back(ALICE, "set:language:1") == "Only this group's administrators can do that."
    assert "💰 5 points" in (await member.says(ALICE, "/me") or "")
