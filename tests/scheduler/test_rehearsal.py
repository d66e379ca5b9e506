"""Rehearsals: they show what a real day posts, and what is wrong with it before it happens."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.slots import QuietHours, Times
from bot.playbooks.calendars import Holidays
from bot.playbooks.model import Audience, On, OpenLottery, Playbook, Poll, Send, Step
from bot.playbooks.playbook_files import PlaybookReader
from bot.playbooks.rehearsal_json import as_json
from bot.playbooks.rehearsal_page import as_page
from bot.playbooks.rehearsal_text import as_text
from bot.playbooks.rehearsal_warnings import said, warnings_of
from bot.playbooks.rehearsed import Rehearsed, Warned
from scheduler.pace import Limits
from scheduler.rehearsal import Plan, rehearse
from scheduler.rehearsal_pace import pace_of
from storage.groups import GroupRow
from tests.playbooks.contract import A_DAY
from tests.scheduler.conftest import Groups, NoHolidays, Plain, playbook, step


def group(number: int, title: str, **settings: str) -> GroupRow:
    return GroupRow(number, -1000 - number, title, number, "", settings, is_present=True)


def plan(*playbooks: Playbook, groups: list[GroupRow] | None = None, **fields: Any) -> Plan:
    defaults: Mapping[str, Any] = {
        "first": date(2026, 11, 23),
        "days": 1,
        "calendar": NoHolidays(),
        "defaults": {"timezone": "UTC", "language": "en"},
    }
    return Plan(playbooks, groups or [group(1, "Tea")], **{**defaults, **fields})


def timeline(found: Rehearsed) -> list[str]:
    return [f"{p.turn.local:%d %H:%M} {p.turn.group.title}: {p.post.text or p.kind}" for p in found.posts]


def warned(found: Rehearsed) -> list[str]:
    return [said(one) for one in warnings_of(found, NoHolidays())]


@pytest.fixture
def a_day(tmp_path: Path) -> Playbook:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "morning.jpg").write_bytes(b"picture")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "products.yaml").write_text("- 连衣裙 ¥199\n- 外套 ¥399\n", "utf-8")
    (tmp_path / "day.yaml").write_text(A_DAY, "utf-8")
    read = PlaybookReader(tmp_path).read(tmp_path / "day.yaml")
    assert read.playbook is not None, read.mistakes
    return read.playbook


@pytest.mark.parametrize(
    ("zone", "eve", "end"),
    [("UTC", "2026-11-23T00:06", "2026-11-24T00:10"), ("Asia/Tokyo", "2026-11-22T15:06", "2026-11-23T15:10")],
)
async def test_a_rehearsal_shows_what_the_day_then_posts(groups: Groups, zone: str, eve: str, end: str) -> None:
    await groups.found(-1, "Tea", timezone=zone)
    await groups.found(-2, "Wine", timezone=zone)
    day = playbook(
        step("morning", "09:00", "Good morning"),
        step("product", "10:00 16:00", "New: a hat", timedelta(minutes=10), "Would you buy it?"),
        step("night", "23:55", "Good night", timedelta(minutes=10), "Sleep well"),
    )
    rows = await groups.database.read(lambda tx: tx.groups.all())

    found = await rehearse(plan(day, groups=list(rows)))

    groups.run(day)
    await groups.until(eve)
    lived = await groups.until(end)
    rehearsed = [f"{p.turn.at:%H:%M} {p.turn.group.title}: {p.post.text}" for p in found.posts]
    assert len(rehearsed) == 2 * 7
    assert sorted(rehearsed) == sorted(lived)


async def test_a_day_off_and_a_swapped_saturday_are_as_the_calendar_says(a_day: Playbook) -> None:
    tagged = group(1, "Shop", tags="fashion", timezone="Asia/Shanghai", language="zh")

    found = await rehearse(plan(a_day, groups=[tagged], first=date(2026, 10, 7), days=4, calendar=Holidays()))

    assert [line for line in timeline(found) if "早安" in line or "¥" in line] == [
        "08 09:00 Shop: 早安，Shop！今天是2026年10月8日。发送「签到」领积分。",
        "08 10:00 Shop: 连衣裙 ¥199",
        "08 16:00 Shop: 外套 ¥399",
        "09 09:00 Shop: 早安，Shop！今天是2026年10月9日。发送「签到」领积分。",
        "09 10:00 Shop: 连衣裙 ¥199",
        "09 16:00 Shop: 外套 ¥399",
        "10 09:00 Shop: 早安，Shop！今天是2026年10月10日。发送「签到」领积分。",
        "10 10:00 Shop: 连衣裙 ¥199",
        "10 16:00 Shop: 外套 ¥399",
    ]
    notes = [said(one) for one in warnings_of(found, Holidays())]
    assert notes == [
        "2026-10-07 is a public holiday in CN; no playbook is for it",
        "2026-10-10 is a weekend on which people work in CN",
    ]


async def test_over_a_change_of_clocks_each_time_comes_once(a_day: Playbook) -> None:
    book = playbook(step("early", "02:30", "Early"), step("late", "09:00", "Late"), zone=None)
    berlin = group(1, "Berlin", timezone="Europe/Berlin")

    spring = await rehearse(plan(book, groups=[berlin], first=date(2026, 3, 29)))
    autumn = await rehearse(plan(book, groups=[berlin], first=date(2026, 10, 25)))

    assert [f"{p.turn.at:%H:%M} {p.turn.local:%H:%M}" for p in spring.posts] == ["01:00 03:00", "07:00 09:00"]
    assert [f"{p.turn.at:%H:%M} {p.turn.local:%H:%M}" for p in autumn.posts] == ["00:30 02:30", "08:00 09:00"]


async def test_groups_have_the_same_days_wherever_they_are() -> None:
    book = playbook(step("first", "00:00", "Midnight"), step("last", "23:59", "Almost"))
    rows = [group(1, "East", timezone="Pacific/Auckland"), group(2, "West", timezone="America/Los_Angeles")]

    found = await rehearse(plan(book, groups=rows))

    assert sorted(timeline(found)) == [
        "23 00:00 East: Midnight", "23 00:00 West: Midnight", "23 23:59 East: Almost", "23 23:59 West: Almost",
    ]  # fmt: skip


async def test_a_step_of_an_event_is_shown_with_a_sample() -> None:
    welcome = Step("welcome", On("member_joined"), (Send(texts=(Plain("Welcome!"),)),))

    found = await rehearse(plan(playbook(welcome)))

    assert found.posts == []
    assert [(one.turn.step.id, one.turn.is_sample) for one in found.samples] == [("welcome", True)]
    assert warned(found) == []


async def test_a_sample_is_of_the_event_that_its_step_waits_for(tmp_path: Path) -> None:
    (tmp_path / "events.yaml").write_text(
        "name: Events\nsteps:\n"
        "  - {id: a, on: {checked_in: {streak: 2}}, do: [{send: '{{ streak }} days in a row'}]}\n"
        "  - {id: b, on: {milestone: {members: 50}}, do: [{send: '{{ milestone }} of us'}]}\n",
        "utf-8",
    )
    read = PlaybookReader(tmp_path).read(tmp_path / "events.yaml")
    assert read.playbook is not None

    found = await rehearse(plan(read.playbook))

    assert as_text(found).split("When it happens")[1].splitlines()[1:] == [
        "      a  Events, when somebody has checked in 2 days in a row, in Tea",
        "      2 days in a row",
        "      b  Events, at 50 members, in Tea",
        "      50 of us",
    ]
    page = as_page(found)
    assert "when somebody has checked in 2 days in a row" in page
    assert "有人连续签到 2 天时" in page


async def test_a_page_holds_what_is_assumed_in_words() -> None:
    found = await rehearse(plan(playbook(step("one", "09:00", "A"))))
    page = as_page(replace(found, assumptions=[Warned("libraries_anew", {}, is_note=True)]))

    assert page.count("Libraries begin anew in every group.") == 1
    assert "Warned(" not in page


async def test_what_reaches_beyond_the_groups_is_told_and_not_done() -> None:
    book = playbook(Step("draw", Times((time(9),)), (OpenLottery("Tea x2 until 21:00"),)))

    found = await rehearse(plan(book))

    assert [act.what for act in found.acts] == [("opens a lottery: Tea x2 until 21:00", "开抽奖：Tea x2 until 21:00")]


async def test_what_comes_in_quiet_hours_is_warned_of() -> None:
    book = playbook(
        step("late", "22:25", "A", timedelta(minutes=10), "B"), quiet_hours=QuietHours(time(22, 30), time(8))
    )

    found = await rehearse(plan(book))

    assert any("22:35" in line and "quiet hours" in line for line in warned(found))


async def test_more_promotions_than_the_budget_are_warned_of() -> None:
    promo = Step("promo", Times((time(9), time(12))), (Send(texts=(Plain("Sale"),), promo=True),))

    found = await rehearse(plan(playbook(promo, promo_budget=1)))

    assert "day posts 2 promotions on 2026-11-23; its budget is 1 (in Tea)" in warned(found)


async def test_two_steps_at_one_minute_are_warned_of() -> None:
    found = await rehearse(plan(playbook(step("one", "09:00", "A"), step("two", "09:00", "B"))))

    assert warned(found) == ["day / one and day / two both come at 09:00: members see only the later one (in Tea)"]


async def test_the_same_text_twice_a_day_is_warned_of_and_on_two_days_is_not() -> None:
    found = await rehearse(plan(playbook(step("one", "09:00 12:00", "Hello"), step("two", "10:00", "Daily")), days=2))

    assert warned(found) == ["day / one says the same more than once a day (09:00 12:00): Hello (in Tea)"]


async def test_a_step_that_does_not_come_once_is_warned_of() -> None:
    book = playbook(step("one", "09:00", "A"), zone="Asia/Tokyo")

    found = await rehearse(plan(book, groups=[group(1, "Tea")], first=date(2026, 11, 23)))
    never = await rehearse(plan(playbook(step("one", "09:00", "A"), audience=Audience(frozenset({"nobody"})))))

    assert warned(found) == []
    assert warned(never) == ["day: nothing comes of one"]


async def test_posts_beyond_a_limit_get_the_times_at_which_they_would_come() -> None:
    rows = [group(n, f"Group {n}") for n in range(1, 95)]

    found = await rehearse(plan(playbook(step("one", "09:00", "A")), groups=rows))

    [told] = pace_of(found.posts, Limits())
    assert said(told) == "94 posts at once (09:00): at 30 a second the last one comes 3 s later"
    assert told.is_note
    delivered = sorted(f"{posted.delivered_at:%H:%M:%S}" for posted in found.posts)
    assert (delivered[0], delivered[-1]) == ("09:00:00", "09:00:03")


async def test_more_than_a_group_takes_in_a_minute_is_warned_of() -> None:
    steps = [step(f"s{n}", "09:00", f"Post {n}") for n in range(21)]

    found = await rehearse(plan(playbook(*steps)))

    [told] = pace_of(found.posts, Limits())
    assert said(told) == "more posts than a group takes at once (09:00): the last one comes 60 s later"
    assert not told.is_note


async def test_what_is_told_of_a_day_is_told_in_chinese_to_who_reads_chinese() -> None:
    twice = playbook(step("one", "09:00", "A", "A"), Step("hi", On("member_joined"), (Send((Plain("Hi"),), pin=True),)))
    found = await rehearse(plan(twice))
    told = warnings_of(found, NoHolidays())
    found = replace(found, warnings=told, assumptions=[Warned("libraries_anew", {}, is_note=True)], language=1)

    timeline, told_of_it = as_text(found).split("警告\n")
    assert [line.split(" ──")[0] for line in timeline.splitlines()] == [
        "预演 2026-11-23：1 份剧本，1 个群，2 条消息。没有发送任何消息。",
        "",
        "2026 年 11 月 23 日 星期一",
        "09:00 one  day，Tea",
        "      A",
        "09:00 one  day，Tea",
        "      A",
        "",
        "事件发生时",
        "      hi  day，有人入群时，Tea",
        "      置顶",
        "      Hi",
        "",
    ]
    assert told_of_it.splitlines() == [
        "- day / one 一天内重复同样的内容（09:00）：A（Tea）", "", "前提", "- 素材库在每个群都从头开始。",
    ]  # fmt: skip
    document = json.loads(as_json(found))
    assert [document["warnings"][0]["text"], *document["assumptions"]] == [
        "day / one 一天内重复同样的内容（09:00）：A（Tea）", "素材库在每个群都从头开始。",
    ]  # fmt: skip
    assert [warning.keys() for warning in document["warnings"]] == [{"kind", "is_note", "text", "facts", "chat_ids"}]
    assert document["groups"] == [{"chat_id": -1001, "title": "Tea", "timezone": "UTC", "language": "en"}]


async def test_festivals_that_no_playbook_names_are_told() -> None:
    found = await rehearse(plan(playbook(step("one", "09:00", "A")), first=date(2026, 9, 25), calendar=Holidays()))

    notes = [said(one) for one in warnings_of(found, Holidays())]

    assert notes == ["2026-09-25 is Mid-Autumn Festival; no playbook is about it"]


async def test_a_poll_is_recorded_as_it_is_shown() -> None:
    quiz = Poll(Plain("How many?"), (Plain("1"), Plain("2")), correct=1)

    found = await rehearse(plan(playbook(Step("quiz", Times((time(9),)), (quiz,)))))

    [posted] = found.posts
    assert posted.kind == "quiz"
    assert posted.post.poll is not None
    assert posted.post.poll.options == ("1", "2")


@pytest.mark.parametrize(("terms", "is_told"), [("Tea x1 until 21:00", False), ("Tea x1 until 8h", True)])
async def test_a_lottery_that_closes_while_nobody_is_awake_is_warned_of(terms: str, is_told: bool) -> None:
    book = playbook(Step("draw", Times((time(20),)), (OpenLottery(terms),)))

    found = await rehearse(plan(book))

    told = ["the lottery of day / draw closes at 04:00, when nobody is awake (in Tea)"]
    assert warned(found) == (told if is_told else [])
