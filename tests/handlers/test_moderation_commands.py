"""What operators do by hand, and take back."""

import pytest

from tests.conftest import StoppedClock
from tests.group import (
    ALICE,
    ANONYMOUS_ADMIN,
    BOB,
    CAROL,
    CHANNEL,
    OLIVIA,
    OTHER_BOT,
    OWNER,
    Group,
    Json,
    Persona,
    PrivateChat,
)
from tests.handlers.test_moderation import WARNED, WORD, offences_of, posts_a_link

COMMANDS = [
    "/warn @bob rude",
    "/mute @bob 1h",
    "/unmute @bob",
    "/kick @bob",
    "/forgive @bob",
    "/warns @bob",
    "/words",
    "/exempt",
]


@pytest.fixture
async def said(group: Group) -> Json:
    """A message of Bob's."""
    update = group.message(BOB, "hello")
    await group.hears(update)
    await group.hearthbot.write_activity()
    message: Json = update["message"]
    return message


@pytest.mark.parametrize("command", COMMANDS)
async def test_they_are_for_operators(group: Group, said: Json, command: str) -> None:
    assert await group.says(ALICE, command) == "Only this group's administrators can do that."
    assert group.telegram.muted == {}
    assert group.telegram.banned == set()


@pytest.mark.parametrize("target", ["@bob ", ""])
async def test_by_name_or_as_an_answer(group: Group, said: Json, target: str) -> None:
    answering = None if target else said

    assert await group.says(OLIVIA, f"/warn {target}be nice", answering=answering) == (
        "⚠️ Bob: a warning. Reason: be nice. Next time: muted for 1 hour."
    )
    assert await group.says(OLIVIA, f"/mute {target}2d", answering=answering) == (
        "⚠️ Bob: muted for 2 days. An administrator decided so. Next time: removed from the group."
    )
    assert (group.chat_id, BOB.id) in group.telegram.muted
    assert await group.says(OLIVIA, f"/unmute {target}", answering=answering) == "Bob may speak again."
    assert group.telegram.muted == {}
    assert await group.says(OLIVIA, f"/kick {target}enough", answering=answering) == (
        "⚠️ Bob: removed from the group. Reason: enough. Next time: removed from the group."
    )
    assert await offences_of(group) == "Bob: 3 offences that count (last 30 days)"
    assert await group.says(OLIVIA, f"/forgive {target}", answering=answering) == "3 offences of Bob are forgiven."
    assert await offences_of(group) == "Bob: 0 offences that count (last 30 days)"


async def test_a_warning_costs_what_the_ladder_says(group: Group, said: Json) -> None:
    await group.says(OLIVIA, "/settings ladder delete mute:1h")

    assert (await group.says(OLIVIA, "/warn @bob rude") or "").startswith("⚠️ Bob: a warning")
    assert (await group.says(OLIVIA, "/warn @bob rude") or "").startswith("⚠️ Bob: muted for 1 hour")


async def test_a_mute_without_a_time_is_for_an_hour(group: Group, said: Json, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/mute @bob shouting")

    assert group.telegram.muted[group.chat_id, BOB.id] == int(clock.now.timestamp()) + 3600


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        ("/mute @bob 5x", "For how long? Write 30m, 2h, 3d or 1w, at most a year."),
        ("/mute @bob 500d", "For how long? Write 30m, 2h, 3d or 1w, at most a year."),
        ("/mute @nobody 1h", "I know no member nobody here. Answer one of their messages with the command instead."),
        ("/mute", "Who? Write @NAME, or answer that member's message with the command."),
        ("/mute @olivia 1h", "Olivia is an administrator; those are not moderated."),
        ("/kick @otto", "Otto is an administrator; those are not moderated."),
        ("/forgive @bob", "Nothing counts against Bob."),
        ("/words del spam", "“spam” is not forbidden. /words lists what is."),
        ("/words add 操", "“操” cannot be forbidden: write a word or phrase of at most 64 letters, "
                          "in Chinese at least two characters."),
    ],
)  # fmt: skip
async def test_clear_refusals(group: Group, said: Json, command: str, refusal: str) -> None:
    for speaker in (OLIVIA, OWNER):
        await group.says(speaker, "hello")
    await group.hearthbot.write_activity()

    assert await group.says(OLIVIA, command) == refusal
    assert await group.says(OLIVIA, "/audit") == "🗒 Latest changes\nNothing was changed yet."


@pytest.mark.parametrize("command", ["/warn @bob", "/words add", "/words frobnicate x", "/words del |"])
async def test_wrong_use_is_answered_with_the_right_one(group: Group, said: Json, command: str) -> None:
    assert "That is not how it is written." in (await group.says(OLIVIA, command) or "")


@pytest.mark.parametrize("speaker", [OTHER_BOT, CHANNEL, ANONYMOUS_ADMIN])
async def test_never_against_bots_channels_or_anonymous_administrators(group: Group, speaker: Persona) -> None:
    message = group.message(speaker, "hello")["message"]

    assert await group.says(OLIVIA, "/mute 1h", answering=message) == (
        "That is for members only, not for bots, channels or anonymous administrators."
    )


