"""Lotteries: opened with a commitment, entered once, closed with a list, drawn once, proved."""

import secrets
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.domain.checkins import current_streak
from bot.domain.days import local_day
from bot.domain.draws import (
    SEED_BYTES,
    Entrant,
    Win,
    commitment_of,
    draw,
    id_of,
    list_hash_of,
    nonce_of,
    sha256,
)
from bot.domain.groups import Group
from bot.domain.lotteries import (
    CannotCancel,
    CannotRedraw,
    LotteryClosed,
    Terms,
    UnknownLottery,
    is_due,
    is_fit,
    require_fit,
    tickets_for,
)
from bot.domain.members import Actor, Person
from bot.domain.points import Entry, Owner
from bot.domain.proofs import make_proof, redrawn, standing_wins, verify, written
from bot.services.clock import Clock
from storage.database import Database
from storage.lotteries import Line, Lottery, Winner
from storage.outbox import Post
from storage.transaction import Transaction

LATE = timedelta(minutes=1)
"""From when on a draw says that it comes later than was announced."""

SHOW_EVERY = timedelta(seconds=30)
"""How often the post with the button follows the count: an edit counts as a message for the platform."""

SHOWN_FOR = timedelta(days=1)
"""For how long after its end a post that could not be edited is tried again."""

LISTED = 10
"""Lotteries that `/lottery list` shows."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a member holds in a lottery, of how many; `is_due` says that it is time to draw."""

    lottery_id: int
    tickets: int
    total: int
    is_due: bool


@dataclass(frozen=True, slots=True)
class NamedWinner:
    """A winner as the announcement says it."""

    user_id: int
    name: str
    prize: str


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A member's line of the list, and what its hash is made of."""

    id: str
    nonce: str
    tickets: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What anybody may know of a lottery's draw; the seed only once it is drawn."""

    lottery: Lottery
    commitment: str
    seed: str | None
    own: OwnLine | None


class Wording(Protocol):
    """The posts of a group's lotteries in its language; pure, since they are written in the step's transaction."""

    def opened(self, lottery: Lottery) -> Sequence[Post]: ...  # noqa: D102
    def closed(self, lottery: Lottery, listed: Sequence[Entrant], late: datetime | None) -> Sequence[Post]: ...  # noqa: D102
    def drawn(self, lottery: Lottery, winners: Sequence[NamedWinner], proof: str) -> Sequence[Post]: ...  # noqa: D102
    def redrawn(  # noqa: D102
        self, lottery: Lottery, missing: str, winner: NamedWinner | None, proof: str
    ) -> Sequence[Post]: ...
    def cancelled(self, lottery: Lottery) -> Sequence[Post]: ...  # noqa: D102


def opening_reason(lottery_id: int) -> str:
    """The outbox's name of the post with the button."""
    return f"lottery:{lottery_id}:opened"


def closing_reason(lottery_id: int) -> str:
    """The outbox's name of the post with the list's hash."""
    return f"lottery:{lottery_id}:closed"


def commitment(lottery: Lottery) -> str:
    """What the opening published."""
    return commitment_of(lottery.rules, lottery.seed)


