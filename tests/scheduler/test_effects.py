from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.checkins import CheckIn
from bot.domain.members import Person
from bot.domain.points import Owner
from scheduler.performing import NotSent
from tests.scheduler.conftest import Groups

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at_noon(*actions: str) -> str:
    lines = "\n".join(f"      - {action}" for action in actions)
    return f"""
steps:
  - id: noon
    at: "12:00"
    if_missed: next
    do:
{lines}
"""


async def checks_in(groups: Groups, chat_id: int, *user_ids: int) -> None:
    group = await groups.group(chat_id)
    for user_id in user_ids:
        day = [CheckIn(groups.clock.now.date(), groups.clock.now, "UTC")]
        person = Person(user_id, f"Member {user_id}")
        await groups.database.write(lambda tx, p=person: tx.members.save_people([p]))  # type: ignore[misc]
        await groups.database.write(lambda tx, u=user_id: tx.members.seen(group.id, u, groups.clock.now))  # type: ignore[misc]
        await groups.database.write(lambda tx, u=user_id, d=day: tx.checkins.add(group.id, u, d, u))  # type: ignore[misc]
        await groups.database.write(lambda tx, d=day: tx.checkins.count_in(group.id, d[0].day))  # type: ignore[misc]


async def points(groups: Groups, chat_id: int, *user_ids: int) -> list[int]:
    group = await groups.group(chat_id)
    return [
        await groups.database.read(lambda tx, u=user: tx.points.balance(Owner(group.wallet_id, u)))  # type: ignore[misc]
        for user in user_ids
    ]


async def interrupted(groups: Groups) -> None:
    """A kill right after the effect of the delivery that is being carried out, before that was noted."""
    (row,) = await groups.database.read(lambda tx: tx.deliveries.all())
    await groups.database.write(lambda tx: tx.deliveries.claim(row.group_id, groups.clock.now, groups.clock.now))
    groups.start()


async def test_a_reminder_says_how_many_have_checked_in_and_mentions_nobody(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(at_noon("checkin_reminder"))
    await checks_in(groups, -1, 11, 12)

    assert await groups.until("2026-11-22T12:30") == [
        "12:00 Fans: 2 of us have checked in today. One tap, and you have, too. [✅ Check in]"
    ]


async def test_a_reminder_before_anybody_has_checked_in_calls_for_the_first(groups: Groups) -> None:
    await groups.found(-1, "Fans", language="zh")
    groups.runs(at_noon("checkin_reminder"))

    assert await groups.until("2026-11-22T12:30") == ["12:00 Fans: 今天还没有人签到，来抢第一个吧！ [✅ 签到]"]


async def test_a_reminder_may_have_words_of_its_own(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(at_noon("checkin_reminder: {text: 'Already {{ checkins_today }}!'}"))
    await checks_in(groups, -1, 11)

    assert await groups.until("2026-11-22T12:30") == ["12:00 Fans: Already 1! [✅ Check in]"]


async def test_nobody_is_reminded_where_nobody_may_check_in(groups: Groups) -> None:
    await groups.found(-1, "Fans", checkin="off", leaderboard="off")
    groups.runs(at_noon("checkin_reminder", "leaderboard"))

    assert await groups.until("2026-11-22T12:30") == []
    assert await groups.states() == ["noon 2026-11-22T12:00 sent"]


async def test_a_leaderboard_is_posted_as_members_see_it(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(at_noon("award: {points: 5, to: checked_in}", "leaderboard", "leaderboard: {of: invites, period: all}"))
    await checks_in(groups, -1, 11)

    board, invites = await groups.until("2026-11-22T12:30")
    assert "Points this week" in board
    assert "🥇 Member 11 — 5 points" in board
    assert "Nobody" in invites


async def test_all_who_have_checked_in_are_paid_once(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    await groups.found(-2, "Tea")
    groups.runs(at_noon("award: {points: 5, to: checked_in, reason: Sunday}"))
    await checks_in(groups, -1, 11, 12)
    await checks_in(groups, -2, 12)
    await groups.until("2026-11-22T12:30")

    assert await points(groups, -1, 11, 12, 13) == [5, 5, 0]
    assert await points(groups, -2, 11, 12) == [0, 5]


async def test_a_kill_after_the_payment_pays_nobody_again_and_nobody_more(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    playbook = at_noon("award: {points: 5, to: checked_in}")
    groups.runs(playbook)
    await checks_in(groups, -1, 11)
    groups.clock.set(NOON)
    await groups.deliveries.ring(groups.runner.running.timetable.due)
    (delivery,) = await groups.database.read(lambda tx: tx.deliveries.all())
    await groups.effects.awards.pay(await groups.group(-1), delivery, "playbook:1:0", 5, "", groups.clock.now)
    await checks_in(groups, -1, 12)
    await interrupted(groups)
    groups.runs(playbook)
    await groups.until("2026-11-22T12:30")

    assert await points(groups, -1, 11, 12) == [5, 0]
    assert await groups.states() == ["noon 2026-11-22T12:00 sent"]


async def test_a_lottery_is_opened_once_however_often_it_is_tried(groups: Groups) -> None:
    await groups.found(-1, "Fans")
    groups.runs(at_noon("open_lottery: A lamp x1 until 20:00"))
    groups.failures.append(NotSent("no connection", timedelta(seconds=5)))
    await groups.until("2026-11-22T12:30")

    group = await groups.group(-1)
    assert len(await groups.database.read(lambda tx: tx.lotteries.latest(group.id, 5))) == 1
    assert await groups.states() == ["noon 2026-11-22T12:00 sent"]


@dataclass
class Shop:
    """A webhook: it answers as it is told to, then well, and remembers what it was told."""

    answers: list[int] = field(default_factory=list)
    told: list[tuple[str, object]] = field(default_factory=list)
    url: str = ""

    async def hear(self, request: web.Request) -> web.Response:
        self.told.append((request.headers["Idempotency-Key"], await request.json()))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    app = web.Application()
    app.router.add_post("/hook", shop.hear)
    server = TestServer(app)
    await server.start_server()
    shop.url = str(server.make_url("/hook"))
    yield shop
    await server.close()


async def test_the_shop_is_called_until_it_takes_the_call(groups: Groups, shop: Shop) -> None:
    await groups.found(-1, "Fans")
    groups.runs(at_noon(f"call: {{url: '{shop.url}', values: {{sale: lamps}}}}"))
    shop.answers += [500, 302]
    await groups.until("2026-11-22T12:30")

    told = {"playbook": "day", "step": "noon", "slot": "2026-11-22T12:00",
            "group": {"title": "Fans", "chat_id": -1}, "values": {"sale": "lamps"}}  # fmt: skip
    assert shop.told == [("playbook:1:0", told)] * 3
    assert await groups.states() == ["noon 2026-11-22T12:00 sent"]


async def test_a_shop_that_never_answers_well_is_given_up(groups: Groups, shop: Shop) -> None:
    await groups.found(-1, "Fans")
    groups.runs(at_noon(f"call: {{url: '{shop.url}'}}"))
    shop.answers += [404] * 100
    await groups.until("2026-11-22T15:00")

    assert len(shop.told) == 9
    assert await groups.states() == ["noon 2026-11-22T12:00 failed"]
