"""Who has most."""

import pytest

from bot.parts import PRESSES
from bot.playbooks.reading_buttons import PRESSES as BUTTONS_DO
from handlers.leaderboards import LEADERBOARD_BUTTON
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CAROL, OLIVIA, Group, Hearthbot, Persona


async def test_the_week_the_month_all_time_and_streaks(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    for _ in range(3):
        await group.says(ALICE, "/checkin")  # Sunday, Monday, Tuesday
        clock.advance(days=1)
    await group.says(BOB, "/checkin")

    assert await group.says(CAROL, "/top") == "🏆 Points this week\n🥇 Alice — 30 points\n🥈 Bob — 10 points"
    assert await group.presses(CAROL, "Month") is None
    assert group.said[-1] == "🏆 Points this month\n🥇 Alice — 40 points\n🥈 Bob — 10 points"
    await group.presses(CAROL, "All")
    assert group.said[-1] == "🏆 Points, all time\n🥇 Alice — 40 points\n🥈 Bob — 10 points"
    await group.presses(CAROL, "Streak")
    assert group.said[-1] == "🔥 Streaks\n🥇 Alice — 3 days\n🥈 Bob — 1 day"
    assert group.buttons == ["Week", "Month", "All", "• Streak", "🤝 Week", "🤝 Month", "🤝 All"]


async def test_pressing_the_board_that_is_shown_is_fine(group: Group) -> None:
    await group.says(ALICE, "排行榜")

    assert await group.presses(ALICE, "Week") is None


@pytest.mark.parametrize("board", ["", "nonsense", "9" * 50, "week:1"])
async def test_a_forged_button_shows_the_week(group: Group, board: str) -> None:
    await group.says(ALICE, "/top")
    await group.presses(ALICE, "All")

    await group.sends_back(ALICE, f"top:{board}", group.shown[-1])

    assert group.said[-1].startswith("🏆 Points this week")


async def test_nobody_yet(group: Group) -> None:
    assert await group.says(ALICE, "/top") == "🏆 Points this week\nNobody yet. Be the first: say /checkin"


async def test_ties_go_to_who_got_there_first(group: Group, clock: StoppedClock) -> None:
    for person in (CAROL, BOB, ALICE):
        await group.says(person, "/checkin")
        clock.advance(seconds=1)

    await group.says(ALICE, "/top")
    for tab in ("Month", "All", "Streak", "Week"):
        await group.presses(ALICE, tab)
        assert [line.split()[1] for line in group.said[-1].splitlines()[1:]] == ["Carol", "Bob", "Alice"]


async def test_it_shows_ten_places(group: Group) -> None:
    for n in range(12):
        await group.says(Persona(3000 + n, f"Member {n:02}"), "/checkin")

    answer = await group.says(ALICE, "/top")

    assert answer is not None
    assert len(answer.splitlines()) == 11
    assert answer.splitlines()[-1] == "10. Member 09 — 10 points"


async def test_a_streak_that_broke_is_not_shown(group: Group, clock: StoppedClock) -> None:
    await group.says(ALICE, "/checkin")
    clock.advance(days=2)
    await group.says(BOB, "/checkin")
    await group.says(ALICE, "/top")

    await group.presses(ALICE, "Streak")

    assert group.said[-1] == "🔥 Streaks\n🥇 Bob — 1 day"


async def test_a_broken_streak_is_not_the_longest_of_yesterday(group: Group, clock: StoppedClock) -> None:
    """A streak that began again counts from its new beginning."""
    for _ in range(3):
        await group.says(ALICE, "/checkin")
        clock.advance(days=1)
    clock.advance(days=1)
    await group.says(ALICE, "/checkin")
    await group.says(ALICE, "/top")

    await group.presses(ALICE, "Streak")

    assert group.said[-1] == "🔥 Streaks\n🥇 Alice — 1 day"


async def test_the_group_can_switch_it_off(group: Group) -> None:
    await group.says(ALICE, "/top")
    await group.says(OLIVIA, "/settings leaderboard off")

    assert await group.says(ALICE, "/top") == "The leaderboard is switched off in this group."
    assert await group.presses(ALICE, "Month") == "The leaderboard is switched off in this group."


async def test_each_group_has_its_own(hearthbot: Hearthbot) -> None:
    one, other = Group(hearthbot), Group(hearthbot, -1001000000002, "Other")
    await one.says(ALICE, "/checkin")
    await other.says(BOB, "/checkin")

    assert await other.says(ALICE, "/top") == "🏆 Points this week\n🥇 Bob — 10 points"


async def test_a_button_below_any_post_shows_the_week_in_a_pop_up(group: Group) -> None:
    await group.says(ALICE, "/checkin")
    posts = len(group.said)

    assert await group.sends_back(BOB, LEADERBOARD_BUTTON) == "🏆 Points this week\n🥇 Alice — 10 points"
    assert len(group.said) == posts


def test_whatever_a_playbooks_button_may_do_is_known_where_buttons_are_made() -> None:
    assert set(PRESSES) == set(BUTTONS_DO)
