from bot.domain.leaderboards import BOARDS


def test_there_is_a_board_for_the_week_the_month_all_time_streaks_and_invites() -> None:
    assert BOARDS == ("week", "month", "all", "streak", "invites_week", "invites_month", "invites")
