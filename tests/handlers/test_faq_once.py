"""One answer for one message: whatever it holds, however many ask at once, and over a kill."""

import pytest

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CAROL, OLIVIA, OWNER, Group
from tests.handlers.test_faq_hints import ASKS, killed_at


@pytest.mark.parametrize(
    ("keyword", "hits", "misses"),
    [
        ("ass", ["you ass!", "ass"], ["assistance please", "a class of its own", "passport?"]),
        ("ship", ["do you ship?", "SHIP, please"], ["shipping?", "worship", "ownership"]),
        ("退货", ["怎么退货", "怎么退货呀", "我要退貨！"], ["退一步", "货退了"]),
        ("广告", ["有人发广告吗", "廣告"], ["广而告之"]),
    ],
)
async def test_a_keyword_is_found_as_its_script_is_written(
    group: Group, clock: StoppedClock, keyword: str, hits: list[str], misses: list[str]
) -> None:
    await group.says(OLIVIA, f"/faq add {keyword} = found")

    for text in hits:
        clock.advance(minutes=1)
        assert await group.says(ALICE, text) == "found", text
    for text in misses:
        clock.advance(minutes=1)
        assert await group.says(ALICE, text) is None, text


async def test_a_message_about_several_entries_gets_one_answer(group: Group, clock: StoppedClock) -> None:
    for keyword in ("refund", "shipping", "coupon", "regex:ship.*coupon"):
        await group.says(OLIVIA, f"/faq add {keyword} = About {keyword}.")

    assert await group.says(ALICE, "refund, shipping and coupon?") == "About regex:ship.*coupon."
    clock.advance(seconds=30)
    assert await group.says(BOB, "refund, shipping and coupon?") is None, "no other entry speaks for one that waits"


async def test_five_who_ask_the_same_at_once_get_one_answer(group: Group) -> None:
    await group.says(OLIVIA, "/faq add shipping = Two days.")

    questions = [group.message(person, "shipping?") for person in (ALICE, BOB, CAROL, OLIVIA, OWNER)]
    assert await group.hears(*questions) == "Two days."


async def test_a_kill_before_the_answer_leaves_one_answer(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/faq add 退货运费 = 我们出。")

    await killed_at(group, "sendMessage", group.message(ALICE, "退货运费谁出？"))
    assert group.said.count("我们出。") == 1
    clock.advance(minutes=1)
    await killed_at(group, "sendMessage", group.message(BOB, ASKS))
    assert group.said.count("Did you mean this?") == 1


async def test_a_kill_after_an_entry_was_stored_stores_it_once_and_says_so(group_on_either: Group) -> None:
    group = group_on_either
    await killed_at(group, "sendMessage", group.message(OLIVIA, "/faq add shipping = Two days."))

    assert group.said == ["Added: shipping (whole words)"]
    assert len((await group.says(OLIVIA, "/audit") or "").splitlines()) == 2
    assert await group.says(ALICE, "shipping?") == "Two days."


# What is never answered.


@pytest.mark.parametrize("way", ["a forward of the answer", "by way of another bot"])
async def test_the_bots_own_words_and_those_of_other_bots_are_not_answered(group: Group, way: str) -> None:
    await group.says(OLIVIA, "/faq add shipping = About shipping: two days.")
    assert await group.says(ALICE, "shipping?") == "About shipping: two days."
    me = group.telegram._getMe({})
    fields = {"via_bot": me} if "bot" in way else {"forward_origin": {"type": "user", "date": 1, "sender_user": me}}

    assert await group.says(BOB, "About shipping: two days.", **fields) is None
    own = group.message(BOB, "About shipping: two days.")
    own["message"]["from"] = me
    assert await group.hears(own) is None


async def test_what_was_edited_is_not_answered_again_nor_anew(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/faq add shipping = Two days.")
    question = group.message(ALICE, "shipping?")
    assert await group.hears(question) == "Two days."
    clock.advance(minutes=2)

    edited = {"update_id": group.telegram.next_update_id(), "edited_message": question["message"]}
    assert await group.hears(edited) is None