@dataclass(frozen=True, slots=True)
class LotteryService:
    """Every step is one transaction, guarded by the lottery's state: done twice, or by several at once, it counts once.

    `chance` gives so many secret bytes.
    """

    database: Database
    clock: Clock
    chance: Callable[[int], bytes] = secrets.token_bytes

    async def open(self, group: Group, terms: Terms, actor: Actor, update_id: int, words: Wording) -> None:
        """Announces a lottery, with the commitment to its rules and its seed."""
        now = self.clock()
        seed, salt = self.chance(SEED_BYTES), self.chance(SEED_BYTES)
        rules = terms.rules(group.id, sha256(salt), now)

        def work(tx: Transaction) -> None:
            lottery = tx.lotteries.open(group.id, update_id, terms, rules, seed, salt, now)
            if lottery is not None:
                _log(tx, group, lottery.id, actor, update_id, "opened", now)
                tx.outbox.add(group.id, words.opened(lottery), now)

        await self.database.write(work)

    async def enter(self, group: Group, lottery_id: int, person: Person, *, is_here: bool) -> Ticket:
        """Enters a member, who pays what it costs; whoever has entered hears what they hold.

        `is_here` says that they asked in the group itself, so that one never seen before is a member.
        Raises `UnknownLottery`, `LotteryClosed`, `CannotEnter`, `OperatorsLeftOut` and `NotEnoughPoints`.
        """
        now = self.clock()
        return await self.database.write(lambda tx: _Entering(tx, group, person, now).run(lottery_id, is_here=is_here))

    async def close(
        self, group: Group, lottery_id: int | None, words: Wording, by: tuple[Actor, int] | None = None
    ) -> int:
        """Ends the entries and publishes the list's hash; returns the lottery's id. Without an id, the only open one.

        With an operator and an update (`by`) it is closed although it is not due. Raises `UnknownLottery` and
        `LotteryClosed`.
        """
        now = self.clock()
        return await self.database.write(lambda tx: _Drawing(tx, group, words, now).close(lottery_id, by))

    async def draw(self, group: Group, lottery_id: int, words: Wording) -> bool:
        """Draws a closed lottery, once the list's hash has been published; False when there is nothing to do (yet)."""
        now = self.clock()
        return await self.database.write(lambda tx: _Drawing(tx, group, words, now).draw(lottery_id))

    async def keywords(self) -> Sequence[tuple[int, str, int]]:
        """The (chat id, word, lottery id) of the open ones that one enters by a word, oldest first."""
        return await self.database.read(lambda tx: tx.lotteries.keywords())

    async def due(self) -> Sequence[tuple[int, int]]:
        """The (chat id, lottery id) of those whose draw is due, or was begun."""
        now = self.clock()
        return await self.database.read(lambda tx: tx.lotteries.due(now))

    async def chat_of(self, lottery_id: int) -> int:
        """The chat of the group that a lottery belongs to. Raises `UnknownLottery`."""
        chat_id = await self.database.read(lambda tx: tx.lotteries.chat_of(lottery_id))
        if chat_id is None:
            raise UnknownLottery
        return chat_id

    async def cancel(self, group: Group, lottery_id: int | None, actor: Actor, update_id: int, words: Wording) -> None:
        """Calls an open lottery off and gives everybody back what they paid. Raises `CannotCancel`."""
        now = self.clock()

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            lottery = _chosen(tx, group, lottery_id)
            if not tx.lotteries.move(lottery.id, "open", "cancelled", now):
                raise CannotCancel(id=lottery.id)
            _log(tx, group, lottery.id, actor, update_id, "cancelled", now)
            _refund(tx, group, lottery, now)
            tx.outbox.add(group.id, words.cancelled(lottery), now)

        await self.database.write(work)

    async def redraw(
        self, group: Group, lottery_id: int, missing: Person, reason: str, actor: Actor, update_id: int, words: Wording
    ) -> None:
        """Draws the place of a winner who is missing again. Raises `UnknownLottery` and `CannotRedraw`."""
        now = self.clock()
        await self.database.write(
            lambda tx: _Redrawing(tx, group, words, now).run(lottery_id, missing, reason, actor, update_id)
        )

    async def latest(self, group: Group) -> Sequence[Lottery]:
        """The group's latest lotteries, newest first."""
        return await self.database.read(lambda tx: tx.lotteries.latest(group.id, LISTED))

    async def evidence(self, group: Group, lottery_id: int | None, person: Person | None) -> Evidence:
        """What anybody may know of a lottery (without an id: of the latest), and a member's own line.

        Raises `UnknownLottery`.
        """

        def work(tx: Transaction) -> Evidence:
            found = _named(tx, group, lottery_id) if lottery_id else next(iter(tx.lotteries.latest(group.id, 1)), None)
            if found is None:
                raise UnknownLottery
            own = _own_line(tx, found, person.id) if person else None
            seed = found.seed.hex() if found.state == "drawn" else None
            return Evidence(found, commitment(found), seed, own)

        return await self.database.read(work)

    async def outdated(self) -> Sequence[tuple[int, int]]:
        """The (chat id, lottery id) of those whose post is to show another count or state."""
        now = self.clock()
        return await self.database.read(lambda tx: tx.lotteries.outdated(now - SHOW_EVERY, now - SHOWN_FOR))

    async def to_show(self, group: Group, lottery_id: int) -> tuple[Lottery, int] | None:
        """The lottery and the message to edit, if this process is to show it now."""
        now = self.clock()

        def work(tx: Transaction) -> tuple[Lottery, int] | None:
            message_id = tx.outbox.message_id(group.id, opening_reason(lottery_id))
            if not tx.lotteries.show(lottery_id, now) or message_id is None:
                return None
            lottery = _named(tx, group, lottery_id)
            return lottery, message_id

        return await self.database.write(work)


