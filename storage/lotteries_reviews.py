"""What is known of entrants that may tell whether some of them are one person."""

from dataclasses import dataclass

from sqlalchemy import Connection, String, cast, false, func, select

from bot.domain.lotteries_reviews import Suspect
from storage.tables import admissions, invites, joins, lottery_bans, lottery_entries, members, people


@dataclass(frozen=True, slots=True)
class LotteryReviewRepository:
    """The entrants of one transaction."""

    connection: Connection

    def suspects(self, group_id: int, lottery_id: int, after: int, limit: int) -> tuple[list[Suspect], int | None]:
        """Of the next so many entrants after a user id, those who are members, operators aside, and not kept out; and
        the last of all these entrants.
        """
        who = (
            select(lottery_entries.c.user_id)
            .where(lottery_entries.c.lottery_id == lottery_id, lottery_entries.c.user_id > after)
            .order_by(lottery_entries.c.user_id)
            .limit(limit)
            .subquery()
        )
        user_id = who.c.user_id
        joined_at = (  # no max(at): SQLite would look for it among all joins of the group
            select(joins.c.at)
            .where(joins.c.group_id == group_id, joins.c.user_id == user_id)
            .order_by(joins.c.update_id.desc())
            .limit(1)
            .correlate(who)
            .scalar_subquery()
        )
        has_passed = func.coalesce(cast(admissions.c.done, String).contains('"captcha"'), false())
        statement = select(
            user_id, func.coalesce(people.c.name, ""), people.c.username, joined_at, invites.c.inviter_id,
            members.c.messages == 0, ~has_passed, members.c.status, lottery_bans.c.user_id.is_not(None),
        ).select_from(
            who.outerjoin(members, (members.c.group_id == group_id) & (members.c.user_id == user_id))
            .outerjoin(people, people.c.id == user_id)
            .outerjoin(invites, (invites.c.group_id == group_id) & (invites.c.user_id == user_id))
            .outerjoin(admissions, (admissions.c.group_id == group_id) & (admissions.c.user_id == user_id))
            .outerjoin(lottery_bans, (lottery_bans.c.group_id == group_id) & (lottery_bans.c.user_id == user_id))
        )  # fmt: skip
        rows = self.connection.execute(statement).all()
        found = [Suspect(*known) for *known, status, is_banned in rows if status == "member" and not is_banned]
        return found, max((row[0] for row in rows), default=None)
