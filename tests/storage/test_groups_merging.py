"""Two groups that turn out to be one: nothing is lost, nothing is there twice, and no table is forgotten."""

from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from bot.domain.admissions import Admission
from bot.domain.captchas import Captcha
from bot.domain.joins import Join
from bot.domain.members import Actor, Person
from bot.domain.welcomes import WelcomeText
from storage import groups_merging
from storage.database import Database
from storage.groups import GroupRow
from storage.moderation import Offence
from storage.outbox import Post
from storage.tables import deliveries, delivery_posts, groups, library_turns, metadata, outbox, people, playbook_pauses
from storage.transaction import Transaction
from storage.welcomes import as_json
from tests.storage.conftest import NOW, TEA_HOUSE, known

SUPERGROUP = -1009223372036854775
OLIVIA, ALICE, BOB = Actor(1, "Olivia"), 11, 12


def names_a_group(table: Table) -> bool:
    points_at_one = any(key.column is groups.c.id for column in table.c for key in column.foreign_keys)
    return points_at_one or "group_id" in table.c


def test_every_table_that_names_a_group_has_its_place_in_a_merge() -> None:
    merged = [
        *groups_merging.SUMMED, *groups_merging.COPIED, *groups_merging.MOVED, *groups_merging.REPLACING,
        *groups_merging.BY_HAND, *groups_merging.STAYING,
    ]  # fmt: skip
    names = sorted(table.name for table in merged)

    assert names == sorted({*names}), "each of them has one place"
    assert names == sorted(table.name for table in metadata.sorted_tables if names_a_group(table))
    assert all(groups_merging.STAYING.values())


async def two(database: Database) -> tuple[int, int]:
    """The ids of the group and of the newcomer that is the same."""
    return (await database.write(known)).id, (await database.write(lambda tx: known(tx, SUPERGROUP))).id


async def merge(database: Database) -> None:
    for _ in range(2):
        await database.write(lambda tx: tx.groups.move(TEA_HOUSE, SUPERGROUP))


async def rows(database: Database, table: Table, *names: str) -> list[tuple[Any, ...]]:
    statement = select(*(table.c[name] for name in names)).order_by(*(table.c[name] for name in names))
    return await database.read(lambda tx: [tuple(row) for row in tx.connection.execute(statement)])


def offence(key: str, user_id: int = ALICE) -> Offence:
    return Offence(0, user_id, key, 7, "links", "mute", "", NOW, None, None)


async def test_offences_lists_and_the_log_come_along_and_an_undo_finds_them(database: Database) -> None:
    group, newcomer = await two(database)

    def populate(tx: Transaction) -> None:
        for group_id, keys in ((group, ("a", "both")), (newcomer, ("both", "b"))):
            for key in keys:
                tx.moderation.add(group_id, offence(key))
        tx.moderation.add_words(newcomer, {"casino": "Casino"})
        tx.moderation.set_exempt(newcomer, BOB, is_exempt=True)
        tx.changes.add(newcomer, 7, OLIVIA, "words", [], ["Casino"], NOW)

    await database.write(populate)
    await merge(database)

    found = await database.read(lambda tx: tx.moderation.latest(group, ALICE, 9))
    assert sorted(one.key for one in found) == ["a", "b", "both"]
    assert await database.read(lambda tx: tx.moderation.counting(group, ALICE, NOW.replace(year=2025))) == 3
    assert await database.read(lambda tx: tx.moderation.is_exempt(group, BOB))
    assert await database.read(lambda tx: tx.changes.was_made_by(group, 7))
    assert [change.what for change in await database.read(lambda tx: tx.changes.latest(group, 9))] == ["words"]


async def test_whoever_is_held_at_the_new_door_stays_held_whatever_was_known_of_them(database: Database) -> None:
    group, newcomer = await two(database)

    def populate(tx: Transaction) -> int:
        tx.members.save_people([Person(ALICE, "Alice"), Person(BOB, "Bob")])
        tx.admissions.save(Admission(group, ALICE, state="passed"))
        tx.admissions.save(Admission(group, BOB, state="passed", done=frozenset({"captcha"})))
        challenge = tx.admissions.add_challenge(newcomer, "captcha", "join", Captcha("button"), NOW, is_shared=False)
        held = Admission(newcomer, ALICE).stopped("join", ("captcha",), challenge, 7, NOW)
        tx.admissions.save(held.asked(60, NOW))
        return challenge

    challenge = await database.write(populate)
    await merge(database)

    alice = await database.write(lambda tx: tx.admissions.find(group, ALICE))
    bob = await database.write(lambda tx: tx.admissions.find(group, BOB))
    assert (alice.state, alice.challenge_id) == ("captcha", challenge)
    assert bob.done == {"captcha"}
    due = await database.read(lambda tx: tx.admissions.due(NOW.replace(year=2027), 9))
    assert due == [(group, ALICE)], "once, and of the group that has a chat"
    found = await database.read(lambda tx: tx.admissions.challenge(challenge))
    assert found is not None
    assert found.group_id == group


