"""What members have, and what operators give and take."""

import pytest

from handlers.points import POINTS_BUTTON
from tests.conftest import StoppedClock
from tests.group import ALICE, ANONYMOUS_ADMIN, BOB, CHANNEL, OLIVIA, OTHER_BOT, OWNER, Group, Hearthbot, Persona
from tests.handlers.test_checkins import points_of

USAGE = "That is not how it is written. /points give @NAME 10 REASON"


async def known(group: Group, *people: Persona) -> None:
    """Lets people be known by their names, as a few seconds after they spoke."""
    for person in people:
        await group.says(person, "hello")
    await group.hearthbot.write_activity()


async def test_what_one_has(group: Group) -> None:
    assert await group.says(ALICE, "/me") == (
        "Alice\n💰 0 points\n⭐ Level 1, 50 points to the next\n"
        "🔥 Streak: 0 days\n⏳ Not checked in today: say /checkin"
    )
    await group.says(ALICE, "/checkin")
    for wish in ("/me", "我的积分", "my points", "My Points?"):
        assert await group.says(ALICE, wish) == (
            "Alice\n💰 10 points\n⭐ Level 1, 40 points to the next\n🔥 Streak: 1 day\n✅ Checked in today"
        )


async def test_give_and_take_by_name(group_on_either: Group) -> None:
    group = group_on_either
    await known(group, ALICE)

    assert await group.says(OLIVIA, "/points give @alice 25 for the poster") == "Alice gets 25 points and has 25 now."
    assert await group.says(OLIVIA, "/points give @ALICE 1 thanks") == "Alice gets 1 point and has 26 now."
    assert await group.says(OLIVIA, "/points take @Alice 6 a slip") == "6 points taken from Alice, who has 20 now."
    assert await group.says(OLIVIA, "/points take @alice 21 more") == "Not enough: 21 needed, 20 there."
    assert await points_of(group) == 20


async def test_give_by_answering_the_members_message(group: Group) -> None:
    said = group.message(BOB, "look what I made")["message"]

    assert await group.says(OLIVIA, "/points give 5 nice", answering=said) == "Bob gets 5 points and has 5 now."
    assert await group.says(OLIVIA, "/points give 2 makeup well done", answering=said) == (
        "Bob gets 2 make-up cards and has 2 now."
    )
    assert await group.says(OLIVIA, "/points give 1 freeze well done", answering=said) == (
        "Bob gets 1 freeze card and has 1 now."
    )
    assert "🩹 Make-up cards: 2 · ❄️ Freeze cards: 1" in (await group.says(BOB, "/me") or "")


async def test_give_by_a_mention_of_someone_without_a_username(group: Group) -> None:
    nameless = Persona(3001, "No Name")
    text = "/points give No Name 7 welcome"
    entities = [
        {"type": "bot_command", "offset": 0, "length": 7},
        {"type": "text_mention", "offset": 13, "length": 7, "user": nameless.user},
    ]

    assert await group.says(OLIVIA, text, entities=entities) == "No Name gets 7 points and has 7 now."


@pytest.mark.parametrize("operator", [OLIVIA, OWNER, ANONYMOUS_ADMIN])
async def test_operators_are_administrators_owners_and_the_group_itself(group: Group, operator: Persona) -> None:
    await known(group, ALICE)

    assert await group.says(operator, "/points give @alice 5 well done") == "Alice gets 5 points and has 5 now."
    audit = await group.says(OLIVIA, "/audit")
    assert audit is not None
    assert f"{'Chief' if operator is ANONYMOUS_ADMIN else operator.first_name}: +5 points for Alice" in audit


@pytest.mark.parametrize("speaker", [ALICE, BOB, CHANNEL])
@pytest.mark.parametrize("wish", ["give @alice 5 well done", "take @alice 5 fine", "log", "log @alice", "nonsense", ""])
async def test_nobody_else_can(group: Group, speaker: Persona, wish: str) -> None:
    await known(group, ALICE)

    assert await group.says(speaker, f"/points {wish}") == "Only this group's administrators can do that."
    assert await points_of(group) == 0


async def test_the_same_update_books_once(group_on_either: Group) -> None:
    group = group_on_either
    await known(group, ALICE)
    update = group.message(OLIVIA, "/points give @alice 5 well done")

    await group.hears(update, update)
    await group.hearthbot.restart(after="a kill")
    await group.hears(update)

    assert await points_of(group) == 5


