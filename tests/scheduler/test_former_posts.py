"""What a step posted before: its copy goes and its pin moves, when the new post stands; nobody else's."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.deliveries import QuestionOver
from bot.domain.groups import Group
from bot.domain.members import Actor
from bot.domain.slots import Times
from bot.playbooks.model import Playbook, Send, Step
from bot.services.playbook_questions import PlaybookQuestionService
from scheduler.performing import Impossible, NotSent, Uncertain
from storage.outbox import Post
from tests.scheduler.conftest import Groups, Plain, playbook, step

OWNER = Actor(1, "Olga")


def posting(*at: str, step_id: str = "promo", **fields: bool) -> Playbook:
    times = Times(tuple(time.fromisoformat(word) for word in at))
    return playbook(Step(id=step_id, trigger=times, actions=(Send(texts=(Plain("Tonight"),), **fields),)))  # type: ignore[arg-type]


async def answers(groups: Groups, delivery_id: int, answer: str, *, update_id: int = 77, chat_id: int = -1) -> None:
    """An operator of a group decides about a delivery."""
    questions = PlaybookQuestionService(groups.database, groups.service, groups.clock)
    group = await groups.group(chat_id)
    await questions.answer(group, delivery_id, answer, OWNER, update_id, lambda _playbook, _step: {})


async def to_be_deleted(groups: Groups) -> list[tuple[int, int]]:
    return list(await groups.database.read(lambda tx: tx.deletions.due(groups.clock.now, 10)))


async def test_a_copy_is_deleted_when_the_next_one_stands(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(posting("09:00", "12:00", "15:00", replaces=True))
    await groups.until("2026-11-22T10:00")
    assert await to_be_deleted(groups) == []

    await groups.until("2026-11-22T16:00")

    assert await to_be_deleted(groups) == [(-1, 1), (-1, 2)]


async def test_a_copy_that_was_not_replaced_is_so_the_next_time(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(posting("09:00", "12:00", "15:00", replaces=True))
    await groups.until("2026-11-22T10:00")
    groups.failures.append(Uncertain("read timeout"))
    await groups.until("2026-11-22T13:00")
    assert await to_be_deleted(groups) == []

    await groups.until("2026-11-22T16:00")

    assert await to_be_deleted(groups) == [(-1, 1)]


async def test_a_copy_of_two_days_ago_cannot_be_deleted_any_more(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(posting("09:00", replaces=True))
    await groups.until("2026-11-22T10:00")
    groups.clock.set(datetime(2026, 11, 24, 8, 59, tzinfo=UTC))
    await groups.until("2026-11-24T10:00")

    assert await to_be_deleted(groups) == []


async def test_each_group_and_each_step_has_a_copy_of_its_own(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    await groups.found(-2, "Others")
    one, other = posting("09:00", replaces=True), posting("09:30", step_id="other", replaces=True)
    groups.run(playbook(*one.steps, *other.steps))
    await groups.until("2026-11-22T10:00")

    assert await to_be_deleted(groups) == []


async def test_a_pin_moves_to_the_new_post(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.pinned.append(99)
    groups.run(posting("09:00", "12:00", pin=True))
    await groups.until("2026-11-22T10:00")
    assert groups.pinned == [99, 1]

    await groups.until("2026-11-22T13:00")

    assert groups.pinned == [99, 2]


async def test_a_pin_that_a_kill_prevented_is_made_up_for(groups: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    await groups.found(-1, "Fans")
    groups.run(posting("09:00", "12:00", pin=True))
    await groups.until("2026-11-22T10:00")

    async def killed(*_: object) -> None:
        raise NotSent("killed", timedelta(0))

    monkeypatch.setattr(groups, "pin", killed)
    monkeypatch.setattr(groups, "unpin", killed)
    await groups.until("2026-11-22T13:00")
    assert groups.pinned == [1]
    monkeypatch.undo()
    for _ in range(2):
        await groups.actions.follow_pins()

    assert groups.pinned == [2]


async def test_where_the_bot_may_not_pin_it_does_not_try_again(groups: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    await groups.found(-1, "Fans")
    groups.run(posting("09:00", pin=True))

    async def refused(*_: object) -> None:
        raise Impossible("not enough rights to manage pinned messages in the chat")

    monkeypatch.setattr(groups, "pin", refused)

    assert await groups.until("2026-11-22T10:00") == ["09:00 Fans: Tonight"]
    assert await groups.deliveries.pins() == []


async def test_an_operator_sends_again_what_nobody_knows_and_nothing_else(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("morning", "09:00", "Good morning", "Check in!", "Have tea")))
    groups.failures.append(Uncertain("read timeout"))
    await groups.until("2026-11-22T10:00")
    assert await groups.states() == ["morning 2026-11-22T09:00 unknown"]

    await answers(groups, 1, "again")
    assert await groups.until("2026-11-22T11:00") == ["10:05 Fans: Good morning"]
    assert await groups.states() == ["morning 2026-11-22T09:00 sent"]


async def test_an_update_that_comes_twice_sends_again_once(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("morning", "09:00", "Good morning")))
    groups.failures += [Uncertain("read timeout"), Uncertain("read timeout")]
    await groups.until("2026-11-22T10:00")
    await answers(groups, 1, "again")
    await groups.until("2026-11-22T10:30")

    await answers(groups, 1, "again")
    assert await groups.until("2026-11-22T11:00") == []
    assert await groups.states() == ["morning 2026-11-22T09:00 unknown"]


async def test_what_was_sent_or_is_another_groups_is_not_sent_again(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    await groups.found(-2, "Others")
    groups.run(playbook(step("morning", "09:00", "Good morning")))
    groups.failures.append(Uncertain("read timeout"))
    await groups.until("2026-11-22T10:00")
    unknown = {"sent": 0, "unknown": 0} | {
        row.state: row.id for row in await groups.database.read(lambda tx: tx.deliveries.all())
    }

    refused = 0
    for number, (chat_id, state) in enumerate([(-1, "sent"), (-2, "sent"), (-1, "unknown"), (-2, "unknown")]):
        try:
            await answers(groups, unknown[state], "again", update_id=80 + number, chat_id=chat_id)
        except QuestionOver:
            refused += 1
    assert refused == 3


async def test_where_the_bot_may_not_write_everything_rests_and_the_owner_hears_of_it_once(groups: Groups) -> None:
    await groups.found(-1, "Fans")

    async def notices(group: Group, _now: datetime) -> list[Post]:
        return [Post("rest", f"{group.title} rests", to=1)]

    groups.runner.notices = notices
    groups.run(playbook(step("morning", "09:00 09:30 10:00", "Good morning", timedelta(hours=5), "Tea")))
    groups.failures.append(Impossible("not enough rights to send text messages to the chat", "gone"))

    assert await groups.until("2026-11-22T09:29") == []
    assert await groups.states() == ["morning 2026-11-22T09:00 failed gone"]
    groups.failures.append(Impossible("not enough rights to send text messages to the chat", "gone"))
    assert await groups.until("2026-11-22T12:00") == []
    assert len(await groups.database.read(lambda tx: tx.outbox.due(groups.clock.now))) == 1


async def test_it_goes_on_when_the_bot_is_told_of_other_rights_or_half_an_hour_later(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.run(playbook(step("morning", "09:00 10:00", "Good morning")))
    groups.failures.append(Impossible("not enough rights to send text messages to the chat", "gone"))
    await groups.until("2026-11-22T09:30")
    await groups.service.record_presence(-1, "Fans", is_present=True)
    assert await groups.until("2026-11-22T11:00") == ["10:00 Fans: Good morning"]
    groups.failures.append(Impossible("not enough rights to send text messages to the chat", "gone"))
    await groups.until("2026-11-23T09:30")  # everybody may write again from eight on, of which no bot is told
    assert await groups.states() == [
        "morning 2026-11-22T09:00 failed gone",
        "morning 2026-11-22T10:00 sent",
        "morning 2026-11-23T09:00 failed gone",
    ]

    assert await groups.until("2026-11-23T10:30") == ["10:00 Fans: Good morning"]
