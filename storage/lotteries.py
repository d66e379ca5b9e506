"""Lotteries: every step is guarded by the state in the database, so that of several who try at once one succeeds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, and_, cast, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.draws import Win
from bot.domain.lotteries import State, Terms, terms_of
from bot.domain.members import Status
from storage.groups import IS_PRESENT
from storage.lotteries_lines import Line, unpacked
from storage.tables import groups, ledger, lotteries, lottery_entries, lottery_winners, members


@dataclass(frozen=True, slots=True)
class Lottery:
    """A lottery as it is stored. `entrants` and `tickets` count the entries."""

    id: int
    group_id: int
    state: State
    rules: Mapping[str, Any]
    seed: bytes
    salt: bytes
    entrants: int
    tickets: int
    entrants_hash: str | None
    redraws: Sequence[dict[str, Any]]
    closed_at: datetime | None
    round: int | None
    signature: bytes | None

    @property
    def terms(self) -> Terms:
        """What the operator announced."""
        return terms_of(self.rules)

    @property
    def version(self) -> int:
        """How often its rules were fixed."""
        found: int = self.rules.get("version", 1)
        return found


@dataclass(frozen=True, slots=True)
class Entered:
    """A member's entry, with their membership as it is now."""

    user_id: int
    tickets: int
    status: Status | None


@dataclass(frozen=True, slots=True)
class Winner:
    """Who won a place, in the draw (0) or in which redraw; `is_missing` once the place was drawn again.

    A prize that has to be claimed is, by `claim_by`, from `claimed_at` on.
    """

    prize: int
    place: int
    redraw: int
    user_id: int
    is_missing: bool
    claim_by: datetime | None
    claimed_at: datetime | None


_COLUMNS = (
    lotteries.c.id, lotteries.c.group_id, lotteries.c.state, lotteries.c.rules, lotteries.c.seed, lotteries.c.salt,
    lotteries.c.entrants, lotteries.c.tickets, lotteries.c.entrants_hash, lotteries.c.redraws, lotteries.c.closed_at,
    lotteries.c.round, lotteries.c.signature,
)  # fmt: skip
_ENTRIES = (
    select(lottery_entries.c.user_id, lottery_entries.c.tickets, members.c.status)
    .select_from(lottery_entries)
    .join(lotteries, lotteries.c.id == lottery_entries.c.lottery_id)
    .outerjoin(members, (members.c.group_id == lotteries.c.group_id) & (members.c.user_id == lottery_entries.c.user_id))
)
_SHOWN = lotteries.c.state + ":" + cast(lotteries.c.entrants, String)