@pytest.mark.parametrize("command", ["/warn @bob rude", "/mute @bob 1h", "/unmute @bob", "/kick @bob"])
async def test_a_ban_stands_whatever_is_said_about_who_is_banned(group: Group, said: Json, command: str) -> None:
    await group.leaves(BOB, kicked=True)

    assert await group.says(OLIVIA, command) == (
        "Bob is not in the group. /warns shows what counts against them, /forgive ends a ban that I gave."
    )
    assert group.telegram.made("restrictChatMember") == []
    assert await offences_of(group) == "Bob: 0 offences that count (last 30 days)"


async def test_they_happen_in_the_group(group: Group, said: Json) -> None:
    private = PrivateChat.of(OLIVIA, group.hearthbot)
    await group.promotes(OLIVIA)
    await private.says(OLIVIA, "/start")

    assert "in a group" in (await private.says(OLIVIA, "/mute @bob 1h") or "").casefold()


async def test_the_same_command_again_is_one_offence(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(BOB, "hello")
    await group.hearthbot.write_activity()
    update = group.message(OLIVIA, "/warn @bob rude")

    await group.hears(update, update)
    await group.hearthbot.restart(after="a kill")
    await group.hears(update)
    assert await offences_of(group) == "Bob: 1 offence that counts (last 30 days)"


async def test_without_the_right_nothing_is_claimed(group: Group, said: Json) -> None:
    group.telegram.rights_missing = {"can_restrict_members"}

    for command in ("/mute @bob 1h", "/kick @bob", "/unmute @bob"):
        assert "I cannot mute or remove members here" in (await group.says(OLIVIA, command) or "")


async def test_the_log_names_what_was_done_and_an_undo_takes_it_back(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings links all")
    await group.says(OLIVIA, "/settings ladder mute:1h kick")
    await posts_a_link(group)
    assert group.telegram.muted
    await group.says(OLIVIA, "/mute @bob 3d rude")

    log = await group.says(OLIVIA, "/audit")
    assert log is not None
    assert log.splitlines()[1:3] == [
        "#4 11-22 09:00 · Olivia: Bob muted (by an operator: rude)", "#3 11-22 09:00 · Hearthbot: Bob muted (link)",
    ]  # fmt: skip
    await group.presses(OLIVIA, "↩ #3")
    assert group.telegram.muted, "the other one still holds"
    await group.says(OLIVIA, "/audit undo 4")
    assert group.telegram.muted == {}
    assert await offences_of(group) == "Bob: 0 offences that count (last 30 days)"
    clock.advance(minutes=1)
    assert "muted for 1 hour" in (await posts_a_link(group) or ""), "the ladder begins anew"
    assert "an offence forgiven" in (await group.says(OLIVIA, "/audit") or "")


async def test_a_ban_ends_with_its_undo(group: Group, said: Json) -> None:
    await group.says(OLIVIA, "/settings ladder ban")
    await group.says(OLIVIA, "/warn @bob rude")
    assert group.telegram.banned == {(group.chat_id, BOB.id)}

    await group.says(OLIVIA, "/forgive @bob")
    assert group.telegram.banned == set()


async def test_forgiveness_can_be_taken_back(group: Group, said: Json) -> None:
    await group.says(OLIVIA, "/warn @bob rude")
    await group.says(OLIVIA, "/forgive @bob")
    await group.says(OLIVIA, "/audit undo 2")

    assert await offences_of(group) == "Bob: 1 offence that counts (last 30 days)"
    log = await group.says(OLIVIA, "/audit")
    assert log is not None
    assert "forgiveness taken back" in log
    assert "Bob forgiven" in log


async def test_words_are_listed_added_and_deleted(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    assert await group.says(OLIVIA, "/words") == "No word is forbidden. Forbid some: /words add X | Y"
    assert (
        await group.says(OLIVIA, "/words add spam | 加微信\nfree money")
        == "Forbidden from now on: spam | 加微信 | free money"
    )
    await group.says(OLIVIA, "/words add SPAM")

    assert await group.says(OLIVIA, "/words list") == "3 forbidden words: free money | spam | 加微信"
    assert await group.says(BOB, "FREE  MONEY!!") == WORD
    assert await group.says(OLIVIA, "/words del free money | 加微信") == "Allowed again: free money | 加微信"
    assert await group.says(BOB, "free money") is None
    await group.says(OLIVIA, "/audit undo 3")
    clock.advance(minutes=1)
    assert "muted" in (await group.says(BOB, "free money") or "")


async def test_a_record_shows_what_was_undone(group: Group, said: Json) -> None:
    await group.says(OLIVIA, "/settings links all")
    assert await posts_a_link(group) == WARNED
    await group.says(OLIVIA, "/audit undo 2")

    await group.says(OLIVIA, "/warns @bob")
    assert "<s>11-22 09:00 · link → warned</s>" in group.telegram.made("sendMessage")[-1].params["text"]
    assert CAROL.username is None
