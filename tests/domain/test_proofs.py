"""The proof: what fits, and that nothing in it can be changed unnoticed."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.draws import ALGORITHM, Entrant, Win, draw, listed, sha256
from bot.domain.proofs import NotAProof, make_proof, read_proof, redrawn, standing_wins, summary, verify, written

SEED = bytes(range(32))
RULES = {"algorithm": ALGORITHM, "prizes": [{"name": "茶", "places": 1}, {"name": "Mug", "places": 2}], "cost": 0,
         "draw_at": None, "no_operators": False}  # fmt: skip
ENTRANTS = listed(Entrant(sha256(bytes([n])), 10 + n) for n in range(6))

Json = dict[str, Any]


def drawn() -> Json:
    return make_proof(RULES, SEED, ENTRANTS, draw(SEED, ENTRANTS, [1, 2]))


def with_redraws() -> Json:
    proof = drawn()
    first = standing_wins(proof)[1]
    proof = redrawn(proof, first, [loser_of(proof)], "no answer")
    return redrawn(proof, standing_wins(proof)[1], [], "没有回应")


def loser_of(proof: Json) -> str:
    won = {win[2] for win in proof["winners"]}
    return next(entrant.id for entrant in ENTRANTS if entrant.id not in won)


PROOF = with_redraws()
TEXT = written(PROOF)


def test_a_proof_fits_also_with_redraws_and_when_it_is_printed_nicely() -> None:
    assert verify(drawn()) == []
    assert verify(PROOF) == []
    assert verify(read_proof(json.dumps(PROOF, indent=2))) == []


def test_the_proof_of_the_documentation_fits() -> None:
    text = (Path(__file__).parent.parent.parent / "docs/fair-draws.md").read_text("utf-8")
    [document] = re.findall(r"```json\n(.*?)```", text, re.DOTALL)

    assert verify(read_proof(document)) == []


def test_a_redraw_gives_the_place_to_somebody_who_has_never_won() -> None:
    places = [(win.prize, win.place) for win in standing_wins(PROOF)]
    everybody = [win[2] for win in PROOF["winners"]] + [entry["winner"] for entry in PROOF["redraws"]]

    assert places == [(0, 0), (1, 0), (1, 1)]
    assert len(set(everybody)) == 5
    assert loser_of(drawn()) != PROOF["redraws"][0]["winner"]


def test_when_nobody_is_left_the_place_stays_empty() -> None:
    entrants = ENTRANTS[:1]
    proof = make_proof(RULES, SEED, entrants, draw(SEED, entrants, [1, 2]))

    again = redrawn(proof, Win(0, 0, entrants[0].id), [], "no answer")

    assert again["redraws"][0]["winner"] is None
    assert standing_wins(again) == []
    assert verify(again) == []


def test_the_summary_says_what_to_compare() -> None:
    lines = summary(PROOF)

    assert lines[0] == f"commitment, told at the opening: {PROOF['commitment']}"
    assert lines[3].startswith("茶, place 1: ")
    assert lines[-1] == "Everything fits: 6 entrants, 3 winners, 2 redraws."


def test_the_summary_of_changed_rules_says_where_their_commitment_was_told() -> None:
    entrants, rules = ENTRANTS[:1], {**RULES, "version": 2}
    proof = make_proof(rules, SEED, entrants, [Win(0, 0, entrants[0].id)])
    lines = summary(redrawn(proof, Win(0, 0, entrants[0].id), [], "no answer"))

    assert lines[0] == f"commitment, told with version 2 of the rules: {proof['commitment']}"
    assert lines[-1] == "Everything fits: 1 entrant, 0 winners, 1 redraw."


@given(st.data())
def test_one_changed_byte_is_found(data: st.DataObject) -> None:
    raw = bytearray(TEXT.encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place]))

    try:
        document = read_proof(raw.decode())
    except (NotAProof, UnicodeDecodeError):
        return
    assert verify(document)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda some: st.lists(some) | st.dictionaries(st.text(), some),
    )
)
def test_nonsense_is_no_proof(document: object) -> None:
    assert verify(document)


@given(st.data())
def test_any_value_put_in_any_place_is_found(data: st.DataObject) -> None:
    proof = read_proof(TEXT)
    place: Any
    place, key = data.draw(st.sampled_from(list(_places(proof))))
    value: Any = data.draw(
        st.sampled_from([None, True, 0, 1, -1, 2**70, 0.5, "", "x", "\ud800", [], {}, ["x"], [1, 2, 3]])
    )
    if type(value) is type(place[key]) and value == place[key]:
        return
    place[key] = value

    assert verify(proof)


def _places(value: Any) -> Any:
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def _set(*path: str | int, to: object) -> Callable[[Json], None]:
    def change(proof: Any) -> None:
        for step in path[:-1]:
            proof = proof[step]
        proof[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_set("seed", to="ff" * 32), "commitment: "),
        (_set("seed", to="FF" * 32), "seed: not 32 bytes"),
        (_set("commitment", to="0" * 64), "commitment: 000"),
        (_set("entrants_hash", to="0" * 64), "entrants_hash: 000"),
        (_set("hash", to="0" * 64), "hash: 000"),
        (_set("format", to="other"), "format: 'other' stands there"),
        (_set("rules", "algorithm", to="other"), "rules.algorithm: "),
        (_set("rules", "prizes", to=[]), "commitment: "),
        (_set("rules", "prizes", to=7), "rules.prizes: "),
        (_set("rules", "prizes", 0, to={"name": "x"}), "rules.prizes: "),
        (_set("rules", "cost", to=0.5), "rules: only texts"),
        (_set("entrants", 0, 1, to=0), "entrants[0]: not a hash"),
        (_set("entrants", 0, to=7), "entrants[0]: not a hash"),
        (_set("entrants", 0, to=PROOF["entrants"][1]), "entrants: somebody is in the list twice"),
        (lambda proof: proof["entrants"].reverse(), "entrants: the list is not sorted"),
        (lambda proof: proof["winners"].reverse(), "winners[0]: prize 1, place 1"),
        (lambda proof: proof["winners"].pop(), "winners[2]: nobody stands there"),
        (lambda proof: proof["winners"].append([1, 2, "0" * 64]), "winners[3]: prize 1, place 2"),
        (_set("winners", 0, to=["x"]), "winners[0]: not a prize"),
        (_set("redraws", 0, to=7), "redraws[0]: not an object"),
        (_set("redraws", 0, "number", to=7), "redraws[0].number: 7 stands there"),
        (_set("redraws", 0, "missing", to="x"), "redraws[0].missing: x did not hold"),
        (_set("redraws", 0, "previous", to="x"), "redraws[0].previous: x stands there"),
        (_set("redraws", 0, "excluded", to=["x"]), "redraws[0].excluded: "),
        (_set("redraws", 0, "excluded", to=[7]), "redraws[0]: only texts"),
        (_set("redraws", 0, "winner", to=None), "redraws[0].winner: None stands there"),
        (_set("redraws", 0, "reason", to="other"), "redraws[1].previous: "),
        (_set("more", to=1), "more: unknown"),
        (lambda proof: proof.pop("seed"), "seed: missing"),
        (_set("seed", to=7), "seed: not of the right kind"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(change: Callable[[Json], object], found: str) -> None:
    proof = read_proof(TEXT)
    assert isinstance(proof, dict)
    change(proof)

    assert any(line.startswith(found) for line in verify(proof)), verify(proof)


@pytest.mark.parametrize("text", ["", "{", '{"a":1,"a":1}', "[" * 100_000])
def test_what_is_no_document(text: str) -> None:
    with pytest.raises(NotAProof, match="not a JSON document"):
        read_proof(text)


def test_what_is_no_object() -> None:
    assert verify([]) == ["the document is not an object"]
