"""Posts go no faster than the platform allows, and make room for answers to members."""

import asyncio
from collections.abc import Sequence

from scheduler.pace import Limits, Pace

CHATS = 100


class Time:
    """Seconds that pass when somebody waits, and at no other time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds


def pace(time: Time, limits: Limits | None = None) -> Pace:
    return Pace(limits or Limits(), time, time.sleep)


async def post(pace: Pace, time: Time, group_id: int) -> float:
    """Posts to a group as soon as it may; returns when."""
    while pause := await pace.turn(group_id):
        await time.sleep(pause)
    at = time.now
    pace.done(group_id, 1)
    return at


def most_within(seconds: float, instants: Sequence[float]) -> int:
    return max(sum(at <= other < at + seconds - 1e-6 for other in instants) for at in instants)


async def test_posts_to_many_groups_keep_to_thirty_a_second() -> None:
    time = Time()
    bot = pace(time)

    sent = await asyncio.gather(*(post(bot, time, group_id) for group_id in range(CHATS)))

    assert most_within(1, sent) == 29, "one is spared, since some catch up on their way"
    assert 3.4 < max(sent) < 3.5


async def test_a_busy_machine_that_wakes_late_does_not_slow_posts_down() -> None:
    class LateTime(Time):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds + 0.01)

    time = LateTime()
    bot = pace(time)

    sent = await asyncio.gather(*(post(bot, time, group_id) for group_id in range(CHATS)))

    assert most_within(1, sent) <= 30
    assert max(sent) < 3.6


async def test_who_came_first_posts_first() -> None:
    time = Time()
    bot = pace(time)

    sent = await asyncio.gather(*(post(bot, time, group_id) for group_id in range(CHATS)))

    assert list(sent) == sorted(sent)


async def test_a_group_gets_one_a_second_and_twenty_a_minute() -> None:
    time = Time()
    bot = pace(time)

    sent = [await post(bot, time, 1) for _ in range(65)]

    assert most_within(1, sent) == 1
    assert most_within(60, sent) == 20


async def test_posts_that_wait_make_room_for_answers() -> None:
    time = Time()
    bot = pace(time)
    waiting = asyncio.gather(*(post(bot, time, group_id) for group_id in range(CHATS)))
    answers: list[float] = []
    while time.now < 1.0:
        await asyncio.sleep(0)
        if len(answers) < 15 and time.now >= len(answers) * 0.05:
            answers.append(time.now)
            bot.note(-len(answers))

    sent = [*await waiting, *answers]

    assert len(answers) == 15
    assert most_within(1, sent) <= 31


async def test_an_answer_in_the_group_counts_as_one_of_its_messages() -> None:
    time = Time()
    bot = pace(time)
    for _ in range(20):
        bot.note(1)

    assert await post(bot, time, 1) == 60.0
    assert await post(bot, time, 2) < 61.0


async def test_an_answer_in_private_counts_for_the_bot_alone() -> None:
    time = Time()
    bot = pace(time)
    for _ in range(30):
        bot.note(None)

    assert 1.04 < await post(bot, time, 1) < 1.06


async def test_a_chat_that_the_platform_wants_left_alone_waits_and_holds_up_nobody() -> None:
    time = Time()
    bot = pace(time)
    bot.hold(1, 40)

    assert await post(bot, time, 2) == 0.0
    assert await post(bot, time, 1) == 40.0


async def test_an_album_counts_as_all_its_pictures_and_a_wait_as_nothing() -> None:
    time = Time()
    bot = pace(time)
    assert await bot.turn(1) == 0.0
    bot.done(1, 10)
    assert bot.pause(1) == 1.0
    assert await bot.turn(2) == 0.0
    assert 0.34 < time.now < 0.36
    bot.done(2, 0)

    assert bot.pause(2) == 0.0


async def test_groups_that_were_quiet_for_a_minute_are_forgotten() -> None:
    time = Time()
    bot = pace(time)
    for group_id in range(CHATS):
        bot.note(group_id)
    time.now += 61

    bot.note(CHATS + 1)

    assert set(bot._groups) == {CHATS + 1}


async def test_when_it_closes_nobody_waits_any_more() -> None:
    time = Time()
    bot = pace(time)
    bot.note(None, 1000)
    waiting = asyncio.create_task(bot.turn(1))
    bot.is_open = False

    assert await waiting == 0.0
    assert time.now == 0.0
