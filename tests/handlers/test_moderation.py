"""Moderation as members and operators meet it."""

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, Group, Persona


async def posts_a_link(group: Group, person: Persona = BOB, url: str = "example.org/cheap") -> str | None:
    return await group.says(person, url)


def stands(group: Group, text: str) -> bool:
    """Whether a message that says so is still there."""
    return any(message.get("text") == text for message in group.telegram.messages.values())


async def test_nothing_is_moderated_until_an_operator_turns_it_on(group: Group) -> None:
    assert await posts_a_link(group) is None
    assert stands(group, "example.org/cheap")


async def test_a_member_who_posts_links_is_warned_then_muted_then_removed(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings links all")

    assert await posts_a_link(group) == (
        "⚠️ Bob: a warning. Please post no such links here. Next time: muted for 1 hour."
    )
    assert not stands(group, "example.org/cheap")
    clock.advance(minutes=1)
    assert await posts_a_link(group) == (
        "⚠️ Bob: muted for 1 hour. Please post no such links here. Next time: removed from the group."
    )
    assert group.telegram.muted == {(group.chat_id, BOB.id): int(clock.now.timestamp()) + 3600}
    clock.advance(hours=2)
    assert await posts_a_link(group) == (
        "⚠️ Bob: removed from the group. Please post no such links here. Next time: removed from the group."
    )
    assert [call.method for call in group.telegram.calls[-4:]] == [
        "deleteMessages", "banChatMember", "unbanChatMember", "sendMessage",
    ]  # fmt: skip
    assert await posts_a_link(group, OLIVIA) is None
    assert await posts_a_link(group, ALICE) is not None
