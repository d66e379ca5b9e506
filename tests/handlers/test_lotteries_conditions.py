"""Conditions, bans, and those whom the bot has never seen, as a group sees them."""

from bot.domain.proofs import verify
from bot.services.audits import audit
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CAROL, OLIVIA, Group, PrivateChat, Unreachable
from tests.handlers.test_lotteries import known, points, proofs

NEWS = -1003000000001
JOIN = "🎟 Join"


def opens_news(group: Group) -> None:
    """A channel that the bot administers."""
    group.telegram.chats[NEWS] = {"id": NEWS, "type": "channel", "title": "News", "username": "hearth_news"}
    group.telegram.administrators[NEWS][424242] = OLIVIA


async def drawn(group: Group) -> str:
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))
    return group.said[-1]


async def test_each_condition_says_what_is_lacking(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await group.joins(ALICE)
    clock.advance(days=1)
    opened = await group.says(OLIVIA, "/lottery new Tea x1 days 3 checkin messages 2 level 2") or ""
    for line in (
        "For members since at least 3 days", "For members who have written at least 2 messages",
        "For members from level 2 on", "For members who have checked in on the day they join",
    ):  # fmt: skip
        assert line in opened

    assert await group.presses(ALICE, JOIN) == "2 more days in the group, and you can join."
    clock.advance(days=2)
    assert await group.presses(ALICE, JOIN) == "2 more messages in the group, and you can join."
    await group.says(ALICE, "hello")
    await group.says(ALICE, "how is everybody?")
    assert "begins at level 2; yours is 1." in (await group.presses(ALICE, JOIN) or "")
    await points(group, ALICE, 50)
    assert await group.presses(ALICE, JOIN) == "Check in first today: /checkin"
    await group.says(ALICE, "/checkin")
    assert await group.presses(ALICE, JOIN) == "🎟 Lottery 1: you have 1 of 1 ticket."

    assert "🏆 Tea: Alice" in await drawn(group)
    [proof] = proofs(group)
    assert proof["rules"]["conditions"] == {"days": 3, "messages": 2, "level": 2, "check_in": True}
    assert verify(proof) == []


async def test_the_channel_is_looked_at_when_one_joins_and_when_it_closes(group_on_either: Group) -> None:
    group = group_on_either
    opens_news(group)
    opened = await group.says(OLIVIA, "/lottery new Tea x3 channel @hearth_news") or ""
    assert "For members of @hearth_news" in opened
    group.telegram.gone.add((NEWS, CAROL.id))
    assert await group.presses(CAROL, JOIN) == "Join @hearth_news first, then press again."
    group.telegram.gone.remove((NEWS, CAROL.id))
    for person in (ALICE, BOB, CAROL):
        assert "you have 1 of" in (await group.presses(person, JOIN) or "")
    group.telegram.gone.add((NEWS, BOB.id))
    group.hearthbot.engine.lottery_timer.presence._seen.clear()

    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    assert group.said[-2].startswith("🔒 Lottery 1 is closed: 2 entrants, 2 tickets.")
    assert "Bob" not in group.said[-1]


async def test_while_the_platform_does_not_say_who_is_in_the_channel_the_closing_waits(
    group: Group, clock: StoppedClock
) -> None:
    opens_news(group)
    await group.says(OLIVIA, "/lottery new Tea x3 channel @hearth_news until 30m")
    await group.presses(ALICE, JOIN)
    clock.advance(minutes=30)
    group.telegram.fails("getChatMember", *[Unreachable("lost")] * 2)
    await group.hearthbot.ring()
    assert len(group.said) == 1
    clock.advance(seconds=11)
    await group.hearthbot.ring()
    assert len(group.said) == 1

    clock.advance(seconds=11)
    await group.hearthbot.ring()

    assert "🏆 Tea: Alice" in group.said[-1]


async def test_in_the_end_who_was_in_the_channel_at_the_entry_stays_in(group: Group, clock: StoppedClock) -> None:
    opens_news(group)
    await group.says(OLIVIA, "/lottery new Tea x3 channel @hearth_news until 30m")
    await group.presses(ALICE, JOIN)
    clock.advance(minutes=30)
    group.telegram.fails("getChatMember", *[Unreachable("lost")] * 2)
    await group.hearthbot.ring()
    clock.advance(minutes=11)

    await group.hearthbot.ring()

    assert "🏆 Tea: Alice" in group.said[-1]


async def test_a_channel_that_the_bot_cannot_see_into_is_refused(group: Group) -> None:
    refused = "I cannot see who is in @hearth_news: check the name, and make me an administrator there first."
    assert await group.says(OLIVIA, "/lottery new Tea x1 channel @hearth_news") == refused
    opens_news(group)
    del group.telegram.administrators[NEWS]
    assert await group.says(OLIVIA, "/lottery new Tea x1 channel @hearth_news") == refused


async def test_who_has_won_lately_waits(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    await group.presses(ALICE, JOIN)
    assert "Alice" in await drawn(group)
    clock.advance(days=4)
    assert "Not for those who have won within 7 days" in (
        await group.says(OLIVIA, "/lottery new Mug x2 cooldown 7d") or ""
    )

    assert await group.presses(ALICE, JOIN) == "You have won lately: in 3 days you can join again."
    await group.presses(BOB, JOIN)
    clock.advance(days=3)
    assert await group.presses(ALICE, JOIN) == "🎟 Lottery 2: you have 1 of 2 tickets."

    winners = await drawn(group)
    assert [name for name in ("Alice", "Bob") if name in winners] == ["Alice", "Bob"]


async def test_who_wins_elsewhere_after_joining_does_not_win_here(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    first = group.shown[-1]
    await group.says(OLIVIA, "/lottery new Mug x2 cooldown 7d")
    second = group.shown[-1]
    await group.sends_back(ALICE, "lottery:1", first)
    await group.sends_back(ALICE, "lottery:2", second)
    await group.sends_back(BOB, "lottery:2", second)
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw 1"))

    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw 2"))

    assert "🏆 Mug: Bob\n" in group.said[-1]


async def test_who_is_banned_neither_joins_nor_wins(group_on_either: Group) -> None:
    group = group_on_either
    await known(group, ALICE, BOB, CAROL)
    await group.says(OLIVIA, "/lottery new Tea x3")
    for person in (ALICE, BOB):
        await group.presses(person, JOIN)

    assert await group.says(OLIVIA, "/lottery ban @bob") == "Bob cannot join or win this group's lotteries any more."
    asked = group.message(CAROL, "?")["message"]
    assert "Carol cannot join" in (await group.says(OLIVIA, "/lottery ban", answering=asked) or "")
    refused = "The operators do not let you into this group's lotteries. Ask them why."
    assert await group.sends_back(CAROL, "lottery:1", group.shown[0]) == refused
    await group.says(OLIVIA, "/lottery unban", answering=asked)
    assert "you have 1 of 3" in (await group.sends_back(CAROL, "lottery:1", group.shown[0]) or "")

    winners = await drawn(group)

    assert [name for name in ("Alice", "Bob", "Carol") if name in winners] == ["Alice", "Carol"]
    log = await group.says(OLIVIA, "/audit") or ""
    assert "Bob kept out of lotteries" in log
    assert "Carol let into lotteries again" in log
    assert (await audit(group.hearthbot.database)).differences == []
    assert await group.says(ALICE, "/lottery ban @bob") == "Only this group's administrators can do that."


async def test_a_ban_counts_in_its_own_group_and_once(group: Group) -> None:
    await known(group, BOB)
    other = Group(group.hearthbot, -1001000000002, "Other")
    banning = group.message(OLIVIA, "/lottery ban @bob")
    for _ in range(2):
        await group.hearthbot.engine.intake.handle(banning)
    await other.says(OLIVIA, "/lottery new Tea x1")

    assert "you have 1 of 1" in (await other.presses(BOB, JOIN) or "")
    assert (await group.says(OLIVIA, "/audit") or "").count("kept out") == 1


async def test_who_only_comments_in_a_public_group_is_no_member(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 keyword tea")
    group.telegram.gone.add((group.chat_id, BOB.id))

    assert "This lottery is for members" in (await group.presses(BOB, JOIN) or "")
    assert "This lottery is for members" in (await group.says(BOB, "tea") or "")
    group.telegram.gone.clear()
    assert await group.presses(BOB, JOIN) == "🎟 Lottery 1: you have 1 of 1 ticket."


async def test_whom_the_bot_has_never_seen_is_asked_about_once(group: Group, private: type[PrivateChat]) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1 at 3 entrants")
    await known(group, ALICE)

    for _ in range(3):
        await group.presses(ALICE, JOIN)
    assert group.telegram.made("getChatMember") == []
    assert "you have 1 of 2" in (await private.of(BOB, group.hearthbot).says(BOB, "/start lottery-1") or "")
    await group.presses(BOB, JOIN)
    assert len(group.telegram.made("getChatMember")) == 1


async def test_who_came_back_while_the_bot_was_away_is_a_member_again(group: Group) -> None:
    await group.leaves(BOB)
    group.telegram.gone.clear()
    await group.says(OLIVIA, "/lottery new Tea x1")

    await group.presses(BOB, JOIN)

    assert "🏆 Tea: Bob" in await drawn(group)


async def test_while_the_platform_does_not_answer_nobody_is_let_in(group: Group) -> None:
    await group.says(OLIVIA, "/lottery new Tea x1")
    group.telegram.fails("getChatMember", Unreachable("lost"))

    assert (await group.presses(BOB, JOIN) or "").startswith("I cannot find out right now whether you are a member.")
    assert "you have 1 of 1" in (await group.presses(BOB, JOIN) or "")


async def test_only_those_who_have_passed_the_captcha_join_where_that_is_asked_for(group_on_either: Group) -> None:
    group = group_on_either
    await known(group, ALICE)
    refused = await group.says(OLIVIA, "/lottery new Tea x1 captcha") or ""
    assert refused.startswith("Newcomers are asked for no captcha here, so nobody could join")
    await group.says(OLIVIA, "/settings captcha button")
    await group.joins(BOB)
    captcha = group.shown[-1]
    opened = await group.says(OLIVIA, "/lottery new Tea x2 captcha") or ""
    assert "For members who have passed the captcha" in opened
    post = group.shown[-1]
    needed = "This lottery is for those who have passed this group's captcha, which newcomers are asked."

    assert await group.sends_back(ALICE, "lottery:1", post) == needed
    assert await group.sends_back(BOB, "lottery:1", post) == needed
    assert "Welcome" in (await group.presses(BOB, "🙋 I am a person", captcha) or "")
    assert await group.sends_back(BOB, "lottery:1", post) == "🎟 Lottery 1: you have 1 of 1 ticket."

    assert "🏆 Tea: Bob" in await drawn(group)
    assert proofs(group)[0]["rules"]["conditions"] == {"captcha": True}
