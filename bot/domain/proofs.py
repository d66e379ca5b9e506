"""The proof of a draw: one JSON document, and what in it does not fit."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any

from bot.domain.beacons import IsSigned, misfits, mixed
from bot.domain.draws import (
    PROOF_FORMAT,
    Entrant,
    Win,
    canonical,
    commitment_of,
    draw,
    list_hash_of,
    listed,
    sha256,
)
from bot.domain.proofs_shape import misshapen

Json = dict[str, Any]


class NotAProof(ValueError):
    """The file is no JSON document; the text says where it stops being one."""


def make_proof(
    rules: Mapping[str, Any],
    seed: bytes,
    entrants: Sequence[Entrant],
    wins: Sequence[Win],
    redraws: Sequence[Json] = (),
    beacon: Json | None = None,
) -> Json:
    """The proof of a draw and of the redraws after it; `entrants` are `listed`, `beacon` the round in it."""
    return _sealed(
        {
            **({} if beacon is None else {"beacon": beacon}),
            "format": PROOF_FORMAT,
            "rules": dict(rules),
            "commitment": commitment_of(rules, seed),
            "seed": seed.hex(),
            "entrants": [list(entrant) for entrant in entrants],
            "entrants_hash": list_hash_of(entrants),
            "winners": [[win.prize, win.place, win.id] for win in wins],
            "redraws": list(redraws),
        }
    )


def redrawn(proof: Json, missing: Win, unfit: Sequence[str], reason: str) -> Json:
    """The proof with one more redraw: of this place alone, among all who have not won and are not `unfit` by now."""
    number = len(proof["redraws"]) + 1
    entry: Json = {
        "number": number,
        "prize": missing.prize,
        "place": missing.place,
        "missing": missing.id,
        "excluded": sorted(unfit),
        "reason": reason,
        "previous": _last_hash(proof, number - 1),
        "winner": _redraw(proof, number, [*_winners_before(proof, number - 1), *unfit]),
    }
    return _sealed({**proof, "redraws": [*proof["redraws"], entry]})


def standing_wins(proof: Json) -> list[Win]:
    """Who holds each place after all redraws; a place that nobody was left for is not in it."""
    holders = {(prize, place): winner for prize, place, winner in proof["winners"]}
    for entry in proof["redraws"]:
        holders[entry["prize"], entry["place"]] = entry["winner"]
    return [Win(prize, place, winner) for (prize, place), winner in sorted(holders.items()) if winner is not None]


def written(proof: Json) -> str:
    """The proof as it is published."""
    return canonical(proof).decode()


def read_proof(text: str) -> object:
    """The document of a file. Raises `NotAProof`."""
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise NotAProof(f"not a JSON document: {error}") from None


def drawing_seed(seed: bytes, beacon: Json | None) -> bytes:
    """What is drawn with: the seed, with the beacon's round mixed in where one takes part."""
    return seed if beacon is None else mixed(seed, beacon["round"], bytes.fromhex(beacon["signature"]))


def verify(proof: object, is_signed: IsSigned = lambda *_: False) -> list[str]:
    """Every thing that does not fit, a line each; none when the winners are those that seed, list and rules give.

    `is_signed` looks at a beacon's signature; without it, no proof with a beacon fits.
    """
    wrong = list(misshapen(proof))
    if wrong:
        return wrong
    assert isinstance(proof, dict)  # noqa: S101 - `misshapen` has looked
    beacon = misfits(proof["rules"], proof["beacon"], is_signed) if "beacon" in proof else ()
    return [*beacon, *_misfits(proof), *_wrong_redraws(proof), *_broken_seal(proof)]


def summary(proof: Any) -> list[str]:
    """What a proof without a fault says, to be compared with what the group was told at the time."""
    prizes = proof["rules"]["prizes"]
    wins = standing_wins(proof)
    version = proof["rules"].get("version", 1)
    told = "at the opening" if version == 1 else f"with version {version} of the rules"
    counts = [_counted(proof["entrants"], "entrant"), _counted(wins, "winner"), _counted(proof["redraws"], "redraw")]
    return [
        f"commitment, told {told}: {proof['commitment']}",
        f"list of entrants, told at the closing: {proof['entrants_hash']}",
        f"seed, told with the winners: {proof['seed']}",
        *(f"drand round {beacon['round']}: {beacon['signature']}" for beacon in [proof.get("beacon")] if beacon),
        *(f"{prizes[win.prize]['name']}, place {win.place + 1}: {win.id}" for win in wins),
        f"Everything fits: {', '.join(counts)}.",
    ]


