"""Which leaderboards there are."""

from typing import Literal, get_args

from bot.domain.refusals import Refusal

Board = Literal["week", "month", "all", "streak", "invites_week", "invites_month", "invites"]
"""Points earned in a week or a month, points in all, days in a row; invites of a week or a month, and all."""

BOARDS: tuple[Board, ...] = get_args(Board)


class LeaderboardOff(Refusal):
    """The group's operators have switched the leaderboard off."""

    text = "top.off"