@dataclass(frozen=True, slots=True)
class _Entering:
    """One entry."""

    tx: Transaction
    group: Group
    person: Person
    now: datetime

    def run(self, lottery_id: int, *, is_here: bool) -> Ticket:
        status = self.tx.members.status(self.group.id, self.person.id) or ("member" if is_here else None)
        lottery = _named(self.tx, self.group, lottery_id)
        held = self.tx.lotteries.tickets_of(lottery_id, self.person.id)
        if held is None:
            require_fit(status, no_operators=lottery.terms.no_operators)
            self.tx.members.seen(self.group.id, self.person.id, self.now)
            # Of two presses at once, the second one waits for the member's row, and finds the first one's entry.
            held = self.tx.lotteries.tickets_of(lottery_id, self.person.id) or self._enter(lottery)
            lottery = _named(self.tx, self.group, lottery_id)
        due = is_due(lottery.terms.draw_at, lottery.terms.at_entrants, lottery.entrants, self.now)
        return Ticket(lottery_id, held, lottery.tickets, due and lottery.state == "open")

    def _enter(self, lottery: Lottery) -> int:
        tickets = tickets_for(self._streak())
        if not self.tx.lotteries.count_in(lottery.id, tickets, self.now):
            raise LotteryClosed(id=lottery.id)
        self.tx.lotteries.add_entry(lottery.id, self.person.id, tickets, self.now)
        cost, owner = lottery.terms.cost, Owner(self.group.wallet_id, self.person.id)
        if cost:
            self.tx.points.add(Entry(owner, self.group.id, "points", -cost, f"lottery:{lottery.id}", self.now))
        return tickets

    def _streak(self) -> int:
        zone, starts_at = self.group.settings.timezone, self.group.settings.day_starts_at
        last = self.tx.checkins.last(self.group.id, self.person.id)
        return current_streak(last, local_day(self.now, zone, starts_at), zone, starts_at)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The closing and the draw of one lottery."""

    tx: Transaction
    group: Group
    words: Wording
    now: datetime

    def close(self, lottery_id: int | None, by: tuple[Actor, int] | None) -> int:
        lottery = _chosen(self.tx, self.group, lottery_id)
        if by is not None and self.tx.changes.was_made_by(self.group.id, by[1]):
            return lottery.id
        if not self.tx.lotteries.move(lottery.id, "open", "closed", self.now):
            if by is not None:
                raise LotteryClosed(id=lottery.id)
            return lottery.id
        if by is not None:
            _log(self.tx, self.group, lottery.id, by[0], by[1], "drawn", self.now)
        self._publish_list(lottery)
        return lottery.id

    def _publish_list(self, lottery: Lottery) -> None:
        terms = lottery.terms
        lines = sorted(
            (
                _line(lottery, entry.user_id, entry.tickets)
                for entry in self.tx.lotteries.entries(lottery.id)
                if is_fit(entry.status, no_operators=terms.no_operators)
            ),
            key=lambda line: line.entrant,
        )
        self.tx.lotteries.set_list(lottery.id, lines, list_hash_of([line.entrant for line in lines]))
        late = terms.draw_at if terms.draw_at and self.now - terms.draw_at > LATE else None
        closed = _named(self.tx, self.group, lottery.id)
        self.tx.outbox.add(self.group.id, self.words.closed(closed, [line.entrant for line in lines], late), self.now)

    def draw(self, lottery_id: int) -> bool:
        if not self.tx.outbox.is_done(self.group.id, closing_reason(lottery_id)):
            return False
        if not self.tx.lotteries.move(lottery_id, "closed", "drawn", self.now):
            return False
        lottery = _named(self.tx, self.group, lottery_id)
        lines = self.tx.lotteries.list_of(lottery_id)
        entrants, users = [line.entrant for line in lines], {line.entrant.id: line.user_id for line in lines}
        wins = draw(lottery.seed, entrants, [prize.places for prize in lottery.terms.prizes])
        self.tx.lotteries.add_winners(lottery_id, wins, 0, users)
        proof = written(make_proof(lottery.rules, lottery.seed, entrants, wins))
        names = self.tx.members.names([users[win.id] for win in wins])
        winners = [_winner(lottery, win.prize, users[win.id], names) for win in wins]
        self.tx.outbox.add(self.group.id, self.words.drawn(lottery, winners, proof), self.now)
        return True


@dataclass(frozen=True, slots=True)
class _Redrawing:
    """The redraw of one place."""

    tx: Transaction
    group: Group
    words: Wording
    now: datetime

    def run(self, lottery_id: int, missing: Person, reason: str, actor: Actor, update_id: int) -> None:
        if self.tx.changes.was_made_by(self.group.id, update_id):
            return
        lottery = self.tx.lotteries.find(self.group.id, lottery_id, lock=True)
        if lottery is None:
            raise UnknownLottery
        winners = self.tx.lotteries.winners(lottery_id)
        held = next((w for w in winners if w.user_id == missing.id and not w.is_missing), None)
        if held is None:
            raise CannotRedraw(name=missing.name)
        _log(self.tx, self.group, lottery_id, actor, update_id, "redrawn", self.now)
        self._redraw(lottery, winners, held, missing, reason)

    def _redraw(self, lottery: Lottery, winners: Sequence[Winner], held: Winner, missing: Person, reason: str) -> None:
        lines = self.tx.lotteries.list_of(lottery.id)
        users = {line.entrant.id: line.user_id for line in lines}
        before = proof_of(lottery, lines, winners)
        gone = Win(held.prize, held.place, _line(lottery, missing.id, 1).entrant.id)
        proof = redrawn(before, gone, self._unfit(lottery, lines), reason)
        self.tx.lotteries.add_redraw(lottery.id, missing.id, proof["redraws"], self.now)
        won = proof["redraws"][-1]["winner"]
        winner = None
        if won is not None:
            win = Win(held.prize, held.place, won)
            self.tx.lotteries.add_winners(lottery.id, [win], len(proof["redraws"]), users)
            winner = _winner(lottery, held.prize, users[won], self.tx.members.names([users[won]]))
        posts = self.words.redrawn(_named(self.tx, self.group, lottery.id), missing.name, winner, written(proof))
        self.tx.outbox.add(self.group.id, posts, self.now)

    def _unfit(self, lottery: Lottery, lines: Sequence[Line]) -> list[str]:
        """The entrants who could not win any more: who left, or became an operator where those are left out."""
        strict = lottery.terms.no_operators
        entries = self.tx.lotteries.entries(lottery.id)
        fit = {entry.user_id for entry in entries if is_fit(entry.status, no_operators=strict)}
        return [line.entrant.id for line in lines if line.user_id not in fit]


def proof_of(lottery: Lottery, lines: Sequence[Line], winners: Sequence[Winner]) -> dict[str, Any]:
    """The proof of a drawn lottery, put together from what is stored of it."""
    ids = {line.user_id: line.entrant.id for line in lines}
    wins = [Win(w.prize, w.place, ids.get(w.user_id, "")) for w in winners if not w.redraw]
    return make_proof(lottery.rules, lottery.seed, [line.entrant for line in lines], wins, lottery.redraws)


def differences_of(tx: Transaction, lottery: Lottery) -> Iterator[str]:
    """What does not fit in what is stored of a lottery, for the audit."""
    entries = {entry.user_id: entry.tickets for entry in tx.lotteries.entries(lottery.id)}
    if (lottery.entrants, lottery.tickets) != (len(entries), sum(entries.values())):
        stored, found = f"{lottery.entrants} entrants, {lottery.tickets} tickets", (len(entries), sum(entries.values()))
        yield f"{stored} counted; {found[0]} and {found[1]} in the entries"
    for user_id in _unbooked(tx, lottery, entries.keys()):
        yield f"user {user_id}: what the entry cost, or its refund, is not in the ledger"
    lines = tx.lotteries.list_of(lottery.id)
    if any(line != _line(lottery, line.user_id, entries.get(line.user_id, 0)) for line in lines):
        yield "the list at the closing is not that of the entries"
    if lottery.entrants_hash not in {None, list_hash_of([line.entrant for line in lines])}:
        yield "the list at the closing does not have the hash that was published"
    if lottery.state == "drawn":
        yield from _wrong_draw(tx, lottery, lines)


def _wrong_draw(tx: Transaction, lottery: Lottery, lines: Sequence[Line]) -> Iterator[str]:
    winners, ids = tx.lotteries.winners(lottery.id), {line.user_id: line.entrant.id for line in lines}
    proof = proof_of(lottery, lines, winners)
    if wrong := verify(proof):
        yield from (f"proof: {difference}" for difference in wrong)
        return
    holders = [Win(w.prize, w.place, ids.get(w.user_id, "")) for w in winners if not w.is_missing]
    if holders != standing_wins(proof):
        yield "the winners are not those of the proof"


def _unbooked(tx: Transaction, lottery: Lottery, users: Set[int]) -> Iterator[int]:
    cost = lottery.terms.cost
    if cost:
        reason = f"lottery:{lottery.id}"
        yield from sorted(users - tx.lotteries.booked_for(reason, -cost))
        if lottery.state == "cancelled":
            yield from sorted(users ^ tx.lotteries.booked_for(f"{reason}:refund", cost))


def _chosen(tx: Transaction, group: Group, lottery_id: int | None) -> Lottery:
    """The group's lottery of an id, or its only open one."""
    if lottery_id is not None:
        return _named(tx, group, lottery_id)
    found = tx.lotteries.latest(group.id, 2, "open")
    if len(found) != 1:
        raise UnknownLottery
    return found[0]


