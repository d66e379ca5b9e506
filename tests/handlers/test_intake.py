"""Updates are taken in once, in order, and none is lost or stands in the way of those behind it."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from handlers.intake import Closed, Intake, kind_of, lane_of
from storage.database import DatabaseUnavailable, EmbeddedDatabase
from tests.group import ALICE, BOB, OLIVIA, Call, Group, Hearthbot, Json, Persona
from tests.handlers.test_checkins import points_of


def counted(intake: Intake, kind: str, outcome: str) -> float:
    value: float = intake.metrics.updates.labels(kind, outcome)._value.get()
    return value


def unreadable(group: Group) -> list[Json]:
    """Updates that are not what the library expects."""
    promotion = group.change(BOB, "member", "administrator")
    del promotion["chat_member"]["new_chat_member"]["can_send_welcome_messages"]
    no_chat = group.message(ALICE, "/checkin")
    del no_chat["message"]["chat"]
    no_date = group.message(ALICE, "/checkin")
    del no_date["message"]["date"]
    wrong_types = group.message(ALICE, "/checkin")
    wrong_types["message"]["from"] = "Alice"
    wrong_chat = group.message(ALICE, "/checkin")
    wrong_chat["message"]["chat"] = [1, 2]
    a_number: Json = {"update_id": group.telegram.next_update_id(), "message": 5}
    nothing = {"update_id": group.telegram.next_update_id(), "callback_query": {}}
    entities = group.message(ALICE, "/checkin")
    entities["message"]["entities"] = [{"type": 5}]
    return [promotion, no_chat, no_date, wrong_types, wrong_chat, a_number, nothing, entities]


async def test_what_the_library_cannot_read_is_passed_over_and_those_behind_it_are_handled(
    group_on_either: Group,
) -> None:
    group = group_on_either
    intake, bad = group.hearthbot.engine.intake, unreadable(group)
    with capture_logs() as logs:
        await group.hearthbot.takes(*bad, group.message(ALICE, "/checkin"), group.message(BOB, "/checkin"))

    assert [answer.splitlines()[0] for answer in group.said] == [
        "✅ Alice, day 1! +10 points, 10 in all.",
        "✅ Bob, day 1! +10 points, 10 in all.",
    ]
    kinds = ("message", "chat_member", "callback_query")
    assert sum(counted(intake, kind, "unreadable") for kind in kinds) == len(bad)
    assert sum("passed over" in entry["event"] for entry in logs) == len(bad)
    assert await intake.updates.waiting() == [], "they do not come again"


@pytest.mark.parametrize(
    "update",
    [{"update_id": 1}, {"update_id": 1, "brand_new_kind": {"chat": {"id": 1}}}, {"update_id": 1, "poll": {"id": "1"}},
     {"update_id": 1, "inline_query": 5}],
)  # fmt: skip
async def test_unknown_kinds_are_counted_and_passed_by(group: Group, update: Json) -> None:
    await group.hearthbot.takes(update, group.message(ALICE, "/checkin"))

    assert counted(group.hearthbot.engine.intake, kind_of(update)[0], "passed_by") == 1
    assert len(group.said) == 1


async def test_an_error_in_a_handler_does_not_stop_those_behind_it(group: Group) -> None:
    async def fail(_: object) -> None:
        raise ZeroDivisionError

    intake = group.hearthbot.engine.intake
    handle = intake.handle
    intake.handle = fail
    with capture_logs() as logs:
        await group.says(ALICE, "/checkin")
    intake.handle = handle

    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["update failed"]
    assert counted(intake, "message", "failed") == 1
    assert "day 1" in (await group.says(ALICE, "/checkin") or "")


async def test_updates_of_a_chat_keep_their_order(group: Group) -> None:
    texts = [f"/settings checkin_points {n}" for n in range(1, 40)]
    updates = [group.message(OLIVIA, text) for text in texts]

    await group.hearthbot.engine.intake.take(updates[:20])
    await group.hearthbot.engine.intake.take(updates[20:])
    await group.hearthbot.settle()

    assert group.said == [f"Daily points: {n}" for n in range(1, 40)]


async def test_a_slow_chat_does_not_hold_up_another(hearthbot: Hearthbot) -> None:
    slow, quick = Group(hearthbot), Group(hearthbot, -1001000000002, "Quick")
    go_on = asyncio.Event()

    async def hold_up(call: Call) -> None:
        if call.method == "sendMessage" and int(call.params["chat_id"]) == slow.chat_id:
            await go_on.wait()

    hearthbot.telegram.before = hold_up
    await hearthbot.engine.intake.take([slow.message(ALICE, "/checkin"), quick.message(ALICE, "/checkin")])
    await hearthbot.engine.intake.lanes.at_most(1)

    assert (len(slow.said), len(quick.said)) == (0, 1)
    go_on.set()
    await hearthbot.settle()
    assert len(slow.said) == 1


async def test_chatter_is_counted_and_costs_no_transaction(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedDatabase, "write", None)
    await group.hearthbot.takes(*(group.message(ALICE, f"hello {n}") for n in range(5)))
    monkeypatch.undo()

    assert group.hearthbot.engine.intake.activity.pending == 1
    await group.hearthbot.write_activity()
    row = await group.hearthbot.database.read(lambda tx: tx.members.all(1))
    assert [(member.user_id, member.name, member.messages) for member in row] == [(ALICE.id, "Alice", 5)]


async def test_a_stopped_bot_takes_nothing_in(group: Group) -> None:
    intake = group.hearthbot.engine.intake
    intake.is_open = False

    with pytest.raises(Closed):
        await intake.take([group.message(ALICE, "/checkin")])


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        ({"update_id": 1, "message": {"chat": {"id": -5}}}, -5),
        ({"update_id": 1, "callback_query": {"from": {"id": 7}, "message": {"chat": {"id": -5}}}}, -5),
        ({"update_id": 1, "callback_query": {"from": {"id": 7}}}, 7),
        ({"update_id": 1, "callback_query": {"from": {"id": 7}, "message": None}}, 7),
        ({"update_id": 1, "message": {"chat": {"id": "x"}}}, 0),
        ({"update_id": 1, "message": None}, 0),
        ({"update_id": 1}, 0),
    ],
)
def test_lanes_of_updates(update: Json, lane: int) -> None:
    assert lane_of(update) == lane


# A database that cannot be used for a while.


@contextmanager
def locked(database: EmbeddedDatabase) -> Iterator[sqlite3.Connection]:
    """Somebody else writes, and does not come to an end."""
    path = database.readers.url.database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield other
    finally:
        other.close()


async def without_patience(database: EmbeddedDatabase) -> None:
    """Lets a locked file be noticed at once, not after five seconds."""
    await database.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA busy_timeout=1") and None)


async def test_what_cannot_be_kept_is_not_acknowledged(group: Group, embedded: EmbeddedDatabase) -> None:
    await without_patience(embedded)
    update = group.message(ALICE, "/checkin")

    with locked(embedded), pytest.raises(DatabaseUnavailable):
        await group.hearthbot.engine.intake.take([update])
    assert group.said == []

    assert "day 1" in (await group.hears(update) or "")


async def test_what_was_acknowledged_waits_for_the_database_and_is_done_once(
    group: Group, embedded: EmbeddedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await without_patience(embedded)
    pauses, really_sleep = list[float](), asyncio.sleep
    with locked(embedded) as other:
        other.execute("ROLLBACK")

        async def sleep(seconds: float, *_: Any) -> None:
            if seconds:
                pauses.append(seconds)
                if len(pauses) == 3:
                    other.execute("ROLLBACK")
            await really_sleep(0)

        monkeypatch.setattr(asyncio, "sleep", sleep)
        people = [ALICE, BOB, Persona(4001, "Carl")]
        await group.hearthbot.engine.intake.take([group.message(person, "/checkin") for person in people])
        other.execute("BEGIN IMMEDIATE")  # before the lane has begun
        await group.hearthbot.settle()
    monkeypatch.undo()

    assert pauses == [1.0, 2.0, 4.0]
    assert [answer.split(",")[0] for answer in group.said] == ["✅ Alice", "✅ Bob", "✅ Carl"]
    assert await points_of(group) == 10
    assert group.hearthbot.engine.intake.metrics.errors.labels("database")._value.get() == 3
