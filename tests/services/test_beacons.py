"""The beacon: whether a signature is its own, and servers that bring it, or do not."""

import hashlib
from functools import partial

import pytest

from bot.domain.beacons import is_round
from bot.services.beacons import BeaconUnavailable, Drand, is_signed
from tests.rounds import RANDOMNESS, ROUNDS, relay

FIELD = int("1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16)
"""The prime of BLS12-381: a point's x coordinate is a number below it."""


@pytest.mark.parametrize("number", ROUNDS)
def test_what_drand_published_is_signed_by_its_key(number: int) -> None:
    signature = bytes.fromhex(ROUNDS[number])

    assert is_round(number, signature, is_signed)
    assert hashlib.sha256(signature).hexdigest() == RANDOMNESS[number]
    assert not is_round(number + 1, signature, is_signed)


@pytest.mark.parametrize("place", [0, 1, 24, 47])
def test_a_changed_byte_is_no_signature(place: int) -> None:
    signature = bytearray.fromhex(ROUNDS[1000])
    signature[place] ^= 1

    assert not is_round(1000, bytes(signature), is_signed)


def test_the_same_point_written_otherwise_is_no_signature() -> None:
    number = int(ROUNDS[9367912], 16)
    flags = number >> 381 << 381
    otherwise = flags | (number - flags + FIELD)

    assert not is_round(9367912, otherwise.to_bytes(48, "big"), is_signed)
    assert not is_round(9367912, bytes([0xC0]) + bytes(47), is_signed)  # the point at infinity
    assert not is_round(9367912, b"short", is_signed)


def accepted(number: int) -> partial[bool]:
    return partial(lambda found: is_round(number, found, is_signed))


async def test_the_first_server_that_brings_the_round_is_enough() -> None:
    async with relay() as first, relay() as second:
        found = await Drand([first.url, second.url]).signature(1000, accepted(1000))

        assert (found.hex(), first.asked, second.asked) == (ROUNDS[1000], 1, 0)


async def test_a_server_that_lies_or_is_down_or_has_nothing_is_passed_over() -> None:
    async with relay() as liar, relay() as empty, relay() as honest:
        liar.signatures[1000], empty.signatures = ROUNDS[1], {}
        servers = [liar.url, "http://127.0.0.1:1", empty.url, honest.url]

        assert (await Drand(servers).signature(1000, accepted(1000))).hex() == ROUNDS[1000]

        with pytest.raises(BeaconUnavailable) as failed:
            await Drand(servers[:3]).signature(1000, accepted(1000))
    assert "the signature of round 1000 is wrong; http://127.0.0.1:1: " in str(failed.value)


@pytest.mark.parametrize("nonsense", ["no hexadecimal", "", "00"])
async def test_nonsense_is_passed_over(nonsense: str) -> None:
    async with relay() as server:
        server.signatures[2] = nonsense

        with pytest.raises(BeaconUnavailable):
            await Drand([server.url]).signature(2, accepted(2))


async def test_without_a_server_there_is_no_beacon() -> None:
    assert not Drand([]).is_on
    with pytest.raises(BeaconUnavailable):
        await Drand([]).signature(1, accepted(1))
