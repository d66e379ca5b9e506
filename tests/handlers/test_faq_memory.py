"""What was said lately, and trying a new answer on it before it is published."""

import pytest

from storage.database import DatabaseUnavailable
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CHANNEL, OLIVIA, OTHER_BOT, Group
from tests.handlers.test_faq import Closed

NOTHING = "There is nothing to try it on: faq_memory is off, or nobody has said anything yet."


async def heard(group: Group) -> list[str]:
    """What is stored of the first group, newest first."""
    await group.hearthbot.engine.faq_memory.write()
    return list(await group.hearthbot.database.read(lambda tx: tx.heard.texts(1, 10_000)))


async def test_a_replay_shows_what_an_entry_would_answer_and_takes_from_others(group_on_either: Group) -> None:
    group = group_on_either
    assert await group.says(OLIVIA, "/faq replay parcel = Soon.") == NOTHING
    await group.says(OLIVIA, "/faq add shipping = Two days.")
    await group.says(OLIVIA, "/faq add parcel status = In the app.")
    for person, text in (
        (ALICE, "my parcel!"),
        (BOB, "shipping of my parcel?"),
        (BOB, "parcel status?"),
        (ALICE, "my parcel!"),
        (ALICE, "good morning <3"),
    ):
        await group.says(person, text)

    assert await group.says(OLIVIA, "/faq replay parcel | exact:my parcel = Soon.") == (
        "🔎 Of the last 5 messages this would answer 2, and 2 that another entry is about.\n"
        "• 2 × my parcel!\n"
        "· 1 × parcel status?: still answered by “In the app.”\n"
        "· 1 × shipping of my parcel?: still answered by “Two days.”\n"
        "Nothing is published yet; /faq add does that."
    )
    assert "⚠️ 1 × shipping of my parcel?: taken from “Two days.”" in (
        await group.says(OLIVIA, "/faq replay exact:shipping of my parcel = Soon.") or ""
    )
    assert await group.says(OLIVIA, "/faq replay teapot = Hot.") == (
        "🔎 Of the last 5 messages this would answer 0, and 0 that another entry is about.\n"
        "Nothing is published yet; /faq add does that."
    )
    assert await group.says(ALICE, "my parcel!") is None, "nothing was published"


async def test_an_entry_that_is_there_is_tried_as_the_new_one_would_be(group: Group) -> None:
    await group.says(OLIVIA, "/faq add shipping = Two days.")
    await group.says(ALICE, "shipping?")

    assert "• 1 × shipping?" in (await group.says(OLIVIA, "/faq replay shipping | parcel = Three days.") or "")


@pytest.mark.parametrize("words", ["replay", "replay hello", "replay = hello"])
async def test_a_replay_is_written_as_an_addition_is(group: Group, words: str) -> None:
    assert (await group.says(OLIVIA, f"/faq {words}") or "").startswith("That is not how it is written.")
    assert await group.says(ALICE, f"/faq {words}") == "Only this group's administrators can do that."
    assert "cannot be used" in (await group.says(OLIVIA, "/faq replay regex:( = x") or "")


async def test_texts_of_people_are_kept_without_who_said_them(group: Group) -> None:
    await group.says(OLIVIA, "/faq add shipping = Two days.")
    for person, text in (
        (ALICE, "shipping?"),
        (ALICE, "good morning"),
        (ALICE, "x" * 201),
        (ALICE, "/me"),
        (OTHER_BOT, "I am a bot"),
        (CHANNEL, "news"),
    ):
        await group.says(person, text)
    await group.says(BOB, "a forward", forward_origin={"type": "hidden_user"})

    assert sorted(await heard(group)) == ["good morning", "shipping?"]
    await group.hearthbot.restart()
    assert sorted(await heard(group)) == ["good morning", "shipping?"]


async def test_a_group_may_want_nothing_to_be_kept(group: Group) -> None:
    await group.says(OLIVIA, "/me")
    await group.says(ALICE, "good morning")
    assert await heard(group) == ["good morning"]
    await group.says(OLIVIA, "/settings faq_memory off")
    await group.says(ALICE, "good evening")

    assert await group.says(OLIVIA, "/faq replay morning = Hi.") == NOTHING
    assert await heard(group) == ["good morning"]
    await group.hearthbot.engine.faq_memory.forget_old()
    assert await heard(group) == []


async def test_texts_are_forgotten_after_a_week(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/me")
    await group.says(ALICE, "good morning")
    await heard(group)
    clock.advance(days=6)
    await group.says(ALICE, "good evening")
    await heard(group)
    clock.advance(days=1, seconds=1)
    await group.hearthbot.engine.faq_memory.forget_old()

    assert await heard(group) == ["good evening"]


async def test_what_is_kept_of_a_group_is_bounded(group_on_either: Group) -> None:
    group, memory = group_on_either, group_on_either.hearthbot.engine.faq_memory
    await group.says(ALICE, "/me")
    for batch in range(30):
        for number in range(99):
            memory.remember(group.chat_id, f"text {batch}.{number}", group.hearthbot.clock())
        await memory.write()

    texts = await heard(group)
    assert len(texts) <= 2_000 + 100
    assert texts[0] == "text 29.98"
    for number in range(6_000):
        memory.remember(group.chat_id, f"flood {number}", group.hearthbot.clock())
    assert len(await heard(group)) == 2_000, "what comes between two writes is bounded as well"
    assert (await heard(group))[0] == "flood 4999"


async def test_texts_that_cannot_be_written_wait(group: Group) -> None:
    await group.says(OLIVIA, "/me")
    memory = group.hearthbot.engine.faq_memory
    await group.says(ALICE, "first")
    written, memory.database = memory.database, Closed()  # type: ignore[assignment]
    with pytest.raises(DatabaseUnavailable):
        await memory.write()
    memory.database = written
    await group.says(ALICE, "second")

    assert await heard(group) == ["second", "first"]
