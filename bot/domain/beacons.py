"""A public randomness beacon that takes part in a draw: which round, what it must be signed with, how it is mixed in.

The beacon is drand's quicknet. Its rounds come every three seconds; each is a signature that nobody can compute before.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.refusals import Refusal

Json = dict[str, Any]
IsSigned = Callable[[bytes, bytes, bytes], bool]
"""Whether (public key, message, signature) fit together: BLS12-381 with the public key on G2, as RFC 9380 hashes."""

MIXING = "hearthbot-beacon-1"

QUICKNET: Mapping[str, str | int] = {
    "chain": "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    "public_key": (
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
        "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    "scheme": "bls-unchained-g1-rfc9380",
    "genesis": 1692803367,
    "period": 3,
}
"""What drand publishes of the chain; `genesis` is the time of round 1 and `period` the seconds from round to round."""

WAIT = 60
"""Seconds from the closing to the round, so that the list's hash is out before anybody knows the round."""

ON_TIME = 30
"""Seconds after the announced time within which a closing leaves the round that was announced."""

SIGNATURE_BYTES = 48


class NoBeacon(Refusal):
    """The installation asks no beacon."""

    text = "lottery.no_beacon"


def beacon_rules(draw_at: datetime | None) -> Json:
    """What the rules of a lottery fix: the chain, and the round, or how it follows from the closing."""
    fixed = None if draw_at is None else _round_from(int(draw_at.timestamp()) + WAIT)
    return {**QUICKNET, "wait": WAIT, "on_time": ON_TIME, "round": fixed}


def round_of(rules: Json, draw_at: datetime | None, closed_at: datetime) -> int:
    """The round that takes part: the announced one, or the first one after the wait when it was closed at another time.

    Nobody can choose it: whoever closes at some time or other does not know what the round will say.
    """
    fixed, closed = rules["round"], int(closed_at.timestamp())
    if fixed is not None and draw_at is not None and 0 <= closed - int(draw_at.timestamp()) <= rules["on_time"]:
        found: int = fixed
        return found
    return _round_from(closed + rules["wait"])


def time_of(number: int) -> datetime:
    """When a round comes."""
    return datetime.fromtimestamp(_GENESIS + (number - 1) * _PERIOD, UTC)


def message_of(number: int) -> bytes:
    """What a round's signature signs."""
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


def is_round(number: int, signature: bytes, is_signed: IsSigned) -> bool:
    """Whether this is what the beacon said in that round."""
    return len(signature) == SIGNATURE_BYTES and is_signed(_PUBLIC_KEY, message_of(number), signature)


def mixed(seed: bytes, number: int, signature: bytes) -> bytes:
    """The seed that the draw is made with: known to nobody before the round, and fixed by the seed and the round."""
    randomness = hashlib.sha256(signature).hexdigest()
    return hmac.digest(seed, f"{MIXING}|{QUICKNET['chain']}|{number}|{randomness}".encode(), "sha256")


def misfits(rules: Json, told: Json, is_signed: IsSigned) -> Iterator[str]:
    """What does not fit in a proof's `rules.beacon`, `rules.draw_at` and `beacon`, whose shapes have been looked at."""
    draw_at = None if rules["draw_at"] is None else datetime.fromisoformat(rules["draw_at"])
    expected = round_of(rules["beacon"], draw_at, datetime.fromisoformat(told["closed_at"]))
    if rules["beacon"]["round"] != (announced := beacon_rules(draw_at)["round"]):
        yield f"rules.beacon.round: {rules['beacon']['round']} stands there, the time of the draw gives {announced}"
    if told["round"] != expected:
        yield f"beacon.round: {told['round']} stands there, rules and closing give {expected}"
    if not is_round(told["round"], bytes.fromhex(told["signature"]), is_signed):
        yield f"beacon.signature: not what the beacon said in round {told['round']}"


def misshapen(rules: Json, told: object) -> Iterator[str]:
    """What in `rules.beacon` and `beacon` is not of the right kind; the one is there with the other."""
    if (rules.get("beacon") is None) != (told is None):
        yield "beacon: it must be there if the rules have one, and only then"
        return
    if told is None:
        return
    if not _is_known(rules["beacon"]):
        yield "rules.beacon: this program knows drand's quicknet alone, and the rule by which its round is found"
    if "draw_at" not in rules or not (rules["draw_at"] is None or _is_instant(rules["draw_at"])):
        yield "rules.draw_at: not an instant"
    if not (
        isinstance(told, dict)
        and told.keys() == {"closed_at", "round", "signature"}
        and _is_instant(told["closed_at"])
        and _is_round_number(told["round"])
        and _is_signature(told["signature"])
    ):
        yield "beacon: not the instant of the closing, the number of a round, and a signature"


_GENESIS, _PERIOD = int(QUICKNET["genesis"]), int(QUICKNET["period"])
_PUBLIC_KEY = bytes.fromhex(str(QUICKNET["public_key"]))


def _round_from(second: int) -> int:
    """The first round that comes at an instant or after it."""
    return max(1, -(-(second - _GENESIS) // _PERIOD) + 1)


def _is_known(rules: object) -> bool:
    if not isinstance(rules, dict) or "round" not in rules:
        return False
    fixed = rules["round"]
    return rules == {**beacon_rules(None), "round": fixed} and (fixed is None or _is_round_number(fixed))


def _is_round_number(value: object) -> bool:
    return type(value) is int and 1 <= value < 2**63


def _is_instant(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_signature(value: object) -> bool:
    return isinstance(value, str) and len(value) == 2 * SIGNATURE_BYTES and set(value) <= set("0123456789abcdef")
