"""“Did you mean”: a press gives one answer, whatever the entry is, whoever presses how often, and over a kill."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, Call, Group, PrivateChat
from tests.handlers.test_faq import with_file
from tests.handlers.test_faq_answers import IN_TOPIC, PHOTO, with_picture

ASKS = "退货的运费谁出呀？"


async def hinted(group: Group, **fields: Any) -> tuple[dict[str, Any], str]:
    """The hint that a question gets, and what its button sends back."""
    assert await group.says(ALICE, ASKS, **fields) == "Did you mean this?"
    hint = group.shown[-1]
    return hint, hint["reply_markup"]["inline_keyboard"][0][0]["callback_data"]


async def killed_at(group: Group, method: str, update: dict[str, Any]) -> None:
    """Brings an update, kills the bot when it is about to make a request, and starts it again."""
    reached = asyncio.Event()

    async def hold(call: Call) -> None:
        if call.method == method:
            reached.set()
            await asyncio.Event().wait()

    group.telegram.before = hold
    await group.hearthbot.engine.intake.take([update])
    await reached.wait()
    group.telegram.before = None
    await group.hearthbot.restart(after="a kill")


async def presses_five_times(group: Group, hint: dict[str, Any], data: str) -> None:
    await group.hearthbot.takes(*(group.press(ALICE, data, hint) for _ in range(5)))


async def test_a_hint_becomes_the_picture_however_often_it_is_pressed(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, None, caption="/faq add 退货运费 = 我们出。", photo=[PHOTO])
    hint, data = await hinted(group)
    before = len(group.shown)

    await presses_five_times(group, hint, data)
    await killed_at(group, "answerCallbackQuery", group.press(ALICE, data, hint))

    assert len(group.shown) == before
    assert (group.shown[-1]["photo"][0]["file_id"], group.shown[-1]["caption"]) == ("chart", "我们出。")
    assert "reply_markup" not in group.shown[-1]
    clock.advance(hours=1)
    await group.hearthbot.sweep()
    assert group.shown[-1]["caption"] == "我们出。", "an answer stays, though the hint was to disappear"


async def test_the_picture_of_a_hint_is_uploaded_once_and_left_out_when_it_is_gone(files: Path, group: Group) -> None:
    text = "entries:\n- {name: a, keywords: [退货运费], answers: ['我们出，{{ name }}。'], photo: media/sizes.png}"
    picture = await with_picture(group, files, text)
    hint, data = await hinted(group)
    await presses_five_times(group, hint, data)
    assert (group.shown[-1]["photo"][0]["file_id"], len(group.telegram.uploads)) == ("uploaded-1", 1)

    await group.hearthbot.restart()
    picture.unlink()
    hint, data = await hinted(group)
    await presses_five_times(group, hint, data)
    assert group.said[-1] == "我们出，Alice。"


async def test_a_press_opens_the_private_chat_where_the_answer_is_private(group: Group) -> None:
    await group.says(OLIVIA, "/faq add 退货运费 | +private = 我们出。")
    await group.joins(ALICE)
    hint, data = await hinted(group)

    await presses_five_times(group, hint, data)
    addresses = set(group.telegram.opened.values())
    assert len(addresses) == 1
    start = addresses.pop().removeprefix("https://t.me/hearth_bot?start=")
    private = PrivateChat.of(ALICE, group.hearthbot)
    assert await private.says(ALICE, f"/start {start}") == "我们出。"
    assert "我们出" not in "".join(group.said)


async def test_a_press_that_calls_a_person_calls_once(group_on_either: Group) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/faq add 退货运费 | +person = 我叫人来。")
    hint, data = await hinted(group, **IN_TOPIC)

    await killed_at(group, "editMessageText", group.press(ALICE, data, hint))
    await presses_five_times(group, hint, data)

    called = [message for message in group.shown if message["text"].startswith("🙋")]
    assert [call["message_thread_id"] for call in called] == [7]
    assert group.said.count("我叫人来。") == 1
    assert "Somebody has been called already and will see your message, too." in group.telegram.pop_ups.values()


async def test_several_that_may_be_meant_are_shown_likeliest_first(group: Group) -> None:
    for keyword in ("gift wrapping", "gift wrap"):
        await group.says(OLIVIA, f"/faq add {keyword} = For free.")

    assert await group.says(ALICE, "can you wrap the gift for me?") == "Did you mean one of these?"
    assert group.buttons == ["gift wrap", "gift wrapping"]


async def test_a_message_that_patterns_of_several_entries_are_about_is_asked_back(
    group: Group, clock: StoppedClock
) -> None:
    await group.says(OLIVIA, "/faq add regex:sent.{0,9}back | sending back = Within a week.")
    await group.says(OLIVIA, "/faq add regex:back.{0,9}money | refund = In two days.")
    both = "I sent it back, money please"

    assert (await group.says(OLIVIA, f"/faq test {both}") or "").startswith(
        "Several entries are about this alike; the member is asked which one is meant:"
    )
    assert await group.says(ALICE, both) == "Did you mean one of these?"
    assert sorted(group.buttons) == ["refund", "sending back"]

    await group.says(OLIVIA, "/settings faq_suggestions off")
    clock.advance(hours=1)
    assert await group.says(BOB, both) == "In two days."


async def test_a_kill_before_the_answer_loses_no_press(group: Group) -> None:
    await group.says(OLIVIA, "/faq add 退货运费 = 我们出。")
    hint, data = await hinted(group)

    await killed_at(group, "editMessageText", group.press(ALICE, data, hint))

    assert group.said[-1] == "我们出。"


async def test_a_hint_gives_the_answer_of_now_and_none_that_is_gone(group: Group) -> None:
    await group.says(OLIVIA, "/faq add 退货运费 = 我们出。")
    hint, data = await hinted(group)
    await group.says(OLIVIA, "/faq add 退货运费 = 您出。")
    assert await group.sends_back(ALICE, data, hint) is None
    assert "您出。" in group.said

    await group.says(OLIVIA, "/faq del 退货运费")
    assert await group.sends_back(ALICE, data, hint) == "There is no answer to this any more."
    assert await group.sends_back(ALICE, "faq_hint:1001:forged", hint) == "There is no answer to this any more."
    assert await group.sends_back(BOB, data, hint) == "Only the one who asked can choose here."


async def test_one_of_several_answers_is_given_and_the_question_disappears_with_it(
    files: Path, group: Group, clock: StoppedClock
) -> None:
    await with_file(
        group, files,
        "entries:\n- {name: a, keywords: [退货运费], answers: [一, 二, 三], delete_after: 30, delete_question: true}",
    )  # fmt: skip
    hint, data = await hinted(group)
    edits = len(group.telegram.made("editMessageText"))
    await presses_five_times(group, hint, data)
    texts = {call.text for call in group.telegram.made("editMessageText")[edits:]}
    assert len(texts) == 1, "five presses are one answer, not five in turn"

    clock.advance(seconds=30)
    await group.hearthbot.sweep()
    assert not texts & set(group.said)
    assert ASKS not in [message.get("text") for message in group.telegram.messages.values()]


@pytest.mark.parametrize(("setting", "chatter"), [("faq_suggestions", ASKS), ("faq", ASKS), ("", "退货的运费我出")])
async def test_no_hint_where_none_is_wanted_or_nobody_asked(group: Group, setting: str, chatter: str) -> None:
    await group.says(OLIVIA, "/faq add 退货运费 = 我们出。")
    if setting:
        await group.says(OLIVIA, f"/settings {setting} off")

    assert await group.says(ALICE, chatter) is None
