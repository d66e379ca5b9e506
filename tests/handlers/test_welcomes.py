"""Newcomers are greeted, as operators want it; raids are not."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from handlers.intake import RawUpdate
from storage.tables import joins
from tests.conftest import StoppedClock
from tests.group import (
    ALICE,
    ANONYMOUS_ADMIN,
    BOB,
    CAROL,
    OLIVIA,
    OTHER_BOT,
    OWNER,
    Flood,
    Group,
    Hearthbot,
    Persona,
    PrivateChat,
    Refused,
    at_once,
)
from tests.handlers.test_groups import members_of

PHOTO = [{"file_id": f"photo-{n}", "file_unique_id": str(n), "width": n, "height": n} for n in (90, 800)]
GONE = Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")


@pytest.fixture
async def welcoming(group: Group) -> Group:
    """A group that greets newcomers in the bot's own words."""
    await group.says(OLIVIA, "/welcome on")
    return group


@pytest.fixture
async def welcoming_on_either(group_on_either: Group) -> Group:
    await group_on_either.says(OLIVIA, "/welcome on")
    return group_on_either


def welcomes(group: Group) -> list[str]:
    """What stands in the group beside answers to commands."""
    return [m.get("text") or m["caption"] for m in group.shown if "reply_to_message" not in m]


async def greeted(group: Group, *newcomers: Persona) -> str | None:
    """The welcome after some have joined."""
    for person in newcomers:
        await group.joins(person)
    await group.hearthbot.greet()
    await group.hearthbot.sweep()
    return welcomes(group)[-1] if welcomes(group) else None


def crowd(number: int, first: int = 7001) -> list[Persona]:
    return [Persona(first + n, f"N{n}") for n in range(number)]


async def rows_of(group: Group) -> list[Any]:
    statement = select(joins).order_by(joins.c.at, joins.c.user_id)
    return list(await group.hearthbot.database.read(lambda tx: tx.connection.execute(statement).all()))


# Who is greeted.


async def test_newcomers_are_greeted_together_when_the_window_closes(welcoming_on_either: Group) -> None:
    group = welcoming_on_either
    await group.joins(ALICE)
    await group.joins(BOB)
    assert welcomes(group) == []

    assert await greeted(group, CAROL) == "👋 Welcome to Hearth, Alice, Bob, Carol!"
    assert len(welcomes(group)) == 1
    assert f'href="tg://user?id={ALICE.id}"' in group.telegram.made("sendMessage")[-1].params["text"]
    assert group.buttons == ["✅ Check in"]
    assert "+10 points" in (await group.presses(ALICE, "✅ Check in") or "")


async def test_nobody_is_greeted_before_an_operator_wants_it(group: Group) -> None:
    assert await greeted(group, ALICE) is None
    assert (await members_of(group))[ALICE.id].status == "member"
    assert len(await rows_of(group)) == 1


async def test_many_are_named_in_part_and_counted(welcoming: Group) -> None:
    await welcoming.says(OLIVIA, "/settings welcome_mentions 2")

    assert await greeted(welcoming, *crowd(5)) == "👋 Welcome to Hearth, N0, N1 +3 more!"


async def test_the_window_closes_by_itself(welcoming: Group) -> None:
    waited, greeter = list[float](), welcoming.hearthbot.engine.greeter
    greeter.timeout = at_once(waited)
    await welcoming.says(OLIVIA, "/settings welcome_window 7")
    await welcoming.joins(ALICE)
    await asyncio.gather(*greeter._tasks)

    assert waited == [7]
    assert welcomes(welcoming) == ["👋 Welcome to Hearth, Alice!"]


async def test_bots_promotions_and_those_who_were_in_are_not_greeted(welcoming: Group) -> None:
    await welcoming.hears(welcoming.change(ALICE, "member", "administrator"))
    await welcoming.hears(welcoming.change(ALICE, "administrator", "member"))
    await welcoming.hears(welcoming.change(BOB, "left", "administrator"))

    assert await greeted(welcoming, OTHER_BOT) is None
    assert await rows_of(welcoming) == []


