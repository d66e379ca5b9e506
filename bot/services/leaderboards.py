"""Who has most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.days import ONE_DAY
from bot.domain.groups import Group
from bot.domain.leaderboards import Board, LeaderboardOff
from storage.database import Database
from storage.leaderboards import Place

LENGTH = 10
"""Places that a leaderboard shows."""


@dataclass(frozen=True, slots=True)
class LeaderboardService:
    """Ranks the members of a group."""

    database: Database

    async def top(self, group: Group, board: Board, at: datetime) -> Sequence[Place]:
        """The first places; a week begins on Monday, days are the group's own. Raises `LeaderboardOff`."""
        if not group.settings.leaderboard:
            raise LeaderboardOff
        today = group.day_of(at)
        if board == "streak":
            return await self.database.read(lambda tx: tx.leaderboards.streaks(group.id, today - ONE_DAY, LENGTH))
        if board == "all":
            return await self.database.read(lambda tx: tx.leaderboards.points(group.wallet_id, LENGTH))
        if board == "invites":
            return await self.database.read(lambda tx: tx.invites.top(group.id, None, LENGTH))
        first = today - timedelta(days=today.weekday()) if board.endswith("week") else today.replace(day=1)
        since = group.start_of(first)
        if board.startswith("invites"):
            return await self.database.read(lambda tx: tx.invites.top(group.id, since, LENGTH))
        return await self.database.read(lambda tx: tx.leaderboards.points_since(group.wallet_id, since, LENGTH))
