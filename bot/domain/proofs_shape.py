"""The shape of a proof: types alone, so that whoever compares what is in it may rely on them."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain import beacons
from bot.domain.draws import ALGORITHM, PROOF_FORMAT, SEED_BYTES

Json = dict[str, Any]

_FIELDS = {
    "format": str, "rules": dict, "commitment": str, "seed": str, "entrants": list, "entrants_hash": str,
    "winners": list, "redraws": list, "hash": str,
}  # fmt: skip
_REDRAW = {"number": int, "prize": int, "place": int, "missing": str, "excluded": list, "reason": str, "previous": str}


def misshapen(proof: object) -> Iterator[str]:
    """What a document has not, has too much, or has of another kind than a proof, a line each."""
    if not isinstance(proof, dict):
        yield "the document is not an object"
        return
    fields = {**_FIELDS, "beacon": dict} if "beacon" in proof else _FIELDS
    yield from _wrong_fields(proof, fields, "")
    if _is_shaped(proof, fields):
        if proof["format"] != PROOF_FORMAT:
            yield f"format: {proof['format']!r} stands there, this program reads {PROOF_FORMAT!r}"
        yield from _odd_values(proof)


def _odd_values(proof: Json) -> Iterator[str]:
    for name, length in (("seed", SEED_BYTES), ("commitment", 32), ("entrants_hash", 32), ("hash", 32)):
        if not _is_hex(proof[name], length):
            yield f"{name}: not {length} bytes in lower-case hexadecimal"
    if not _is_plain(proof["rules"]):
        yield "rules: only texts, whole numbers, lists and objects may stand there"
    if proof["rules"].get("algorithm") != ALGORITHM:
        yield f"rules.algorithm: this program replays {ALGORITHM!r} alone"
    prizes = proof["rules"].get("prizes")
    if not isinstance(prizes, list) or not all(_is_prize(prize) for prize in prizes):
        yield "rules.prizes: not a list of prizes with a name and a number of places"
    yield from beacons.misshapen(proof["rules"], proof.get("beacon"))
    for number, line in enumerate(proof["entrants"]):
        if not (_has_types(line, (str, int)) and _is_hex(line[0], 32) and line[1] >= 1):
            yield f"entrants[{number}]: not a hash and a number of tickets"
    for number, line in enumerate(proof["winners"]):
        if not (_has_types(line, (int, int, str)) and _is_hex(line[2], 32)):
            yield f"winners[{number}]: not a prize, a place and a hash"
    for number, entry in enumerate(proof["redraws"]):
        yield from _odd_redraw(entry, f"redraws[{number}]")


def _odd_redraw(entry: object, where: str) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{where}: not an object"
        return
    winner = entry.get("winner")
    fields = {**_REDRAW, "winner": type(None) if winner is None else str}
    yield from _wrong_fields(entry, fields, f"{where}.")
    if _is_shaped(entry, fields) and not (_is_plain(entry) and _has_types(entry["excluded"], (str,), repeated=True)):
        yield f"{where}: only texts and whole numbers may stand there"


def _wrong_fields(value: Json, fields: Mapping[str, type], where: str) -> Iterator[str]:
    for name in sorted(fields.keys() | value.keys()):
        if name not in value:
            yield f"{where}{name}: missing"
        elif name not in fields:
            yield f"{where}{name}: unknown"
        elif type(value[name]) is not fields[name]:
            yield f"{where}{name}: not of the right kind"


def _is_shaped(value: Json, fields: Mapping[str, type]) -> bool:
    return not any(_wrong_fields(value, fields, ""))


def _is_prize(prize: object) -> bool:
    return isinstance(prize, dict) and not any(_wrong_fields(prize, {"name": str, "places": int}, ""))


def _has_types(line: object, types: tuple[type, ...], *, repeated: bool = False) -> bool:
    if not isinstance(line, list):
        return False
    types = types * len(line) if repeated else types
    return len(line) == len(types) and all(type(part) is kind for part, kind in zip(line, types, strict=True))


def _is_hex(text: str, length: int) -> bool:
    return len(text) == 2 * length and set(text) <= set("0123456789abcdef")


def _is_plain(value: object) -> bool:
    """Whether a value has one canonical form: no fractions, and no halves of a character."""
    match value:
        case dict():
            return all(_is_plain(part) for pair in value.items() for part in pair)
        case list():
            return all(_is_plain(part) for part in value)
        case str():
            return not any("\ud800" <= character <= "\udfff" for character in value)
    return value is None or isinstance(value, bool | int)
