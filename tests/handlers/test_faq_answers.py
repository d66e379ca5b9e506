"""How answers of the FAQ get to the one who asked: with a picture, in private, in a topic, at the right time."""

from pathlib import Path
from typing import Any

from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, Group, Hearthbot, PrivateChat
from tests.handlers.test_faq import with_file

IN_TOPIC = {"message_thread_id": 7, "is_topic_message": True}
SIZES = "entries:\n- {name: a, keywords: [sizes], answers: ['Here, {{ name }}.'], photo: media/sizes.png, cooldown: 0}"


# Pictures.


async def with_picture(group: Group, files: Path, text: str = SIZES) -> Path:
    picture = files.parent / "media" / "sizes.png"
    picture.parent.mkdir()
    picture.write_bytes(b"a picture")
    await with_file(group, files, text)
    return picture


async def shows(group: Group, clock: StoppedClock) -> tuple[str, str | None]:
    """The picture and the words that a question about sizes is answered with."""
    clock.advance(seconds=5)
    await group.says(ALICE, "sizes?")
    shown = group.shown[-1]
    return group.telegram.media[group.chat_id, shown["message_id"]][1], shown.get("caption")


async def test_a_picture_is_uploaded_once_and_its_id_is_kept_over_a_restart(
    files: Path, group: Group, clock: StoppedClock
) -> None:
    picture = await with_picture(group, files)

    assert [await shows(group, clock) for _ in range(2)] == [("uploaded-1", "Here, Alice.")] * 2
    await group.hearthbot.restart()
    assert await shows(group, clock) == ("uploaded-1", "Here, Alice.")
    assert group.telegram.uploads == [b"a picture"]

    picture.write_bytes(b"another picture")
    assert await shows(group, clock) == ("uploaded-2", "Here, Alice.")


async def test_an_id_that_the_platform_has_forgotten_is_uploaded_anew(
    files: Path, group: Group, clock: StoppedClock
) -> None:
    await with_picture(group, files)
    await shows(group, clock)
    group.telegram.files_gone.add("uploaded-1")

    assert [await shows(group, clock) for _ in range(2)] == [("uploaded-2", "Here, Alice.")] * 2
    assert len(group.telegram.uploads) == 2


async def test_without_its_picture_an_answer_is_its_words(files: Path, group: Group) -> None:
    picture = await with_picture(group, files)
    picture.unlink()
    assert await group.says(ALICE, "sizes?") == "Here, Alice."

    await group.says(OLIVIA, None, caption="/faq add chart", photo=[PHOTO])
    group.telegram.files_gone.add("chart")
    assert await group.says(BOB, "chart?") == "The picture that answers this is gone. Please ask an administrator."


PHOTO = {"file_id": "chart", "file_unique_id": "chart", "width": 90, "height": 90}


async def test_an_operator_adds_a_picture_with_words_or_without(group: Group) -> None:
    assert await group.says(OLIVIA, None, caption="/faq add sizes = Look, {{ name }}", photo=[PHOTO]) == (
        "Added: sizes (whole words)"
    )
    await group.says(ALICE, "sizes?")
    picture = group.shown[-1]
    assert (picture["photo"][0]["file_id"], picture["caption"]) == ("chart", "Look, Alice")
    assert picture["reply_to_message"]["text"] == "sizes?"

    posted = group.message(BOB, None, photo=[PHOTO])["message"]
    assert await group.says(OLIVIA, "/faq add chart", answering=posted) == "Added: chart (whole words)"
    await group.says(BOB, "chart?")
    assert "caption" not in group.shown[-1]
    assert "• chart → 🖼" in (await group.says(OLIVIA, "/faq list") or "")


# In private.


async def with_discount(group: Group) -> None:
    await group.says(OLIVIA, "/faq add discount | +private = Only for you, {{ name }}: TEA10.")


async def test_a_private_answer_is_given_in_private_and_the_group_sees_that_it_was(
    group: Group, clock: StoppedClock
) -> None:
    await with_discount(group)
    private = PrivateChat.of(ALICE, group.hearthbot)

    assert await group.says(ALICE, "discount?") == "I've answered you in private."
    assert private.said == ["Only for you, Alice: TEA10."]
    clock.advance(seconds=60)
    await group.hearthbot.sweep()
    assert "I've answered you in private." not in group.said


async def test_who_never_wrote_to_the_bot_gets_a_link_that_answers(group: Group) -> None:
    await with_discount(group)
    await group.joins(ALICE)
    await group.joins(BOB)

    assert await group.says(ALICE, "discount?") == "This one is for you alone. Tap the button and I'll tell you."
    address = group.shown[-1]["reply_markup"]["inline_keyboard"][0][0]["url"]
    start = address.removeprefix("https://t.me/hearth_bot?start=")
    private = PrivateChat.of(ALICE, group.hearthbot)
    assert await private.says(ALICE, f"/start {start}") == "Only for you, Alice: TEA10."

    await group.leaves(BOB)
    gone = PrivateChat.of(BOB, group.hearthbot)
    assert await gone.says(BOB, f"/start {start}") == "I know no such group, or you are not in it."
    await group.says(OLIVIA, "/faq del discount")
    assert await private.says(ALICE, f"/start {start}") == "There is no answer to this any more."