async def test_joins_invites_and_links_come_along(database: Database) -> None:
    group, newcomer = await two(database)

    def populate(tx: Transaction) -> None:
        for group_id, update_id in ((group, 5), (newcomer, 6)):
            tx.joins.add(group_id, Join(ALICE, update_id, NOW, is_first=group_id == group, is_raid=False))
        for group_id, link in ((group, "https://t.me/+old"), (newcomer, "https://t.me/+new")):
            tx.invites.keep_link(group_id, BOB, link, NOW)
        tx.invites.add(newcomer, ALICE, BOB, NOW, NOW.date(), NOW)

    await database.write(populate)
    await merge(database)

    assert await database.read(lambda tx: tx.joins.since(group, NOW.replace(year=2025))) == 2
    assert await database.read(lambda tx: tx.invites.link_of(group, BOB)) == "https://t.me/+new"
    assert await database.read(lambda tx: tx.invites.owner_of(group, "https://t.me/+old")) == BOB
    assert await database.read(lambda tx: tx.invites.inviter_of(group, ALICE)) == BOB
    assert await database.read(lambda tx: tx.invites.due(NOW)) == [SUPERGROUP]


async def test_what_both_have_to_say_is_said_once_and_the_rest_in_the_new_chat(database: Database) -> None:
    group, newcomer = await two(database)
    for group_id, reasons in ((group, ("notice", "ours")), (newcomer, ("notice", "theirs"))):
        posts = [Post(reason, reason) for reason in reasons]
        await database.write(lambda tx, g=group_id, p=posts: tx.outbox.add(g, p, NOW))  # type: ignore[misc]

    await merge(database)

    assert await rows(database, outbox, "group_id", "reason") == [
        (group, "notice"), (group, "ours"), (group, "theirs")
    ]  # fmt: skip
    [first] = await database.read(lambda tx: tx.outbox.due(NOW))
    claimed = await database.write(lambda tx: tx.outbox.claim(first, NOW, NOW))
    assert claimed is not None
    assert claimed.chat_id == SUPERGROUP


def delivery(group_id: int, slot: str, state: str = "queued") -> dict[str, Any]:
    return {"playbook": "tea", "step": "morning", "group_id": group_id, "slot": slot, "state": state, "slot_at": NOW,
            "due_at": NOW}  # fmt: skip


async def test_deliveries_come_along_and_none_is_left_for_a_group_without_a_chat(database: Database) -> None:
    group, newcomer = await two(database)

    def populate(tx: Transaction) -> None:
        for number, row in enumerate(
            [delivery(group, "mon", "sent"), delivery(newcomer, "mon"), delivery(newcomer, "tue", "sending")], start=1
        ):
            tx.connection.execute(insert(deliveries).values(id=number, **row))
        post = {"delivery_id": 3, "position": 0, "message_id": 9, "posted_at": NOW}
        tx.connection.execute(insert(delivery_posts).values(post))
        for group_id, number, item in ((group, 1, "a"), (newcomer, 2, "a"), (newcomer, 3, "b")):
            turn = {"group_id": group_id, "library": "tips", "turn": 0, "item": item, "delivery_id": number,
                    "position": 0}  # fmt: skip
            tx.connection.execute(insert(library_turns).values(turn))
        tx.connection.execute(insert(playbook_pauses).values(playbook="tea", group_id=newcomer))

    await database.write(populate)
    await merge(database)

    assert await rows(database, deliveries, "id", "group_id", "state", "note") == [
        (1, group, "sent", ""), (2, newcomer, "skipped", "gone"), (3, group, "sending", "")
    ]  # fmt: skip
    assert await database.read(lambda tx: tx.libraries.turn(group, "tips")) == (0, {"a", "b"})
    assert (await rows(database, playbook_pauses, "group_id"))[0] == (group,)


async def test_what_operators_set_under_the_new_id_counts(database: Database) -> None:
    group, newcomer = await two(database)

    def populate(tx: Transaction) -> None:
        tx.groups.set_rules(group, "Be kind.")
        for group_id, key, value in (
            (group, "language", "en"),
            (group, "captcha", "sum"),
            (newcomer, "language", "zh"),
        ):
            tx.groups.set_setting(group_id, key, value)
        tx.welcomes.put(newcomer, "main", as_json(WelcomeText("Hello!")))
        tx.members.save_people([Person(ALICE, "Alice")])
        tx.connection.execute(people.update().values(chosen_group_id=newcomer))

    await database.write(populate)
    await merge(database)

    row: GroupRow | None = await database.read(lambda tx: tx.groups.find(SUPERGROUP))
    assert row is not None
    assert (row.id, row.rules, row.settings) == (group, "Be kind.", {"language": "zh", "captcha": "sum"})
    assert (await database.read(lambda tx: tx.welcomes.of_group(group)))["main"].text == "Hello!"
    assert await rows(database, people, "chosen_group_id") == [(group,)]


@pytest.mark.parametrize("chat_id", [TEA_HOUSE, SUPERGROUP, -77])
async def test_every_id_that_either_ever_had_leads_to_the_group(database: Database, chat_id: int) -> None:
    await database.write(lambda tx: known(tx, -77))
    await database.write(lambda tx: tx.groups.move(-77, SUPERGROUP))
    group = await database.write(known)

    await merge(database)

    found = await database.read(lambda tx: tx.groups.find(chat_id))
    assert found is not None
    assert (found.id, found.chat_id) == (group.id, SUPERGROUP)