async def test_those_whom_operators_add_are_greeted_unless_they_want_otherwise(welcoming: Group) -> None:
    await welcoming.joins(ALICE, by=OLIVIA)
    assert await greeted(welcoming) == "👋 Welcome to Hearth, Alice!"

    await welcoming.says(OLIVIA, "/settings welcome_added off")
    await welcoming.joins(BOB, by=OLIVIA)
    await welcoming.joins(CAROL, by=ANONYMOUS_ADMIN)
    assert await greeted(welcoming) == "👋 Welcome to Hearth, Alice!"
    await welcoming.joins(Persona(1010, "Dora"), by=ALICE)
    assert await greeted(welcoming) == "👋 Welcome to Hearth, Dora!"

    assert [row.inviter_id for row in await rows_of(welcoming)] == [OLIVIA.id, OLIVIA.id, None, ALICE.id]


async def test_who_approves_a_request_has_added_nobody(welcoming: Group) -> None:
    await welcoming.says(OLIVIA, "/settings welcome_added off")
    link = {"invite_link": "https://t.me/+abc", "creator": OLIVIA.user, "creates_join_request": True,
            "is_primary": False, "is_revoked": False, "name": "Flyer"}  # fmt: skip
    await welcoming.joins(ALICE, by=OLIVIA, invite_link=link)
    await welcoming.joins(BOB, by=OLIVIA, via_join_request=True)

    assert await greeted(welcoming) == "👋 Welcome to Hearth, Alice, Bob!"
    alice, bob = await rows_of(welcoming)
    assert (alice.inviter_id, alice.link, alice.link_name, alice.link_creator_id) == (
        None, "https://t.me/+abc", "Flyer", OLIVIA.id
    )  # fmt: skip
    assert (bob.inviter_id, bob.link) == (None, None)


async def test_a_backlog_is_recorded_and_not_greeted(welcoming: Group, clock: StoppedClock) -> None:
    late, recent = welcoming.change(ALICE, "left", "member", by=ALICE), None
    clock.advance(minutes=3)
    recent = welcoming.change(BOB, "left", "member", by=BOB)
    clock.advance(minutes=4)

    await welcoming.hears(late, recent)

    assert await greeted(welcoming) == "👋 Welcome to Hearth, Bob!"
    assert len(await rows_of(welcoming)) == 2


async def test_the_same_update_again_is_one_join_and_one_welcome(welcoming_on_either: Group) -> None:
    group = welcoming_on_either
    update = group.change(ALICE, "left", "member", by=ALICE)
    await group.hearthbot.takes(update, update)
    await greeted(group)
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.takes(update)

    assert await greeted(group) == "👋 Welcome to Hearth, Alice!"
    assert len(group.telegram.made("sendMessage")) == 2  # with the answer to /welcome
    assert len(await rows_of(group)) == 1


async def test_a_kill_before_the_welcome_loses_neither_join_nor_welcome(
    welcoming_on_either: Group, clock: StoppedClock
) -> None:
    group = welcoming_on_either
    await group.says(OLIVIA, "/welcome gift {name}: TEA-10")
    await group.joins(ALICE)
    await group.joins(BOB)
    await group.joins(CAROL)
    await group.hearthbot.restart(after="a kill")
    await group.leaves(BOB)

    await group.hearthbot.sees_to_newcomers()
    assert await greeted(group) is None  # perhaps another process is about to

    clock.advance(seconds=30)
    await asyncio.gather(*(group.hearthbot.sees_to_newcomers() for _ in range(3)))
    assert await greeted(group) == "👋 Welcome to Hearth, Alice, Carol!\n\nAlice, Carol: TEA-10"
    assert len(await rows_of(group)) == 3

    clock.advance(minutes=1)
    await group.hearthbot.sees_to_newcomers()
    await greeted(group)
    assert len(welcomes(group)) == 1


async def test_what_a_kill_has_kept_for_long_is_not_said(welcoming: Group, clock: StoppedClock) -> None:
    await welcoming.joins(ALICE)
    await welcoming.hearthbot.restart(after="a kill")
    clock.advance(minutes=6)

    await welcoming.hearthbot.sees_to_newcomers()
    assert await greeted(welcoming) is None


async def test_who_leaves_before_the_window_closes_is_not_greeted(welcoming: Group) -> None:
    await welcoming.joins(ALICE)
    await welcoming.joins(BOB)
    await welcoming.leaves(ALICE)
    await welcoming.promotes(BOB)

    assert await greeted(welcoming) == "👋 Welcome to Hearth, Bob!"


