"""Operators: who may steer, and that nobody else reaches what is theirs."""

from datetime import timedelta

import pytest
from aiogram.filters import Filter

from bot.domain.settings import OPTIONS
from handlers.dispatching import COMMANDS
from handlers.operators import KNOWN_FOR, ByOperator, ByOwner
from handlers.playbook_questions import ByItsOperator
from handlers.pressing import Pressed
from handlers.settings import PAGES
from storage.database import Database
from storage.tables import metadata
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CHANNEL, OLIVIA, OWNER, Group, Hearthbot, Persona, PrivateChat, Refused, Unreachable
from tests.handlers.test_wiring import callbacks_of, dispatcher_of

REFUSED = "Only this group's administrators can do that."
OWNERS_ONLY = "Only the owners of this installation can do that: it concerns several groups."

BY_OPERATORS = [
    *(f"/{command.name}{words}" for command in COMMANDS if command.for_operators for words in ("", " x y z")),
    "/settings checkin off",
    "/points give @alice 5 well done",
    "/points take @alice 5 fine",
    "/points log",
    "/setrules Mine",
    "/lottery review",
    "/audit undo 1",
    "/audit undo 2",
    "/faq add shipping = Free.",
    "/faq del returns",
    "/wallet share -1001000000002",
    "/wallet own",
]
BUTTONS = [
    *(f"settings:{page}" for page in PAGES),
    *(f"option:{key}" for key in OPTIONS),
    *(f"set:{key}:{n}" for key, option in OPTIONS.items() for n in range(len(option.choices))),
    "faq_page:0",
    "undo:1",
    "undo:2",
    "admit:1:yes",
    "missed_answer:1",
    "missed_phrase:1",
    "missed_dismiss:1",
    "person_taken:1",
    "playbook_page:day:1",
    "playbook_today:0",
    "playbook_answer:1:now:0",
    "question:1:now",
]


async def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the updates themselves, and who was seen when."""
    tables = [table for table in metadata.sorted_tables if table.name not in {"updates", "people"}]
    return await database.read(
        lambda tx: {t.name: [tuple(row) for row in tx.connection.execute(t.select())] for t in tables}
    )


async def prepared(group: Group) -> None:
    await group.says(ALICE, "/checkin")
    await group.says(OLIVIA, "/settings checkin_points 20")
    await group.says(OLIVIA, "/setrules Be kind.")


@pytest.mark.parametrize("speaker", [ALICE, CHANNEL], ids=lambda person: person.first_name)
async def test_no_operators_command_is_open_to_members(group: Group, speaker: Persona) -> None:
    await prepared(group)
    before = await contents(group.hearthbot.database)

    for said in BY_OPERATORS:
        answer = await group.says(speaker, said)
        assert answer == (OWNERS_ONLY if said.startswith("/wallet") else REFUSED), said
    assert await contents(group.hearthbot.database) == before


async def test_no_operators_button_is_open_to_members(group: Group) -> None:
    await prepared(group)
    await group.says(OLIVIA, "/settings")
    panel, before = group.shown[-1]["text"], await contents(group.hearthbot.database)

    for data in BUTTONS:
        assert await group.sends_back(ALICE, data) == REFUSED, data
    assert group.shown[-1]["text"] == panel
    assert await contents(group.hearthbot.database) == before


async def test_no_operators_command_is_open_to_members_in_private(group: Group, hearthbot: Hearthbot) -> None:
    await prepared(group)
    before, private = await contents(hearthbot.database), PrivateChat.of(ALICE, hearthbot)

    for said in BY_OPERATORS:
        assert await private.says(ALICE, said) in {REFUSED, OWNERS_ONLY}, said
    for data in BUTTONS:
        assert await private.sends_back(ALICE, data) == REFUSED, data
    assert await contents(hearthbot.database) == before


def test_every_operators_button_is_in_the_list_above(hearthbot: Hearthbot) -> None:
    guarded: set[str] = set()
    for callback in callbacks_of(dispatcher_of(hearthbot), "callback_query"):
        filters: list[Filter] = [f.callback for f in callback.filters or () if isinstance(f.callback, Filter)]
        if any(isinstance(f, ByOperator | ByOwner | ByItsOperator) for f in filters):
            guarded |= {f._what for f in filters if isinstance(f, Pressed)}

    assert guarded == {data.partition(":")[0] for data in BUTTONS}


async def test_an_operator_of_one_group_is_none_in_another(hearthbot: Hearthbot) -> None:
    one, other = Group(hearthbot), Group(hearthbot, -1001000000002, "Other")
    hearthbot.telegram.administrators[other.chat_id] = {BOB.id: BOB}

    assert await one.says(BOB, "/settings") == REFUSED
    assert await other.says(OLIVIA, "/settings") == REFUSED
    assert await other.says(BOB, "/settings checkin off") == "Check-in: off"


async def test_the_platform_is_asked_once_in_a_while(group: Group, clock: StoppedClock) -> None:
    for _ in range(3):
        await group.says(OLIVIA, "/audit")
        await group.says(ALICE, "/audit")
    assert len(group.telegram.made("getChatAdministrators")) == 1

    clock.advance(seconds=KNOWN_FOR.total_seconds())
    await group.says(OLIVIA, "/audit")
    assert len(group.telegram.made("getChatAdministrators")) == 2


async def test_a_promotion_and_a_demotion_count_at_once(group: Group) -> None:
    assert await group.says(BOB, "/audit") == REFUSED
    await group.promotes(BOB)
    assert await group.says(BOB, "/audit") != REFUSED
    await group.demotes(BOB)
    assert await group.says(BOB, "/audit") == REFUSED


@pytest.mark.parametrize("failure", [Refused(400, "Bad Request: chat not found"), Unreachable("reset")])
async def test_while_the_platform_does_not_answer_those_known_before_and_owners_are_operators(
    group: Group, clock: StoppedClock, failure: Exception
) -> None:
    group.telegram.fails("getChatAdministrators", failure)
    assert await group.says(OLIVIA, "/audit") == REFUSED
    assert await group.says(OLIVIA, "/audit") != REFUSED
    clock.advance(seconds=KNOWN_FOR.total_seconds() + 1)
    group.telegram.fails("getChatAdministrators", failure, failure)

    assert await group.says(OLIVIA, "/audit") != REFUSED
    assert await group.says(ALICE, "/audit") == REFUSED
    assert await group.says(OWNER, "/audit") != REFUSED


def test_a_list_of_administrators_is_not_trusted_for_long() -> None:
    assert timedelta(0) < KNOWN_FOR <= timedelta(minutes=15)
