"""Moderation as members and operators meet it."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.members import Actor
from bot.domain.moderation import Suspicion
from bot.services.moderation import ModerationService
from tests.conftest import StoppedClock
from tests.group import (
    ALICE,
    ANONYMOUS_ADMIN,
    BOB,
    CHANNEL,
    LINKED_CHANNEL,
    OLIVIA,
    OTHER_BOT,
    OWNER,
    Group,
    Hearthbot,
    Persona,
    Refused,
    Unreachable,
)

WARNED = "⚠️ Bob: a warning. Please post no such links here. Next time: muted for 1 hour."
MUTED = "⚠️ Bob: muted for 1 hour. Please post no such links here. Next time: removed from the group."
REMOVED = "⚠️ Bob: removed from the group. Please post no such links here. Next time: removed from the group."
WORD = "⚠️ Bob: a warning. One of the words is not welcome here. Next time: muted for 1 hour."
CHANNEL_CHAT = {"id": -1001999999999, "type": "channel", "title": "Hearth News", "username": "hearth_news"}


async def posts_a_link(group: Group, person: Persona = BOB, url: str = "watches.example") -> str | None:
    return await group.says(person, f"see {url}")


def stands(group: Group, text: str) -> bool:
    """Whether a message that says so is still there."""
    return any(message.get("text") == text for message in group.telegram.messages.values())


async def offences_of(group: Group, name: str = "bob") -> str:
    """How many offences count."""
    await group.hearthbot.write_activity()
    record = await group.says(OLIVIA, f"/warns @{name}")
    assert record is not None
    return record.splitlines()[0]


@pytest.fixture
async def strict(group: Group) -> Group:
    """A group without links."""
    await group.says(OLIVIA, "/settings links all")
    return group


# What it costs.


async def test_nothing_is_moderated_until_an_operator_turns_it_on(group: Group) -> None:
    for n in range(30):
        assert await group.says(BOB, "t.me/+cheap_watches", forward_origin={"type": "hidden_user"}) is None, n
    assert len([m for m in group.telegram.messages.values() if m.get("text") == "t.me/+cheap_watches"]) == 30


async def test_a_member_who_posts_links_is_warned_then_muted_then_removed(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings links all")

    assert await posts_a_link(group) == WARNED
    assert not stands(group, "see watches.example")
    clock.advance(minutes=1)
    assert await posts_a_link(group) == MUTED
    assert group.telegram.muted == {(group.chat_id, BOB.id): int(clock.now.timestamp()) + 3600}
    clock.advance(hours=2)
    assert await posts_a_link(group) == REMOVED
    assert [call.method for call in group.telegram.calls[-4:]] == [
        "deleteMessages", "banChatMember", "unbanChatMember", "sendMessage",
    ]  # fmt: skip
    assert group.telegram.banned == set(), "a kick lets one come back"


async def test_the_warning_mentions_the_member_and_disappears(strict: Group, clock: StoppedClock) -> None:
    await posts_a_link(strict)

    assert f'<a href="tg://user?id={BOB.id}">Bob</a>' in strict.telegram.made("sendMessage")[-1].params["text"]
    clock.advance(seconds=60)
    await strict.hearthbot.sweep()
    assert WARNED not in strict.said


async def test_offences_are_forgotten_after_a_while(strict: Group, clock: StoppedClock) -> None:
    assert await posts_a_link(strict) == WARNED
    clock.advance(days=29)
    assert await posts_a_link(strict) == MUTED
    clock.advance(days=2)
    assert await posts_a_link(strict) == MUTED
    clock.advance(days=31)
    assert await posts_a_link(strict) == WARNED


async def test_the_ladder_is_the_operators_own(strict: Group) -> None:
    await strict.says(OLIVIA, "/settings ladder delete ban")

    assert await posts_a_link(strict) is None
    assert not stands(strict, "see watches.example")
    assert await posts_a_link(strict) == (
        "⚠️ Bob: banned from the group. Please post no such links here. Next time: banned from the group."
    )
    assert strict.telegram.banned == {(strict.chat_id, BOB.id)}


@pytest.mark.parametrize("wrong", ["warn shout", "mute", "mute:5", "kick:1h", " ".join(["warn"] * 11)])
async def test_a_wrong_ladder_is_refused(group: Group, wrong: str) -> None:
    assert "Right would be: warn warn mute:1h kick" in (await group.says(OLIVIA, f"/settings ladder {wrong}") or "")


async def test_two_offences_at_once_climb_two_steps_and_are_told_once(strict: Group) -> None:
    told = await strict.hears(strict.message(BOB, "a.example"), strict.message(BOB, "b.example"))

    assert told == WARNED
    assert [text for text in strict.said if "Bob" in text] == [MUTED], "which took the place of the warning"
    assert await offences_of(strict) == "Bob: 2 offences that count (last 30 days)"
    assert strict.telegram.muted


async def test_a_mute_that_comes_after_an_operators_ban_does_not_end_it(strict: Group) -> None:
    await strict.says(OLIVIA, "/settings ladder mute:1h")
    spam = strict.message(BOB, "see watches.example")
    await strict.leaves(BOB, kicked=True)

    await strict.hears(spam)

    assert not stands(strict, "see watches.example")
    assert strict.telegram.made("restrictChatMember") == []


async def test_each_member_is_told(strict: Group) -> None:
    await strict.hearthbot.takes(strict.message(BOB, "a.example"), strict.message(ALICE, "a.example"))

    assert [text.split(":")[0] for text in strict.said[-2:]] == ["⚠️ Bob", "⚠️ Alice"]


# What offends, and what does not.


@pytest.mark.parametrize(
    "said",
    [
        "who can give me some assistance?",
        "classy!",
        "加油",
        "我们加 V 吧",
        "添加微信好友的功能坏了吗",
        "assassin",
        "a s s",
    ],
)
async def test_words_are_not_found_in_other_words(group: Group, said: str) -> None:
    await group.says(OLIVIA, "/words add ass | 加威信 | 加v信")

    assert await group.says(BOB, said) is None
    assert stands(group, said)


@pytest.mark.parametrize(
    "said",
    [
        "ASS!",
        "what an ａｓｓ",
        "a\u200bs\u2060s",
        "请加微信谢谢",
        "請加微信",
        "加 微 信",
        "加.微.信",
        "加\u200b微\u200d信",
        "我有賣貨渠道",
        "加vx",
    ],
)
async def test_words_are_found_however_they_are_dressed(group: Group, said: str) -> None:
    await group.says(OLIVIA, "/words add ass | 加微信 | 卖货 | 加VX")

    assert await group.says(BOB, said) == WORD
    assert not stands(group, said)


async def test_a_word_of_two_scripts_is_not_found_in_a_longer_one(group: Group) -> None:
    await group.says(OLIVIA, "/words add 加v | 怎么退")

    assert await group.says(BOB, "加video会员") is None
    assert await group.says(BOB, "退货怎么办") is None
    assert await group.says(BOB, "加v 123") == WORD


async def test_captions_and_polls_are_read_too(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/words add spam")

    assert await group.says(BOB, None, caption="my spam", photo=[]) == WORD
    clock.advance(minutes=1)
    options = [{"persistent_id": text, "text": text, "voter_count": 0} for text in ("spam", "eggs")]
    flags = dict.fromkeys(
        ("is_closed", "is_anonymous", "allows_multiple_answers", "allows_revoting", "members_only"), False
    )
    poll = {"id": "1", "question": "?", "options": options, "total_voter_count": 0, "type": "regular", **flags}
    await group.says(BOB, None, poll=poll)
    assert await offences_of(group) == "Bob: 2 offences that count (last 30 days)"


async def test_forwards_from_channels(group: Group) -> None:
    await group.says(OLIVIA, "/settings forwards channels")
    origin = {"type": "channel", "date": 1, "chat": CHANNEL_CHAT, "message_id": 7}

    assert (
        await group.says(ALICE, "look", forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "x"})
        is None
    )
    assert await group.says(BOB, "look", forward_origin=origin) == (
        "⚠️ Bob: a warning. Please forward nothing from elsewhere. Next time: muted for 1 hour."
    )
    await group.says(OLIVIA, "/settings links_allowed @hearth_news")
    assert await group.says(BOB, "look", forward_origin=origin) is None


async def test_names_of_channels_are_links_and_names_of_people_are_not(group: Group) -> None:
    group.telegram.chats[-1001999999999] = CHANNEL_CHAT
    await group.says(OLIVIA, "/settings links invites")
    await group.says(ALICE, "hello")
    await group.hearthbot.write_activity()

    assert await group.says(BOB, "@alice and @somebody_else, hello") is None
    asked = len(group.telegram.made("getChat"))
    assert asked == 1, "Alice is known"
    assert await group.says(BOB, "@alice and @somebody_else, again") is None
    assert len(group.telegram.made("getChat")) == asked, "and now both are"
    assert await group.says(BOB, "all on @Hearth_News") == WARNED


# Floods and albums.


async def test_a_burst_is_one_offence_and_all_of_it_is_deleted(group: Group) -> None:
    await group.says(OLIVIA, "/settings flood 5/10")
    burst = [group.message(BOB, f"la {n}") for n in range(10)]

    assert await group.hears(*burst) == (
        "⚠️ Bob: a warning. That was too much at once: please slow down. Next time: muted for 1 hour."
    )
    assert not any(stands(group, f"la {n}") for n in range(10))
    assert await offences_of(group) == "Bob: 1 offence that counts (last 30 days)"


async def test_several_members_at_once_are_no_flood(group: Group) -> None:
    await group.says(OLIVIA, "/settings flood 3/10")

    assert await group.hears(*(group.message(who, "hello") for who in (ALICE, BOB, ALICE, BOB))) is None


async def test_bringing_friends_is_no_flood(group: Group) -> None:
    await group.says(OLIVIA, "/settings flood 3/10")
    friends = [Persona(2000 + n, f"Friend {n}") for n in range(5)]
    await group.says(BOB, "I bring some friends")

    await group.hears(*(group.message(BOB, None, new_chat_members=[friend.user]) for friend in friends))

    assert await offences_of(group) == "Bob: 0 offences that count (last 30 days)"


async def test_the_same_text_again_and_again(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/settings repeats 3/60")

    for _ in range(2):
        assert await group.says(BOB, "Buy my watch!") is None
        clock.advance(seconds=15)
    assert await group.says(BOB, "buy MY watch!") == (
        "⚠️ Bob: a warning. Once is enough: please do not repeat yourself. Next time: muted for 1 hour."
    )
    assert not stands(group, "Buy my watch!")


async def test_an_album_is_one_offence_and_all_of_it_is_deleted(strict: Group) -> None:
    url = [{"type": "url", "offset": 0, "length": 9}]
    album = [strict.message(BOB, None, media_group_id="7", photo=[]) for _ in range(4)]
    album[1]["message"] |= {"caption": "a.example", "caption_entities": url}

    assert await strict.hears(*album) == WARNED
    assert [key for key in strict.telegram.messages if key[1] in {u["message"]["message_id"] for u in album}] == []
    assert await offences_of(strict) == "Bob: 1 offence that counts (last 30 days)"


async def test_an_album_counts_as_one_message_of_a_flood(group: Group) -> None:
    await group.says(OLIVIA, "/settings flood 5/10")

    assert await group.hears(*(group.message(BOB, None, media_group_id="7", photo=[]) for _ in range(10))) is None


# Who is exempt.


@pytest.mark.parametrize("speaker", [OLIVIA, OWNER, ANONYMOUS_ADMIN, LINKED_CHANNEL, OTHER_BOT])
async def test_operators_the_linked_channel_and_bots_are_not_moderated(strict: Group, speaker: Persona) -> None:
    assert await posts_a_link(strict, speaker) is None
    assert stands(strict, "see watches.example")


async def test_operators_commands_may_hold_links(strict: Group) -> None:
    assert "Added" in (await strict.says(OLIVIA, "/faq add shop = See https://shop.example") or "")


async def test_a_new_operator_is_exempt_at_once(strict: Group) -> None:
    await posts_a_link(strict)
    await strict.promotes(BOB)

    assert await posts_a_link(strict) is None


async def test_a_member_by_name_is_exempt(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings links all")
    await group.says(BOB, "hello")
    assert await group.says(OLIVIA, "/exempt @bob") == "Bob is not moderated any more."

    assert await posts_a_link(group) is None
    assert await group.says(OLIVIA, "/exempt") == "Not moderated: Bob"
    assert await group.says(OLIVIA, "/exempt off @bob") == "Bob is moderated like everybody else again."
    assert await posts_a_link(group) == WARNED
    assert "Everybody but operators" in (await group.says(OLIVIA, "/exempt") or "")
    await group.says(OLIVIA, "/audit undo 3")
    assert await group.says(OLIVIA, "/exempt") == "Not moderated: Bob"


async def test_who_is_here_for_long_is_trusted(strict: Group, clock: StoppedClock) -> None:
    await strict.joins(BOB)
    await strict.says(OLIVIA, "/settings trusted_days 7")
    assert await posts_a_link(strict) == WARNED
    clock.advance(days=7)

    assert await posts_a_link(strict) is None


async def test_links_can_be_for_those_who_are_not_new(strict: Group, clock: StoppedClock) -> None:
    await strict.joins(BOB)
    await strict.says(OLIVIA, "/settings links_days 3")
    await strict.says(OLIVIA, "/words add spam")
    assert await posts_a_link(strict) == WARNED
    clock.advance(days=3)

    assert await posts_a_link(strict) is None
    assert "muted" in (await strict.says(BOB, "spam") or ""), "which is a rule about links alone"


async def test_who_speaks_as_a_channel_is_moderated_as_a_channel(strict: Group, clock: StoppedClock) -> None:
    assert await posts_a_link(strict, CHANNEL) == (
        "⚠️ Hearth News: a warning. Please post no such links here. Next time: muted for 1 hour."
    )
    clock.advance(minutes=1)
    await posts_a_link(strict, CHANNEL)
    assert strict.telegram.banned == {(strict.chat_id, CHANNEL_CHAT["id"])}
    assert strict.telegram.muted == {}

    await strict.says(OLIVIA, "/audit undo 3")
    assert strict.telegram.banned == set()


# Time and edits.


async def test_what_was_written_while_the_bot_was_away_is_not_punished(strict: Group, clock: StoppedClock) -> None:
    await strict.says(OLIVIA, "/settings flood 3/10")
    backlog = [strict.message(BOB, "a.example") for _ in range(5)]
    clock.advance(minutes=11)

    assert await strict.hears(*backlog) is None
    assert stands(strict, "a.example")


async def test_an_edit_can_offend_but_not_flood(strict: Group) -> None:
    await strict.says(OLIVIA, "/settings flood 3/10")

    for _ in range(5):
        assert await strict.edits(BOB, "hello") is None
    assert await strict.edits(BOB, "hello, see a.example") == WARNED
    assert not stands(strict, "hello, see a.example")


async def test_the_edits_of_one_message_are_one_offence(strict: Group, clock: StoppedClock) -> None:
    strict.telegram.fails("deleteMessages", *[Refused(400, "Bad Request: message is somehow stuck")] * 3)
    await strict.says(BOB, "hello")
    message = strict.message(BOB, "see a.example")["message"]

    for _ in range(3):
        clock.advance(minutes=1)
        edited = message | {"edit_date": int(clock.now.timestamp())}
        await strict.hears({"update_id": strict.telegram.next_update_id(), "edited_message": edited})
    assert await offences_of(strict) == "Bob: 1 offence that counts (last 30 days)"


# Exactly once.


async def test_the_same_update_twice_is_one_offence(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings links all")
    update = group.message(BOB, "a.example")

    assert await group.hears(update, update) == WARNED
    assert await group.hears(update) is None
    await group.hearthbot.restart(after="a kill")
    assert await group.hears(update) is None
    assert await offences_of(group) == "Bob: 1 offence that counts (last 30 days)"


@pytest.mark.parametrize("method", ["deleteMessages", "restrictChatMember", "sendMessage"])
async def test_a_kill_in_between_loses_nothing_and_climbs_no_step(group_on_either: Group, method: str) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings links all")
    await group.says(OLIVIA, "/settings ladder mute:1h kick")
    reached = asyncio.Event()

    async def hangs(call: object) -> None:
        if getattr(call, "method", "") == method:
            reached.set()
            await asyncio.Event().wait()

    group.telegram.before = hangs
    await group.hearthbot.engine.intake.take([group.message(BOB, "a.example")])
    await reached.wait()
    group.telegram.before = None
    await group.hearthbot.restart(after="a kill")

    assert not stands(group, "a.example")
    assert (group.chat_id, BOB.id) in group.telegram.muted
    assert [text for text in group.said if text.startswith("⚠️ Bob: muted for 1 hour")]
    assert await offences_of(group) == "Bob: 1 offence that counts (last 30 days)"


async def test_the_whole_burst_is_deleted_after_a_kill(group: Group) -> None:
    await group.says(OLIVIA, "/settings flood 3/10")
    reached = asyncio.Event()

    async def hangs(call: object) -> None:
        if getattr(call, "method", "") == "deleteMessages":
            reached.set()
            await asyncio.Event().wait()

    group.telegram.before = hangs
    await group.hearthbot.engine.intake.take([group.message(BOB, f"la {n}") for n in range(3)])
    await reached.wait()
    group.telegram.before = None
    await group.hearthbot.restart(after="a kill")

    assert not any(stands(group, f"la {n}") for n in range(3))


async def test_of_offences_that_are_decided_at_once_each_climbs_a_step(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings links all")
    engine = group.hearthbot.engine
    known = await engine.moderation_lists.groups.known(group.chat_id)
    assert known is not None
    service = ModerationService(engine.database, group.hearthbot.clock)
    bob, now = Actor(BOB.id, "Bob"), int(group.hearthbot.clock().timestamp())
    keys = ["a", "b", "c", "a", "b", "c"]
    punished = await asyncio.gather(
        *(service.punish(known, bob, Suspicion("links", key, (1,), now), 100 + keys.index(key)) for key in keys)
    )

    actions = {one.offence.key: one.offence.action for one in punished if one is not None}
    assert sorted(actions.values()) == ["kick", "mute", "warn"]
    assert {one.offence.action == actions[one.offence.key] for one in punished if one is not None} == {True}


# What the platform refuses.


async def test_operators_are_told_once_a_day_that_a_right_is_missing(strict: Group, clock: StoppedClock) -> None:
    strict.telegram.rights_missing = {"can_delete_messages", "can_restrict_members"}
    for _ in range(4):
        clock.advance(minutes=1)
        await strict.hearthbot.takes(strict.message(BOB, "a.example"))

    told = [text for text in strict.said if text.startswith("🛡")]
    assert [text.split(".")[0] for text in told] == [
        "🛡 Operators: I cannot delete messages here", "🛡 Operators: I cannot mute or remove members here",
    ]  # fmt: skip
    assert "⚠️ Bob: muted" not in "".join(strict.said), "which would not be true"
    clock.advance(days=1)
    await strict.hearthbot.takes(strict.message(BOB, "a.example"))
    assert len([text for text in strict.said if text.startswith("🛡")]) == 4


async def test_a_plain_group_knows_no_mutes(hearthbot: Hearthbot) -> None:
    group = Group(hearthbot, chat_id=-77, kind="group")
    await group.says(OLIVIA, "/settings links all")
    await group.says(OLIVIA, "/settings ladder mute:1h")

    assert "muting needs a supergroup" in (await posts_a_link(group) or "")


async def test_what_the_platform_did_not_answer_is_asked_again(strict: Group, no_pauses: list[float]) -> None:
    strict.telegram.fails("deleteMessages", *[Unreachable("lost")] * 3)

    assert await posts_a_link(strict) == WARNED
    assert stands(strict, "see watches.example")
    await strict.hearthbot.sweep()
    assert not stands(strict, "see watches.example")
    strict.telegram.fails("restrictChatMember", *[Unreachable("lost")] * 2)
    await posts_a_link(strict)
    assert strict.telegram.muted


# Groups.


async def test_a_change_counts_at_once_and_so_does_its_undo(strict: Group) -> None:
    await strict.says(OLIVIA, "/audit undo 1")
    assert await posts_a_link(strict) is None
    await strict.says(OLIVIA, "/words add spam")
    assert await strict.says(BOB, "spam") == WORD
    await strict.says(OLIVIA, "/audit")
    await strict.presses(OLIVIA, "↩ #3")
    assert await strict.says(BOB, "spam") is None


async def test_rules_words_and_offences_follow_a_group_that_becomes_a_supergroup(
    hearthbot: Hearthbot, clock: StoppedClock
) -> None:
    group = Group(hearthbot, chat_id=-77, kind="group")
    await group.says(OLIVIA, "/settings links all")
    await group.says(OLIVIA, "/words add spam")
    assert await posts_a_link(group) == WARNED
    await group.migrates()
    clock.advance(minutes=1)

    assert await posts_a_link(group) == MUTED
    clock.advance(minutes=1)
    assert "removed" in (await group.says(BOB, "spam") or "")
    await hearthbot.restart()
    clock.advance(minutes=1)
    assert "removed" in (await group.says(BOB, "spam") or "")


async def test_the_rules_are_kept_over_a_restart(strict: Group) -> None:
    await strict.says(OLIVIA, "/words add spam")
    await strict.hearthbot.restart()

    assert await strict.says(BOB, "spam") == WORD
    assert await posts_a_link(strict, ALICE) is not None


async def test_the_rules_and_offences_of_one_group_are_not_anothers(strict: Group, clock: StoppedClock) -> None:
    other = Group(strict.hearthbot, chat_id=-1001000000002, title="Other")
    await strict.says(OLIVIA, "/words add spam")
    await posts_a_link(strict)
    clock.advance(minutes=1)

    assert await other.says(BOB, "spam") is None
    assert await posts_a_link(other) is None
    await other.says(OLIVIA, "/settings links all")
    assert await posts_a_link(other) == WARNED
    assert "There is no change #2" in (await other.says(OLIVIA, "/audit undo 2") or "")


async def test_it_speaks_the_groups_language(strict: Group) -> None:
    await strict.says(OLIVIA, "/settings language zh")

    assert await posts_a_link(strict, replace(BOB, first_name="小明")) == (
        "⚠️ 小明：警告。请不要在这里发这类链接。下次：禁言 1 小时。"
    )
