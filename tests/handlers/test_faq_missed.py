"""Questions without an answer, as operators work through them."""

import asyncio
from pathlib import Path

from bot.playbooks.faq_entries import entries_of
from bot.services.faq_index import FaqIndex
from bot.yaml_places import Place, read_yaml
from tests.group import ALICE, BOB, OLIVIA, Group, Hearthbot


async def asks(group: Group, *questions: str) -> None:
    for question in questions:
        assert await group.says(ALICE, question) is None


async def test_a_question_is_answered_by_one_press_and_one_reply(group_on_either: Group) -> None:
    group = group_on_either
    await asks(group, "Do you ship abroad?")
    await group.says(OLIVIA, "/faq missed")

    await group.presses(OLIVIA, "✍ 1")
    request = group.shown[-1]
    assert request["text"] == (
        "Olivia, what is the answer to “Do you ship abroad?”? Reply to this message; a picture is fine, too."
    )
    await group.hearthbot.restart(after="a kill")
    assert await group.says(OLIVIA, "Yes, to <Mars> as well.", answering=request) == (
        "Added: Do you ship abroad (whole words)"
    )
    assert await group.says(BOB, "do you ship abroad") == "Yes, to <Mars> as well."
    assert await group.says(OLIVIA, "/faq missed") == "No question is waiting for an answer."
    assert await group.says(OLIVIA, "Or no.", answering=request) == (
        "This question is no longer on the list: somebody has answered or dismissed it."
    )


async def test_five_presses_ask_once_and_the_same_reply_counts_once(group: Group) -> None:
    await asks(group, "Do you ship abroad?")
    await group.says(OLIVIA, "/faq missed")
    listed = group.shown[-1]
    data = listed["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    await group.hearthbot.takes(*(group.press(OLIVIA, data, listed) for _ in range(5)))
    assert sum("what is the answer" in text for text in group.said) == 1

    reply = group.message(OLIVIA, "Yes.", answering=group.shown[-1])
    await group.hears(reply, reply)
    await group.hearthbot.restart()
    await group.hears(reply)
    assert group.said.count("Added: Do you ship abroad (whole words)") == 1


async def test_a_question_joins_the_nearest_entry_once(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings faq_suggestions off")
    await group.says(OLIVIA, "/faq add 退货运费 = 我们出。")
    await asks(group, "退货的运费谁出呀？")
    await group.says(OLIVIA, "/faq missed")
    assert group.buttons == ["✍ 1", "→ 退货运费", "✕ 1"]
    listed = group.shown[-1]
    data = listed["reply_markup"]["inline_keyboard"][0][1]["callback_data"]

    await asyncio.gather(*(group.hearthbot.takes(group.press(OLIVIA, data, listed)) for _ in range(5)))

    assert await group.says(BOB, "退货的运费谁出呀") == "我们出。"
    own = await group.hearthbot.database.read(lambda tx: tx.faq.of_group(1))
    assert [[keyword.text for keyword in entry.keywords] for entry in own] == [["退货运费", "退货的运费谁出呀"]]
    await group.says(OLIVIA, "/audit undo 3")
    assert [len(e.keywords) for e in await group.hearthbot.database.read(lambda tx: tx.faq.of_group(1))] == [1]


async def test_a_question_gets_the_answer_of_a_files_entry(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings faq_suggestions off")
    line = "- {name: fee, keywords: [退货运费], answers: [我们出。], groups: [Hearth]}"
    group.hearthbot.engine.faq.library = FaqIndex.of(
        placed.entry for placed in entries_of(_document(f"entries:\n{line}"), Path())
    )
    await asks(group, "退货的运费谁出呀？")
    await group.says(OLIVIA, "/faq missed")
    assert group.buttons == ["✍ 1", "→ 退货运费", "✕ 1"]
    listed = group.shown[-1]
    data = listed["reply_markup"]["inline_keyboard"][0][1]["callback_data"]

    await asyncio.gather(*(group.hearthbot.takes(group.press(OLIVIA, data, listed)) for _ in range(5)))

    assert await group.says(BOB, "退货的运费谁出呀") == "我们出。"
    [own] = await group.hearthbot.database.read(lambda tx: tx.faq.of_group(1))
    assert [keyword.text for keyword in own.keywords] == ["退货的运费谁出呀"]
    assert "2 entries" not in (await group.says(OLIVIA, "/faq test 退货运费") or "2 entries")
    await group.says(OLIVIA, "/audit undo 2")
    assert await group.hearthbot.database.read(lambda tx: tx.faq.of_group(1)) == []


def _document(text: str) -> Place:
    document = read_yaml(text, "shop.yaml", [])
    assert document is not None
    return document


async def test_a_question_is_dismissed(group: Group) -> None:
    await asks(group, "Who am I?", "Where are we?", "Who am I?")
    await group.says(OLIVIA, "/faq missed")

    assert await group.presses(ALICE, "✕ 1") == "Only this group's administrators can do that."
    await group.presses(OLIVIA, "✕ 1")
    assert "1. 1 × Where are we?" in group.said[-1]
    await group.presses(OLIVIA, "✕ 1")
    assert group.said[-1] == "No question is waiting for an answer."


async def test_without_more_it_says_what_there_is_and_how_it_is_written(group: Group) -> None:
    await group.says(OLIVIA, "/faq add shipping = Two days.")
    await asks(group, "Who am I?", "Where are we?")

    shown = (await group.says(OLIVIA, "/faq") or "").splitlines()
    assert shown[0] == "📚 FAQ of Hearth: 1 of its own, 0 from files, 2 questions without an answer."
    assert shown[1].startswith("/faq add KEYWORD = ANSWER")
    assert shown[-1] == "With a picture: /faq add as its caption, or as a reply to it"


async def test_more_questions_than_are_shown_move_up(group: Group) -> None:
    await asks(group, *(f"what is {letter}?" for letter in "abcdefghij"))

    assert "…and 2 more." in (await group.says(OLIVIA, "/faq missed") or "")


async def test_only_operators_answer_and_only_to_the_bots_request(group: Group, hearthbot: Hearthbot) -> None:
    await asks(group, "Do you ship abroad?")
    await group.says(OLIVIA, "/faq missed")
    await group.presses(OLIVIA, "✍ 1")
    request = group.shown[-1]

    assert await group.says(ALICE, "Never!", answering=request) == "Only this group's administrators can do that."
    assert await group.says(OLIVIA, "Yes.", answering=group.message(ALICE, "hi")["message"]) is None
    other = Group(hearthbot, -1001000000002, "Other")
    assert await other.says(OLIVIA, "Yes.", answering=request) == (
        "This question is no longer on the list: somebody has answered or dismissed it."
    )