async def test_a_stop_greets_who_was_gathered(welcoming: Group) -> None:
    await welcoming.joins(ALICE)
    await welcoming.hearthbot.restart()

    assert welcomes(welcoming) == ["👋 Welcome to Hearth, Alice!"]


@pytest.mark.parametrize(
    ("person", "shown"),
    [
        (Persona(1, "<b>Eve & Co</b>", "{group}"), "<b>Eve & Co</b> {group}"),
        (Persona(1, "W" * 64, "W" * 64), "W" * 31 + "…"),
        (Persona(1, "\u202eevil"), "evil"),
        (Persona(1, "محمد"), "\u2068محمد\u2069"),
        (Persona(1, "\u2800"), "#1"),
    ],
)
async def test_names_harm_nothing(welcoming: Group, person: Persona, shown: str) -> None:
    await welcoming.says(OLIVIA, "/welcome Hello {name}!")

    assert await greeted(welcoming, person) == f"Hello {shown}!"


# One welcome stands at a time.


async def test_a_welcome_takes_the_place_of_the_one_before_also_after_a_restart(welcoming_on_either: Group) -> None:
    group = welcoming_on_either
    await greeted(group, ALICE)
    await group.hearthbot.restart(after="a kill")
    await greeted(group, BOB)

    assert welcomes(group) == ["👋 Welcome to Hearth, Bob!"]


async def test_a_welcome_that_was_deleted_by_hand_is_no_trouble(welcoming: Group) -> None:
    await greeted(welcoming, ALICE)
    del welcoming.telegram.messages[welcoming.chat_id, welcoming.shown[-1]["message_id"]]

    assert await greeted(welcoming, BOB) == "👋 Welcome to Hearth, Bob!"
    assert await greeted(welcoming, CAROL) == "👋 Welcome to Hearth, Carol!"
    assert len(welcomes(welcoming)) == 1


async def test_a_welcome_disappears_after_its_time_and_sooner_when_it_is_replaced(
    welcoming: Group, clock: StoppedClock
) -> None:
    await welcoming.says(OLIVIA, "/settings welcome_lifetime 60")
    await greeted(welcoming, ALICE)
    assert await greeted(welcoming, BOB) == "👋 Welcome to Hearth, Bob!"
    assert len(welcomes(welcoming)) == 1

    clock.advance(seconds=60)
    await welcoming.hearthbot.sweep()
    assert welcomes(welcoming) == []


async def test_a_group_that_moves_while_newcomers_wait_is_greeted_in_its_new_place(
    group_on_either: Group,
) -> None:
    group = Group(group_on_either.hearthbot, -4001, "Hearth", "group")
    await group.says(OLIVIA, "/welcome Hello {name}!")
    await greeted(group, ALICE)
    await group.joins(BOB)
    await group.migrates()

    assert await greeted(group) == "Hello Bob!"
    assert await greeted(group, CAROL) == "Hello Carol!"
    assert len(await rows_of(group)) == 3


@pytest.mark.parametrize(
    "failures",
    [
        [Refused(403, "Forbidden: bot was kicked from the supergroup chat")],
        [Refused(400, "Bad Request: not enough rights to send text messages to the chat")] * 2,
        [Flood(3600)],
    ],
)
async def test_a_welcome_that_cannot_be_said_stops_nothing(welcoming: Group, failures: list[Exception]) -> None:
    welcoming.telegram.fails("sendMessage", *failures)
    assert await greeted(welcoming, ALICE) is None

    assert await greeted(welcoming, BOB) == "👋 Welcome to Hearth, Bob!"
    assert len(await rows_of(welcoming)) == 2


# What operators write.


async def test_an_operator_writes_the_welcome_and_switches_it(group_on_either: Group) -> None:
    group = group_on_either
    answer = await group.says(OLIVIA, "/welcome Hello {mention}, you are no. {count} in {group}. {rules} {points}")
    assert answer == ("Set: welcome. Newcomers to Hearth are greeted so from now on; /welcome test shows it.")
    assert await greeted(group, ALICE) == "Hello Alice, you are no. 42 in Hearth. /rules 10"

    await group.says(OLIVIA, "/setrules Be <kind>.")
    assert await greeted(group, BOB) == "Hello Bob, you are no. 42 in Hearth. Be <kind>. 10"

    assert await group.says(OLIVIA, "/welcome off") == (
        "Newcomers to Hearth are not greeted. /welcome on changes that."
    )
    assert await greeted(group, CAROL) == "Hello Bob, you are no. 42 in Hearth. Be <kind>. 10"
    assert await group.says(OLIVIA, "/welcome on") == "👋 Newcomers to Hearth are greeted."