@pytest.mark.parametrize("amount", ["0", "-5", "1.5", "1000001", "9" * 20, "9" * 200, "ten", "١٢", "１２", "1e3", "+5"])
async def test_what_is_not_an_amount(group: Group, amount: str) -> None:
    await known(group, ALICE)

    answer = await group.says(OLIVIA, f"/points give @alice {amount} well done")

    assert answer is not None
    assert answer.endswith("is not an amount: write a whole number from 1 to 1000000.")
    assert await points_of(group) == 0


@pytest.mark.parametrize(
    "words", ["", "give", "steal @alice 5 x", "give @alice", "give @alice 5", "give @alice 5 makeup", "GIVE @alice 5 x"]
)
async def test_wrong_use_shows_the_right_one(group: Group, words: str) -> None:
    await known(group, ALICE)

    answer = await group.says(OLIVIA, f"/points {words}")

    assert answer is not None
    assert answer.startswith((USAGE, "Who? Write @NAME"))
    assert await points_of(group) == 0


async def test_nobody_and_strangers(group: Group, hearthbot: Hearthbot) -> None:
    await known(Group(hearthbot, -1001000000002, "Other"), BOB)

    assert await group.says(OLIVIA, "/points give 5 well done") == (
        "Who? Write @NAME, or answer that member's message with the command."
    )
    for stranger in ("bob", "nobody", "x" * 4000, "a'b", "%"):
        answer = await group.says(OLIVIA, f"/points give @{stranger} 5 well done")
        assert answer is not None
        assert answer.startswith(f"I know no member {stranger[:32]}")


@pytest.mark.parametrize("other", [OTHER_BOT, CHANNEL, ANONYMOUS_ADMIN])
async def test_bots_channels_and_anonymous_administrators_own_no_points(group: Group, other: Persona) -> None:
    said = group.message(other, "hello")["message"]

    assert "I know no member" in (await group.says(OLIVIA, "/points give 5 x", answering=said) or "")


async def test_the_topic_itself_is_nobodys_message(group: Group) -> None:
    topic = group.message(BOB, None, forum_topic_created={"name": "Chat", "icon_color": 1})["message"]

    assert await group.says(OLIVIA, "/points log", answering=topic) == "Latest entries"
    assert "Who?" in (await group.says(OLIVIA, "/points give 5 x", answering=topic) or "")


async def test_the_log(group: Group, clock: StoppedClock) -> None:
    await known(group, ALICE, BOB)
    await group.says(ALICE, "/checkin")
    clock.advance(minutes=1)
    await group.says(OLIVIA, "/points give @bob 5 <b>well</b> done")

    assert await group.says(OLIVIA, "/points log") == (
        "Latest entries\n11-22 09:01 · Bob · +5 points · <b>well</b> done\n11-22 09:00 · Alice · +10 points · check-in"
    )
    assert await group.says(OLIVIA, "/points log @alice") == (
        "Latest entries\n11-22 09:00 · Alice · +10 points · check-in"
    )


async def test_the_longest_log_fits_a_message(group: Group) -> None:
    member = Persona(3002, "W" * 64, username="w" * 32)
    await known(group, member)
    for unit in ("makeup", "freeze") * 8:
        await group.says(OLIVIA, f"/points give @{member.username} 1000000 {unit} {'&' * 4000}")

    answer = await group.says(OLIVIA, "/points log")

    assert answer is not None
    assert group.said[-1] == answer, "the platform took it"


async def test_it_works_in_private_about_the_only_group(group: Group, hearthbot: Hearthbot) -> None:
    await known(group, ALICE)
    await group.says(ALICE, "/checkin")
    private = type(group)(hearthbot, ALICE.id, "Alice", "private")

    assert "💰 10 points" in (await private.says(ALICE, "/me") or "")


async def test_a_button_below_any_post_shows_whoever_presses_what_they_have(group: Group) -> None:
    await group.says(ALICE, "/checkin")
    posts = len(group.said)

    assert (await group.sends_back(ALICE, POINTS_BUTTON) or "").splitlines()[0] == "💰 10 points"
    assert (await group.sends_back(BOB, POINTS_BUTTON) or "").splitlines()[0] == "💰 0 points"
    assert len(group.said) == posts
