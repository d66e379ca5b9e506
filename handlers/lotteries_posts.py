"""What a lottery says in its group, in the group's language. Nothing here asks or sends: a step stores these words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from markupsafe import Markup

from bot.domain.beacons import WAIT, time_of
from bot.domain.groups import Group
from bot.domain.refusals import Part
from bot.services.lotteries_words import NamedWinner, closing_reason, commitment, opening_reason
from bot.texts import Say, Texts
from storage.lotteries import Lottery
from storage.outbox import Post

JOIN = "lottery"
"""What a join button sends back, before the lottery's id."""

AT_ONCE = 40
"""Winners mentioned in one message."""


@dataclass(frozen=True, slots=True)
class LotteryPosts:
    """The words of one group's lotteries."""

    group: Group
    say: Say

    @classmethod
    def of(cls, group: Group, texts: Texts) -> "LotteryPosts":
        """In the group's language, whoever asks."""
        return cls(group, texts.bound(group.settings.language))

    def opened(self, lottery: Lottery) -> Sequence[Post]:
        """The post with the button."""
        return [Post(opening_reason(lottery.id), self.body(lottery), self.button(lottery))]

    def closed(self, lottery: Lottery, entrants: int, tickets: int, late: datetime | None) -> Sequence[Post]:
        """The hash of the list, before anything is drawn."""
        parts = [self.say("lottery.closed", id=lottery.id, n=entrants, tickets=tickets, hash=lottery.entrants_hash)]
        if late is not None:
            parts.append(self.say("lottery.late", when=self.time(late)))
        if lottery.round is not None:
            parts.append(self.say("lottery.round", round=lottery.round, when=self._second(time_of(lottery.round))))
        return [Post(closing_reason(lottery.id), _lines(parts))]

    def waits(self, lottery: Lottery) -> Sequence[Post]:
        """That the beacon cannot be reached, once."""
        text = self.say("lottery.waits", id=lottery.id, round=lottery.round)
        return [Post(f"lottery:{lottery.id}:waits", text)]

    def drawn(self, lottery: Lottery, winners: Sequence[NamedWinner], proof: str) -> Sequence[Post]:
        """The winners, some at a time, and the proof."""
        first = self.say("lottery.drawn" if winners else "lottery.nobody", id=lottery.id)
        seed = self.say("lottery.seed", seed=lottery.seed.hex(), id=lottery.id)
        pages = [list(self._won(page)) for page in _pages(winners)] or [[]]
        pages[0].insert(0, first)
        pages[-1].append(seed)
        posts = [Post(f"lottery:{lottery.id}:drawn:{n}", _lines(page)) for n, page in enumerate(pages)]
        return [*posts, self._proof(lottery, proof)]

    def redrawn(self, lottery: Lottery, missing: str, winner: NamedWinner | None, proof: str) -> Sequence[Post]:
        """Who gets a place instead, and the proof with the redraw in it."""
        if winner is None:
            text = self.say("lottery.nobody_left", id=lottery.id, missing=missing)
        else:
            mention = self._mention(winner)
            text = self.say("lottery.redrawn", id=lottery.id, prize=winner.prize, winner=mention, missing=missing)
        reason = f"lottery:{lottery.id}:redrawn:{len(lottery.redraws)}"
        return [Post(reason, text), self._proof(lottery, proof)]

    def cancelled(self, lottery: Lottery) -> Sequence[Post]:
        """That it is off."""
        parts = [self.say("lottery.cancelled", id=lottery.id)]
        if lottery.terms.cost:
            parts.append(self.say("lottery.refunded", cost=self._cost(lottery)))
        return [Post(f"lottery:{lottery.id}:cancelled", Markup(" ").join(parts))]

    def body(self, lottery: Lottery) -> Markup:
        """What the post with the button says by now."""
        fixed = self.say("lottery.commitment", hash=commitment(lottery))
        return _lines([self.say("lottery.title", id=lottery.id), *self._terms(lottery), self._state(lottery), fixed])

    def button(self, lottery: Lottery) -> tuple[str, str] | None:
        """The button that enters, while one can."""
        return (str(self.say("lottery.join")), f"{JOIN}:{lottery.id}") if lottery.state == "open" else None

    def prizes(self, lottery: Lottery) -> Markup:
        """All prizes in one line."""
        prizes = lottery.terms.prizes
        return Markup(", ").join(self.say("lottery.prize", name=p.name, places=p.places) for p in prizes)

    def time(self, at: datetime) -> str:
        """An instant as the group's clocks show it."""
        return f"{at.astimezone(self.group.zone):%Y-%m-%d %H:%M} ({self.group.settings.timezone})"

    def _state(self, lottery: Lottery) -> Markup:
        match lottery.state:
            case "open":
                return self.say("lottery.count", n=lottery.entrants, tickets=lottery.tickets)
            case "cancelled":
                return self.say("lottery.now_cancelled")
        return self.say("lottery.now_closed")

    def _terms(self, lottery: Lottery) -> Iterator[Markup]:
        terms = lottery.terms
        yield from (self.say("lottery.prize", name=prize.name, places=prize.places) for prize in terms.prizes)
        if terms.draw_at is not None:
            yield self.say("lottery.until", when=self.time(terms.draw_at))
        if terms.at_entrants is not None:
            yield self.say("lottery.at_entrants", n=terms.at_entrants)
        if terms.draw_at is None and terms.at_entrants is None:
            yield self.say("lottery.by_hand")
        if terms.cost:
            yield self.say("lottery.cost", cost=self._cost(lottery))
        if terms.keyword is not None:
            yield self.say("lottery.keyword", word=terms.keyword)
        if lottery.terms.beacon:
            yield self._beacon(lottery.rules["beacon"]["round"])
        if terms.no_operators:
            yield self.say("lottery.not_for_operators")

    def _beacon(self, number: int | None) -> Markup:
        if number is None:
            return self.say("lottery.beacon", n=WAIT)
        return self.say("lottery.beacon_round", round=number, when=self._second(time_of(number)))

    def _second(self, at: datetime) -> str:
        return f"{at.astimezone(self.group.zone):%H:%M:%S}"

    def _won(self, winners: Sequence[NamedWinner]) -> Iterator[Markup]:
        for prize, of_prize in groupby(winners, key=lambda winner: winner.prize):
            yield self.say("lottery.won", prize=prize, names=Markup(", ").join(map(self._mention, of_prize)))

    def _mention(self, winner: NamedWinner) -> Markup:
        return self.say("lottery.mention", id=winner.user_id, name=winner.name)

    def _cost(self, lottery: Lottery) -> Part:
        return Part("points.amount", lottery.terms.cost)

    def _proof(self, lottery: Lottery, proof: str) -> Post:
        reason = f"lottery:{lottery.id}:proof:{len(lottery.redraws)}"
        return Post(
            reason, self.say("lottery.proof", id=lottery.id), file_name=f"lottery-{lottery.id}-proof.json", file=proof
        )


def _lines(parts: Sequence[Markup]) -> Markup:
    return Markup("\n").join(parts)


def _pages(winners: Sequence[NamedWinner]) -> Iterator[Sequence[NamedWinner]]:
    return (winners[n : n + AT_ONCE] for n in range(0, len(winners), AT_ONCE))