async def test_members_cannot(group: Group) -> None:
    for words in ("Hi", "on", "off", "test", "back Hi", ""):
        answer = await group.says(ALICE, f"/welcome {words}")
        assert answer == "Only this group's administrators can do that."
    assert await greeted(group, BOB) is None


async def test_without_more_it_says_what_is_set_and_how_to_change_it(group: Group) -> None:
    empty = await group.says(OLIVIA, "/welcome") or ""
    assert empty.startswith("Newcomers to Hearth are not greeted. /welcome on changes that.\nNothing is written yet")
    assert "/welcome TEXT" in empty

    await group.says(OLIVIA, "/welcome Hello {name}\n---\nHi {name}")
    await group.says(OLIVIA, "/welcome gift " + "10 % off! " * 20)
    shown = (await group.says(OLIVIA, "/welcome") or "").splitlines()
    assert shown[:2] == ["👋 Newcomers to Hearth are greeted.", "• welcome: Hello {name} --- Hi {name}"]
    assert shown[2].startswith("• gift on a first join: 10 % off!")
    assert shown[2].endswith("…")


async def test_formatting_is_kept_in_every_variant_even_across_them(group: Group) -> None:
    text = "/welcome Hello 😀 {name}\n---\nHey {name}"
    start, end = text.index("Hello"), len(text) + 1  # 😀 counts twice
    entities = [{"type": "bot_command", "offset": 0, "length": 8},
                {"type": "bold", "offset": start, "length": end - start}]  # fmt: skip
    await group.says(OLIVIA, text, entities=entities)

    seen = set()
    for person in crowd(12):
        await greeted(group, person)
        seen.add(group.telegram.made("sendMessage")[-1].params["text"].replace(person.first_name, "X"))
    assert seen == {"<b>Hello 😀 X</b>", "<b>Hey X</b>"}


async def test_buttons_open_links(group: Group) -> None:
    await group.says(
        OLIVIA, "/welcome Hello!\n[Shop & more](https://example.org/?a=1&b=2)\n[FAQ](https://example.org/faq)"
    )

    assert await greeted(group, ALICE) == "Hello!"
    rows = group.shown[-1]["reply_markup"]["inline_keyboard"]
    assert [button["text"] for row in rows for button in row] == ["Shop & more", "FAQ", "✅ Check in"]
    assert rows[0][0]["url"] == "https://example.org/?a=1&b=2"

    await group.says(OLIVIA, "/settings welcome_checkin off")
    await group.says(OLIVIA, "/welcome Hello again!")
    await greeted(group, BOB)
    assert "reply_markup" not in group.shown[-1]


async def test_buttons_have_variables_too(group: Group) -> None:
    await group.says(OLIVIA, "/welcome Hello!\n[{mention} & {group}: our shop](https://example.org)")
    await greeted(group, ALICE.called("<b>Al</b>", "x" * 60))

    shown = group.shown[-1]["reply_markup"]["inline_keyboard"][0][0]["text"]
    assert shown == "<b>Al</b> " + "x" * 21 + "… & Hearth: our shop"
    assert await group.says(OLIVIA, "/welcome Hello!\n[Shop](https://example.org/{name})") == (
        "This is no button: “[Shop](https://example.org/{name})”. One is written [Text](https://example.org), "
        "on a line of its own at the end, at most 8 of them."
    )


async def test_bad_input_gets_one_clear_sentence_and_changes_nothing(group: Group) -> None:
    await group.says(OLIVIA, "/welcome Hello {name}!")
    for words, answer in (
        ("Hello {nome}!", "There is nothing called “nome” to fill in. There are: {name}, {mention}, {group}, {count}, "
         "{inviter}, {rules}, {points}"),
        ("Hello!\n[Shop](example)", "This is no button: “[Shop](example)”. One is written [Text](https://example.org), "
         "on a line of its own at the end, at most 8 of them."),
        ("x" * 3001, "The welcome is 3001 characters long; 3000 is the most here, and 20 variants."),
    ):  # fmt: skip
        assert await group.says(OLIVIA, f"/welcome {words}") == answer
    for words in ("back", "zh", "gift", "test this"):
        assert (await group.says(OLIVIA, f"/welcome {words}") or "").startswith("That is not how it is written.")

    assert await greeted(group, ALICE) == "Hello Alice!"


