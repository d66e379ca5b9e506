"""The FAQ as members and operators meet it."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.domain.faq import Entry, Hours, Keyword, parse_keyword
from bot.domain.faq_imports import Incoming
from bot.domain.faq_own import Addition, own_id
from bot.domain.members import Actor
from bot.services.clock import system_clock
from bot.services.faq import FaqService
from bot.services.faq_imports import FaqImportService
from bot.services.faq_own import OwnFaqService
from bot.services.groups import GroupService
from storage.database import Database, DatabaseUnavailable
from tests.conftest import StoppedClock
from tests.group import (
    ALICE,
    ANONYMOUS_ADMIN,
    BOB,
    CHANNEL,
    LINKED_CHANNEL,
    OLIVIA,
    OTHER_BOT,
    Group,
    Hearthbot,
    Persona,
)

SHIPPING = "Parcels leave within two days."


async def with_shipping(group: Group) -> None:
    assert await group.says(OLIVIA, f"/faq add shipping | 多久发货 | -ship name = {SHIPPING}") == (
        "Added: shipping (whole words), 多久发货 (anywhere)"
    )


async def test_an_operator_adds_an_answer_and_members_get_it(group_on_either: Group) -> None:
    group = group_on_either
    await with_shipping(group)

    assert await group.says(ALICE, "How long does SHIPPING take?") == SHIPPING
    assert await group.says(ALICE, "good morning") is None


@pytest.mark.parametrize(
    "question", ["请问多久发货呀", "請問多久發貨呀", "多久 發貨？🚚", "ｓｈｉｐｐｉｎｇ", "我想问shipping的事"]
)
async def test_width_case_script_punctuation_and_emoji_do_not_matter(group: Group, question: str) -> None:
    await with_shipping(group)

    assert await group.says(ALICE, question) == SHIPPING


@pytest.mark.parametrize(
    "chatter", ["shippings", "worshipping", "the ship name is about shipping", "发货了", "x" * 500 + " shipping"]
)
async def test_what_an_entry_is_not_about_is_not_answered(group: Group, chatter: str) -> None:
    await with_shipping(group)

    assert await group.says(ALICE, chatter) is None


async def test_the_same_answer_waits_and_so_does_the_same_member(group: Group, clock: StoppedClock) -> None:
    await with_shipping(group)
    await group.says(OLIVIA, "/faq add coupon = Every Friday.")

    assert await group.says(ALICE, "shipping?") == SHIPPING
    assert await group.says(BOB, "shipping?") is None
    assert await group.says(ALICE, "coupon?") is None
    assert await group.says(BOB, "coupon?") == "Every Friday."
    clock.advance(seconds=60)
    assert await group.says(BOB, "shipping?") == SHIPPING


async def test_only_people_are_answered(group: Group) -> None:
    await with_shipping(group)

    for speaker in (OTHER_BOT, CHANNEL, LINKED_CHANNEL, ANONYMOUS_ADMIN):
        assert await group.says(speaker, "shipping?") is None
    assert await group.says(ALICE, "shipping?", forward_origin={"type": "hidden_user"}) is None
    assert await group.says(ALICE, "/shipping") is None
    assert await group.edits(ALICE, "shipping?") is None
    assert await group.says(ALICE, "shipping?") == SHIPPING


async def test_the_same_update_is_answered_once(group: Group) -> None:
    await with_shipping(group)
    question = group.message(ALICE, "shipping?")

    await group.hears(question, question)
    await group.hearthbot.restart()

    assert await group.hears(question) is None
    assert group.said.count(SHIPPING) == 1


async def test_answers_outlive_a_restart_and_follow_the_group(group: Group) -> None:
    await with_shipping(group)
    await group.hearthbot.restart(after="a kill")
    assert await group.says(ALICE, "shipping?") == SHIPPING

    await group.migrates()
    assert await group.says(BOB, "多久发货") is None, "the same answer waits under the new id too"


async def test_another_group_hears_nothing(group: Group, hearthbot: Hearthbot) -> None:
    await with_shipping(group)

    assert await Group(hearthbot, -1001000000002, "Other").says(ALICE, "shipping?") is None


async def test_adding_again_replaces_and_audit_puts_back(group_on_either: Group) -> None:
    group = group_on_either
    await with_shipping(group)
    await group.says(OLIVIA, "/faq add Shipping! = Three days.")
    assert await group.says(ALICE, "shipping?") == "Three days."

    assert "FAQ “Shipping!” set" in (await group.says(OLIVIA, "/audit") or "")
    await group.says(OLIVIA, "/audit undo 2")
    assert await group.says(OLIVIA, "/faq test 多久发货") == (
        f"1 entry is about this:\n• 多久发货 (anywhere) → {SHIPPING}"
    )
    assert "cannot be undone" in (await group.says(OLIVIA, "/audit undo 2") or "")
    await group.says(OLIVIA, "/audit undo 1")
    assert await group.says(OLIVIA, "/faq test 多久发货") == "No entry is about this."


async def test_an_import_is_one_line_of_the_log_with_undo(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/faq add refund = Within a week.")
    hello, refund = (Keyword(text, "word") for text in ("hello", "refund"))
    incoming = [
        Incoming(Entry(own_id("hello"), (hello,), ("Hi.", "Hey."), hours=Hours(time(0), time(0, 1))), "row 2"),
        Incoming(Entry(own_id("refund"), (refund,), ("Never.",), priority=-5), own_id("refund")),
    ]
    service = FaqImportService(group.hearthbot.database, clock)
    for changed in (2, 0):
        done = await service.take({1: incoming}, replaces=False)
        assert len(done[1].after) == changed
    await group.hearthbot.engine.faq.follow()
    assert await group.says(ALICE, "refund?") == "Never."

    log = await group.says(OLIVIA, "/audit") or ""
    assert log.count("changed by an import") == 1
    assert "hearthbot import: 2 FAQ entries changed by an import" in log
    await group.says(OLIVIA, "/audit undo 2")
    assert "Within a week." in (await group.says(OLIVIA, "/faq test refund") or "")
    await group.says(OLIVIA, "/audit undo 3")
    own = await group.hearthbot.database.read(lambda tx: tx.faq.of_group(1))
    assert list(own) == [one.entry for one in incoming]
    await group.says(OLIVIA, "/faq del hello")
    assert "cannot be undone" in (await group.says(OLIVIA, "/audit undo 4") or "")


async def test_an_undo_does_not_take_what_is_newer(group: Group) -> None:
    await with_shipping(group)
    await group.says(OLIVIA, "/faq add shipping = Three days.")

    assert "cannot be undone" in (await group.says(OLIVIA, "/audit undo 1") or "")
    assert await group.says(ALICE, "shipping?") == "Three days."


async def test_delete_by_any_keyword_with_undo(group: Group) -> None:
    await with_shipping(group)

    assert await group.says(OLIVIA, "/faq del 多久發貨") == "“多久發貨” is deleted. /audit can undo it."
    assert await group.says(ALICE, "shipping?") is None
    assert "no entry of its own" in (await group.says(OLIVIA, "/faq del shipping") or "")
    await group.says(OLIVIA, "/audit undo 2")
    assert await group.says(ALICE, "shipping?") == SHIPPING


async def test_the_list_has_pages(group: Group) -> None:
    assert await group.says(OLIVIA, "/faq list") == (
        "📚 FAQ of Hearth (1/1)\nNothing yet. Add an answer: /faq add KEYWORD = ANSWER"
    )
    for number in range(11, 23):
        await group.says(OLIVIA, f"/faq add word{number} = Answer {number} &amp; <more>.")

    first = await group.says(OLIVIA, "/faq list") or ""
    assert first.startswith("📚 FAQ of Hearth (1/2)\n• word11 → Answer 11 &amp; <more>.\n")
    assert group.buttons == ["›"]
    await group.presses(OLIVIA, "›")
    assert group.said[-1] == (
        "📚 FAQ of Hearth (2/2)\n• word21 → Answer 21 &amp; <more>.\n• word22 → Answer 22 &amp; <more>."
    )
    assert group.buttons == ["‹"]
    assert await group.presses(ALICE, "‹") == "Only this group's administrators can do that."


async def test_names_are_put_in_and_escaped(group: Group) -> None:
    await group.says(OLIVIA, "/faq add hello = Hi {{ name }}, welcome to {{group}} <3")

    assert await group.says(BOB.called("<b>Bob</b>"), "hello") == "Hi <b>Bob</b>, welcome to Hearth <3"


async def test_formatting_is_kept(group: Group) -> None:
    entities = [
        {"type": "bot_command", "offset": 0, "length": 4},
        {"type": "bold", "offset": 17, "length": 2},
    ]
    await group.says(OLIVIA, "/faq add hi 😀 = hi", entities=entities)
    await group.says(ALICE, "hi 😀")

    assert group.telegram.made("sendMessage")[-1].params["text"] == "<b>hi</b>"


@pytest.mark.parametrize("speaker", [ALICE, CHANNEL])
@pytest.mark.parametrize("words", ["add a b = c", "del shipping", "list", "test shipping", ""])
async def test_nobody_else_steers(group: Group, speaker: Persona, words: str) -> None:
    await with_shipping(group)

    assert await group.says(speaker, f"/faq {words}") == "Only this group's administrators can do that."
    assert await group.says(ALICE, "shipping?") == SHIPPING


@pytest.mark.parametrize(
    "words", ["add", "add hello", "add = hello", "add hello =", "add -x = y", "del", "test", "sing", "list all"]
)
async def test_wrong_use_shows_the_right_one(group: Group, words: str) -> None:
    assert (await group.says(OLIVIA, f"/faq {words}") or "").startswith(
        "That is not how it is written. /faq add KEYWORD = ANSWER"
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("add 退 = x", "“退” cannot be a keyword: write 2 to 64"),
        ("add ！！！ = x", "“！！！” cannot be a keyword"),
        (f"add {'k' * 65} = x", "cannot be a keyword"),
        ("add regex:( = x", "The pattern “(” cannot be used: no pattern that RE2 understands: missing ): ("),
        ("add hello | -! = x", "cannot be a keyword"),
        ("add regex:.* = x", "The pattern “.*” cannot be used: this pattern fits every message"),
        ("add " + "|".join(f"word{n}" for n in range(51)) + " = x", "At most 50 keywords for one answer."),
        (f"add hello = {'x' * 3501}", "An answer has at most 3500 characters"),
        ("add hello = {{ secret }}", "knows these variables: {{ name }}, {{ group }}"),
    ],
)
async def test_what_cannot_be_an_entry(group: Group, words: str, reason: str) -> None:
    assert reason in (await group.says(OLIVIA, f"/faq {words}") or "")
    assert "Nothing yet" in (await group.says(OLIVIA, "/faq list") or "")


async def test_it_can_be_turned_off(group: Group) -> None:
    faq = group.hearthbot.engine.faq
    await with_shipping(group)
    assert faq.hears(group.chat_id, "Hearth", "shipping?")
    await group.says(OLIVIA, "/settings faq off")

    assert await group.says(ALICE, "shipping?") is None
    assert not faq.hears(group.chat_id, "Hearth", "shipping?"), "nothing is looked up, nor stored"


# Entries of files.


async def with_file(group: Group, files: Path, text: str, name: str = "shop.yaml") -> None:
    (files / name).write_text(text, "utf-8")
    await group.hearthbot.engine.faq_reload.follow()


async def test_a_file_is_read_while_the_bot_runs(files: Path, group: Group) -> None:
    assert await group.says(ALICE, "opening hours") is None
    await with_file(
        group, files, "entries:\n- {name: a, keywords: [opening hours], answers: ['From 9 to 6, {{ name }}.']}"
    )

    assert await group.says(ALICE.called("<Al>"), "What are your opening hours?") == "From 9 to 6, <Al>."
    assert await group.says(OLIVIA, "/faq list") == (
        "📚 FAQ of Hearth (1/1)\n• opening hours → From 9 to 6, {{ name }}. 📄"
    )


async def test_a_bad_file_keeps_the_old_one_and_is_logged(files: Path, group: Group) -> None:
    await with_file(group, files, "entries:\n- {name: a, keywords: [opening hours], answers: [From 9 to 6.]}")
    with capture_logs() as logs:
        await with_file(group, files, "entries:\n- {name: a, keywords: [opening hours], answer: [From 8.]}")

    assert await group.says(ALICE, "opening hours") == "From 9 to 6."
    assert [f"{files}/shop.yaml:2:" in entry["mistake"] for entry in logs if "mistake" in entry] == [True, True]


async def test_a_files_scope_is_a_title_or_a_chat_id(files: Path, group: Group, hearthbot: Hearthbot) -> None:
    other = Group(hearthbot, -1001000000002, "Other")
    await with_file(group, files, "groups: [Hearth]\nentries:\n- {name: a, keywords: [hello], answers: [by title]}")
    await with_file(
        group, files, "groups: [-1001000000002]\nentries:\n- {name: a, keywords: [hello], answers: [by id]}", "b.yaml"
    )

    assert await group.says(ALICE, "hello") == "by title"
    assert await other.says(ALICE, "hello") == "by id"


async def test_a_groups_own_entry_goes_first(files: Path, group: Group) -> None:
    await with_file(group, files, "entries:\n- {name: a, keywords: ['exact:opening hours'], answers: [of the file]}")
    await group.says(OLIVIA, "/faq add hours = our own")

    assert await group.says(ALICE, "opening hours") == "our own"


async def test_where_a_groups_own_entry_is_silent_the_files_speaks(
    files: Path, group: Group, clock: StoppedClock
) -> None:
    await with_file(group, files, "entries:\n- {name: a, keywords: [hello], answers: [From the file.]}")
    await group.says(OLIVIA, "/faq list")
    own = Entry(own_id("hello"), (Keyword("hello", "word"),), ("Today only!",), valid_until=clock().date(), priority=-1)
    await FaqImportService(group.hearthbot.database, clock).take({1: [Incoming(own, "a")]}, replaces=False)
    await group.hearthbot.engine.faq.follow()

    assert await group.says(ALICE, "hello") == "Today only!"
    clock.advance(days=1)
    assert await group.says(ALICE, "hello") == "From the file."


async def test_hours_are_the_groups(files: Path, group: Group, clock: StoppedClock) -> None:
    await with_file(
        group, files,
        "entries:\n- {name: a, keywords: [hello], answers: [open], hours: 09:00-18:00, otherwise: closed, cooldown: 0}",
    )  # fmt: skip
    await group.says(OLIVIA, "/settings timezone Asia/Shanghai")

    assert await group.says(ALICE, "hello") == "open", "it is 17:00 in Shanghai"
    clock.advance(hours=1)
    assert await group.says(ALICE, "hello") == "closed"


async def test_a_test_says_what_is_answered_now(group: Group, clock: StoppedClock, files: Path) -> None:
    await with_file(
        group, files,
        "entries:\n"
        "- {name: a, keywords: [hello], answers: [open], hours: 09:00-18:00, otherwise: closed}\n"
        "- {name: b, keywords: [hello there], answers: [long ago], until: 2026-11-21}\n"
        "- {name: c, keywords: [bye], answers: [by day], hours: 09:00-18:00}",
    )  # fmt: skip
    silent = "• hello there (whole words) → long ago ⏸ not now: its hours or days"
    for now in ("open", "closed"):
        assert await group.says(OLIVIA, "/faq test hello there") == (
            f"1 entry is about this:\n• hello (whole words) → {now}\n{silent}"
        )
        clock.advance(hours=12)
    clock.advance(hours=-12)

    assert await group.says(OLIVIA, "/faq test bye") == (
        "No entry answers this now:\n• bye (whole words) → by day ⏸ not now: its hours or days"
    )
    await group.says(OLIVIA, "/settings faq off")
    said = await group.says(OLIVIA, "/faq test hello") or ""
    assert said.endswith("\nBut nobody is answered here now: /settings faq on")


async def test_answers_come_in_turn(files: Path, group: Group, clock: StoppedClock) -> None:
    await with_file(group, files, "entries:\n- {name: a, keywords: [hello], answers: [one, two], cooldown: 0}")

    heard = []
    for _ in range(3):
        heard.append(await group.says(ALICE, "hello"))
        clock.advance(seconds=5)
    assert heard == ["one", "two", "one"]


async def test_answers_come_at_random(files: Path, group: Group, clock: StoppedClock) -> None:
    await with_file(
        group, files, "entries:\n- {name: a, keywords: [hello], answers: [one, two], pick: random, cooldown: 0}"
    )

    heard = set()
    for _ in range(20):
        heard.add(await group.says(ALICE, "hello"))
        clock.advance(seconds=5)
    assert heard == {"one", "two"}


async def test_an_answer_with_a_link_disappears(files: Path, group: Group, clock: StoppedClock) -> None:
    await with_file(
        group, files,
        "entries:\n- name: a\n  keywords: [hello]\n  answers: [hi]\n  delete_after: 60\n"
        "  buttons: [{text: Shop, url: 'https://example.org'}]",
    )  # fmt: skip
    await group.says(ALICE, "hello")

    assert group.shown[-1]["reply_markup"]["inline_keyboard"] == [[{"text": "Shop", "url": "https://example.org"}]]
    clock.advance(seconds=60)
    await group.hearthbot.sweep()
    assert group.said == []


async def test_a_files_tags_are_its_groups(files: Path, group: Group, hearthbot: Hearthbot) -> None:
    other = Group(hearthbot, -1001000000002, "Other")
    await with_file(group, files, "tags: [fashion]\nentries:\n- {name: a, keywords: [hello], answers: [by tag]}")
    await group.says(OLIVIA, "/settings tags fashion")

    assert await group.says(ALICE, "hello") == "by tag"
    assert await other.says(ALICE, "hello") is None


async def test_the_question_disappears_with_its_answer(files: Path, group: Group, clock: StoppedClock) -> None:
    await with_file(
        group, files,
        "entries:\n- {name: a, keywords: [hello], answers: [hi], delete_after: 60, delete_question: true}",
    )  # fmt: skip
    question = group.message(ALICE, "hello")
    place = group.chat_id, question["message"]["message_id"]
    group.telegram.messages[place] = question["message"]
    await group.hears(question)
    assert place in group.telegram.messages

    clock.advance(seconds=60)
    await group.hearthbot.sweep()
    assert place not in group.telegram.messages
    assert group.said == []


# "Did you mean".


async def with_hint(group: Group) -> dict[str, Any]:
    await group.says(OLIVIA, "/faq add 退货运费 = 我们出。")
    assert await group.says(ALICE, "退货的运费谁出呀？") == "Did you mean this?"
    return group.shown[-1]


async def test_a_hint_is_for_the_one_who_asked_and_becomes_the_answer(group: Group) -> None:
    hint = await with_hint(group)

    assert group.buttons == ["退货运费"]
    assert await group.presses(BOB, "退货运费") == "Only the one who asked can choose here."
    data = hint["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await group.hearthbot.takes(*(group.press(ALICE, data, hint) for _ in range(5)))
    assert group.said.count("我们出。") == 1
    assert "Did you mean" not in "".join(group.said)


async def test_another_process_hears_of_new_entries(on_server: Database) -> None:
    chat = await GroupService(on_server, system_clock).of_chat(-1001000000001, "Hearth")
    here, there = (FaqService(on_server, GroupService(on_server, system_clock)) for _ in range(2))
    own = OwnFaqService(on_server, here, system_clock)
    await there.load()

    await own.add(chat, Addition((parse_keyword("hello"),), (), "hi"), None, Actor(1004, "Olivia"), 1)
    assert not there.found(chat, "hello")
    await there.follow()

    assert [hit.entry.answers for hit in there.found(chat, "hello")] == [("hi",)]


# Questions without an answer.


async def test_a_question_whose_answer_is_over_has_none_any_more(group: Group, files: Path) -> None:
    await with_file(
        group, files,
        "entries:\n"
        "- {name: a, keywords: [sale], answers: [Until tonight!], until: 2026-11-21}\n"
        "- {name: b, keywords: [open], answers: ['Yes.'], hours: 20:00-21:00}",
    )  # fmt: skip
    for text in ("When is the sale?", "Are you open?"):
        assert await group.says(ALICE, text) is None

    missed = await group.says(OLIVIA, "/faq missed") or ""
    assert "1 × When is the sale?" in missed
    assert "open" not in missed, "it is answered at another hour"


async def test_questions_without_an_answer_are_ranked_until_they_have_one(group_on_either: Group) -> None:
    group = group_on_either
    assert await group.says(OLIVIA, "/faq missed") == "No question is waiting for an answer."
    for person, text in (
        (ALICE, "Do you ship abroad?"),
        (ALICE, "怎么 退货"),
        (BOB, "怎麼退貨？"),
        (BOB, "nice weather"),
        (OTHER_BOT, "who am I?"),
        (CHANNEL, "who are we?"),
        (ALICE, "how " + "x" * 120 + "?"),
    ):
        assert await group.says(person, text) is None
    assert await group.says(ALICE, "and who is that?", forward_origin={"type": "hidden_user"}) is None

    assert await group.says(OLIVIA, "/faq missed") == (
        "❓ Questions nobody answered, the most frequent first:\n1. 2 × 怎麼退貨？\n2. 1 × Do you ship abroad?\n"
        "✍ asks you for the answer, → adds the question to that entry, ✕ lets it go. /faq missed clear forgets all."
    )
    await group.says(OLIVIA, "/faq add 退货 = 七天内。")
    assert "退" not in (await group.says(OLIVIA, "/faq missed") or "")
    assert await group.says(OLIVIA, "/faq missed clear") == "The list is empty now."
    assert await group.says(OLIVIA, "/faq missed") == "No question is waiting for an answer."


async def test_questions_without_an_answer_outlive_a_stop(group: Group) -> None:
    await group.says(ALICE, "Do you ship abroad?")
    await group.hearthbot.restart()

    assert "1 × Do you ship abroad?" in (await group.says(OLIVIA, "/faq missed") or "")


async def test_what_cannot_be_written_waits(group: Group) -> None:
    faq = group.hearthbot.engine.missed
    await group.says(ALICE, "Do you ship abroad?")
    written, faq.database = faq.database, Closed()  # type: ignore[assignment]
    with pytest.raises(DatabaseUnavailable):
        await faq.write()
    faq.database = written

    assert "1 × Do you ship abroad?" in (await group.says(OLIVIA, "/faq missed") or "")


class Closed:
    """A database that cannot be used."""

    async def write(self, work: object) -> None:
        raise DatabaseUnavailable("the disk is full")


async def test_the_list_of_questions_is_bounded(group: Group) -> None:
    for number in range(210):
        group.hearthbot.engine.missed.overhear(group.chat_id, f"what is {number}?", group.hearthbot.clock())
    await group.says(ALICE, "hello")
    group.hearthbot.engine.missed.overhear(group.chat_id, "what is 209?", group.hearthbot.clock())

    answer = await group.says(OLIVIA, "/faq missed") or ""
    assert answer.splitlines()[1] == "1. 2 × what is 209?"
    groups = await group.hearthbot.database.read(lambda tx: tx.groups.all())
    stored = await group.hearthbot.database.read(lambda tx: tx.faq.missed(groups[0].id))
    assert len(stored) == 200


async def test_a_group_without_faq_keeps_no_questions(group: Group) -> None:
    await group.says(OLIVIA, "/settings faq off")
    await group.says(ALICE, "Do you ship abroad?")

    assert await group.says(OLIVIA, "/faq missed") == "No question is waiting for an answer."
