"""What one may do here."""

import pytest

from handlers.dispatching import COMMANDS
from tests.group import ALICE, ANONYMOUS_ADMIN, CAROL, CHANNEL, OLIVIA, OWNER, Group, Hearthbot, Persona, PrivateChat


@pytest.mark.parametrize("wish", ["/help", "帮助", "幫助", "/help@hearth_bot", "/start"])
async def test_members_see_what_members_can_do(group: Group, wish: str) -> None:
    answer = await group.says(ALICE, wish)

    assert answer is not None
    for command in COMMANDS:
        expected = not command.for_operators and not command.only_private
        assert (f"/{command.name} — " in answer) is expected, command.name
    assert "For administrators" not in answer


@pytest.mark.parametrize("operator", [OLIVIA, OWNER, ANONYMOUS_ADMIN])
async def test_operators_see_what_operators_can_do(group: Group, operator: Persona) -> None:
    answer = await group.says(operator, "/help")

    assert answer is not None
    assert "For administrators:" in answer
    assert "/settings — settings of this group" in answer


async def test_a_channel_sees_what_members_can_do(group: Group) -> None:
    assert "For administrators" not in (await group.says(CHANNEL, "/help") or "")


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
@pytest.mark.parametrize("word", ["help", "HELP", " help "])
async def test_every_command_explains_itself(group: Group, command: str, word: str) -> None:
    answer = await group.says(ALICE, f"/{command} {word}")

    assert answer is not None
    first, *usage = answer.splitlines()
    assert first.startswith(f"/{command} — ")
    assert f"/{command}" in "".join(usage)


async def test_unknown_commands_are_somebody_elses_unless_they_name_us(group: Group) -> None:
    assert await group.says(ALICE, "/frobnicate") is None
    assert await group.says(ALICE, "/frobnicate@another_bot") is None
    assert await group.says(ALICE, "/frobnicate help") is None
    assert await group.says(ALICE, "/frobnicate@hearth_bot") == "I do not understand that. /help lists what I can do."


async def test_in_private_whatever_is_said_is_answered(hearthbot: Hearthbot) -> None:
    private = PrivateChat.of(ALICE, hearthbot)

    for said in ("/frobnicate", "hello", "签到签到", "x" * 4096):
        assert await private.says(ALICE, said) == "I do not understand that. /help lists what I can do."
    for said in ("/start", "/help", "/start ref_12345"):
        answer = await private.says(ALICE, said)
        assert answer is not None
        assert answer.startswith("👋 I keep group chats alive")


async def test_in_private_it_speaks_the_persons_language(hearthbot: Hearthbot) -> None:
    assert "我负责让群聊保持活跃" in (await PrivateChat.of(CAROL, hearthbot).says(CAROL, "/start") or "")


async def test_what_works_in_groups_only_says_so_in_private(hearthbot: Hearthbot) -> None:
    await Group(hearthbot).says(ALICE, "/checkin")

    assert await PrivateChat.of(ALICE, hearthbot).says(ALICE, "/checkin") == "That works in a group: say it there."


async def test_whoever_is_in_no_group_is_asked_for_one(hearthbot: Hearthbot) -> None:
    private = PrivateChat.of(ALICE, hearthbot)

    for wish in ("/me", "/top", "/rules", "/settings", "/group", "/points log", "/audit"):
        assert "Which group do you mean?" in (await private.says(ALICE, wish) or ""), wish


async def test_which_groups_one_is_in_is_not_told_in_a_group(group: Group, hearthbot: Hearthbot) -> None:
    await Group(hearthbot, -1001000000002, "Secret Society").says(ALICE, "/checkin")
    await group.says(ALICE, "/checkin")

    answer = await group.says(ALICE, "/group")

    assert answer == "That is not how it is written. /group, in the private chat with me."
    assert group.buttons == []


async def test_choosing_a_group_in_private(hearthbot: Hearthbot) -> None:
    one, other = Group(hearthbot), Group(hearthbot, -1001000000002, "Other")
    stranger = Group(hearthbot, -1001000000003, "Strangers")
    await one.says(ALICE, "/checkin")
    await other.says(OLIVIA, "/settings checkin_points 20")
    await other.says(ALICE, "/checkin")
    await stranger.says(CAROL, "/checkin")
    private = PrivateChat.of(ALICE, hearthbot)

    assert "Which group do you mean?" in (await private.says(ALICE, "/me") or "")
    assert await private.says(ALICE, "/group") == "Which group shall we talk about here?"
    assert sorted(private.buttons) == ["Hearth", "Other"]
    assert await private.presses(ALICE, "Hearth") == "Here we talk about Hearth now."
    assert "💰 10 points" in (await private.says(ALICE, "/me") or "")
    for forged in ("group:3", "group:", "group:x", "group:" + "9" * 20, "group:²"):
        assert await private.sends_back(ALICE, forged) == "I know no such group, or you are not in it."
    assert "💰 10 points" in (await private.says(ALICE, "/me") or "")


async def test_operators_steer_their_group_in_private_and_members_do_not(hearthbot: Hearthbot) -> None:
    group = Group(hearthbot)
    await group.says(OLIVIA, "/checkin")
    await group.says(ALICE, "/checkin")

    assert await PrivateChat.of(OLIVIA, hearthbot).says(OLIVIA, "/settings checkin_points 20") == "Daily points: 20"
    assert "administrators can do that" in (
        await PrivateChat.of(ALICE, hearthbot).says(ALICE, "/settings checkin_points 50") or ""
    )