async def test_text_and_picture_of_the_message_that_is_answered(group: Group) -> None:
    said = group.message(ALICE, "Hello {name}!", entities=[{"type": "italic", "offset": 0, "length": 5}])["message"]
    assert "Set:" in (await group.says(OLIVIA, "/welcome", answering=said) or "")
    await greeted(group, ALICE)
    assert group.telegram.made("sendMessage")[-1].params["text"].startswith("<i>Hello</i>")

    film = {"file_id": "film", "file_unique_id": "f", "width": 1, "height": 1, "duration": 1}
    shown = group.message(ALICE, None, video=film)["message"]
    await group.says(OLIVIA, "/welcome Hi {name}", answering=shown)
    assert await greeted(group, BOB) == "Hi Bob"
    assert list(group.telegram.media.values()) == [("video", "film")]


@pytest.mark.parametrize("words", ["Hello {name}!", ""])
async def test_a_picture_with_a_caption_is_the_welcome(group: Group, words: str) -> None:
    await group.says(OLIVIA, None, photo=PHOTO, caption=f"/welcome {words}")

    assert await greeted(group, ALICE) == (words.format(name="Alice") or "👋 Welcome to Hearth, Alice!")
    assert list(group.telegram.media.values()) == [("photo", "photo-800")]
    assert "🖼" in (await group.says(OLIVIA, "/welcome") or "")


async def test_an_animation_is_sent_as_one(group: Group) -> None:
    film = {"file_id": "film", "file_unique_id": "f", "width": 1, "height": 1, "duration": 1}
    await group.says(OLIVIA, None, animation=film, document={"file_id": "d", "file_unique_id": "d"}, caption="/welcome")
    await greeted(group, ALICE)

    assert list(group.telegram.media.values()) == [("animation", "film")]


async def test_a_picture_that_is_gone_leaves_the_words(group: Group) -> None:
    await group.says(OLIVIA, None, photo=PHOTO, caption="/welcome Hello {name}!")
    group.telegram.fails("sendPhoto", GONE)

    assert await greeted(group, ALICE) == "Hello Alice!"


async def test_words_that_the_platform_does_not_take_leave_the_bots_own(group: Group) -> None:
    await group.says(OLIVIA, "/welcome Hello {name}!\n[Shop](https://example.org)")
    group.telegram.fails("sendMessage", Refused(400, "Bad Request: inline keyboard button URL is invalid"))

    assert await greeted(group, ALICE) == "👋 Welcome to Hearth, Alice!"


async def test_newcomers_of_one_language_are_greeted_in_it(group: Group) -> None:
    await group.says(OLIVIA, "/welcome Hello {name}!")
    await group.says(OLIVIA, "/welcome zh 你好，{name}！")

    assert await greeted(group, CAROL) == "你好，Carol！"
    assert await greeted(group, ALICE, Persona(1011, "Chen", language="zh")) == "Hello Alice, Chen!"
    assert await group.says(OLIVIA, "/welcome ZH off") == (
        "Taken away: welcome in Simplified Chinese. /audit can undo it."
    )
    assert await greeted(group, Persona(1012, "Li", language="zh")) == "Hello Li!"


async def test_the_bots_own_words_follow_the_language_of_the_group(welcoming: Group) -> None:
    await welcoming.says(OLIVIA, "/settings language zh")

    assert await greeted(welcoming, ALICE) == "👋 欢迎 Alice 加入Hearth！"


async def test_a_gift_is_for_the_first_join_alone(welcoming_on_either: Group, clock: StoppedClock) -> None:
    group = welcoming_on_either
    await group.says(OLIVIA, "/welcome gift {mention}: 10 % off with HEARTH10")
    assert await greeted(group, ALICE) == "👋 Welcome to Hearth, Alice!\n\nAlice: 10 % off with HEARTH10"
    clock.advance(minutes=2)
    await group.leaves(ALICE)
    clock.advance(minutes=2)

    assert await greeted(group, ALICE) == "👋 Welcome to Hearth, Alice!"
    await group.leaves(ALICE)
    assert await greeted(group, ALICE, BOB) == "👋 Welcome to Hearth, Alice, Bob!\n\nBob: 10 % off with HEARTH10"


