"""Lotteries: opened with a commitment, entered once, closed with a list, drawn once, proved."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.domain.admissions import asks_for_captcha
from bot.domain.beacons import NoBeacon
from bot.domain.draws import SEED_BYTES, sha256
from bot.domain.groups import Group
from bot.domain.lotteries import CannotCancel, State, Terms, UnknownLottery
from bot.domain.lotteries_conditions import NoCaptcha
from bot.domain.lotteries_prizes import GRACE
from bot.domain.members import Actor, Person
from bot.services.admissions import entrance_of
from bot.services.beacons import Beacon, Drand
from bot.services.clock import Clock
from bot.services.lotteries_bans import ban, unban
from bot.services.lotteries_candidates import IsIn
from bot.services.lotteries_claims import Claiming, Won
from bot.services.lotteries_closings import Closing
from bot.services.lotteries_codes import Supply, Supplying
from bot.services.lotteries_draws import Drawing
from bot.services.lotteries_entries import Entering, Questions, Ticket, questions_of, refund
from bot.services.lotteries_evidence import Evidence, evidence_of, stored_proof
from bot.services.lotteries_found import chosen, named, record
from bot.services.lotteries_overviews import Holdings, Overview, holdings, overviews
from bot.services.lotteries_redraws import Redrawing
from bot.services.lotteries_versions import Changing
from bot.services.lotteries_words import Wording, opening_reason
from storage.database import Database
from storage.lotteries import Lottery
from storage.transaction import Transaction

SHOW_EVERY = timedelta(seconds=30)
"""How often the post with the button follows the count: an edit counts as a message for the platform."""

SHOWN_FOR = timedelta(days=1)
"""For how long after its end a post that could not be edited is tried again."""


@dataclass(frozen=True, slots=True)
class LotteryService:
    """Every step is one transaction, guarded by the lottery's state: twice, or several at once, count once."""

    database: Database
    clock: Clock
    beacon: Beacon = field(default_factory=lambda: Drand(()))

    async def open(self, group: Group, terms: Terms, actor: Actor, update_id: int, words: Wording) -> None:
        """Announces a lottery, with the commitment to its rules and its seed.

        Raises `NoBeacon` and `NoCaptcha`.
        """
        self._require_possible(group, terms)
        now = self.clock()
        seed, salt = secrets.token_bytes(SEED_BYTES), secrets.token_bytes(SEED_BYTES)
        rules = terms.rules(group.id, sha256(salt), now)

        def work(tx: Transaction) -> None:
            lottery = tx.lotteries.open(group.id, update_id, terms, rules, seed, salt, now)
            if lottery is not None:
                record(tx, group, lottery.id, actor, update_id, "opened", now)
                tx.outbox.add(group.id, [replace(post, pin=terms.pin) for post in words.opened(lottery)], now)

        await self.database.write(work)

    async def change(
        self, group: Group, lottery_id: int, terms: Terms, actor: Actor, update_id: int, words: Wording
    ) -> None:  # fmt: skip
        """Gives a lottery that nobody has entered other rules, and says so.

        Raises `UnknownLottery`, `LotteryClosed`, `RulesFrozen`, `NoBeacon` and `NoCaptcha`.
        """
        self._require_possible(group, terms)
        now = self.clock()
        await self.database.write(lambda tx: Changing(tx, group, words, now).run(lottery_id, terms, actor, update_id))

    def _require_possible(self, group: Group, terms: Terms) -> None:
        if terms.beacon and not self.beacon.is_on:
            raise NoBeacon
        if terms.conditions.captcha and not asks_for_captcha(entrance_of(group)):
            raise NoCaptcha

    async def meant(self, group: Group, lottery_id: int | None) -> int:
        """The id of a lottery of the group; without one, of the only open one. Raises `UnknownLottery`."""
        return (await self.database.read(lambda tx: chosen(tx, group, lottery_id))).id

    async def questions(self, group: Group, lottery_id: int, person: Person) -> Questions:
        """What is to be asked of the platform before somebody enters. Raises `UnknownLottery`."""
        return await self.database.read(lambda tx: questions_of(tx, group, lottery_id, person))

    async def enter(
        self, group: Group, lottery_id: int, person: Person, *, is_here: bool, is_in_channel: bool = False
    ) -> Ticket:
        """Enters a member, who pays what it costs; whoever has entered hears what they hold.

        `is_here` says that the platform knows them as a member, `is_in_channel` that they are where the lottery asks
        them to be. Raises `UnknownLottery`, `LotteryClosed`, `NotEnoughPoints`, and what the conditions refuse.
        """
        now = self.clock()
        return await self.database.write(
            lambda tx: Entering(tx, group, person, now, is_here, is_in_channel).run(lottery_id)
        )

    async def close(
        self, group: Group, lottery_id: int | None, words: Wording, by: tuple[Actor, int] | None = None
    ) -> int:
        """Ends the entries and returns the lottery's id. Without an id, the only open one.

        With an operator and an update (`by`) it is closed although it is not due. Raises `UnknownLottery` and
        `LotteryClosed`.
        """
        return await Closing(self.database, group, words, self.clock()).end_entries(lottery_id, by)

    async def publish_list(self, group: Group, lottery_id: int, words: Wording, is_in: IsIn) -> None:
        """Fixes who takes part in a lottery that was closed, and publishes the list's hash.

        `is_in` asks the platform whether somebody (the second) is in a chat (the first); it may raise `CannotAsk`.
        """
        await Closing(self.database, group, words, self.clock()).publish_list(lottery_id, is_in)

    async def draw(self, group: Group, lottery_id: int, words: Wording) -> bool:
        """Draws a closed lottery, once the list's hash has been published; False when there is nothing to do (yet)."""
        return await Drawing(self.database, self.beacon, group, words, self.clock()).run(lottery_id)

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
        """Calls a lottery off and gives everybody back what they paid. Raises `CannotCancel`.

        It must be open, or wait for a beacon that has not spoken.
        """
        now = self.clock()

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            lottery = chosen(tx, group, lottery_id)
            waits = lottery.round is not None and lottery.signature is None
            before: State = "closed" if waits else "open"
            if not tx.lotteries.move(lottery.id, before, "cancelled", now):
                raise CannotCancel(id=lottery.id)
            record(tx, group, lottery.id, actor, update_id, "cancelled", now)
            refund(tx, group, lottery, now)
            tx.outbox.unpin(group.id, opening_reason(lottery.id))
            tx.outbox.add(group.id, words.cancelled(lottery), now)

        await self.database.write(work)

    async def redraw(
        self, group: Group, lottery_id: int, missing: Person, reason: str, actor: Actor, update_id: int,
        words: Wording, is_in: IsIn,
    ) -> None:  # fmt: skip
        """Draws the place of a winner who is missing again. Raises `UnknownLottery` and `CannotRedraw`."""
        redrawing = Redrawing(self.database, group, words, self.clock(), is_in)
        await redrawing.run(lottery_id, missing, reason, actor, update_id)

    async def add_codes(
        self, group: Group, lottery_id: int, prize: str, codes: str, operator: Person, update_id: int, words: Wording
    ) -> Supply:
        """Takes codes for a prize, one a line, and gives them to the winners who wait for theirs.

        Raises `UnknownLottery`, `UnknownPrize`, `CannotAddCodes`, and as `parse_codes` does.
        """
        now = self.clock()
        return await self.database.write(
            lambda tx: Supplying(tx, group, words, now).run(lottery_id, prize, codes, operator, update_id)
        )

    async def claim(self, group: Group, lottery_id: int, person: Person, words: Wording, *, in_private: bool) -> Won:
        """Lets a winner have the prize, and in private its code; the same however often they ask.

        Raises `UnknownLottery`, `NotYourPrize` and `PrizeGone`.
        """
        now = self.clock()
        return await self.database.write(
            lambda tx: Claiming(tx, group, words, now).run(lottery_id, person, in_private=in_private)
        )

    async def overdue(self) -> Sequence[tuple[int, int]]:
        """The (chat id, lottery id) of those with prizes that were not claimed in time."""
        now = self.clock()
        return await self.database.read(lambda tx: tx.claims.overdue(now - GRACE))

    async def expire(self, group: Group, lottery_id: int, words: Wording, is_in: IsIn) -> bool:
        """Draws again what was not claimed in time; False when there is nothing to do (yet)."""
        return await Redrawing(self.database, group, words, self.clock(), is_in).expire(lottery_id)

    async def ban(self, group: Group, person: Person, actor: Actor, update_id: int) -> None:
        """Keeps somebody out of the group's lotteries, open ones included."""
        await self.database.write(lambda tx: ban(tx, group, person, actor, update_id, self.clock()))

    async def unban(self, group: Group, person: Person, actor: Actor, update_id: int) -> None:
        """Lets somebody in again."""
        await self.database.write(lambda tx: unban(tx, group, person, actor, update_id, self.clock()))

    async def latest(self, group: Group) -> Sequence[Overview]:
        """The group's latest lotteries, newest first."""
        return await self.database.read(lambda tx: overviews(tx, group))

    async def holdings(self, group: Group, person: Person) -> Holdings:
        """A member's tickets in the group's open lotteries, and what they have won."""
        return await self.database.read(lambda tx: holdings(tx, group, person.id))

    async def evidence(self, group: Group, lottery_id: int | None, person: Person | None) -> Evidence:
        """What anybody may know of a lottery (without an id: of the latest), and a member's own line.

        Raises `UnknownLottery`.
        """
        return await self.database.read(lambda tx: evidence_of(tx, group, lottery_id, person))

    async def proof(self, group: Group, lottery_id: int) -> str:
        """The proof of a drawn lottery with all redraws by now. Raises `UnknownLottery`."""
        found = await self.database.read(lambda tx: stored_proof(tx, group, lottery_id))
        return await asyncio.to_thread(found.written)

    async def outdated(self) -> Sequence[tuple[int, int]]:
        """The (chat id, lottery id) of those whose post is to show another count or state."""
        now = self.clock()
        return await self.database.read(lambda tx: tx.lotteries.outdated(now - SHOW_EVERY, now - SHOWN_FOR))

    async def to_show(self, group: Group, lottery_id: int) -> tuple[Lottery, int] | None:
        """The lottery and the message to edit, if this process is to show it now."""
        now = self.clock()

        def work(tx: Transaction) -> tuple[Lottery, int] | None:
            reason = opening_reason(lottery_id)
            if not tx.outbox.is_done(group.id, reason):
                return None  # it is sent as it was written, and follows after that
            message_id = tx.outbox.message_id(group.id, reason)
            if not tx.lotteries.show(lottery_id, now) or message_id is None:
                return None
            lottery = named(tx, group, lottery_id)
            return lottery, message_id

        return await self.database.write(work)
