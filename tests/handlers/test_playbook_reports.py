"""What playbooks brought, as operators are told of it."""

import asyncio
from datetime import UTC, date, datetime
from textwrap import dedent

import pytest

from bot.domain.locales import LOCALES
from bot.domain.playbook_reports import Outcome, report_of
from tests.conftest import StoppedClock
from tests.group import (
    ALICE,
    ANONYMOUS_ADMIN,
    BOB,
    CAROL,
    OLIVIA,
    OWNER,
    Call,
    Group,
    Hearthbot,
    Json,
    PrivateChat,
    Refused,
    Unreachable,
    read,
)
from tests.handlers.conftest import Playbooks

DAY = """
    name: A day
    steps:
      - id: morning
        at: "09:30"
        do:
          - send: Good morning, {{ group.title }}!
          - send: How are you?
"""


@pytest.fixture(autouse=True)
def day(playbooks: Playbooks) -> None:
    playbooks.write("day.yaml", DAY)


async def posts(group: Group, clock: StoppedClock) -> list[Json]:
    """The posts of the morning."""
    await group.adds_the_bot()
    clock.advance(minutes=30)
    await group.hearthbot.plays()
    clock.advance(seconds=1)
    await group.hearthbot.plays()
    return [message for message in group.shown if "text" in message][-2:]


async def replies(group: Group) -> list[tuple[str, int]]:
    """The answers that are known of each delivery, once they are written."""
    await group.hearthbot.write_activity()
    rows = await group.hearthbot.database.read(
        lambda tx: tx.connection.exec_driver_sql("SELECT step, replies FROM deliveries ORDER BY id").all()
    )
    return [(step, number) for step, number in rows]