async def test_who_comes_back_has_a_text_of_their_own(welcoming: Group) -> None:
    await welcoming.says(OLIVIA, "/welcome back Good to see you again, {name}!")
    await greeted(welcoming, ALICE)
    await welcoming.leaves(ALICE)
    assert await greeted(welcoming, ALICE) == "Good to see you again, Alice!"
    await welcoming.leaves(ALICE)

    assert await greeted(welcoming, ALICE, BOB) == "👋 Welcome to Hearth, Bob!\n\nGood to see you again, Alice!"


async def test_whoever_brought_them_is_named(group: Group) -> None:
    await group.says(OLIVIA, "/welcome {name}, brought by {inviter}")
    await group.joins(ALICE, by=BOB)
    assert await greeted(group) == "Alice, brought by Bob"

    assert await greeted(group, CAROL) == "Carol, brought by a friend"


async def test_a_change_is_logged_and_can_be_undone(group_on_either: Group) -> None:
    group = group_on_either
    update = group.message(OLIVIA, "/welcome Hello {name}!")
    await group.hears(update, update)
    await group.says(OLIVIA, "/welcome Hi {name}!")
    await group.says(OLIVIA, "/welcome gift A cup of tea.")
    log = await group.says(OLIVIA, "/audit") or ""
    assert [line.split(": ", 1)[1] for line in log.splitlines()[1:]] == [
        "Set: gift on a first join", "Set: welcome", "Greet newcomers: — → on", "Set: welcome"
    ]  # fmt: skip

    assert await group.says(OLIVIA, "/audit undo 3") == "Change #3 is undone."
    await group.says(OLIVIA, "/audit undo 4")
    assert await greeted(group, ALICE) == "Hello Alice!"
    await group.says(OLIVIA, "/welcome Hey {name}!")
    assert "cannot be undone" in (await group.says(OLIVIA, "/audit undo 1") or "")
    await group.hearthbot.restart(after="a kill")
    await group.hears(update)
    assert await greeted(group, BOB) == "Hey Bob!"


async def test_a_test_shows_it_to_the_operator_in_private(group: Group) -> None:
    chat = PrivateChat.of(OLIVIA, group.hearthbot)
    await group.says(OLIVIA, "/welcome Hello {name}, brought by {inviter}!")
    await group.says(OLIVIA, "/welcome back Hello again, {name}!")
    await group.says(OLIVIA, "/welcome gift Tea.")

    assert await group.says(OLIVIA, "/welcome test") == "I have sent it to you in private."
    assert await group.says(OLIVIA, "/welcome test back") == "I have sent it to you in private."
    assert chat.said == ["Hello Olivia, brought by Olivia!\n\nTea.", "Hello again, Olivia!"]
    assert await rows_of(group) == []


async def test_the_rules_of_a_welcome_are_shown_to_who_tests_it(group: Group, hearthbot: Hearthbot) -> None:
    chat, other = PrivateChat.of(OLIVIA, hearthbot), Group(hearthbot, -1001000000002, "Other")
    await other.says(OLIVIA, "/setrules Be quick.")
    await group.says(OLIVIA, "/setrules Be kind.")
    await group.says(OLIVIA, "/welcome test")

    assert await chat.presses(OLIVIA, "📜 Rules") is None
    assert chat.said[-1] == "📜 Rules of Hearth\n\nBe kind."
    assert await chat.presses(OLIVIA, "✅ Check in") == "That works in a group: say it there."
    assert await PrivateChat.of(ALICE, hearthbot).sends_back(ALICE, "rules:2", chat.shown[0]) == (
        "I know no such group, or you are not in it."
    )


async def test_a_test_shows_what_another_language_reads(group: Group) -> None:
    await group.says(OLIVIA, "/welcome Hello {mention}!")
    await group.says(OLIVIA, "/welcome zh 欢迎 {mention}！")
    private = PrivateChat.of(OLIVIA, group.hearthbot)
    await private.says(OLIVIA, "/start")

    await group.says(OLIVIA, "/welcome test ZH")

    assert private.said[-1] == "欢迎 Olivia！"
    assert "That is not how it is written." in (await group.says(OLIVIA, "/welcome test klingon") or "")


