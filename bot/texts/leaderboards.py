"""A leaderboard in words."""

from collections.abc import Sequence

from markupsafe import Markup

from bot.domain.leaderboards import Board
from bot.texts import Say
from storage.leaderboards import Place

_MEDALS = ("🥇", "🥈", "🥉")


def leaderboard(say: Say, board: Board, ranks: Sequence[Place]) -> Markup:
    """A leaderboard as it is shown in its group."""
    title = say(f"top.{board}")
    if not ranks:
        return Markup("\n").join([title, say("top.empty_invites" if board.startswith("invites") else "top.empty")])
    unit = "top.days" if board == "streak" else "top.people" if board.startswith("invites") else "points.amount"
    lines = [
        say("top.line", rank=_MEDALS[n] if n < len(_MEDALS) else f"{n + 1}.", name=rank.name or f"#{rank.user_id}",
            amount=say(unit, n=rank.amount))
        for n, rank in enumerate(ranks)
    ]  # fmt: skip
    return Markup("\n").join([title, *lines])