def _counted(items: Sequence[object], name: str) -> str:
    return f"{len(items)} {name}" if len(items) == 1 else f"{len(items)} {name}s"


def _misfits(proof: Json) -> Iterator[str]:
    entrants = [Entrant._make(line) for line in proof["entrants"]]
    seed = bytes.fromhex(proof["seed"])
    if proof["commitment"] != (expected := commitment_of(proof["rules"], seed)):
        yield f"commitment: {proof['commitment']} stands there, rules and seed give {expected}"
    if proof["entrants_hash"] != (expected := list_hash_of(entrants)):
        yield f"entrants_hash: {proof['entrants_hash']} stands there, the list gives {expected}"
    if entrants != listed(entrants):
        yield "entrants: the list is not sorted"
    if len({entrant.id for entrant in entrants}) < len(entrants):
        yield "entrants: somebody is in the list twice"
    drawn = draw(_seed(proof), entrants, [prize["places"] for prize in proof["rules"]["prizes"]])
    yield from _differences([Win(*line) for line in proof["winners"]], drawn)


def _differences(stated: Sequence[Win], drawn: Sequence[Win]) -> Iterator[str]:
    for number in range(max(len(stated), len(drawn))):
        here = stated[number] if number < len(stated) else None
        there = drawn[number] if number < len(drawn) else None
        if here != there:
            yield f"winners[{number}]: {_named(here)} stands there, the draw gives {_named(there)}"


def _named(win: Win | None) -> str:
    return "nobody" if win is None else f"prize {win.prize}, place {win.place}, {win.id}"


def _wrong_redraws(proof: Json) -> Iterator[str]:
    known = {line[0] for line in proof["entrants"]}
    holders: dict[tuple[int, int], str | None] = {(win[0], win[1]): win[2] for win in proof["winners"]}
    for index, entry in enumerate(proof["redraws"]):
        place, where = (entry["prize"], entry["place"]), f"redraws[{index}]"
        if entry["number"] != index + 1:
            yield f"{where}.number: {entry['number']} stands there, it must be {index + 1}"
        if holders.get(place) != entry["missing"]:
            yield f"{where}.missing: {entry['missing']} did not hold prize {place[0]}, place {place[1]}"
        if entry["previous"] != (expected := _last_hash(proof, index)):
            yield f"{where}.previous: {entry['previous']} stands there, what came before gives {expected}"
        if entry["excluded"] != sorted(set(entry["excluded"]) & known):
            yield f"{where}.excluded: not a sorted list of entrants"
        drawn = _redraw(proof, index + 1, [*_winners_before(proof, index), *entry["excluded"]])
        if entry["winner"] != drawn:
            yield f"{where}.winner: {entry['winner']} stands there, the redraw gives {drawn}"
        holders[place] = entry["winner"]


def _broken_seal(proof: Json) -> Iterator[str]:
    if proof["hash"] != (expected := _seal(proof)):
        yield f"hash: {proof['hash']} stands there, the document gives {expected}"


def _redraw(proof: Json, number: int, excluded: Sequence[str]) -> str | None:
    entrants = list(starmap(Entrant, proof["entrants"]))
    wins = draw(_seed(proof), entrants, [1], number, excluded)
    return wins[0].id if wins else None


def _seed(proof: Json) -> bytes:
    return drawing_seed(bytes.fromhex(proof["seed"]), proof.get("beacon"))


def _winners_before(proof: Json, redraws: int) -> list[str]:
    """Everybody who has ever won, up to so many redraws."""
    earlier = [entry["winner"] for entry in proof["redraws"][:redraws]]
    return [win[2] for win in proof["winners"]] + [winner for winner in earlier if winner is not None]


def _last_hash(proof: Json, redraws: int) -> str:
    """The hash that links a redraw to what came before it: the draw, or the redraw before."""
    if redraws:
        return sha256(canonical(proof["redraws"][redraws - 1]))
    return sha256(canonical([proof["commitment"], proof["entrants_hash"], proof["winners"]]))


def _seal(proof: Json) -> str:
    return sha256(canonical({name: value for name, value in proof.items() if name != "hash"}))


def _sealed(proof: Json) -> Json:
    return {**proof, "hash": _seal(proof)}


def _without_repeats(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