async def test_an_anonymous_administrator_sees_it_in_the_group(group: Group) -> None:
    await group.says(OLIVIA, "/welcome Hello {name}!")

    await group.hearthbot.takes(group.message(ANONYMOUS_ADMIN, "/welcome test"))

    assert group.said[-2:] == [
        "Hello Chief!",
        "I cannot write to you in private before you have written to me, so here it is, for 60 seconds.",
    ]


async def test_where_the_private_chat_is_closed_the_group_sees_it_for_a_minute(
    group: Group, clock: StoppedClock
) -> None:
    await group.says(OLIVIA, "/welcome Hello {name}!")
    await group.hearthbot.takes(group.message(OLIVIA, "/welcome test"))
    shown, note = group.said[-2:]
    assert shown == "Hello Olivia!"
    assert note == ("I cannot write to you in private before you have written to me, so here it is, for 60 seconds.")

    clock.advance(minutes=1)
    await group.hearthbot.sweep()
    assert len(group.said) == 1


# Raids.


async def test_a_raid_is_met_with_silence_and_one_notice(welcoming_on_either: Group, clock: StoppedClock) -> None:
    group = welcoming_on_either
    owner = PrivateChat.of(OWNER, group.hearthbot)
    await group.says(OLIVIA, "/settings raid_joins 10")
    await greeted(group, ALICE)
    for person in crowd(30):
        await group.joins(person)
        await group.hearthbot.ring()
    await group.hearthbot.greet()

    began = (
        "🛡 More than 10 people joined within a minute. I greet nobody until it is calm again, and will then say "
        "how many came."
    )
    assert welcomes(group) == ["👋 Welcome to Hearth, Alice!", began]
    assert owner.said == [
        "🛡 Hearth: more than 10 people joined within a minute. I greet nobody there until it is calm again."
    ]
    assert len(await rows_of(group)) == 31

    clock.advance(seconds=59)
    await group.hearthbot.ring()
    await greeted(group, BOB)
    assert len(welcomes(group)) == 2
    clock.advance(seconds=60)
    await group.hearthbot.ring()
    assert welcomes(group)[2:] == ["🛡 It is calm again. 32 people joined meanwhile; newcomers are greeted as before."]
    assert owner.said[1:] == [
        "🛡 Hearth: it is calm again. 32 people joined meanwhile; newcomers are greeted as before."
    ]
    assert await greeted(group, CAROL) == "👋 Welcome to Hearth, Carol!"


async def test_a_raid_goes_on_over_a_restart_and_ends_after_it(welcoming: Group, clock: StoppedClock) -> None:
    await welcoming.says(OLIVIA, "/settings raid_joins 10")
    for person in crowd(20):
        await welcoming.joins(person)
    await welcoming.hearthbot.ring()
    await welcoming.hearthbot.restart(after="a kill")
    for person in crowd(5, first=8001):
        await welcoming.joins(person)
    await welcoming.hearthbot.greet()
    await welcoming.hearthbot.ring()
    assert len(welcomes(welcoming)) == 1

    clock.advance(days=1)
    await welcoming.hearthbot.restart()
    await welcoming.hearthbot.ring()
    await welcoming.hearthbot.ring()
    assert welcomes(welcoming)[1:] == [
        "🛡 It is calm again. 25 people joined meanwhile; newcomers are greeted as before."
    ]


async def test_the_join_that_begins_a_raid_comes_twice_and_is_told_once(welcoming: Group) -> None:
    await welcoming.says(OLIVIA, "/settings raid_joins 2")
    updates = [welcoming.change(person, "left", "member", by=person) for person in crowd(3)]
    await welcoming.hearthbot.engine.intake.take(updates)
    await welcoming.hearthbot.restart(after="a kill")
    await welcoming.hearthbot.takes(*updates)
    await welcoming.hearthbot.ring()
    await welcoming.hearthbot.greet()

    assert len(welcomes(welcoming)) == 1
    assert "More than 2 people" in welcomes(welcoming)[0]
    assert len(await rows_of(welcoming)) == 3


