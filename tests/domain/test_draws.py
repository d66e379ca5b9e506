"""The draw: who wins, how often, and that nothing but seed, list and rules decides."""

import hmac
import json
import random
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.draws import (
    ALGORITHM,
    Entrant,
    canonical,
    commitment_of,
    draw,
    id_of,
    list_hash_of,
    listed,
    nonce_of,
    sha256,
)
from bot.domain.draws import _Stream as Stream

FAIR_DRAWS = Path(__file__).parent.parent.parent / "docs/fair-draws.md"

seeds = st.binary(min_size=32, max_size=32)
lists = st.dictionaries(st.integers(1, 10**10), st.integers(1, 9), max_size=40).map(
    lambda held: listed(Entrant(sha256(str(user).encode()), tickets) for user, tickets in held.items())
)
tiers = st.lists(st.integers(0, 6), max_size=5)


@given(seeds, lists, tiers)
def test_winners_are_distinct_entrants_and_as_many_as_there_are_places_for(
    seed: bytes, entrants: list[Entrant], places: list[int]
) -> None:
    wins = draw(seed, entrants, places)

    assert len({win.id for win in wins}) == len(wins) == min(sum(places), len(entrants))
    assert {win.id for win in wins} <= {entrant.id for entrant in entrants}
    in_order = [(prize, place) for prize, quantity in enumerate(places) for place in range(quantity)]
    assert [(win.prize, win.place) for win in wins] == in_order[: len(wins)]


@given(seeds, lists, tiers, st.randoms())
def test_the_order_of_entry_decides_nothing(
    seed: bytes, entrants: list[Entrant], places: list[int], rng: random.Random
) -> None:
    shuffled = rng.sample(entrants, len(entrants))

    assert draw(seed, listed(shuffled), places) == draw(seed, entrants, places)


@given(seeds, lists, tiers, st.integers(0, 3))
def test_it_is_what_the_documented_steps_come_to(
    seed: bytes, entrants: list[Entrant], places: list[int], number: int
) -> None:
    """Step by step as docs/fair-draws.md says it, with a walk along the list."""
    key = hmac.digest(seed, f"hearthbot-draw-1|{list_hash_of(entrants)}|{number}".encode(), "sha256")
    left, block, expected = dict.fromkeys((e.id for e in entrants), 0) | {e.id: e.tickets for e in entrants}, 0, []
    for prize, quantity in enumerate(places):
        for place in range(quantity):
            if not (total := sum(left.values())):
                continue
            while (drawn := _block(key, block)) >= 2**256 - 2**256 % total:
                block += 1
            block, ticket = block + 1, drawn % total
            winner = next(i for i, before in _starts(left) if before <= ticket < before + left[i])
            left[winner] = 0
            expected.append((prize, place, winner))

    assert [(win.prize, win.place, win.id) for win in draw(seed, entrants, places, number)] == expected


def _block(key: bytes, number: int) -> int:
    return int.from_bytes(hmac.digest(key, number.to_bytes(8, "big"), "sha256"), "big")


def _starts(left: dict[str, int]) -> list[tuple[str, int]]:
    ids = list(left)
    return [(one, sum(left[before] for before in ids[:place])) for place, one in enumerate(ids)]


@given(st.lists(st.integers(), max_size=3), st.integers(0, 3))
def test_a_long_list_is_written_as_a_short_one_is(items: list[int], thousands: int) -> None:
    value = {"list": [*items, *range(1_000 * thousands)], "nothing": {}}

    assert canonical(value) == json.dumps(value, separators=(",", ":")).encode()


@given(seeds, lists, st.integers(0, 3))
def test_who_is_excluded_does_not_win(seed: bytes, entrants: list[Entrant], number: int) -> None:
    excluded = [entrant.id for entrant in entrants[::2]]

    wins = draw(seed, entrants, [len(entrants)], number, excluded)

    assert {win.id for win in wins} == {entrant.id for entrant in entrants[1::2]}


# Chi-squared with 9 and 19 degrees of freedom exceeds 21.7 and 36.2 once in a hundred times when all is fair. With
# these fixed seeds the tests do not waver, and a draw that is not fair fails them with all but certainty.


def test_chances_are_as_tickets() -> None:
    """Chi-squared over 20,000 draws of one place, at a level of 1 %."""
    entrants = listed(Entrant(sha256(bytes([n])), n + 1) for n in range(10))
    rounds, total = 20_000, sum(entrant.tickets for entrant in entrants)

    won = Counter(draw(n.to_bytes(32, "big"), entrants, [1])[0].id for n in range(rounds))

    expected = {entrant.id: rounds * entrant.tickets / total for entrant in entrants}
    assert sum((won[i] - e) ** 2 / e for i, e in expected.items()) < 21.7


def test_the_second_place_is_drawn_as_fairly_as_the_first() -> None:
    """Chi-squared over the ordered pairs of 10,000 draws of two places among five equals, at a level of 1 %."""
    entrants = listed(Entrant(sha256(bytes([n])), 3) for n in range(5))

    won = Counter(tuple(win.id for win in draw(n.to_bytes(32, "big"), entrants, [1, 1])) for n in range(10_000))

    assert len(won) == 20
    assert sum((count - 500) ** 2 / 500 for count in won.values()) < 36.2


def test_a_block_of_the_incomplete_last_range_is_passed_over() -> None:
    limit = 2**255 + 1  # almost half of all blocks lie beyond the only complete range
    stream = Stream(bytes(32), "", 0)
    key = hmac.digest(bytes(32), f"{ALGORITHM}||0".encode(), "sha256")
    blocks = [block for n in range(64) if (block := _block(key, n)) < limit]

    assert [stream.below(limit) for _ in range(20)] == blocks[:20]


def test_the_test_vector_of_the_documentation() -> None:
    text = FAIR_DRAWS.read_text("utf-8")
    [written] = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    proof: dict[str, Any] = json.loads(written)
    salt, seed = bytes(range(32, 64)), bytes(range(32))
    entrants = listed(Entrant(id_of(nonce_of(salt, user), user), user - 1000) for user in range(1001, 1006))

    assert proof["rules"]["salt_hash"] == sha256(salt)
    assert proof["commitment"] == commitment_of(proof["rules"], seed)
    assert proof["entrants"] == [[entrant.id, entrant.tickets] for entrant in entrants]
    assert proof["entrants_hash"] == list_hash_of(entrants)
    assert proof["winners"] == [[win.prize, win.place, win.id] for win in draw(seed, entrants, [1, 2])]
    key = hmac.digest(seed, f"{ALGORITHM}|{proof['entrants_hash']}|0".encode(), "sha256")
    blocks = [_block(key, n).to_bytes(32, "big").hex()[:8] for n in range(3)]
    for told in (key.hex(), nonce_of(salt, 1001), *blocks):
        assert f"`{told}`" in text


def test_the_list_is_sorted() -> None:
    hashes = [entrant.id for entrant in listed(Entrant(sha256(bytes([n])), 1) for n in range(50))]

    assert all(before < after for before, after in pairwise(hashes))
