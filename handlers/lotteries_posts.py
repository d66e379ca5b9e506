"""What a lottery says in its group, in the group's language. Nothing here asks or sends: a step stores these words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from markupsafe import Markup

from bot.domain.beacons import time_of
from bot.domain.groups import Group
from bot.domain.locales import closest
from bot.domain.members import Person
from bot.domain.refusals import Part
from bot.services.lotteries_words import (
    NamedWinner,
    Replaced,
    claim_reason,
    closing_reason,
    code_reason,
    commitment,
    opening_reason,
)
from bot.texts import Say, Texts
from handlers.lotteries_words import moment, second, told_terms
from handlers.outbox import START
from storage.lotteries import Lottery
from storage.outbox import Post

JOIN = "lottery"
"""What a join button sends back, before the lottery's id."""

CLAIM = "claim"
"""What a button sends back that claims a prize, before the lottery's id."""

PRIZE = "prize"
"""What a link into the private chat asks for that shows a winner their prize, before the lottery's id."""

AT_ONCE = 40
"""Winners mentioned in one message."""


@dataclass(frozen=True, slots=True)
class LotteryPosts:
    """The words of one group's lotteries."""

    group: Group
    texts: Texts

    @property
    def say(self) -> Say:
        """The group's language, whoever asks."""
        return self.texts.bound(self.group.settings.language)

    def opened(self, lottery: Lottery) -> Sequence[Post]:
        """The post with the button."""
        return [Post(opening_reason(lottery.id), self.body(lottery), self.buttons(lottery))]

    def changed(self, lottery: Lottery) -> Sequence[Post]:
        """The rules of another version, beside the post with the button, which follows."""
        first = self.say("lottery.changed", id=lottery.id, version=lottery.version)
        fixed = self.say("lottery.commitment", hash=commitment(lottery))
        reason = f"lottery:{lottery.id}:version:{lottery.version}"
        return [Post(reason, _lines([first, *told_terms(self.say, self.group, lottery), fixed]))]

    def closed(self, lottery: Lottery, entrants: int, tickets: int, late: datetime | None) -> Sequence[Post]:
        """The hash of the list, before anything is drawn."""
        counts = {"entrants": Part("lottery.entrants", entrants), "tickets": Part("lottery.tickets", tickets)}
        parts = [self.say("lottery.closed", id=lottery.id, hash=lottery.entrants_hash, **counts)]
        if late is not None:
            parts.append(self.say("lottery.late", when=self.time(late)))
        if lottery.round is not None:
            when = second(self.group, time_of(lottery.round))
            parts.append(self.say("lottery.round", round=lottery.round, when=when))
        return [Post(closing_reason(lottery.id), _lines(parts))]

    def waits(self, lottery: Lottery) -> Sequence[Post]:
        """That the beacon cannot be reached, once."""
        text = self.say("lottery.waits", id=lottery.id, round=lottery.round)
        return [Post(f"lottery:{lottery.id}:waits", text)]

    def drawn(self, lottery: Lottery, winners: Sequence[NamedWinner], proof: str) -> Sequence[Post]:
        """The winners, some at a time, and the proof."""
        first = self.say("lottery.drawn" if winners else "lottery.nobody", id=lottery.id)
        seed = self.say("lottery.seed", seed=lottery.seed.hex())
        pages = [list(self._won(page)) for page in _pages(winners)] or [[]]
        pages[0].insert(0, first)
        pages[-1] += [seed, self.say("lottery.how_to_check_in_private", id=lottery.id)]
        pages[-1].extend(self._claiming(winners))
        buttons = self._prize_buttons(lottery) if winners else []
        posts = [Post(f"lottery:{lottery.id}:drawn:{n}", _lines(page), buttons) for n, page in enumerate(pages)]
        return [*posts, self._proof(lottery, proof)]

    def redrawn(self, lottery: Lottery, places: Sequence[Replaced], proof: str, *, timed_out: bool) -> Sequence[Post]:
        """Who gets a place instead, and the proof with the redraws in it."""
        lines = [self._replaced(lottery, place, timed_out=timed_out) for place in places]
        winners = [place.winner for place in places if place.winner is not None]
        buttons = self._prize_buttons(lottery) if winners else []
        reason = f"lottery:{lottery.id}:redrawn:{len(lottery.redraws)}"
        return [Post(reason, _lines([*lines, *self._claiming(winners)]), buttons), self._proof(lottery, proof)]

    def to_claim(self, lottery: Lottery, winner: NamedWinner) -> Post:
        """What a winner is told who has to claim the prize."""
        say = self._say_to(winner.language)
        parts = [say("lottery.won_by_you", id=lottery.id, group=self.group.title, prize=winner.prize)]
        if winner.claim_by is not None:
            parts.append(say("lottery.claim_by", when=self.time(winner.claim_by)))
        button = (str(say("lottery.claim")), f"{CLAIM}:{lottery.id}")
        return Post(claim_reason(lottery.id, winner.user_id), _lines(parts), [button], to=winner.user_id)

    def code(self, lottery: Lottery, winner: NamedWinner, code: str) -> Post:
        """What a winner is told whose prize has a code."""
        say, title = self._say_to(winner.language), self.group.title
        text = say("lottery.your_code", id=lottery.id, group=title, prize=winner.prize, code=code)
        return Post(code_reason(lottery.id, winner.user_id), text, to=winner.user_id)

    def out_of_codes(self, lottery: Lottery, prize: int, waiting: int, codes: int, operator: Person) -> Post:
        """What the operators are told who brought the codes, once for so many of them."""
        say, name = self._say_to(operator.language), lottery.terms.prizes[prize].name
        text = say(
            "lottery.out_of_codes", id=lottery.id, group=self.group.title, prize=name, n=waiting, number=prize + 1
        )
        return Post(f"lottery:{lottery.id}:short:{prize}:{codes}:{operator.id}", text, to=operator.id)

    def cancelled(self, lottery: Lottery) -> Sequence[Post]:
        """That it is off."""
        parts = [self.say("lottery.cancelled", id=lottery.id)]
        if lottery.terms.cost:
            parts.append(self.say("lottery.refunded", cost=self._cost(lottery)))
        return [Post(f"lottery:{lottery.id}:cancelled", Markup(" ").join(parts))]

    def body(self, lottery: Lottery) -> Markup:
        """What the post with the button says by now."""
        fixed = self.say("lottery.commitment", hash=commitment(lottery))
        return _lines(
            [
                self.say("lottery.title", id=lottery.id),
                *told_terms(self.say, self.group, lottery),
                self._state(lottery),
                fixed,
            ]
        )

    def buttons(self, lottery: Lottery) -> Sequence[tuple[str, str]]:
        """The buttons that enter, here and in private, while one can."""
        if lottery.state != "open":
            return []
        here = (str(self.say("lottery.join")), f"{JOIN}:{lottery.id}")
        return [here, (str(self.say("lottery.join_in_private")), f"{START}{JOIN}-{lottery.id}")]

    def time(self, at: datetime) -> str:
        """An instant as the group's clocks show it."""
        return moment(self.group, at)

    def _state(self, lottery: Lottery) -> Markup:
        match lottery.state:
            case "open":
                return self.say("lottery.count", n=lottery.entrants, tickets=Part("lottery.tickets", lottery.tickets))
            case "cancelled":
                return self.say("lottery.now_cancelled")
        return self.say("lottery.now_closed")

    def _won(self, winners: Sequence[NamedWinner]) -> Iterator[Markup]:
        for prize, of_prize in groupby(winners, key=lambda winner: winner.prize):
            yield self.say("lottery.won", prize=prize, names=Markup(", ").join(map(self._mention, of_prize)))

    def _replaced(self, lottery: Lottery, place: Replaced, *, timed_out: bool) -> Markup:
        missing, prize = place.missing.name, place.missing.prize
        if place.winner is None:
            key = "lottery.timed_out_for_nobody" if timed_out else "lottery.nobody_left"
            return self.say(key, id=lottery.id, prize=prize, missing=missing)
        key = "lottery.timed_out" if timed_out else "lottery.redrawn"
        return self.say(key, id=lottery.id, prize=prize, winner=self._mention(place.winner), missing=missing)

    def _claiming(self, winners: Sequence[NamedWinner]) -> Iterator[Markup]:
        if ends := {winner.claim_by for winner in winners if winner.claim_by is not None}:
            yield self.say("lottery.claim_until", when=self.time(max(ends)))

    def _prize_buttons(self, lottery: Lottery) -> Sequence[tuple[str, str]]:
        """The button that claims, where that is needed, and the link to the prize for its winner alone."""
        link = (str(self.say("lottery.get_it")), f"{START}{PRIZE}-{lottery.id}")
        if lottery.terms.claim is None:
            return [link]
        return [(str(self.say("lottery.claim")), f"{CLAIM}:{lottery.id}"), link]

    def _say_to(self, language: str | None) -> Say:
        """The language of somebody who is told something in private."""
        return self.texts.bound(closest([language], self.group.settings.language))

    def _mention(self, winner: NamedWinner) -> Markup:
        return self.say("lottery.mention", id=winner.user_id, name=winner.name)

    def _cost(self, lottery: Lottery) -> Part:
        return Part("points.amount", lottery.terms.cost)

    def _proof(self, lottery: Lottery, proof: str) -> Post:
        reason = f"lottery:{lottery.id}:proof:{len(lottery.redraws)}"
        text = self.say("lottery.proof", id=lottery.id)
        return Post(reason, text, file_name=proof_name(lottery.id), file=proof)


def proof_name(lottery_id: int) -> str:
    """What the file with a proof is called."""
    return f"lottery-{lottery_id}-proof.json"


def _lines(parts: Sequence[Markup]) -> Markup:
    return Markup("\n").join(parts)


def _pages(winners: Sequence[NamedWinner]) -> Iterator[Sequence[NamedWinner]]:
    return (winners[n : n + AT_ONCE] for n in range(0, len(winners), AT_ONCE))
