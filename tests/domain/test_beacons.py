"""The beacon in a draw: which round takes part, how it is mixed in, and that a proof with it cannot be changed."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.beacons import QUICKNET, beacon_rules, mixed, round_of, time_of
from bot.domain.draws import ALGORITHM, Entrant, draw, listed, sha256
from bot.domain.proofs import drawing_seed, make_proof, read_proof, redrawn, standing_wins, summary, verify, written
from bot.services.beacons import is_signed
from tests.rounds import RANDOMNESS, ROUNDS

Json = dict[str, Any]
SEED = bytes(range(32))
ENTRANTS = listed(Entrant(sha256(bytes([n])), 10 + n) for n in range(6))
GROUP_HASH = "f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e"
CLOSED = datetime(2023, 8, 23, 15, 58, 24, tzinfo=UTC)
"""A minute before round 1000."""

instants = st.datetimes(datetime(2023, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_the_chain_has_the_hash_that_its_key_and_times_give() -> None:
    """As drand computes it: period, genesis, key, the hash of the first group, and the name of the chain."""
    parts = pack(">Iq", QUICKNET["period"], QUICKNET["genesis"]), str(QUICKNET["public_key"]), GROUP_HASH
    whole = parts[0] + bytes.fromhex(parts[1]) + bytes.fromhex(parts[2]) + b"quicknet"

    assert hashlib.sha256(whole).hexdigest() == QUICKNET["chain"]


@given(instants)
def test_the_round_is_the_first_one_a_minute_after_the_closing(closed_at: datetime) -> None:
    number = round_of(beacon_rules(None), None, closed_at)
    least = closed_at.replace(microsecond=0) + timedelta(seconds=60)

    assert time_of(number) >= least
    assert number == 1 or time_of(number - 1) < least


@given(instants, st.integers(-10_000, 10_000))
def test_a_round_announced_stays_if_the_closing_is_on_time(draw_at: datetime, late: int) -> None:
    draw_at = draw_at.replace(microsecond=0)
    rules, closed_at = beacon_rules(draw_at), draw_at + timedelta(seconds=late)

    number = round_of(rules, draw_at, closed_at)

    assert number == (rules["round"] if 0 <= late <= 30 else round_of(beacon_rules(None), None, closed_at))
    assert number == 1 or time_of(number) >= closed_at + timedelta(seconds=30)


def test_the_seed_is_mixed_with_the_round_as_the_documentation_says() -> None:
    message = f"hearthbot-beacon-1|{QUICKNET['chain']}|1000|{RANDOMNESS[1000]}"
    found = mixed(SEED, 1000, bytes.fromhex(ROUNDS[1000]))

    assert found == hmac.digest(SEED, message.encode(), "sha256")
    text = (Path(__file__).parent.parent.parent / "docs/fair-draws.md").read_text("utf-8")
    for told in (RANDOMNESS[1000], ROUNDS[1000], found.hex(), str(QUICKNET["public_key"]), str(QUICKNET["chain"])):
        assert f"`{told}`" in text


def proof_of(draw_at: datetime | None = None, closed_at: datetime = CLOSED) -> Json:
    """The proof of a lottery with two redraws, closed a minute before round 1000."""
    rules = {
        "algorithm": ALGORITHM,
        "prizes": [{"name": "茶", "places": 1}, {"name": "Mug", "places": 2}],
        "draw_at": draw_at.isoformat() if draw_at else None,
        "beacon": beacon_rules(draw_at),
    }
    beacon = {"closed_at": closed_at.isoformat(), "round": 1000, "signature": ROUNDS[1000]}
    wins = draw(drawing_seed(SEED, beacon), ENTRANTS, [1, 2])
    proof = make_proof(rules, SEED, ENTRANTS, wins, (), beacon)
    return redrawn(proof, standing_wins(proof)[1], [], "no answer")


@pytest.mark.parametrize("draw_at", [None, CLOSED - timedelta(seconds=1), CLOSED + timedelta(hours=1)])
def test_a_proof_with_a_beacon_fits(draw_at: datetime | None) -> None:
    proof = proof_of(draw_at)

    assert verify(proof, is_signed) == []
    assert verify(read_proof(written(proof)), is_signed) == []
    assert f"drand round 1000: {ROUNDS[1000]}" in summary(proof)


def test_the_beacon_decides() -> None:
    without = [win.id for win in draw(SEED, ENTRANTS, [1, 2])]

    assert [win[2] for win in proof_of()["winners"]] != without


def test_without_a_look_at_the_signature_nothing_is_taken_as_proved() -> None:
    assert verify(proof_of()) == ["beacon.signature: not what the beacon said in round 1000"]


PROOF = proof_of(CLOSED - timedelta(seconds=1))


def changed(path: str, value: object) -> list[str]:
    """What `verify` says when one thing is another, and everything that hangs on it was not made again."""
    proof: Any = read_proof(written(PROOF))
    *way, last = path.split(".")
    place = proof
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return verify(proof, is_signed)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("beacon.round", 1001, "beacon.round: 1001 stands there, rules and closing give 1000"),
        ("beacon.round", 1001, "beacon.signature: not what the beacon said in round 1001"),
        ("beacon.signature", ROUNDS[1], "beacon.signature: not what the beacon said in round 1000"),
        ("beacon.signature", ROUNDS[1], "winners"),
        (
            "beacon.closed_at",
            "2023-08-23T15:59:24+00:00",
            "beacon.round: 1000 stands there, rules and closing give 1020",
        ),
        ("beacon.closed_at", "2023-08-23T15:59:24", "beacon: not the instant"),
        ("beacon.closed_at", "yesterday", "beacon: not the instant"),
        ("beacon.closed_at", 5, "beacon: not the instant"),
        ("beacon.round", 0, "beacon: not the instant"),
        ("beacon.signature", "00", "beacon: not the instant"),
        ("beacon.more", 1, "beacon: not the instant"),
        ("beacon", [], "beacon: not of the right kind"),
        ("beacon", ..., "beacon: it must be there"),
        ("rules.beacon", None, "beacon: it must be there"),
        ("rules.beacon", 5, "rules.beacon: this program knows"),
        ("rules.beacon.public_key", "00", "rules.beacon: this program knows"),
        ("rules.beacon.wait", 0, "rules.beacon: this program knows"),
        ("rules.beacon.round", "5", "rules.beacon: this program knows"),
        ("rules.beacon.round", ..., "rules.beacon: this program knows"),
        ("rules.beacon.round", 1001, "rules.beacon.round: 1001 stands there, the time of the draw gives 1000"),
        ("rules.draw_at", "soon", "rules.draw_at: not an instant"),
        ("rules.draw_at", ..., "rules.draw_at: not an instant"),
        ("rules.draw_at", "2023-08-23T15:58:24+00:00", "commitment"),
    ],
)
def test_every_change_is_named(path: str, value: object, says: str) -> None:
    assert any(line.startswith(says) for line in changed(path, value)), changed(path, value)


@given(st.integers(0), st.integers(0, 15))
def test_a_changed_letter_never_fits(place: int, letter: int) -> None:
    text = written(PROOF)
    start = text.index('"beacon"')
    place = start + place % (text.index('"commitment"') - start)
    other = text[:place] + "0123456789abcdef"[letter] + text[place + 1 :]

    try:
        found = verify(read_proof(other), is_signed)
    except ValueError:
        return
    assert found or other == text
