"""A draw that anybody can replay: winners follow from a seed fixed beforehand, a closed list, and frozen rules.

docs/fair-draws.md describes every step for other languages; its numbers are computed by this module.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

ALGORITHM = "hearthbot-draw-1"
PROOF_FORMAT = "hearthbot-proof-1"

SEED_BYTES = 32
"""Bytes of a seed and of a salt."""

_BLOCK_RANGE = 2**256

_STEP = 1_000
"""Items that are written or sorted at a time. The interpreter does either without letting other threads in."""


class Entrant(NamedTuple):
    """A line of the list: the hash that stands for a member, and the tickets. A tuple, as the JSON that is hashed."""

    id: str
    tickets: int


@dataclass(frozen=True, slots=True)
class Win:
    """Who won which place of which prize; both count from 0."""

    prize: int
    place: int
    id: str


def canonical(value: object) -> bytes:
    """JSON with sorted keys, without spaces, in UTF-8: the same bytes for the same value (RFC 8785, integers only)."""
    return b"".join(_pieces(value))


def _pieces(value: object) -> Iterator[bytes]:
    """The canonical form, a long list some items at a time, also one in the objects of a list."""
    if isinstance(value, dict):
        for number, name in enumerate(sorted(value)):
            yield b"," if number else b"{"
            yield _json(name) + b":"
            yield from _pieces(value[name])
        yield b"}" if value else b"{}"
    elif isinstance(value, list) and len(value) > _STEP:
        for start in range(0, len(value), _STEP):
            yield b"," if start else b"["
            yield _json(value[start : start + _STEP])[1:-1]
        yield b"]"
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield b"," if number else b"["
            yield from _pieces(item)
        yield b"]"
    else:
        yield _json(value)


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256(data: bytes) -> str:
    """The hash in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def commitment_of(rules: Mapping[str, Any], seed: bytes) -> str:
    """What is published at the opening: it fixes the rules and the seed, and tells nothing of the seed."""
    return sha256(canonical({"rules": rules, "seed": seed.hex()}))


def nonce_of(salt: bytes, user_id: int) -> str:
    """What makes a member's hash theirs alone to compute; only that member is told."""
    return hmac.digest(salt, str(user_id).encode(), "sha256").hex()


def id_of(nonce: str, user_id: int) -> str:
    """The hash that stands for a member in the list."""
    return sha256(f"{nonce}:{user_id}".encode())


def listed(entrants: Iterable[Entrant]) -> list[Entrant]:
    """The list in the order in which it is hashed and drawn from, whatever the order of entry."""
    by_start: dict[str, list[Entrant]] = {}
    for entrant in entrants:
        by_start.setdefault(entrant.id[:2], []).append(entrant)
    return [entrant for start in sorted(by_start) for entrant in sorted(by_start[start])]


def list_hash_of(entrants: Sequence[Entrant]) -> str:
    """What is published at the closing: it fixes the list, which must be `listed`."""
    return sha256(canonical(entrants))


class _Stream:
    """Numbers out of the seed: HMAC-SHA-256 of a counter, a block for each try."""

    def __init__(self, seed: bytes, list_hash: str, number: int) -> None:
        self._key = hmac.digest(seed, f"{ALGORITHM}|{list_hash}|{number}".encode(), "sha256")
        self._counter = count()

    def below(self, limit: int) -> int:
        """An unbiased number from 0 to `limit` - 1: a block of the incomplete last range is passed over."""
        largest = _BLOCK_RANGE - _BLOCK_RANGE % limit
        while True:
            block = hmac.digest(self._key, next(self._counter).to_bytes(8, "big"), "sha256")
            number = int.from_bytes(block, "big")
            if number < largest:
                return number % limit


class _Tickets:
    """Who holds the ticket of a number, while holders are taken out: a Fenwick tree, O(log n) a question."""

    def __init__(self, tickets: Sequence[int]) -> None:
        self._tickets = list(tickets)
        self._sums = [0, *tickets]
        for node in range(1, len(self._sums)):
            above = node + (node & -node)
            if above < len(self._sums):
                self._sums[above] += self._sums[node]
        self.total = sum(tickets)

    def holder(self, number: int) -> int:
        """The place in the list of the ticket of this number, the first being 0."""
        place = 0
        for bit in reversed(range(len(self._tickets).bit_length())):
            beyond = place + (1 << bit)
            if beyond < len(self._sums) and self._sums[beyond] <= number:
                place, number = beyond, number - self._sums[beyond]
        return place

    def take_out(self, place: int) -> None:
        """Removes all tickets of one holder."""
        tickets, self._tickets[place] = self._tickets[place], 0
        self.total -= tickets
        node = place + 1
        while node < len(self._sums):
            self._sums[node] -= tickets
            node += node & -node


def draw(seed: bytes, entrants: Sequence[Entrant], places: Sequence[int], number: int = 0,
         excluded: Iterable[str] = ()) -> list[Win]:  # fmt: skip
    """The winners of prizes with so many places each, in that order; one win a person, chances as tickets.

    `entrants` are `listed`. `number` is 0 for the draw, and counts redraws from 1. With fewer entrants than places,
    all win and the last places stay empty.
    """
    left_out = frozenset(excluded)
    tickets = _Tickets([0 if entrant.id in left_out else entrant.tickets for entrant in entrants])
    stream = _Stream(seed, list_hash_of(entrants), number)
    wins: list[Win] = []
    for prize, quantity in enumerate(places):
        for place in range(quantity):
            if not tickets.total:
                return wins
            winner = tickets.holder(stream.below(tickets.total))
            tickets.take_out(winner)
            wins.append(Win(prize, place, entrants[winner].id))
    return wins