async def test_one_groups_raid_is_not_anothers(welcoming: Group) -> None:
    other = Group(welcoming.hearthbot, -1001000000002, "Other")
    await other.says(OLIVIA, "/welcome on")
    await welcoming.says(OLIVIA, "/settings raid_joins 2")
    for person in crowd(4):
        await welcoming.joins(person)

    assert await greeted(other, ALICE) == "👋 Welcome to Other, Alice!"


async def test_without_a_limit_there_is_no_raid_and_memory_stays_flat(welcoming: Group) -> None:
    await welcoming.says(OLIVIA, "/settings raid_joins 0")
    for person in crowd(60):
        await welcoming.joins(person)
    (gathering,) = welcoming.hearthbot.engine.greeter._gathered.values()
    assert (len(gathering.named), gathering.more) == (5, 55)

    assert await greeted(welcoming) == "👋 Welcome to Hearth, N0, N1, N2, N3, N4 +55 more!"


# The messages "X joined" and "X left".


def joined(group: Group, *people: Persona, by: Persona | None = None) -> RawUpdate:
    return group.message(by or people[0], None, new_chat_members=[person.user for person in people])


async def test_where_no_change_is_told_the_message_is_the_news(welcoming: Group) -> None:
    await welcoming.hears(joined(welcoming, ALICE, BOB, OTHER_BOT, by=OLIVIA))
    assert await greeted(welcoming) == "👋 Welcome to Hearth, Alice, Bob!"
    assert [(row.user_id, row.inviter_id) for row in await rows_of(welcoming)] == [
        (ALICE.id, OLIVIA.id), (BOB.id, OLIVIA.id)
    ]  # fmt: skip

    await welcoming.hears(welcoming.message(ALICE, None, left_chat_member=ALICE.user))
    assert (await members_of(welcoming))[ALICE.id].status == "left"
    await welcoming.hears(joined(welcoming, ALICE))
    assert [row.is_first for row in await rows_of(welcoming) if row.user_id == ALICE.id] == [True, False]


@pytest.mark.parametrize("order", ["change first", "message first"])
async def test_both_news_of_a_join_are_one_join(welcoming_on_either: Group, order: str) -> None:
    group = welcoming_on_either
    link = {"invite_link": "https://t.me/+abc", "creator": BOB.user, "creates_join_request": False,
            "is_primary": False, "is_revoked": False}  # fmt: skip
    news = [group.change(ALICE, "left", "member", by=ALICE, invite_link=link), joined(group, ALICE)]
    if order == "message first":
        news.reverse()
    for update in news:
        await group.hears(update)

    assert await greeted(group) == "👋 Welcome to Hearth, Alice!"
    (row,) = await rows_of(group)
    assert row.link == "https://t.me/+abc"


async def test_a_removal_is_not_turned_into_a_leave_by_its_message(welcoming: Group) -> None:
    await welcoming.joins(ALICE)
    await welcoming.says(OLIVIA, "/settings delete_service_messages on")
    await welcoming.leaves(ALICE, kicked=True)
    await welcoming.hears(welcoming.message(OLIVIA, None, left_chat_member=ALICE.user))

    assert (await members_of(welcoming))[ALICE.id].status == "kicked"


async def test_they_are_deleted_where_operators_want_it(group: Group) -> None:
    await group.says(OLIVIA, "/settings delete_service_messages on")
    update = joined(group, ALICE)
    place = (group.chat_id, update["message"]["message_id"])
    await group.hears(update)
    assert place not in group.telegram.messages

    group.telegram.fails("deleteMessage", Refused(400, "Bad Request: message can't be deleted"))
    await group.hears(group.message(ALICE, None, left_chat_member=ALICE.user))
    assert (await members_of(group))[ALICE.id].status == "left"


async def test_they_cost_nothing_where_nobody_needs_them(group: Group) -> None:
    registry = group.hearthbot.engine.metrics.registry

    def passed_by() -> float:
        return registry.get_sample_value("hearthbot_updates_total", {"kind": "message", "outcome": "passed_by"}) or 0

    await group.joins(ALICE)
    await group.hears(joined(group, ALICE))
    assert passed_by() == 1

    await group.hears(group.change(None, "administrator", "member"))
    await group.hears(joined(group, BOB))
    assert passed_by() == 1, "the bot is no administrator any more: it hears of joins by messages alone"
    assert (await members_of(group))[BOB.id].status == "member"