async def test_a_private_answer_asked_for_in_private_is_just_said(group: Group) -> None:
    await with_discount(group)
    await group.joins(ALICE)

    assert await PrivateChat.of(ALICE, group.hearthbot).says(ALICE, "discount?") == "Only for you, Alice: TEA10."
    assert "private" not in "".join(group.said)


# Where.


async def test_an_answer_stands_in_the_topic_of_its_question(files: Path, group: Group, clock: StoppedClock) -> None:
    await with_picture(group, files)
    await group.says(OLIVIA, "/faq add shipping = Two days.")

    await group.says(ALICE, "shipping?", **IN_TOPIC)
    clock.advance(seconds=5)
    await group.says(ALICE, "sizes?", **IN_TOPIC)
    assert [message.get("message_thread_id") for message in group.shown[-2:]] == [7, 7]
    assert [message["reply_to_message"]["text"] for message in group.shown[-2:]] == ["shipping?", "sizes?"]
    clock.advance(seconds=60)
    await group.says(ALICE, "shipping?")
    assert "message_thread_id" not in group.shown[-1]


async def test_a_group_may_answer_in_some_topics_alone_and_so_may_an_entry(files: Path, group: Group) -> None:
    await with_file(
        group, files,
        "entries:\n- {name: a, keywords: [hello], answers: [hi], cooldown: 0}\n"
        "- {name: b, keywords: [hello there], answers: [only here], topics: [8], cooldown: 0}",
    )  # fmt: skip
    await group.says(OLIVIA, "/settings faq_member_cooldown 0")

    async def answers() -> list[str | None]:
        places: list[dict[str, Any]] = [{}, IN_TOPIC, IN_TOPIC | {"message_thread_id": 8}]
        return [await group.says(ALICE, "hello there", **place) for place in places]

    assert await answers() == ["hi", "hi", "only here"]
    await group.says(OLIVIA, "/settings faq_topics 7 8")
    assert await answers() == [None, "hi", "only here"]


async def test_a_group_says_its_own_where_the_library_would_answer(
    files: Path, group: Group, hearthbot: Hearthbot
) -> None:
    await with_file(
        group, files,
        "entries:\n- {name: a, keywords: ['exact:opening hours'], answers: [of the library], priority: 50}",
    )  # fmt: skip
    other = Group(hearthbot, -1001000000002, "Other")
    await group.says(OLIVIA, "/faq add exact:Opening Hours! = our own")

    assert await group.says(ALICE, "opening hours") == "our own"
    assert await other.says(ALICE, "opening hours") == "of the library"
    await group.says(OLIVIA, "/faq del exact:opening hours")
    assert await group.says(BOB, "opening hours") == "of the library"


# When.


async def test_operators_need_not_wait_where_the_group_wants_it(group: Group) -> None:
    await group.says(OLIVIA, "/faq add shipping = Two days.")
    assert [await group.says(OLIVIA, "shipping?") for _ in range(2)] == ["Two days.", None]

    await group.says(OLIVIA, "/settings faq_operators_wait off")
    assert [await group.says(OLIVIA, "shipping?") for _ in range(2)] == ["Two days."] * 2
    assert await group.says(ALICE, "shipping?") is None, "members wait all the same"


async def test_an_answer_waits_in_its_group_alone_and_a_member_for_all_answers(
    files: Path, group: Group, hearthbot: Hearthbot, clock: StoppedClock
) -> None:
    await with_file(
        group, files,
        "entries:\n- {name: a, keywords: [hello], answers: [hi], cooldown: 20}\n"
        "- {name: b, keywords: [bye], answers: [see you], cooldown: 0}",
    )  # fmt: skip
    other = Group(hearthbot, -1001000000002, "Other")
    await group.says(OLIVIA, "/settings faq_member_cooldown 10")

    assert await group.says(ALICE, "hello") == "hi"
    assert await other.says(ALICE, "hello") == "hi"
    assert await group.says(BOB, "hello") is None
    assert await group.says(ALICE, "bye") is None
    clock.advance(seconds=10)
    assert await group.says(ALICE, "bye") == "see you"
    assert await group.says(BOB, "hello") is None
    clock.advance(seconds=10)
    assert await group.says(BOB, "hello") == "hi"


async def test_an_entry_answers_on_its_days_alone(files: Path, group: Group, clock: StoppedClock) -> None:
    await with_file(
        group, files,
        "entries:\n- {name: a, keywords: [sale], answers: [now], from: 2026-11-23, until: 2026-11-23, cooldown: 0}",
    )  # fmt: skip
    await group.says(OLIVIA, "/settings timezone Asia/Shanghai")

    heard = []
    for _ in range(4):
        heard.append(await group.says(ALICE, "sale?"))
        clock.advance(hours=8)
    assert heard == [None, "now", "now", "now"], "17:00 the day before in Shanghai, then 01:00, 09:00, 17:00"
    assert await group.says(ALICE, "sale?") is None


async def test_outside_its_hours_an_entry_without_other_words_leaves_the_question_to_the_next(
    files: Path, group: Group
) -> None:
    await with_file(
        group, files,
        "entries:\n- {name: a, keywords: [hello there], answers: [open], hours: '10:00-18:00'}\n"
        "- {name: b, keywords: [hello], answers: [always]}",
    )  # fmt: skip

    assert await group.says(ALICE, "hello there") == "always", "it is 9:00"