def _named(tx: Transaction, group: Group, lottery_id: int) -> Lottery:
    lottery = tx.lotteries.find(group.id, lottery_id)
    if lottery is None:
        raise UnknownLottery
    return lottery


def _log(
    tx: Transaction, group: Group, lottery_id: int, actor: Actor, update_id: int, after: str, now: datetime
) -> None:
    tx.changes.add(group.id, update_id, actor, f"lottery:{lottery_id}", None, after, now)


def _refund(tx: Transaction, group: Group, lottery: Lottery, now: datetime) -> None:
    if not lottery.terms.cost:
        return
    for entry in tx.lotteries.entries(lottery.id):
        owner, reason = Owner(group.wallet_id, entry.user_id), f"lottery:{lottery.id}:refund"
        tx.points.add(Entry(owner, group.id, "points", lottery.terms.cost, reason, now, earned=0))


def _line(lottery: Lottery, user_id: int, tickets: int) -> Line:
    return Line(Entrant(id_of(nonce_of(lottery.salt, user_id), user_id), tickets), user_id)


def _own_line(tx: Transaction, lottery: Lottery, user_id: int) -> OwnLine | None:
    tickets = tx.lotteries.tickets_of(lottery.id, user_id)
    if tickets is None:
        return None
    nonce = nonce_of(lottery.salt, user_id)
    return OwnLine(id_of(nonce, user_id), nonce, tickets)


def _winner(lottery: Lottery, prize: int, user_id: int, names: dict[int, str]) -> NamedWinner:
    return NamedWinner(user_id, names.get(user_id, f"#{user_id}"), lottery.terms.prizes[prize].name)