@dataclass(frozen=True, slots=True)
class LotteryRepository:
    """The lotteries of one transaction."""

    connection: Connection

    def open(
        self, group_id: int, update_id: int, terms: Terms, rules: Mapping[str, Any], seed: bytes, salt: bytes,
        at: datetime,
    ) -> Lottery | None:  # fmt: skip
        """Opens a lottery; None when the same update has opened one before."""
        row = {"group_id": group_id, "update_id": update_id, "state": "open", "rules": rules, "seed": seed,
               "salt": salt, "draw_at": terms.draw_at, "at_entrants": terms.at_entrants, "opened_at": at,
               "shown": "open:0", "shown_at": at}  # fmt: skip
        statement = insert(lotteries).values(row).on_conflict_do_nothing().returning(lotteries.c.id)
        found = self.connection.execute(statement).scalar()
        return None if found is None else self.find(group_id, found)

    def find(self, group_id: int, lottery_id: int, *, lock: bool = False) -> Lottery | None:
        """One of the group's lotteries. With `lock`, nobody else changes it before the transaction ends."""
        statement = select(*_COLUMNS).where(lotteries.c.group_id == group_id, lotteries.c.id == lottery_id)
        row = self.connection.execute(statement.with_for_update() if lock else statement).one_or_none()
        return _lottery(row) if row else None

    def chat_of(self, lottery_id: int) -> int | None:
        """The chat of the group that a lottery belongs to."""
        found = self._of_chats(lotteries.c.id == lottery_id)
        return found[0][0] if found else None

    def latest(self, group_id: int, limit: int, state: State | None = None) -> Sequence[Lottery]:
        """The group's latest lotteries, newest first."""
        statement = select(*_COLUMNS).where(lotteries.c.group_id == group_id)
        if state is not None:
            statement = statement.where(lotteries.c.state == state)
        rows = self.connection.execute(statement.order_by(lotteries.c.id.desc()).limit(limit))
        return [_lottery(row) for row in rows]

    def is_live(self, group_id: int) -> bool:
        """Whether one of the group's lotteries is open, or waits for its draw."""
        live = select(lotteries.c.id).where(lotteries.c.group_id == group_id, lotteries.c.state.in_(("open", "closed")))
        return self.connection.execute(live.limit(1)).first() is not None

    def due(self, now: datetime) -> Sequence[tuple[int, int]]:
        """The (chat id, lottery id) of those whose draw is due, or was begun; none of groups without the bot, which
        could tell nobody.
        """
        is_full = lotteries.c.entrants >= lotteries.c.at_entrants
        is_due = and_(lotteries.c.state == "open", or_(lotteries.c.draw_at <= now, is_full))
        waits = lotteries.c.retry_at > now
        is_begun = and_(lotteries.c.state == "closed", waits.is_not(True))
        return self._of_chats(and_(or_(is_due, is_begun), *IS_PRESENT))

    def keywords(self) -> Sequence[tuple[int, str, int]]:
        """The (chat id, word, lottery id) of the open ones that one enters by a word, oldest first."""
        statement = (
            select(groups.c.chat_id, lotteries.c.rules, lotteries.c.id)
            .join(groups, groups.c.id == lotteries.c.group_id)
            .where(lotteries.c.state == "open", groups.c.chat_id.is_not(None))
            .order_by(lotteries.c.id)
        )
        rows = self.connection.execute(statement)
        return [(chat_id, rules["keyword"], found) for chat_id, rules, found in rows if rules["keyword"]]

    def count_in(self, lottery_id: int, tickets: int, at: datetime) -> bool:
        """Counts one more entrant; False when the lottery is not open any more."""
        is_open = and_(lotteries.c.state == "open", or_(lotteries.c.draw_at.is_(None), lotteries.c.draw_at > at))
        statement = (
            update(lotteries)
            .where(lotteries.c.id == lottery_id, is_open)
            .values(entrants=lotteries.c.entrants + 1, tickets=lotteries.c.tickets + tickets)
        )
        return self.connection.execute(statement).rowcount == 1

    def add_entry(self, lottery_id: int, user_id: int, tickets: int, at: datetime) -> None:
        """Stores an entry that was counted in."""
        row = {"lottery_id": lottery_id, "user_id": user_id, "tickets": tickets, "at": at}
        self.connection.execute(insert(lottery_entries).values(row))

    def tickets_of(self, lottery_id: int, user_id: int) -> int | None:
        """The tickets of a member who has entered."""
        return self.connection.execute(
            select(lottery_entries.c.tickets).where(
                lottery_entries.c.lottery_id == lottery_id, lottery_entries.c.user_id == user_id
            )
        ).scalar()

    def tickets_in_open(self, group_id: int, user_id: int) -> Sequence[tuple[int, int, int]]:
        """A member's (lottery id, tickets, all tickets) in the group's open lotteries, oldest first."""
        statement = (
            select(lotteries.c.id, lottery_entries.c.tickets, lotteries.c.tickets)
            .join(lottery_entries, lottery_entries.c.lottery_id == lotteries.c.id)
            .where(lotteries.c.state == "open", lotteries.c.group_id == group_id, lottery_entries.c.user_id == user_id)
        )
        return sorted((row[0], row[1], row[2]) for row in self.connection.execute(statement))

    def entries(self, lottery_id: int) -> Sequence[Entered]:
        """Everybody who has entered, with what they are in the group now."""
        rows = self.connection.execute(_ENTRIES.where(lottery_entries.c.lottery_id == lottery_id))
        return [Entered(*row) for row in rows]

    def move(self, lottery_id: int, before: State, after: State, at: datetime) -> bool:
        """Takes the step from one state to the next; False when somebody else took one before."""
        values: dict[str, object] = {"state": after, "ended_at": at}
        if after == "closed":
            values["closed_at"] = at
        statement = update(lotteries).where(lotteries.c.id == lottery_id, lotteries.c.state == before).values(values)
        return self.connection.execute(statement).rowcount == 1

    def set_terms(self, lottery_id: int, terms: Terms, rules: Mapping[str, Any]) -> None:
        """Replaces the rules; the post in the group shows the former ones."""
        self._set(lottery_id, rules=rules, draw_at=terms.draw_at, at_entrants=terms.at_entrants, shown="")

    def await_round(self, lottery_id: int, number: int, until: datetime) -> None:
        """Stores which round of the beacon takes part, and that nothing is to be done before it comes."""
        self._set(lottery_id, round=number, retry_at=until)

    def set_signature(self, lottery_id: int, signature: bytes) -> None:
        """Stores what the beacon said."""
        self._set(lottery_id, signature=signature)

    def retry(self, lottery_id: int, at: datetime) -> None:
        """Leaves a lottery that is closed alone until an instant."""
        self._set(lottery_id, retry_at=at)

    def set_list(self, lottery_id: int, lines: bytes, list_hash: str) -> bool:
        """Stores the list at the closing, as packed; False when there is one already."""
        statement = (
            update(lotteries)
            .where(lotteries.c.id == lottery_id, lotteries.c.state == "closed", lotteries.c.entrants_hash.is_(None))
            .values(lines=lines, entrants_hash=list_hash)
        )
        return self.connection.execute(statement).rowcount == 1

    def lines_of(self, lottery_id: int) -> bytes:
        """The list at the closing, as packed; empty before."""
        stored: bytes | None = self.connection.execute(
            select(lotteries.c.lines).where(lotteries.c.id == lottery_id)
        ).scalar()
        return stored or b""

    def list_of(self, lottery_id: int) -> Sequence[Line]:
        """The list at the closing; empty before."""
        return unpacked(self.lines_of(lottery_id))

    def add_winners(
        self, lottery_id: int, wins: Iterable[Win], redraw: int, users: Mapping[str, int], claim_by: datetime | None
    ) -> None:
        """Stores winners; `users` says who a hash stands for."""
        rows = [
            {"lottery_id": lottery_id, "prize": win.prize, "place": win.place, "redraw": redraw,
             "user_id": users[win.id], "claim_by": claim_by}
            for win in wins
        ]  # fmt: skip
        if rows:
            self.connection.execute(insert(lottery_winners), rows)

    def winners(self, lottery_id: int) -> Sequence[Winner]:
        """Everybody who has ever won, place by place."""
        order = (lottery_winners.c.prize, lottery_winners.c.place, lottery_winners.c.redraw)
        is_missing = lottery_winners.c.missing_at.is_not(None)
        claim = (lottery_winners.c.claim_by, lottery_winners.c.claimed_at)
        statement = select(*order, lottery_winners.c.user_id, is_missing, *claim).where(
            lottery_winners.c.lottery_id == lottery_id
        )
        return [Winner(*row) for row in self.connection.execute(statement.order_by(*order))]

    def add_redraws(self, lottery_id: int, missing: Collection[int], redraws: Sequence[Any], at: datetime) -> None:
        """Stores that the places of these winners were drawn again, as the proof tells it."""
        self.connection.execute(
            update(lottery_winners)
            .where(lottery_winners.c.lottery_id == lottery_id, lottery_winners.c.user_id.in_(missing))
            .values(missing_at=at)
        )
        self._set(lottery_id, redraws=list(redraws))

    def outdated(self, before: datetime, since: datetime) -> Sequence[tuple[int, int]]:
        """The (chat id, lottery id) whose post shows another count since before an instant, or another state.

        Those that ended before `since` are left alone.
        """
        counts = and_(lotteries.c.state == "open", lotteries.c.shown != _SHOWN, lotteries.c.shown_at <= before)
        has_ended = and_(lotteries.c.ended_at >= since, ~lotteries.c.shown.startswith(lotteries.c.state + ":"))
        return [*self._of_chats(counts), *self._of_chats(has_ended)]  # each along an index of its own

    def show(self, lottery_id: int, at: datetime) -> bool:
        """Notes that the post is about to show what holds now; False when another process did just now."""
        statement = (
            update(lotteries)
            .where(lotteries.c.id == lottery_id, lotteries.c.shown != _SHOWN)
            .values(shown=_SHOWN, shown_at=at)
        )
        return self.connection.execute(statement).rowcount == 1

    def all(self) -> Sequence[Lottery]:
        """Every lottery, for the audit."""
        return [_lottery(row) for row in self.connection.execute(select(*_COLUMNS).order_by(lotteries.c.id))]

    def booked_for(self, reason: str, amount: int) -> set[int]:
        """Who has an entry of this reason and amount in the ledger, in whichever wallet."""
        statement = select(ledger.c.user_id).where(ledger.c.reason == reason, ledger.c.amount == amount)
        return set(self.connection.execute(statement).scalars())

    def _of_chats(self, which: Any) -> Sequence[tuple[int, int]]:
        statement = (
            select(groups.c.chat_id, lotteries.c.id)
            .join(groups, groups.c.id == lotteries.c.group_id)
            .where(which, groups.c.chat_id.is_not(None))
        )
        # Sorted here: SQLite would rather walk along all ids than sort the few that an index finds.
        return sorted(((row.chat_id, row.id) for row in self.connection.execute(statement)), key=lambda row: row[1])

    def _set(self, lottery_id: int, **values: object) -> None:
        self.connection.execute(update(lotteries).where(lotteries.c.id == lottery_id).values(**values))


def _lottery(row: Any) -> Lottery:
    return Lottery(*row)