async def test_answers_within_half_an_hour_count_for_the_step_that_they_answer(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    greeting, question = await posts(group, clock)
    assert (greeting["text"], question["text"]) == ("Good morning, Hearth!", "How are you?")

    await group.says(ALICE, "Good morning!", answering=greeting)
    await group.says(BOB, "fine", answering=question)
    await group.hearthbot.write_activity()
    await group.says(BOB, "/checkin", answering=question)
    clock.advance(minutes=29)
    await group.says(ALICE, "very well", answering=question)
    clock.advance(minutes=1, seconds=1)
    await group.says(ALICE, "too late", answering=question)

    assert await replies(group) == [("morning", 4)]
    assert await replies(group) == [("morning", 4)], "what was written is not written again"


async def test_what_answers_no_post_counts_for_none(group: Group, clock: StoppedClock) -> None:
    other = Group(group.hearthbot, -1001000000002, "Kiln")
    await other.adds_the_bot()
    greeting, _ = await posts(group, clock)
    chatter = group.message(BOB, "who is up?")["message"]
    await group.says(BOB, "/help")
    help_text = group.shown[-1]

    await group.says(ALICE, "me", answering=chatter)
    await group.says(ALICE, "thanks", answering=help_text)
    await group.says(ALICE, "good morning everybody")
    await group.says(ANONYMOUS_ADMIN, "hello", answering=greeting)
    await group.says(ALICE, "hm", answering={"message_id": greeting["message_id"]})
    await other.says(ALICE, "in another group", answering=greeting)

    assert await replies(group) == [("morning", 0), ("morning", 0)]
    members = await group.hearthbot.database.read(lambda tx: [*tx.members.all(1), *tx.members.all(2)])
    assert [one.messages for one in members if one.user_id == ALICE.id] == [1, 4], "they are chatter all the same"


async def evening(group: Group, clock: StoppedClock, at: str = "2026-11-22T21:30") -> None:
    """What is told when a time (UTC) has come."""
    clock.set(datetime.fromisoformat(at).replace(tzinfo=UTC))
    await group.hearthbot.reports()


async def test_operators_see_what_the_day_has_brought_so_far(group: Group, clock: StoppedClock) -> None:
    assert await group.says(OLIVIA, "/playbook report") == "📊 Playbooks today, so far\nNothing has come yet today."

    _, question = await posts(group, clock)
    await group.says(ALICE, "fine", answering=question)
    await group.says(BOB, "/checkin")
    await group.says(OLIVIA, "/playbook skip A day morning")
    await group.hearthbot.write_activity()

    assert await group.says(OLIVIA, "/playbook report") == dedent("""\
        📊 Playbooks today, so far
        1 sent · 1 cancelled
        1 reply within half an hour · 1 check-in today
        Best: “morning” of “A day”, 1 reply""")
    assert await group.says(ALICE, "/playbook report") == "Only this group's administrators can do that."
    assert "/playbook report" in str(await group.says(OLIVIA, "/playbook report yesterday"))


async def test_in_the_evening_an_operator_gets_one_message_about_all_their_groups(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    olivia, otto = (PrivateChat.of(person, group.hearthbot) for person in (OLIVIA, OWNER))
    kiln = Group(group.hearthbot, -1001000000002, "Kiln")
    await kiln.adds_the_bot()
    group.telegram.administrators[kiln.chat_id] = {CAROL.id: CAROL, OLIVIA.id: OLIVIA}
    greeting, _ = await posts(group, clock)
    await kiln.says(ALICE, "hello", answering=kiln.shown[-1])
    await group.says(ALICE, "hello", answering=greeting)
    await group.says(BOB, "hello", answering=greeting)
    await group.hearthbot.write_activity()
    in_groups = len(group.said) + len(kiln.said)

    await evening(group, clock, "2026-11-22T21:29")
    assert (olivia.said, otto.said) == ([], [])
    clock.advance(minutes=1)
    await asyncio.gather(*(group.hearthbot.reports() for _ in range(3)))

    assert (
        olivia.said
        == otto.said
        == [
            dedent("""\
        🌙 What the playbooks brought, Nov 22, 2026

        All 2 groups
        2 sent
        3 replies within half an hour · 0 check-ins today
        Best: “morning” of “A day” in Hearth, 2 replies

        Hearth
        1 sent
        2 replies within half an hour · 0 check-ins today
        Best: “morning” of “A day”, 2 replies

        Kiln
        1 sent
        1 reply within half an hour · 0 check-ins today
        Best: “morning” of “A day”, 1 reply""")
        ]
    )
    assert len(group.said) + len(kiln.said) == in_groups, "members are not told"


async def test_an_evening_is_reported_once_even_after_a_kill(group: Group, clock: StoppedClock) -> None:
    olivia = PrivateChat.of(OLIVIA, group.hearthbot)
    await posts(group, clock)
    await evening(group, clock)
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.reports()
    await group.says(OLIVIA, "/settings playbook_report 22:00")
    await evening(group, clock, "2026-11-22T22:00")

    assert len(olivia.said) == 1


async def test_a_report_that_was_written_before_a_kill_is_sent_after_it(group: Group, clock: StoppedClock) -> None:
    olivia = PrivateChat.of(OLIVIA, group.hearthbot)
    await posts(group, clock)
    clock.set(datetime(2026, 11, 22, 21, 30, tzinfo=UTC))
    await group.hearthbot.engine.playbook_reporter.ring()
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.reports()

    assert len(olivia.said) == 1


async def test_after_a_day_off_nobody_is_told_late_and_the_next_evening_tells_its_own_day(
    group: Group, clock: StoppedClock
) -> None:
    olivia = PrivateChat.of(OLIVIA, group.hearthbot)
    await posts(group, clock)
    await evening(group, clock, "2026-11-22T23:30")
    assert olivia.said == []

    await evening(group, clock, "2026-11-23T21:30")
    assert olivia.said == [], "nothing came on that day"


async def test_what_comes_after_a_report_is_told_the_next_evening(group: Group, clock: StoppedClock) -> None:
    olivia = PrivateChat.of(OLIVIA, group.hearthbot)
    await group.says(OLIVIA, "/settings playbook_report 09:15")
    await posts(group, clock)
    await group.hearthbot.reports()
    assert olivia.said == [], "it was posted after 09:15"

    await evening(group, clock, "2026-11-23T09:15")
    assert "1 sent" in olivia.said[0]


async def test_the_evening_is_that_of_the_group_and_can_be_none(group: Group, clock: StoppedClock) -> None:
    olivia = PrivateChat.of(OLIVIA, group.hearthbot)
    kiln = Group(group.hearthbot, -1001000000002, "Kiln")
    await kiln.says(OLIVIA, "/settings playbook_report off")
    await group.says(OLIVIA, "/settings timezone Asia/Shanghai")
    clock.set(datetime(2026, 11, 22, 1, tzinfo=UTC))
    await group.hearthbot.restart()
    await posts(group, clock)
    await evening(group, clock, "2026-11-22T13:30")

    assert [text.count("Hearth") for text in olivia.said] == [1]
    await evening(group, clock)
    assert len(olivia.said) == 1
    assert "9:30pm" in str(await group.says(OLIVIA, "/settings playbook_report 9:30pm"))


async def test_what_needs_attention_is_named_first(group: Group, clock: StoppedClock) -> None:
    otto = PrivateChat.of(OWNER, group.hearthbot)
    kiln = Group(group.hearthbot, -1001000000002, "Kiln & <b>")
    group.telegram.administrators[kiln.chat_id] = {CAROL.id: CAROL}
    for each in (group, kiln):
        await each.adds_the_bot()
        await each.says(CAROL, "hello")
    await group.hearthbot.write_activity()
    clock.advance(days=1, minutes=-1)
    await group.hearthbot.restart()
    await group.says(BOB, "still here")
    await group.hearthbot.write_activity()

    async def refuse(call: Call) -> None:
        if call.params.get("text") == "How are you?" and int(call.params["chat_id"]) == kiln.chat_id:
            raise Refused(403, "Forbidden: bot can't send messages to the chat")
        if call.params.get("text") == "How are you?":
            raise Unreachable

    group.telegram.before = refuse
    for minutes in (31, 1):
        clock.advance(minutes=minutes)
        await group.hearthbot.plays()
    group.telegram.before = None
    await evening(group, clock, "2026-11-23T21:30")

    assert otto.said[-1] == dedent("""\
        🌙 What the playbooks brought, Nov 23, 2026

        All 2 groups
        1 unknown · 1 failed · 2 skipped
        0 replies within half an hour · 0 check-ins today

        ⚠️ Kiln & <b>
        1 failed · 1 skipped
        0 replies within half an hour · 0 check-ins today
        Failed: “morning” of “A day”, I may not write there
        💤 Nobody has spoken for a day.

        ⚠️ Hearth
        1 unknown · 1 skipped
        0 replies within half an hour · 0 check-ins today""")


async def test_operators_are_told_in_their_own_language_who_never_wrote_to_the_bot_are_not(
    group: Group, clock: StoppedClock
) -> None:
    carol = PrivateChat.of(CAROL, group.hearthbot)
    group.telegram.administrators[group.chat_id] |= {CAROL.id: CAROL, BOB.id: BOB}
    await group.says(CAROL, "hello")
    await posts(group, clock)
    await group.hearthbot.write_activity()
    await evening(group, clock)

    assert carol.said[0].splitlines()[:4] == ["🌙 今日剧本小结 2026年11月22日", "", "Hearth", "已发 1"]
    assert not group.telegram.messages.keys() & {(BOB.id, n) for n in range(100)}


async def test_while_nobody_knows_who_the_administrators_are_the_report_waits_a_little(
    group: Group, clock: StoppedClock
) -> None:
    olivia, otto = (PrivateChat.of(person, group.hearthbot) for person in (OLIVIA, OWNER))
    await posts(group, clock)
    group.telegram.fails("getChatAdministrators", *[Unreachable()] * 2)
    await evening(group, clock)
    clock.advance(minutes=9)
    await group.hearthbot.reports()
    assert (olivia.said, otto.said) == ([], [])
    clock.advance(seconds=30)
    await group.hearthbot.reports()
    assert len(olivia.said) == len(otto.said) == 1


async def test_if_nobody_says_who_the_administrators_are_the_owners_are_told(group: Group, clock: StoppedClock) -> None:
    olivia, otto = (PrivateChat.of(person, group.hearthbot) for person in (OLIVIA, OWNER))
    await posts(group, clock)
    group.telegram.fails("getChatAdministrators", *[Unreachable()] * 2)
    await evening(group, clock)
    await evening(group, clock, "2026-11-22T21:40")

    assert (len(olivia.said), len(otto.said)) == (0, 1)


async def test_a_report_of_many_groups_with_long_names_is_one_message(hearthbot: Hearthbot) -> None:
    long = "W" * 64
    outcomes = [Outcome(1, long, long, "failed", "", 9, "W" * 200), Outcome(1, long, long, "sent", "", 10**6)]
    report = report_of("W" * 255, outcomes, 10**6, is_silent=True)
    calm = report_of("calm", outcomes[1:], 1, is_silent=False)
    reporter = hearthbot.engine.playbook_reporter
    told = {one: reporter.evening(one, date(2026, 11, 22), [report] * 140 + [calm] * 10) for one in LOCALES}

    assert [language for language, text in told.items() if len(read(text)) > 4096] == []
    assert told["en"].endswith("and 142 more groups, 132 of them with ⚠️")
